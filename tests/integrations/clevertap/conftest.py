from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pytest_django.fixtures import Settings

from integrations.connectors.clevertap import CONNECTOR
from integrations.rows import Column, RowStream
from tests.integrations.ledger import Kept, MemoryLedger
from tests.standins import clevertap
from tests.standins.clevertap import StandIn

ACCOUNT = "TEST-4KK-444Z"
TIME = 1_700_000_000
TYPES = {
    "int64": "bigint", "string": "varchar", "double": "double", "bool": "boolean", "timestamp[us]": "timestamp(3)",
    "date32[day]": "date", "list<item: string>": "array(varchar)", "binary": "varbinary", "time64[us]": "time(3)",
}  # fmt: skip


@pytest.fixture
def service(settings: Settings) -> Iterator[StandIn]:
    """The strict stand-in, allowed by the operator as a private host would be."""
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with clevertap.running() as running:
        settings.CLEVERTAP_URL = running.url
        yield running


@pytest.fixture
def credentials() -> dict[str, str]:
    return {"account_id": ACCOUNT, "passcode": "AAA-BBB-CCCC", "region": "in1"}


def make_settings(**changes: Any) -> dict[str, Any]:
    """Settings as the form leaves them."""
    form = CONNECTOR.export_form.from_keys(changes)
    assert form.is_valid(), form.errors
    return form.settings()


def table(columns: dict[str, list[Any]], types: dict[str, str] | None = None, *, batch: int = 2) -> RowStream:
    """Rows from Python values. `types` gives the types that do not follow from the values."""
    made = pa.table({name: pa.array(values) for name, values in columns.items()})
    names = [
        Column(field.name, (types or {}).get(field.name) or TYPES.get(str(field.type), str(field.type)))
        for field in made.schema
    ]
    return RowStream(tuple(names), made.num_rows, lambda: iter(made.to_batches(max_chunksize=batch)))


def people(count: int, **columns: list[Any]) -> RowStream:
    """`count` profiles u1, u2, … with a Name each."""
    numbers = range(1, count + 1)
    return table(
        {"identity": [f"u{n}" for n in numbers], "Name": [f"Name {n}" for n in numbers], **columns}, batch=700
    )


def carry_out(
    credentials: Any, settings: Any, rows: RowStream, kept: Kept | None = None, **options: Any
) -> Kept:
    """What the engine does: the rules over all rows, then the delivery."""
    kept = kept or Kept()
    stop_when = options.pop("stop_when", None)
    ledger = MemoryLedger(kept, rows.total, **options)
    ledger.stop_when = stop_when or ledger.stop_when
    assert CONNECTOR.inspect
    CONNECTOR.inspect(settings, rows, TIME, ledger)
    CONNECTOR.deliver(
        credentials, settings, lambda: CONNECTOR.encode(settings, rows, TIME), rows.columns, ledger
    )
    return kept
