"""Imports through a real web server: many at once, broken off, in chunks."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.api.conftest import Console, packed, rows_of

IMPORT = "/v3/table/import/shop/orders/msgpack.gz"
pytestmark = pytest.mark.processes


def test_parallel_uploads_lose_nothing(console: Console) -> None:
    headers = {"Authorization": f"TD1 {console.write_only}"}
    url = f"{console.url}/v3/bulk_import"
    requests.post(f"{url}/create/s/shop/orders", headers=headers, timeout=60).raise_for_status()

    def upload(number: int) -> int:
        body = packed(*({"time": number * 100 + n, "part": number} for n in range(100)))
        return requests.put(f"{url}/upload_part/s/p{number}", body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(upload, [*range(40), *range(40)])) == {200}
    requests.post(f"{url}/freeze/s", headers=headers, timeout=60).raise_for_status()
    job = requests.post(f"{url}/perform/s", headers=headers, timeout=60).json()["job_id"]
    status = ""
    while status not in {"success", "error", "killed"}:
        status = requests.get(f"{console.url}/v3/job/status/{job}", headers=headers, timeout=60).json()[
            "status"
        ]
    with ThreadPoolExecutor(4) as pool:
        codes = pool.map(
            lambda _: requests.post(f"{url}/commit/s", headers=headers, timeout=60).status_code, range(4)
        )
        assert set(codes) == {200}
    assert sorted(row["time"] for row in rows_of("orders")) == list(range(4000))


def test_parallel_streaming_imports_lose_nothing(console: Console) -> None:
    headers = {"Authorization": f"TD1 {console.key}"}

    def send(number: int) -> int:
        url = f"{console.url}/v3/table/import_with_id/shop/orders/{number % 8:x}/msgpack.gz"
        return requests.put(url, packed({"time": number % 8}), headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(16))) == {200}
    assert [row["time"] for row in rows_of("orders")] == list(range(8))


def test_a_connection_that_breaks_off_keeps_nothing(console: Console) -> None:
    body = packed(*({"time": n} for n in range(50)))
    host, _, port = console.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        head = f"PUT {IMPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: TD1 {console.key}\r\n"
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-10])
        line.shutdown(socket.SHUT_WR)
        answer = line.makefile("rb").read()
    assert b" 400 " in answer.splitlines()[0]
    assert rows_of("orders") == []


def test_a_chunked_body_is_taken(console: Console) -> None:
    body = packed({"time": 1})
    chunks = iter([body[:10], body[10:]])
    found = requests.put(
        f"{console.url}{IMPORT}",
        chunks,
        headers={"Authorization": f"TD1 {console.key}"},
        timeout=60,
    )
    assert found.status_code == 200
    assert rows_of("orders") == [{"time": 1}]
