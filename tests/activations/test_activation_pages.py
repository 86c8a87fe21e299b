"""The list, the page of one activation, and what people do there; who may."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from activations import activating, parents, scheduled
from activations.activating import Content
from activations.models import Activation, ActivationRun, ParentSegment
from console.accounts.models import User
from console.notices.models import Preferences
from console.workbench import worker
from console.workbench.models import Schedule
from tests.activations.conftest import CUSTOMERS, MAPPING, Run, Write
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(activation: Activation) -> str:
    return f"/audience/activations/{activation.pk}/"


def words(reply: Any, status: int = 200) -> str:
    assert reply.status_code == status, reply.content.decode()[:1000]
    page: str = reply.content.decode()
    return page[page.find('<main id="main"') : page.find("</main>")] if "<main" in page else page


def test_the_list_finds_by_name_segment_and_authentication(
    client_logged_in: Client, activation: Activation, address: str
) -> None:
    for query in (
        "",
        "?q=clevertap",
        "?q=gold",
        f"?authentication={activation.authentication_id}",
        f"?segment={activation.segment_id}",
    ):
        page = words(client_logged_in.get(f"/audience/activations/{query}"))
        assert f'href="{address}"' in page
        assert "Does not repeat" in page
    assert "No activation matches “nothing”" in words(
        client_logged_in.get("/audience/activations/?q=nothing")
    )
    hub = client_logged_in.get("/integrations/authentications/").content.decode()
    assert f"/audience/activations/?authentication={activation.authentication_id}" in hub
    Activation.objects.all().delete()
    assert "No activations yet" in words(client_logged_in.get("/audience/activations/"))


def test_the_page_counts_who_came_and_went(
    client_logged_in: Client, run: Run, shop: Write, address: str
) -> None:
    assert "No run yet" in words(client_logged_in.get(address))
    run()
    shop(
        "customers",
        f"SELECT * FROM ({CUSTOMERS}) WHERE id <> 3 UNION ALL "
        "SELECT i, 'u' || i, 'EMEA', 1 FROM range(20, 24) t(i)",
    )
    second = run()
    page = words(client_logged_in.get(address))
    row = page[page.index(f"/workbench/jobs/{second.job_id}/") :]
    cells = [one.partition("</td>")[0] for one in row.split('class="num')[1:7]]
    assert [one.partition(">")[2] for one in cells] == ["6", "4", "1", "2", "6", "0"]
    job = words(client_logged_in.get(f"/workbench/jobs/{second.job_id}/"))
    for text in (
        "4 added, 1 removed, 2 unchanged",
        "Activation Gold to CleverTap",
        address,
        f"{address}details/",
    ):
        assert text in job


def test_a_lost_column_is_told_with_the_way_to_mend_it(
    client_logged_in: Client, activation: Activation, audience: ParentSegment, user: User, address: str
) -> None:
    made = parents.definition_of(audience)
    without = replace(made, attributes=tuple(one for one in made.attributes if one.name != "City"))
    parents.save(audience, without, user, version=1)
    page = words(client_logged_in.get(address))
    assert "The parent segment has no column City any more." in page
    assert f'href="{address}mapping/">Open Output Mapping' in page
    assert "no column City any more" in words(client_logged_in.post(f"{address}run/"), 422)
    mapping = words(client_logged_in.get(f"{address}mapping/"))
    assert "City (gone)" in mapping
    assert "no column City any more" in mapping


def test_run_pause_resume_duplicate_delete(
    client_logged_in: Client, activation: Activation, user: User, address: str
) -> None:
    Preferences.objects.create(subject=f"activation:{activation.pk}", emails=["crm@example.com"])
    assert client_logged_in.post(f"{address}pause/").status_code == 302
    page = words(client_logged_in.get(address))
    assert "Paused by member@example.com" in page
    assert "is paused. Resume it first." in words(client_logged_in.post(f"{address}run/"), 422)
    client_logged_in.post(f"{address}resume/")
    reply = client_logged_in.post(f"{address}run/")
    [run] = activation.runs.all()
    assert reply.headers["Location"] == f"/workbench/jobs/{run.job_id}/"
    assert "is still running" in words(client_logged_in.post(f"{address}delete/"), 422)
    worker.run_job(run.job_id)
    reply = client_logged_in.post(f"{address}duplicate/")
    copy = Activation.objects.get(name="Gold to CleverTap copy")
    assert reply.headers["Location"] == f"/audience/activations/{copy.pk}/"
    assert Preferences.objects.get(subject=f"activation:{copy.pk}").emails == ["crm@example.com"]
    assert "The 1 job of its runs stays." in words(client_logged_in.get(f"{address}delete/"))
    assert client_logged_in.post(f"{address}delete/").headers["Location"] == "/audience/activations/"
    assert list(Activation.objects.all()) == [copy]


def test_everybody_looks_and_runs_only_its_owner_changes(
    client: Client, activation: Activation, address: str
) -> None:
    client.force_login(make_user(email="stranger@example.com"))
    page = words(client.get(address))
    assert "Only member@example.com or an administrator may change it." in page
    assert "Delete" not in page
    for action in (
        "pause",
        "resume",
        "delete",
        "cancel",
        "details",
        "mapping",
        "schedule",
        "details/keep",
        "mapping/keep",
        "schedule/keep",
        "authentication",
    ):
        assert client.post(f"{address}{action}/").status_code == 403
    assert client.post(f"{address}run/").status_code == 302
    assert client.post(f"{address}duplicate/").status_code == 302
    assert Activation.objects.get(pk=activation.pk).draft == {}


def test_editing_changes_nothing_before_save(
    client_logged_in: Client, activation: Activation, content: Content, user: User, address: str
) -> None:
    version = {"version": str(Activation.objects.get().version)}
    page = words(client_logged_in.get(f"{address}mapping/"))
    assert "Edit Activation" in page
    assert 'value="identity"' in page
    typed = {"column_source": ["login"], "column_name": ["identity"], **version}
    client_logged_in.post(f"{address}mapping/", {**typed, "then": "schedule"})
    assert Activation.objects.get().mapping["columns"] == MAPPING["columns"]
    assert "There are changes that are not saved yet." in words(client_logged_in.get(address))
    assert client_logged_in.post(f"{address}cancel/").headers["Location"] == address
    assert Activation.objects.get().draft == {}
    reply = client_logged_in.post(f"{address}mapping/", {**typed, "then": "save"})
    assert reply.headers["Location"] == address
    saved = Activation.objects.get()
    assert (saved.mapping["columns"], saved.draft) == ([{"source": "login", "name": "identity"}], {})
    assert (saved.name, saved.export_settings) == ("Gold to CleverTap", activation.export_settings)
    assert Preferences.objects.get().emails == []


def test_a_schedule_is_set_changed_and_taken_away(
    client_logged_in: Client, activation: Activation, address: str
) -> None:
    weekly = {
        "choice": "weekly",
        "weekdays": ["1", "3"],
        "at": "06:30",
        "zone": "Asia/Tokyo",
        "delayed": "on",
        "delay": "600",
        "on_failure": "on",
        "on_success": "on",
        "emails": "a@example.com\nb@example.com",
    }
    preview = words(client_logged_in.post(f"{address}schedule/keep/", weekly, headers={"HX-Request": "true"}))
    assert "At 06:30 every Monday and Wednesday" in preview
    assert preview.count("<time ") == 5
    assert client_logged_in.post(f"{address}schedule/", {**weekly, "then": "create"}).status_code == 302
    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.zone, schedule.delay) == ("30 6 * * 1,3", "Asia/Tokyo", 600)
    assert Activation.objects.get().zone == "Asia/Tokyo"
    assert Preferences.objects.get().emails == ["a@example.com", "b@example.com"]
    form = words(client_logged_in.get(f"{address}schedule/"))
    assert '<option value="weekly" selected>' in form
    assert 'value="06:30"' in form
    monthly = {**weekly, "choice": "monthly", "day": "31"}
    assert "Months without that day have no run." in words(
        client_logged_in.post(f"{address}schedule/keep/", monthly)
    )
    custom = {**weekly, "choice": "custom", "cron": "61 * * * *"}
    assert "61" in words(client_logged_in.post(f"{address}schedule/", {**custom, "then": "create"}), 422)
    wrong = {**weekly, "emails": "\n".join(f"{n}@example.com" for n in range(21)), "then": "create"}
    assert "20" in words(client_logged_in.post(f"{address}schedule/", wrong), 422)
    none = {**weekly, "choice": "none", "then": "create"}
    assert client_logged_in.post(f"{address}schedule/", none).status_code == 302
    assert Schedule.objects.get().cron == ""
    assert "Does not repeat" in words(client_logged_in.get(address))


def test_two_who_edit_at_once(
    client_logged_in: Client, activation: Activation, content: Content, user: User, address: str
) -> None:
    opened = Activation.objects.get().version
    activating.save(activation, replace(content, name="Theirs"), user, version=opened)
    mine = {"choice": "none", "zone": "UTC", "then": "create", "version": str(opened)}
    page = words(client_logged_in.post(f"{address}schedule/", mine), 409)
    assert "Theirs was saved by member@example.com in the meantime." in page
    again = {**mine, "version": str(Activation.objects.get().version)}
    assert client_logged_in.post(f"{address}schedule/", again).status_code == 302


def test_less_than_all_columns_is_saved_only_by_who_has_seen_it(
    client_logged_in: Client, activation: Activation, content: Content, audience: ParentSegment, user: User,
    address: str,
) -> None:  # fmt: skip
    activating.save(activation, replace(content, mapping={"all_columns": True}), user, version=2)
    made = parents.definition_of(audience)
    without = replace(made, attributes=tuple(one for one in made.attributes if one.name != "City"))
    parents.save(audience, without, user, version=1)
    lost = "The parent segment has no column City any more."
    assert lost in words(client_logged_in.get(address))
    daily = {"choice": "@daily", "zone": "UTC", "then": "create"}
    page = words(client_logged_in.post(f"{address}schedule/", daily), 422)
    assert lost in page
    assert "Open Output Mapping" in page
    assert lost in words(client_logged_in.get(f"{address}mapping/"))
    seen = client_logged_in.post(f"{address}mapping/", {"all_columns": "on", "then": "save"})
    assert seen.headers["Location"] == address
    assert lost not in words(client_logged_in.get(address))


def test_a_look_and_a_letter_that_arrives_after_save_are_no_change(
    client_logged_in: Client, activation: Activation, address: str
) -> None:
    headers = {"HX-Request": "true"}
    look = {"column_source": ["login"], "column_name": ["x"], "look": "yes"}
    client_logged_in.post(f"{address}mapping/keep/", look, headers=headers)
    client_logged_in.post(f"{address}details/keep/", {"name": "x", "look": "yes"}, headers=headers)
    assert Activation.objects.get().draft == {}
    late = {"column_source": ["login"], "column_name": ["x"], "version": "1"}
    assert (
        client_logged_in.post(f"{address}mapping/keep/", late, headers={"HX-Request": "true"}).status_code
        == 200
    )
    assert Activation.objects.get().draft == {}


def test_run_now_of_one_that_is_scheduled(
    client_logged_in: Client, activation: Activation, user: User, address: str
) -> None:
    scheduled.set_rule(activation, user, cron="@daily", zone="UTC")
    assert client_logged_in.post(f"{address}run/").status_code == 302
    assert Schedule.objects.get().last_job == ActivationRun.objects.get().job
    assert "is still running" in words(client_logged_in.post(f"{address}run/"), 422)
