from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from integrations.connectors.treasure_data import run as run_module
from integrations.connectors.treasure_data.encoding import encode
from integrations.rows import Column, RowStream
from tests.integrations.treasure_data import stand_in
from tests.integrations.treasure_data.stand_in import MASTER, StandIn


@pytest.fixture
def service(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in, allowed by the operator as a private host would be."""
    monkeypatch.setattr(run_module, "FIRST_POLL", 0.001)
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with stand_in.running() as running:
        yield running


@pytest.fixture
def credentials(service: StandIn) -> dict[str, str]:
    return {"apikey": MASTER, "endpoint": service.url}


def make_rows(count: int = 5, *, batch: int = 2, **columns: pa.Array) -> RowStream:
    """`count` rows of code (bigint) and host (varchar), in batches of `batch`, and any further columns."""
    code, host = pa.array(range(count), pa.int64()), pa.array([f"h{n}" for n in range(count)], pa.string())
    table = pa.table({"code": code, "host": host, **columns})
    types = {"int64": "bigint", "string": "varchar", "double": "double", "bool": "boolean"}
    named = tuple(Column(field.name, types.get(str(field.type), str(field.type))) for field in table.schema)
    return RowStream(named, count, lambda: iter(table.to_batches(max_chunksize=batch)))


def make_settings(**changes: Any) -> dict[str, Any]:
    return {
        "user_database_name": "target", "user_table_name": "by_code", "mode": "append",
        "time": None, "file_split_size": 16_384, "legacy": False, **changes,
    }  # fmt: skip


def make_parts(rows: RowStream, settings: dict[str, Any], size: int = 1) -> Any:
    """Chunks with parts of about `size` bytes, so that a few rows make several."""
    small = {**settings, "file_split_size": size / 1024}
    return lambda: encode(small, rows, 1_700_000_000)
