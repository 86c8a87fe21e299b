"""What every connector promises, whichever it is. A new one adds its sample here and passes as it is."""

import json
import re
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.template.loader import render_to_string

from integrations import registry
from integrations.connector import Connector
from integrations.fields import SecretField, SettingsForm
from integrations.rows import Column, RowStream
from tests.standins.gcs.accounts import Account, private_key

KEY = "1/" + "0f" * 20
KEY_FILE = Account("a@p.iam.gserviceaccount.com", private_key("sample"), "1", {}).key_file(
    "https://oauth2.googleapis.com/token"
)
SAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    "treasure_data": {
        "authentication": {"apikey": KEY, "endpoint": "api.treasuredata.com"},
        "export": {"user_database_name": "sales", "user_table_name": "by_code"},
    },
    "karte": {
        "authentication": {"json_keyfile": json.dumps(KEY_FILE)},
        "export": {"bucket": "samplebucket", "path_prefix": "/output/test.csv"},
    },
    "one_drive": {
        "authentication": {
            "account_type": "business",
            "refresh_token": "0.AXoA-refresh-token-of-the-contract-tests",
        },
        "export": {
            "account_type": "business",
            "domain_name": "contoso-my.sharepoint.com",
            "server_relative_path": "/personal/kate_tiny_contoso_com",
            "folder_path": "/Reports/Regional",
            "file_name": "regional_contacts",
        },
    },
    "clevertap": {
        "authentication": {"account_id": "948-4KK-444Z", "passcode": "AAA-BBB-CCCC", "region": "in1"},
        "export": {"target": "user_profiles"},
        "columns": {"a": "identity"},  # where a connector wants certain columns
    },
}
CONNECTORS = pytest.mark.parametrize("connector", registry.connectors(), ids=lambda each: each.tile.key)
TABLE = pa.table({"a": [1, None, 3], "b": ["x", "", None]})
ROWS = RowStream(
    (Column("a", "bigint"), Column("b", "varchar")), 3, lambda: iter(TABLE.to_batches(max_chunksize=2))
)


def sample(connector: Connector, which: str) -> dict[str, Any]:
    return SAMPLES[connector.tile.key][which]


def rows_of(connector: Connector) -> RowStream:
    names = SAMPLES[connector.tile.key].get("columns", {})
    columns = tuple(Column(names.get(column.name, column.name), column.type) for column in ROWS.columns)
    return RowStream(columns, ROWS.total, ROWS.open)


def forms(connector: Connector) -> list[tuple[type[SettingsForm], dict[str, Any]]]:
    return [
        (connector.authentication_form, sample(connector, "authentication")),
        (connector.export_form, sample(connector, "export")),
    ]


def test_keys_are_slugs_and_unique() -> None:
    keys = [connector.tile.key for connector in registry.connectors()]
    assert len(set(keys)) == len(keys) > 0
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys)


def test_an_unknown_key_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="fax"):
        registry.get("fax")


@CONNECTORS
def test_the_tile_fits_the_catalog(connector: Connector) -> None:
    tile = connector.tile
    assert len(tile.letters) == 2
    assert 10 < len(tile.summary) < 120
    css = (settings.BASE_DIR / "console/static/console/shell.css").read_text()
    assert f".hue-{tile.hue} " in css


@CONNECTORS
def test_every_field_is_rendered_with_its_label(connector: Connector) -> None:
    for form, keys in forms(connector):
        page = render_to_string("integrations/export_form.html", {"form": form.shown(keys)})
        for name, field in form.base_fields.items():
            assert f'name="{name}"' in page
            assert str(field.label) in page


@CONNECTORS
def test_the_defaults_are_valid_and_json_safe(connector: Connector) -> None:
    for form, keys in forms(connector):
        bound = form.from_keys(keys)
        assert bound.is_valid(), bound.errors
        stored = json.loads(json.dumps(bound.settings()))
        again = form.from_keys(stored, stored_secrets=bound.secrets())
        assert again.is_valid(), again.errors
        assert again.settings() == bound.settings()


@CONNECTORS
def test_an_unknown_setting_is_an_error(connector: Connector) -> None:
    for form, keys in forms(connector):
        assert not form.from_keys({**keys, "no_such_setting": 1}).is_valid()


@CONNECTORS
def test_export_settings_hold_no_secret(connector: Connector) -> None:
    assert not [f for f in connector.export_form.base_fields.values() if isinstance(f, SecretField)]


@CONNECTORS
def test_no_secret_is_rendered_bound_or_not(connector: Connector) -> None:
    form, keys = connector.authentication_form, sample(connector, "authentication")
    secrets = [keys[name] for name, field in form.base_fields.items() if isinstance(field, SecretField)]
    assert secrets
    for shown in (form.from_keys(keys), form.shown(keys), form({}, stored_secrets=keys)):
        page = render_to_string("integrations/export_form.html", {"form": shown})
        assert not [secret for secret in secrets if secret in page]


@CONNECTORS
def test_encode_is_pure_and_numbers_its_parts(connector: Connector) -> None:
    form = connector.export_form.from_keys(sample(connector, "export"))
    form.full_clean()
    rows = rows_of(connector)
    first, second = (list(connector.encode(form.settings(), rows, 1_700_000_000)) for _ in range(2))
    assert first == second
    assert [chunk.index for chunk in first] == list(range(len(first)))
    assert sum(chunk.rows for chunk in first) == ROWS.total


@CONNECTORS
def test_the_destination_says_no_secret(connector: Connector) -> None:
    form = connector.export_form.from_keys(sample(connector, "export"))
    form.full_clean()
    shown = connector.destination(sample(connector, "authentication"), form.settings())
    assert shown
    keys, fields = sample(connector, "authentication"), connector.authentication_form.base_fields
    assert not [
        keys[name]
        for name, field in fields.items()
        if isinstance(field, SecretField) and keys[name] in str(shown)
    ]
