"""Create Activation as people do it: three panels, kept as they are typed, and Create."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from activations import measuring
from activations.models import Activation, Measurement, Segment
from console.notices.models import Preferences
from console.workbench import worker
from console.workbench.models import Job
from integrations import registry
from integrations.models import Authentication
from tests.activations.conftest import SETTINGS
from tests.factories import make_authentication
from tests.standins.clevertap import StandIn

pytestmark = pytest.mark.django_db(transaction=True)


def typed(connector: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as a browser posts them, with the defaults that stand in the form."""
    form = registry.get(connector).export_form.from_keys(settings)
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value for name, value in shown.items() if value not in (None, False)
    }


HTMX = {"HX-Request": "true"}
DETAILS = typed("clevertap", SETTINGS)
MAPPING: dict[str, Any] = {
    "column_source": ["login", "City"], "column_name": ["identity", "City"],
    "string_type": ["segment_id", "timestamp", "string"], "string_value": ["", "", "winter"],
    "string_name": ["segment", "sent", "campaign"],
}  # fmt: skip
ONCE = {
    "choice": "none",
    "zone": "Asia/Tokyo",
    "run_once": "on",
    "on_failure": "on",
    "emails": "crm@example.com",
}
Draft = Callable[[], Activation]


@pytest.fixture
def draft(client_logged_in: Client, gold: Segment) -> Activation:
    """As the tree's Create Activation begins it."""
    reply = client_logged_in.post(f"/audience/segments/{gold.pk}/activations/new/")
    made = Activation.objects.get()
    assert reply.headers["Location"] == f"/audience/activations/{made.pk}/details/"
    return made


@pytest.fixture
def post(client_logged_in: Client, draft: Activation) -> Callable[..., Any]:
    """Posts a panel of the draft, or one of its parts."""

    def send(panel: str, *, htmx: bool = False, **fields: Any) -> Any:
        address = f"/audience/activations/{draft.pk}/{panel}/"
        return client_logged_in.post(address, fields, headers=HTMX if htmx else {})

    return send


def words(reply: Any) -> str:
    page: str = reply.content.decode()
    return page[page.find('<main id="main"') : page.find("</main>")] if "<main" in page else page


def errors(reply: Any) -> list[str]:
    """What is wrong, in the words of the page."""
    found = re.findall(
        r'(?s)class="(?:invalid-feedback|note err[^"]*|note warn[^"]*)"[^>]*>(.*?)</div>', words(reply)
    )
    return [re.sub(r"(?s)<[^>]*>", " ", one).strip() for one in found]


def measured() -> None:
    """A worker has answered every question."""
    for asked in Measurement.objects.filter(state=Measurement.State.WAITING):
        measuring.work(asked.pk)


def test_an_activation_is_created_and_run_once(
    post: Callable[..., Any], draft: Activation, authentication: Authentication, service: StandIn,
    client_logged_in: Client,
) -> None:  # fmt: skip
    assert "Choose Integration" in words(client_logged_in.get(f"/audience/activations/{draft.pk}/details/"))
    reply = post("authentication", way="existing", authentication=authentication.pk)
    assert reply.headers["Location"] == f"/audience/activations/{draft.pk}/details/"
    page = words(client_logged_in.get(reply.headers["Location"]))
    assert "clevertap-test" in page
    assert "Requests preview" in page
    reply = post("details", name="Gold to CleverTap", then="next", **DETAILS)
    assert reply.status_code == 302, errors(reply)
    assert reply.headers["Location"] == f"/audience/activations/{draft.pk}/mapping/"
    reply = post("mapping", then="next", **MAPPING)
    assert reply.headers["Location"] == f"/audience/activations/{draft.pk}/schedule/"
    measured()
    page = words(client_logged_in.get(reply.headers["Location"]))
    assert "2 columns, 3 strings" in page
    assert "3 profiles" in page
    reply = post("schedule", then="create", **ONCE)
    assert reply.headers["Location"] == f"/audience/activations/{draft.pk}/", errors(reply)
    job = Job.objects.get()
    worker.run_job(job.pk)
    made = Activation.objects.get()
    assert (made.name, made.zone, made.schedule, made.draft) == ("Gold to CleverTap", "Asia/Tokyo", None, {})
    assert sorted(service.profiles) == ["u3", "u6", "u9"]
    assert service.profiles["u3"]["campaign"] == "winter"
    assert Preferences.objects.get(subject=f"activation:{made.pk}").emails == ["crm@example.com"]
    page = words(client_logged_in.get(f"/audience/activations/{draft.pk}/"))
    for text in (
        "Gold to CleverTap",
        "Does not repeat",
        "identity",
        "crm@example.com",
        f"/workbench/jobs/{job.pk}/",
    ):
        assert text in page
    assert "Activation Gold to CleverTap" in words(client_logged_in.get(f"/workbench/jobs/{job.pk}/"))


def test_what_is_typed_is_kept_right_or_wrong_and_nothing_is_lost(
    post: Callable[..., Any],
    draft: Activation,
    authentication: Authentication,
    client_logged_in: Client,
) -> None:
    assert "Half a na" in words(post("details/keep", htmx=True, name="Half a na"))
    post("authentication", way="existing", authentication=authentication.pk)
    post("details/keep", htmx=True, name="Half a name", **{**DETAILS, "retry_count": "many"})
    page = words(client_logged_in.get(f"/audience/activations/{draft.pk}/details/"))
    assert 'value="Half a name"' in page
    assert 'value="many"' in page
    assert "is-invalid" not in page
    other = make_authentication(connector="treasure_data", name="partner")
    post("authentication", way="existing", authentication=other.pk)
    assert 'value="many"' not in words(client_logged_in.get(f"/audience/activations/{draft.pk}/details/"))
    post("authentication", way="existing", authentication=authentication.pk)
    assert 'value="many"' in words(client_logged_in.get(f"/audience/activations/{draft.pk}/details/"))
    post("mapping", then="details", **{**MAPPING, "column_name": ["City", "City"]})
    post("schedule", then="mapping", choice="weekly", zone="Asia/Tokyo", at="06:3", emails="nobody")
    client_logged_in.post(f"/audience/segments/{draft.segment_id}/activations/new/")  # comes back
    assert Activation.objects.count() == 1
    mapping = words(client_logged_in.get(f"/audience/activations/{draft.pk}/mapping/"))
    assert "Already used by column 1. Use another name." in mapping
    schedule = words(client_logged_in.get(f"/audience/activations/{draft.pk}/schedule/"))
    for text in ("Write the time as 06:30.", "Choose at least one day.", "nobody", "Asia/Tokyo"):
        assert text in schedule


def test_each_panel_says_beside_the_field_what_to_do(
    post: Callable[..., Any], authentication: Authentication
) -> None:
    reply = post("details", name=" ", then="next")
    assert (reply.status_code, errors(reply)) == (422, ["Write a name.", "Choose an authentication."])
    reply = post("authentication", way="existing", authentication="999")
    assert (reply.status_code, "Choose an authentication that can be used" in words(reply)) == (422, True)
    post("authentication", way="existing", authentication=authentication.pk)
    reply = post("details", name="Gold", then="next", **{**DETAILS, "retry_count": "-1"})
    assert reply.status_code == 422
    reply = post("mapping", then="next")
    assert (reply.status_code, errors(reply)) == (422, ["Nothing would be sent. Add a column or a string."])
    reply = post("mapping", then="next", **{**MAPPING, "string_name": ["city", "sent", ""]})
    assert errors(reply) == ["Already used by column 2. Use another name.", "Write an Output Column Name."]
    assert "2 problems to fix before you continue" in words(reply)


def test_a_new_connection_leads_back_with_it_chosen(
    post: Callable[..., Any], draft: Activation, authentication: Authentication, client_logged_in: Client
) -> None:
    reply = post("authentication", way="new", connector="clevertap")
    here = f"/audience/activations/{draft.pk}/authentication/"
    address = "/integrations/authentications/new/"
    assert reply.headers["Location"].startswith(address)
    assert quote(here, safe="") in reply.headers["Location"]
    back = words(client_logged_in.get(f"{here}?authentication={authentication.pk}"))
    assert f'value="{authentication.pk}" checked' in back
    found = client_logged_in.get(here, {"q": "clever"}, headers=HTMX | {"HX-Target": "auth-list"})
    assert '<mark class="hit">clever</mark>tap-test' in words(found)


def test_cancel_asks_and_discards(
    post: Callable[..., Any], draft: Activation, client_logged_in: Client
) -> None:
    post("details", name="Half", then="mapping")
    asked = words(client_logged_in.get(f"/audience/activations/{draft.pk}/cancel/"))
    assert "Discard this draft?" in asked
    assert post("cancel").headers["Location"] == f"/audience/segments/{draft.segment_id}/"
    assert not Activation.objects.exists()


def test_create_names_the_panel_that_is_not_whole(post: Callable[..., Any], draft: Activation) -> None:
    reply = post("schedule", then="create", **ONCE)
    assert reply.status_code == 422
    assert errors(reply)[:3] == ["Write a name.", "Choose an authentication.",
                                 "Nothing would be sent. Add a column or a string."]  # fmt: skip
    assert "Open Output Mapping" in words(reply)
    assert Activation.objects.get().is_draft


def test_the_buttons_of_the_mapping_act_on_what_is_typed(
    post: Callable[..., Any], draft: Activation, client_logged_in: Client
) -> None:
    def rows() -> list[tuple[str, str]]:
        kept = Activation.objects.get().draft["mapping"]
        return [(one["source"], one["name"]) for one in kept["columns"]]

    post("mapping", act="add", add=["login", "region", "City"])
    assert rows() == [("login", "login"), ("region", "region"), ("City", "City")]
    three = {"column_source": ["login", "region", "City"], "column_name": ["identity", "region", "City"]}
    reply = post("mapping", htmx=True, act="down:columns:0", **three)
    assert rows() == [("region", "region"), ("login", "identity"), ("City", "City")]
    assert 'data-focus="columns.1.move" data-said="login, position 2 of 3"' in words(reply)
    post("mapping", act="remove:columns:0", column_source=["region", "login"], column_name=["", "identity"])
    assert rows() == [("login", "identity")]
    post("mapping", act="source:0", column_source=["age"], column_name=["identity"])
    assert rows() == [("age", "identity")]
    post("mapping", act="source:0", column_source=["login"], column_name=["age"])
    post("mapping", act="source:0", column_source=["region"], column_name=["login"])
    assert rows() == [("region", "region")]
    reply = post(
        "mapping", htmx=True, act="string:segment_name", column_source=["region"], column_name=["region"]
    )
    assert Activation.objects.get().draft["mapping"]["strings"] == [
        {"type": "segment_name", "value": "", "name": "segment_name"}
    ]
    assert "Gold</div>" in words(reply)
    reply = post(
        "mapping", htmx=True, act="all", all_columns="on", column_source=["region"], column_name=["r"]
    )
    assert "All 4 columns, unchanged." in words(reply)
    assert rows() == [("region", "r")]


def test_the_preview_is_of_real_rows_and_of_the_real_writer(
    post: Callable[..., Any], draft: Activation, authentication: Authentication
) -> None:
    post("authentication", way="existing", authentication=authentication.pk)
    post("details", name="Gold", then="mapping", **DETAILS)
    assert "Reading the first profiles" in words(post("mapping/keep", htmx=True, **MAPPING))
    measured()
    page = words(post("mapping/keep", htmx=True, **MAPPING))
    rows = re.findall(
        r"(?s)<tr>(.*?)</tr>", page[page.index('class="gridt') : page.index('class="ac-written"')]
    )
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows[1:]]
    number = str(draft.segment_id)
    assert [(one[:3], one[4]) for one in cells] == [
        (["u3", "City 3", number], "winter"), (["u6", "NULL", number], "winter"), (["u9", "NULL", number], "winter")
    ]  # fmt: skip
    assert 'class="const"' in page
    assert "3 of 3 profiles, 5 columns" in page
    assert "&quot;campaign&quot;: &quot;winter&quot;" in page
    wrong = words(post("mapping/keep", htmx=True, **{**MAPPING, "column_name": ["City", "City"]}))
    assert "ac-bad" in wrong
    assert "Already used by column 1" in wrong
