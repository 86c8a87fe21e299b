"""Choose Integration, Export Results, Done; each step a page of its own, and the server decides."""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from console.accounts.models import User
from console.workbench.models import Job
from integrations import registry
from integrations.connector import SchemaLine, SchemaPreview
from integrations.errors import SettingsError, TemporaryError
from tests.factories import make_authentication, make_query

HTMX = {"HX-Request": "true", "HX-Target": "dlg"}
SETTINGS = {
    "user_database_name": "partner",
    "user_table_name": "by_code",
    "mode": "append",
    "file_split_size": "16384",
}
PREVIEW = SchemaPreview("partner.by_code at td", True, 12, (SchemaLine("code", "long", "code", "new"),))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The destination's answers: what its connector's precheck raises and what its preview tells or raises."""
    told: dict[str, Any] = {"precheck": None, "preview": PREVIEW, "rows": None}
    real = registry.get("treasure_data")

    def precheck(credentials: Any, settings: Any) -> None:
        if told["precheck"]:
            raise told["precheck"]

    def preview(credentials: Any, settings: Any, rows: Any, default_time: int) -> SchemaPreview:
        told["rows"] = rows
        answer: SchemaPreview | Exception = told["preview"]
        if isinstance(answer, Exception):
            raise answer
        return answer

    changed = type(real)(**{**vars(real), "precheck": precheck, "preview": preview})
    monkeypatch.setattr(registry, "_CONNECTORS", [changed])
    return told


def test_the_first_step_offers_saved_authentications_and_the_catalog(
    client_logged_in: Client, owner: User
) -> None:
    query = make_query(name="by_code", owner=owner)
    make_authentication(name="partner account", health="healthy", account="10843 · td")
    make_authentication(name="broken", health="reconnect")
    make_authentication(name=None)
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/export/").content.decode()
    for text in (
        "Choose Integration", "Export Results of by_code", "Use Existing Integration", "partner account",
        "Create New Connection", "Can't be used right now", "broken", "Reconnect", "2 authentications",
    ):  # fmt: skip
        assert text in page
    assert "<html" in page
    dialog = client_logged_in.get(f"/workbench/queries/{query.pk}/export/", headers=HTMX).content.decode()
    assert "<html" not in dialog
    assert 'hx-target="#dlg"' in dialog


def test_search_matches_name_integration_and_account(client_logged_in: Client, owner: User) -> None:
    query = make_query(owner=owner)
    make_authentication(name="one", account="10843 · api")
    make_authentication(name="two", account="7 · api")
    headers = {"HX-Request": "true", "HX-Target": "auth-list"}
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/export/", {"q": "084"}, headers=headers)
    assert '1<mark class="hit">084</mark>3' in page.content.decode()
    assert "1 of 2 authentications matches" in page.content.decode()
    assert "two" not in page.content.decode()


def test_next_leads_to_the_settings_or_to_a_new_connection(client_logged_in: Client, owner: User) -> None:
    query, one = make_query(owner=owner), make_authentication()
    address = f"/workbench/queries/{query.pk}/export/"
    existing = client_logged_in.post(address, {"way": "existing", "authentication": one.pk})
    assert existing["Location"] == f"{address}{one.pk}/"
    new = client_logged_in.post(address, {"way": "new", "connector": "treasure_data"})
    assert new["Location"].startswith("/integrations/authentications/new/?connector=treasure_data&next=")
    back = client_logged_in.get(address, {"authentication": one.pk}).content.decode()
    assert f'name="authentication" value="{one.pk}" checked' in back


@pytest.mark.parametrize("chosen", ["", "999", "x"])
def test_next_without_a_usable_choice_says_so(client_logged_in: Client, owner: User, chosen: str) -> None:
    query = make_query(owner=owner)
    reply = client_logged_in.post(
        f"/workbench/queries/{query.pk}/export/", {"way": "existing", "authentication": chosen}, headers=HTMX
    )
    assert reply.status_code == 422
    assert "Choose an authentication that can be used" in reply.content.decode()


def test_a_broken_authentication_is_not_taken(client_logged_in: Client, owner: User) -> None:
    query, broken = make_query(owner=owner), make_authentication(health="reconnect")
    reply = client_logged_in.post(
        f"/workbench/queries/{query.pk}/export/", {"way": "existing", "authentication": broken.pk}
    )
    assert reply.status_code == 422


def test_done_keeps_the_settings_and_closes_the_dialog(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication(name="partner")
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/"
    page = client_logged_in.get(address, headers=HTMX).content.decode()
    for label in (
        "Database name",
        "Table name",
        "Mode",
        "Append",
        "Replace",
        "Time",
        "File split size (KB)",
        "Legacy mode",
    ):
        assert label in page
    reply = client_logged_in.post(address, SETTINGS, headers=HTMX)
    assert "dialog:close" in reply["HX-Trigger"]
    assert "hx-swap-oob" in reply.content.decode()
    assert "partner" in reply.content.decode()
    query.refresh_from_db()
    assert query.export_authentication == one
    assert query.export_settings["user_table_name"] == "by_code"
    assert query.version == 1
    plain = client_logged_in.post(address, SETTINGS)
    assert plain["Location"] == f"/workbench/queries/{query.pk}/"
    again = client_logged_in.get(address).content.decode()
    assert 'value="by_code"' in again


def test_wrong_settings_are_answered_beside_their_fields(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    wrong = SETTINGS | {"user_database_name": "", "user_table_name": "Not Allowed"}
    reply = client_logged_in.post(f"/workbench/queries/{query.pk}/export/{one.pk}/", wrong, headers=HTMX)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "2 fields need a change" in page
    assert "Table name must be 3 to 255 lowercase letters, digits or _." in page
    query.refresh_from_db()
    assert query.export_authentication is None


def test_a_database_that_is_not_there_is_an_error_of_its_field(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    answers["precheck"] = SettingsError(
        "Database partner does not exist.", action="Create it.", field="user_database_name"
    )
    reply = client_logged_in.post(f"/workbench/queries/{query.pk}/export/{one.pk}/", SETTINGS, headers=HTMX)
    assert reply.status_code == 422
    assert "id_user_database_name_error" in reply.content.decode()
    assert "Database partner does not exist. Create it." in reply.content.decode()


def test_replacing_rows_needs_a_yes(client_logged_in: Client, owner: User, answers: dict[str, Any]) -> None:
    query, one = make_query(owner=owner), make_authentication()
    answers["preview"] = SchemaPreview("t", True, 12, (), confirm="Replace all 12 rows of partner.by_code?")
    address, replace = f"/workbench/queries/{query.pk}/export/{one.pk}/", SETTINGS | {"mode": "replace"}
    asked = client_logged_in.post(address, replace, headers=HTMX)
    assert asked.status_code == 422
    assert "Replace all 12 rows of partner.by_code?" in asked.content.decode()
    assert 'name="confirm"' in asked.content.decode()
    query.refresh_from_db()
    assert query.export_authentication is None
    agreed = replace | {"confirm": "Replace all 12 rows of partner.by_code?"}
    answers["preview"] = SchemaPreview("t", True, 900, (), confirm="Replace all 900 rows of partner.other?")
    assert client_logged_in.post(address, agreed, headers=HTMX).status_code == 422, "another question"
    answers["preview"] = SchemaPreview("t", True, 12, (), confirm="Replace all 12 rows of partner.by_code?")
    client_logged_in.post(address, agreed, headers=HTMX)
    query.refresh_from_db()
    assert query.export_settings["mode"] == "replace"


def test_settings_of_an_unreachable_host_are_saved_only_knowingly(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    answers["precheck"] = TemporaryError("td.example refused the connection.")
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/"
    asked = client_logged_in.post(address, SETTINGS, headers=HTMX)
    assert asked.status_code == 422
    assert "td.example refused the connection." in asked.content.decode()
    question = re.search(r'name="confirm" value="([^"]*)"', asked.content.decode())
    assert question
    client_logged_in.post(address, SETTINGS | {"confirm": question[1]})
    query.refresh_from_db()
    assert query.export_authentication == one


def test_the_preview_reads_the_last_result(
    client_logged_in: Client, owner: User, answers: dict[str, Any], finished: Callable[..., Job]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/preview/"
    unran = client_logged_in.post(address, SETTINGS).content.decode()
    assert "Run the query once" in unran
    assert "12 rows now" in unran, "what is known of the destination before the first run"
    finished(pa.table({"code": [200]}), [["code", "bigint"]], query=query)
    page = client_logged_in.post(address, SETTINGS).content.decode()
    assert "partner.by_code at td" in page
    assert answers["rows"].columns[0].name == "code"


def test_the_preview_can_run_the_query_and_exports_nothing(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    one = make_authentication()
    query = make_query(owner=owner, export_authentication=one, export_settings=SETTINGS)
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/preview/"
    for _ in "ab":  # the second press finds the first one's job
        going = client_logged_in.post(address, SETTINGS | {"run": "yes"}, headers=HTMX).content.decode()
        assert 'hx-trigger="load delay:1s"' in going
    job = Job.objects.get()
    assert (job.query, job.sql, job.export_authentication) == (query, query.sql, None)
    job.fail("Table nope does not exist.")
    failed = client_logged_in.post(address, SETTINGS, headers=HTMX).content.decode()
    assert "Table nope does not exist." in failed
    assert 'name="run"' in failed


def test_without_javascript_the_preview_is_the_page_with_what_was_typed(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/"
    page = client_logged_in.post(f"{address}preview/", SETTINGS).content.decode()
    for text in ("<html", "partner.by_code at td", 'value="by_code"', f'action="{address}"', "Done"):
        assert text in page


def test_one_field_is_checked_as_soon_as_it_changed(
    client_logged_in: Client, owner: User, answers: dict[str, Any]
) -> None:
    query, one = make_query(owner=owner), make_authentication()
    address = f"/workbench/queries/{query.pk}/export/{one.pk}/validate/"
    typed = SETTINGS | {"user_database_name": "", "user_table_name": "Not Allowed"}
    wrong = client_logged_in.post(f"{address}?field=user_table_name", typed, headers=HTMX).content.decode()
    assert "Table name must be 3 to 255 lowercase letters, digits or _." in wrong
    assert "id_user_database_name" not in wrong
    right = client_logged_in.post(f"{address}?field=mode", typed, headers=HTMX).content.decode()
    assert "invalid-feedback" not in right
    assert client_logged_in.post(f"{address}?field=nothing", typed, headers=HTMX).status_code == 404


def test_without_authentications_the_first_step_offers_a_new_connection(
    client_logged_in: Client, owner: User
) -> None:
    address = f"/workbench/queries/{make_query(owner=owner).pk}/export/"
    assert 'value="new" checked' in client_logged_in.get(address).content.decode()
    make_authentication(name="partner")
    assert 'value="existing" checked' in client_logged_in.get(address).content.decode()
    searched = client_logged_in.post(address, {"way": "existing", "q": "part", "find": "yes"})
    assert searched.status_code == 200
    assert '<mark class="hit">part</mark>ner' in searched.content.decode()


def test_the_button_carries_the_authentication_and_removes_it(
    client_logged_in: Client, owner: User, data_dir: object
) -> None:
    one = make_authentication(name="partner")
    query = make_query(owner=owner, export_authentication=one, export_settings=SETTINGS)
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/").content.decode()
    for text in (f"/export/{one.pk}/", "partner", "Edit", "Change integration", "Remove"):
        assert text in page
    reply = client_logged_in.post(f"/workbench/queries/{query.pk}/export/remove/", headers=HTMX)
    assert "hx-swap-oob" in reply.content.decode()
    query.refresh_from_db()
    assert (query.export_authentication, query.export_settings) == (None, {})


def test_export_results_of_an_unsaved_query_asks_for_a_name_first(
    client_logged_in: Client, data_dir: object
) -> None:
    draft = {"name": "", "database": "sample", "type": "presto", "sql": "SELECT 1", "then": "export"}
    refused = client_logged_in.post("/workbench/queries/new/save/", draft, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "Give the query a name" in refused.content.decode()
    live = client_logged_in.post(
        "/workbench/queries/new/save/", draft | {"name": "a"}, headers={"HX-Request": "true"}
    )
    assert live["HX-Redirect"].endswith("?export=choose")
    plain = client_logged_in.post("/workbench/queries/new/save/", draft | {"name": "b"})
    assert plain["Location"].endswith("/export/")
