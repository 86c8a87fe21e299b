"""Requests as a person reads them: the very bytes, and the same laid out."""

import re
from collections.abc import Iterator

import orjson

from integrations.connector import Chunk, Keys, ShownRequest
from integrations.connectors.clevertap.client import headers
from integrations.connectors.clevertap.custom_list import HEADER
from integrations.connectors.clevertap.operations import LIST, Operation
from integrations.connectors.clevertap.regions import HOSTS

MASK = "••••••••"
SHOWN_BYTES = 16_384  # of a body
SHOWN_RECORDS = 10  # laid out
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def requests(
    credentials: Keys, settings: Keys, operation: Operation, chunks: list[Chunk], *, whole: bool
) -> Iterator[ShownRequest]:
    """`whole`: these chunks are all there are, not only the first one."""
    sent = [chunk for chunk in chunks if chunk.data]
    base = f"https://{HOSTS[str(credentials['region'])]}"
    masked = tuple({**headers(credentials), "X-CleverTap-Passcode": MASK}.items())
    if operation is LIST:
        yield from _list(base, masked, settings, sent, whole=whole)
    elif sent:
        yield _batch(base + operation.path, masked, operation, sent[0])


def _batch(
    url: str, sent_headers: tuple[tuple[str, str], ...], operation: Operation, chunk: Chunk
) -> ShownRequest:
    records = chunk.data[len(operation.head) : -len(operation.tail)].split(operation.between)[:SHOWN_RECORDS]
    laid_out = operation.head + operation.between.join(records) + operation.tail
    return ShownRequest(
        "POST", url, (*sent_headers, ("Content-Length", str(len(chunk.data)))), _cut(chunk.data),
        pretty(laid_out.decode()), len(chunk.data), len(chunk.numbers), len(records),
    )  # fmt: skip


def _list(
    base: str, sent_headers: tuple[tuple[str, str], ...], settings: Keys, chunks: list[Chunk], *, whole: bool
) -> Iterator[ShownRequest]:
    size = len(HEADER.data) + sum(len(chunk.data) for chunk in chunks)
    rows = sum(len(chunk.numbers) for chunk in chunks)
    first = HEADER.data + (chunks[0].data if chunks else b"")
    told = orjson.dumps({
        "name": settings["list_name"], "email": settings["list_email"], "filename": "sendoff-….csv",
        "creator": "Sendoff", "url": "(the upload address)", "replace": settings["segment_mode"] == "update",
    })  # fmt: skip
    yield ShownRequest(
        "POST", f"{base}{LIST.path}", (*sent_headers, ("Content-Length", "0")), "", "", 0, 0, 0,
        title="1. Ask for the upload address",
    )  # fmt: skip
    length = (("Content-Length", str(size) if whole else "…"),)
    yield ShownRequest(
        "PUT", "https://… (the upload address)", length, _cut(first), _cut(first), size, rows,
        _cut(first).count("\n") - 1, title="2. Upload the CSV",
    )  # fmt: skip
    yield ShownRequest(
        "POST", f"{base}/upload_custom_list_segment_completed", sent_headers, told.decode(), pretty(told.decode()),
        len(told), 0, 0, title="3. Report completion",
    )  # fmt: skip


def pretty(text: str) -> str:
    """JSON with one value to a line. Every token stays as it is: numbers keep their digits."""
    lines, depth, line = [], 0, ""
    for token in _TOKEN.findall(text):
        if token in "}]":
            if line.strip():
                lines.append(line)
                line = ""
            depth -= 1
            if lines and lines[-1].rstrip()[-1:] in "{[" and not line.strip():
                line = lines.pop() + token
            else:
                line = "  " * depth + token
        else:
            line = (line or "  " * depth) + token + (" " if token == ":" else "")
            if token in "{[":
                depth += 1
            if token in "{[,":
                lines.append(line)
                line = ""
    return "\n".join([*lines, line] if line else lines)


def _cut(body: bytes) -> str:
    """The first bytes of a body, up to the end of a character."""
    return body[:SHOWN_BYTES].decode(errors="ignore")
