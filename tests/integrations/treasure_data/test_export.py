"""The Export Results form, and what is refused before anything is sent."""

from typing import Any

import pyarrow as pa
import pytest

from integrations import registry
from integrations.connectors.treasure_data.export import ExportForm, precheck
from integrations.errors import SettingsError
from tests.integrations.treasure_data.conftest import make_rows, make_settings
from tests.integrations.treasure_data.stand_in import WRITE_ONLY, StandIn

CONNECTOR = registry.get("treasure_data")
RULE = "must be 3 to 255 lowercase letters, digits or _."
NAMED = {"user_database_name": "target", "user_table_name": "by_code"}


def test_the_labels_and_their_order_are_the_documents() -> None:
    assert [field.label for field in ExportForm()] == [
        "Database name", "Table name", "Mode", "Time", "File split size (KB)", "Legacy mode",
    ]  # fmt: skip


def test_the_defaults_are_append_and_16_mb() -> None:
    form = ExportForm.from_keys(NAMED)
    assert form.is_valid()
    assert form.settings() == make_settings()


@pytest.mark.parametrize("keys", [
    {"database": "target", "table": "by_code"},
    {"database_name": "target", "table_name": "by_code"},
])  # fmt: skip
def test_other_documents_names_of_the_keys_are_understood(keys: dict[str, str]) -> None:
    assert ExportForm.from_keys(keys).is_valid()


@pytest.mark.parametrize(("changes", "field", "message"), [
    ({"user_database_name": ""}, "user_database_name", "This field is required."),
    ({"user_database_name": "My-DB"}, "user_database_name", f"Database name {RULE}"),
    ({"user_table_name": "ab"}, "user_table_name", f"Table name {RULE}"),
    ({"mode": "update"}, "mode", "Select a valid choice. update is not one of the available choices."),
    ({"file_split_size": "16383"}, "file_split_size", "Enter 16384 to 524288 KB."),
    ({"file_split_size": "524289"}, "file_split_size", "Enter 16384 to 524288 KB."),
    ({"time": "yesterday"}, "time", "Enter a whole number."),
    ({"tiem": 1}, "__all__", "Unknown setting: tiem."),
    ({"database": "other"}, "__all__", "database and another name of it are both given. Keep one."),
])  # fmt: skip
def test_an_error_stands_beside_its_field(changes: dict[str, Any], field: str, message: str) -> None:
    form = ExportForm.from_keys({**NAMED, **changes})
    assert not form.is_valid()
    assert form.errors[field] == [message]


def test_a_write_only_key_with_replace_is_refused_before_anything_is_sent(
    service: StandIn, credentials: Any
) -> None:
    with pytest.raises(SettingsError, match="This key cannot replace tables; use a master key") as caught:
        precheck({**credentials, "apikey": WRITE_ONLY}, make_settings(mode="replace"))
    assert caught.value.field == "mode"
    assert service.calls == ["GET user/apikey"]


def test_a_key_that_may_not_even_validate_itself_is_a_write_only_key(
    service: StandIn, credentials: Any
) -> None:
    service.forbid_validate = True
    with pytest.raises(SettingsError, match="cannot replace"):
        precheck({**credentials, "apikey": WRITE_ONLY}, make_settings(mode="replace"))


def test_a_database_that_does_not_exist_is_named(service: StandIn, credentials: Any) -> None:
    with pytest.raises(SettingsError, match="Database nowhere does not exist") as caught:
        precheck(credentials, make_settings(user_database_name="nowhere"))
    assert caught.value.field == "user_database_name"


def test_what_a_write_only_key_may_not_see_is_left_to_the_run(service: StandIn, credentials: Any) -> None:
    precheck({**credentials, "apikey": WRITE_ONLY}, make_settings(user_database_name="nowhere"))


def preview(credentials: Any, settings: Any, rows: Any = None) -> Any:
    return CONNECTOR.preview(credentials, settings, rows or make_rows(3), 1_700_000_000)


def test_the_preview_shows_the_table_as_it_would_become(service: StandIn, credentials: Any) -> None:
    service.add_table("by_code", [{"time": 1, "code": 1}], [["code", "string"], ["old", "long"]])
    shown = preview(credentials, make_settings(), make_rows(3, flag=pa.array([True, False, None])))
    assert [(line.name, line.type, line.state) for line in shown.lines] == [
        ("time", "long", "filled"), ("code", "string", "existing"), ("host", "string", "new"),
        ("flag", "long", "new"), ("old", "long", "kept"),
    ]  # fmt: skip
    notes = {line.name: line.note for line in shown.lines}
    assert notes["code"] == "Sent as long; the table keeps string."
    assert notes["flag"] == "true is sent as 1, false as 0."
    assert (shown.table_exists, shown.rows_now, shown.confirm) == (True, 1, "")


def test_replace_asks_when_the_table_has_rows(service: StandIn, credentials: Any) -> None:
    service.add_table("by_code", [{"time": 1}] * 1234, [["old", "long"]])
    shown = preview(credentials, make_settings(mode="replace"))
    assert shown.confirm == "Replace all 1,234 rows of target.by_code every time this export runs?"
    assert ("old", "removed") in [(line.name, line.state) for line in shown.lines]


def test_a_new_table_is_said_to_be_new(service: StandIn, credentials: Any) -> None:
    shown = preview(credentials, make_settings())
    assert (shown.table_exists, shown.rows_now) == (False, None)
    assert "target.by_code does not exist yet and will be created." in shown.notes


def test_a_key_that_may_not_look_still_previews_the_result(service: StandIn, credentials: Any) -> None:
    shown = preview({**credentials, "apikey": WRITE_ONLY}, make_settings(mode="replace"))
    assert shown.table_exists is None
    assert shown.warnings == ("This key cannot replace tables; use a master key.",)


def test_the_own_account_is_told_of_the_faster_statements(
    service: StandIn, credentials: Any, settings: Any
) -> None:
    settings.BASE_URL = service.url
    assert any(
        "INSERT INTO or CREATE TABLE AS" in note for note in preview(credentials, make_settings()).notes
    )
