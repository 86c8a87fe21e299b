from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pytest_django.fixtures import Settings

from integrations.connectors.karte import run as run_module
from integrations.connectors.karte.delivery import deliver
from integrations.connectors.karte.encoding import encode
from integrations.connectors.karte.resumable import UNIT
from integrations.rows import Column, RowStream
from tests.integrations.ledger import Kept, MemoryLedger
from tests.standins import gcs
from tests.standins.gcs import StandIn


@pytest.fixture
def service(settings: Settings) -> Iterator[StandIn]:
    """The strict stand-in, allowed by the operator as a private host would be."""
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with gcs.running() as running:
        settings.GCS_ENDPOINT = running.url
        yield running


@pytest.fixture
def credentials(service: StandIn) -> dict[str, str]:
    return {"json_keyfile": service.key_file()}


def make_settings(**changes: Any) -> dict[str, Any]:
    return {
        "bucket": "samplebucket", "path_prefix": "/output/test.csv", "format": "csv", "compression": "",
        "header_line": True, "delimiter": ",", "null_string": "", "newline": "CRLF", **changes,
    }  # fmt: skip


def make_rows(count: int = 5, *, batch: int = 10_000) -> RowStream:
    """`count` rows of code (bigint) and host (varchar); 25,000 of them make three fragments of 256 KiB."""
    hosts = [f"host-{n}.example.com" if n % 3 else None for n in range(count)]
    table = pa.table({"code": pa.array(range(count), pa.int64()), "host": pa.array(hosts, pa.string())})
    columns = (Column("code", "bigint"), Column("host", "varchar"))
    return RowStream(columns, count, lambda: iter(table.to_batches(max_chunksize=batch)))


def make_file(rows: RowStream, settings: dict[str, Any]) -> bytes:
    """What is to arrive."""
    return b"".join(chunk.data for chunk in encode(settings, rows, 0))


@pytest.fixture
def small_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "FRAGMENT", UNIT)


def carry_out(
    credentials: Any, settings: Any, rows: RowStream, kept: Kept | None = None, **options: Any
) -> Kept:
    """One worker's `deliver`, with a ledger that may die."""
    kept = kept or Kept()
    stop_when = options.pop("stop_when", None)
    chunks = options.pop("chunks", None) or (lambda: encode(settings, rows, 0))
    ledger = MemoryLedger(kept, rows.total, **options)
    ledger.stop_when = stop_when or ledger.stop_when
    deliver(credentials, settings, chunks, rows.columns, ledger)
    return kept
