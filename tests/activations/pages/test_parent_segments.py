"""Parent segments: the list, the form, refreshing by hand and by a rule, deleting."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from activations import definitions, parents, refreshing
from activations.models import Activation, ParentSegment
from console.accounts.models import User
from console.workbench import upkeep
from tests.activations.conftest import DEFINITION, Write
from tests.activations.pages.test_builder import Fields, fields_of
from tests.factories import make_user


class Form:
    """A person without JavaScript at the form."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url, self.location = client, url, ""
        self.html = client.get(url).content.decode()
        self.fields: Fields = fields_of(self.html)

    def press(self, action: str, status: int = 200, **typed: str) -> str:
        self.fields |= {name.replace("__", "."): value for name, value in typed.items()}
        reply = self.client.post(self.url, {**self.fields, "do": action})
        assert reply.status_code == status, reply.content.decode()[:3000]
        self.location = reply.headers.get("Location", "")
        self.html = unescape(reply.content.decode())
        if status != 302:
            self.fields = fields_of(reply.content.decode())
        return self.html


@pytest.fixture
def form(client_logged_in: Client, shop: Write) -> Form:
    return Form(client_logged_in, "/audience/new/")


def test_a_parent_segment_is_defined_from_tables(form: Form) -> None:
    form.press("redraw", name="Shoppers", master="shop.customers")
    assert form.fields["key_column"] == "id"
    assert form.fields["columns.0.use"] == "on"
    form.press("add:attribute_tables")
    form.press("redraw", attribute_tables__0__table="shop.extra")
    form.press(
        "add:behavior_tables", attribute_tables__0__columns__1__name="City", columns__1__group="Customer"
    )
    form.press("redraw", behavior_tables__0__table="shop.orders")
    assert (form.fields["behavior_tables.0.name"], form.fields["behavior_tables.0.time_column"]) == (
        "Orders",
        "time",
    )
    form.press(
        "save", 302, behavior_tables__0__key_column="cid", refresh_choice="daily", refresh_zone="Asia/Tokyo"
    )
    made = ParentSegment.objects.get()
    assert form.location == f"/audience/{made.pk}/"
    assert (made.name, made.key_column, made.refresh_cron) == ("Shoppers", "id", "@daily")
    assert [(one.name, one.kind, one.group) for one in made.attributes.all()] == [
        ("id", "number", ""), ("login", "text", "Customer"), ("region", "text", ""), ("age", "number", ""),
        ("cid", "number", ""), ("City", "text", ""),
    ]  # fmt: skip
    assert [one.name for one in made.behavior_tables.get().columns.all()] == ["cid", "quantity"]
    assert made.refresh_due_at is not None
    assert made.is_refreshing


def test_nothing_is_wrong_before_something_is_typed(form: Form) -> None:
    assert "Write a name" not in form.html
    assert "Fill this in" in form.press("save", 422)
    assert not ParentSegment.objects.exists()


def test_problems_stand_beside_the_field(form: Form) -> None:
    form.press("redraw", name="Shoppers", master="shop.customers")
    form.press("add:attribute_tables")
    form.press("redraw", attribute_tables__0__table="shop.extra")
    page = form.press("save", 422, attribute_tables__0__key_column="city", columns__1__kind="number",
                      columns__2__name="age", refresh_choice="custom", refresh_cron="every day")  # fmt: skip
    assert 'id="pf-cron-error"><svg' in page
    page = form.press("save", 422, refresh_cron="0 6 * * *")
    assert "Already used by number 3" in page
    page = form.press("save", 422, columns__2__name="region")
    assert "they are never equal" in page
    assert "login is string, which is no number" in page
    assert form.fields["columns.1.kind"] == "number"


def test_another_table_brings_its_own_columns(form: Form) -> None:
    form.press("redraw", master="shop.customers")
    form.press("none:")
    assert "columns.0.use" not in form.fields
    form.press("all:")
    form.press("redraw", master="shop.extra")
    assert form.fields["columns.0.column"] == "cid"
    assert "columns.2.column" not in form.fields


def test_what_is_saved_comes_back_unchanged(client_logged_in: Client, audience: ParentSegment) -> None:
    before = parents.definition_of(audience)
    form = Form(client_logged_in, f"/audience/{audience.pk}/edit/")
    assert form.fields["attribute_tables.0.columns.0.name"] == "City"
    form.press("save", 302)
    audience.refresh_from_db()
    assert parents.definition_of(audience) == before
    assert audience.version == 2


def test_somebody_saved_it_in_the_meantime(
    client_logged_in: Client, audience: ParentSegment, admin: User
) -> None:
    form = Form(client_logged_in, f"/audience/{audience.pk}/edit/")
    parents.save(audience, parents.definition_of(audience), admin, version=1)
    page = form.press("save", 409, name="Mine")
    assert "saved it in the meantime" in page
    assert form.fields["name"] == "Mine"
    form.press("save", 302)
    audience.refresh_from_db()
    assert audience.name == "Mine"


def test_a_name_that_is_taken(form: Form, user: User) -> None:
    parents.create(definitions.read(DEFINITION), user)
    form.press("redraw", name="Retail customers", master="shop.customers")
    assert "There is a parent segment named Retail customers" in form.press("save", 422)


def test_the_list_and_its_search(client_logged_in: Client, audience: ParentSegment) -> None:
    parents.refresh(audience)
    page = client_logged_in.get("/audience/").content.decode()
    assert "Retail customers" in page
    assert '<td class="num">10</td>' in page
    assert "No parent segment matches" in client_logged_in.get("/audience/", {"q": "zzz"}).content.decode()


def test_refresh_now_shows_what_it_found(
    client_logged_in: Client, audience: ParentSegment, write: Write
) -> None:
    write("extra", "SELECT 1::BIGINT AS cid, 'x' AS city FROM range(2)")
    client_logged_in.post(f"/audience/{audience.pk}/refresh/")
    going = client_logged_in.get(f"/audience/{audience.pk}/facts/").content.decode()
    assert "Refreshing" in going
    assert 'hx-trigger="every 1s"' in going
    parents.refresh_by_number(audience.pk)
    done = client_logged_in.get(f"/audience/{audience.pk}/").content.decode()
    assert "Keys come more than once in shop.extra" in done
    assert "Refreshing" not in done


def test_a_parent_segment_with_activations_stays(client_logged_in: Client, activation: Activation) -> None:
    audience = activation.segment.audience
    reply = client_logged_in.post(f"/audience/{audience.pk}/delete/")
    assert reply.status_code == 422
    assert activation.name in reply.content.decode()


def test_a_parent_segment_goes_with_its_segments(client_logged_in: Client, audience: ParentSegment) -> None:
    assert client_logged_in.post(f"/audience/{audience.pk}/delete/").headers["Location"] == "/audience/"
    assert not ParentSegment.objects.exists()


def test_only_its_owner_and_administrators_change_it(
    client: Client, audience: ParentSegment, admin: User
) -> None:
    client.force_login(make_user(email="stranger@example.com"))
    assert client.get(f"/audience/{audience.pk}/").status_code == 200
    for action in ("edit", "delete"):
        assert client.get(f"/audience/{audience.pk}/{action}/").status_code == 403
    client.force_login(admin)
    assert client.get(f"/audience/{audience.pk}/edit/").status_code == 200


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def hourly(audience: ParentSegment, monkeypatch: pytest.MonkeyPatch) -> ParentSegment:
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(minutes=5))
    ParentSegment.objects.filter(pk=audience.pk).update(refresh_cron="@hourly", refresh_due_at=NOON)
    return audience


def test_a_due_refresh_is_asked_once_and_the_next_slot_set(hourly: ParentSegment) -> None:
    assert refreshing.fire_due() == 1
    assert refreshing.fire_due() == 0
    hourly.refresh_from_db()
    assert hourly.refresh_due_at == NOON + timedelta(hours=1)
    assert hourly.is_refreshing


def test_the_watch_looks_at_each_of_its_turns(hourly: ParentSegment) -> None:
    refreshing.turned()
    ParentSegment.objects.update(refresh_due_at=NOON, refresh_asked_at=None)
    upkeep.turned.send(sender=None)
    hourly.refresh_from_db()
    assert hourly.is_refreshing


def test_of_many_slots_that_passed_one_is_made_up_for(hourly: ParentSegment) -> None:
    ParentSegment.objects.update(refresh_due_at=NOON - timedelta(days=3))
    assert refreshing.fire_due() == 1
    assert refreshing.fire_due() == 0


def test_days_of_a_rule_begin_in_its_zone(audience: ParentSegment) -> None:
    assert refreshing.next_due("@daily", "Asia/Tokyo", NOON) == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert refreshing.next_due("", "UTC", NOON) is None


def test_the_watch_goes_on_where_a_rule_cant_be_read(
    hourly: ParentSegment, caplog: pytest.LogCaptureFixture
) -> None:
    ParentSegment.objects.update(refresh_zone="Nowhere/Land")
    refreshing.turned()
    hourly.refresh_from_db()
    assert hourly.refresh_due_at is None
    assert "can't be read" in caplog.text


def test_a_refresh_nobody_finished_is_over_after_a_while(audience: ParentSegment) -> None:
    audience.refresh_asked_at = timezone.now() - timedelta(hours=1)
    assert not audience.is_refreshing
