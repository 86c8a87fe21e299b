"""The official library against a ready-made emulator: what an independent server takes for an upload."""

import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from gcp_storage_emulator.server import create_server
from pytest_django.fixtures import Settings

from integrations.connectors.karte.export import precheck
from tests.console_process import free_port
from tests.integrations.karte.conftest import carry_out, make_file, make_rows, make_settings


class Emulator:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def object(self, name: str) -> bytes:
        path = f"{self.url}/download/storage/v1/b/samplebucket/o/{quote(name, safe='')}?alt=media"
        answer = urllib3.request("GET", path, headers={"Accept-Encoding": ""}, decode_content=False)
        assert answer.status == 200, answer.status
        return answer.data


@pytest.fixture
def emulator(service: Any, settings: Settings) -> Iterator[Emulator]:
    """Tokens come from the strict stand-in, which checks them; the emulator takes any."""
    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="samplebucket")
    server.start()
    running = Emulator(port)
    settings.GCS_ENDPOINT = running.url
    yield running
    server.stop()


@pytest.mark.parametrize(("changes", "count"), [
    ({}, 5), ({}, 0), ({"header_line": False}, 0), ({"format": "tsv", "delimiter": "\\t"}, 5),
    ({"path_prefix": "dir/example.csv.gz", "compression": "gz"}, 5),
    ({"path_prefix": "Häfen/東京 #1?.csv"}, 5),
], ids=str)  # fmt: skip
def test_a_small_file_arrives_byte_for_byte(
    emulator: Emulator, credentials: Any, changes: dict[str, Any], count: int
) -> None:
    settings, rows = make_settings(**changes), make_rows(count)
    precheck(credentials, settings)
    kept = carry_out(credentials, settings, rows)
    found = emulator.object(settings["path_prefix"].lstrip("/"))
    assert found == make_file(rows, settings)
    assert kept.delivered == count
    if settings["compression"]:
        assert gzip.decompress(found) == make_file(rows, {**settings, "compression": ""})


def test_a_file_of_several_fragments_arrives_byte_for_byte(emulator: Emulator, credentials: Any) -> None:
    settings, rows = make_settings(), make_rows(600_000)
    kept = carry_out(credentials, settings, rows)
    found = emulator.object("output/test.csv")
    assert len(found) > 8 << 20
    assert found == make_file(rows, settings)
    assert [receipt.rows_accepted for receipt in kept.receipts.values()] == [0, 600_000]
