"""Files on their way in: the small PUT, and upload sessions in fragments."""

import json
import re
import secrets
from typing import Any

from tests.standins.microsoft.graph import BEHAVIOURS, Graph, refusal
from tests.standins.microsoft.state import Item, Request, Upload, moment

MULTIPLE, LARGEST = 320 * 1024, 60 * 1024 * 1024
SMALL = 250_000_000


def put(graph: Graph, request: Request, at: Item, names: list[str]) -> tuple[int, Any]:
    if len(request.body) > SMALL:
        raise refusal(413, "maxFileSizeExceeded")
    behaviour = request.query.get("@microsoft.graph.conflictBehavior", "replace")
    parent = _parent(at, names)
    return write(graph, parent, names[-1], request.body, behaviour)


def create(graph: Graph, request: Request, at: Item, names: list[str]) -> tuple[int, Any]:
    body = json.loads(request.body or b"{}")
    item = body.get("item", {})
    behaviour = item.get("@microsoft.graph.conflictBehavior", "fail")
    if behaviour not in BEHAVIOURS or item.get("name") != names[-1]:
        raise refusal(400, "invalidRequest", "The name is not the one of the path, or no such behaviour.")
    parent = _parent(at, names)
    _check_lock(parent, names[-1])
    size = item.get("fileSize", 0)
    if size > at.drive.quota - at.drive.used:
        raise refusal(507, "quotaLimitReached", "Insufficient space available.")
    key = secrets.token_urlsafe(32)
    graph.uploads[key] = Upload(parent, names[-1], behaviour)
    return 200, {
        "uploadUrl": f"{graph.base}/up/{key}",
        "expirationDateTime": moment(),
        "nextExpectedRanges": ["0-"],
    }


def session(graph: Graph, request: Request) -> tuple[int, Any]:
    """The pre-authenticated address of one session."""
    key = request.path.removeprefix("/up/")
    if "authorization" in request.headers:
        raise refusal(401, "unauthenticated", "The upload URL takes no Authorization header.")
    upload = graph.uploads.get(key)
    if upload is None:
        raise refusal(404, "itemNotFound", "The upload session was not found.", "uploadSessionNotFound")
    if request.method == "GET":
        return 200, _expects(upload)
    if request.method == "DELETE":
        del graph.uploads[key]
        graph.cancelled.append(key)
        return 204, None
    if request.method != "PUT":
        raise refusal(405, "notAllowed")
    return _fragment(graph, key, upload, request)


def _fragment(graph: Graph, key: str, upload: Upload, request: Request) -> tuple[int, Any]:
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("content-range", ""))
    if not found:
        raise refusal(400, "invalidRequest", "Content-Range is missing.")
    first, last, total = (int(each) for each in found.groups())
    size = last - first + 1
    upload.total = upload.total if upload.total is not None else total
    if size != len(request.body) or total != upload.total or last >= total:
        raise refusal(400, "invalidRequest", "The range is not that of the body.", "fragmentLengthMismatch")
    if size >= LARGEST or (size % MULTIPLE and last + 1 != total):
        raise refusal(400, "invalidRequest", "A fragment is under 60 MiB and a multiple of 320 KiB.")
    held = len(upload.received)
    if first != held:
        raise refusal(416, "invalidRange", "", "fragmentOverlap" if first < held else "fragmentOutOfOrder")
    upload.received += request.body
    upload.fragments.append(size)
    if len(upload.received) < total:
        return 202, _expects(upload)
    try:
        answer = write(graph, upload.parent, upload.name, bytes(upload.received), upload.behaviour)
    except Exception:
        del upload.received[first:]
        raise
    del graph.uploads[key]
    return answer


def write(graph: Graph, parent: Item, name: str, body: bytes, behaviour: str) -> tuple[int, Any]:
    if behaviour not in BEHAVIOURS:
        raise refusal(400, "invalidRequest", "No such conflictBehavior.")
    if len(body) > parent.drive.quota - parent.drive.used:
        raise refusal(507, "quotaLimitReached", "Insufficient space available.")
    _check_lock(parent, name)
    there = parent.children.get(name.lower())
    if there and behaviour == "fail":
        raise refusal(409, "nameAlreadyExists", "The specified item name already exists.")
    if there and behaviour == "rename":
        stem, dot, end = name.rpartition(".")
        name, there = f"{stem or end} 1{dot}{end if stem else ''}", None
    item = there or parent.add(name, b"")
    if graph.damages and body:
        body = body[:-1] + bytes([body[-1] ^ 1])
    item.content, item.modified = body, moment()
    item.writes += 1
    return (200 if there else 201), graph._shown(item)


def _parent(at: Item, names: list[str]) -> Item:
    parent = at.find("/".join(names[:-1])) if names else None
    if parent is None or parent.content is not None:
        raise refusal(404, "itemNotFound", "The folder could not be found.")
    return parent


def _check_lock(parent: Item, name: str) -> None:
    there = parent.children.get(name.lower())
    if there and there.locked:
        raise refusal(423, "resourceLocked", "The resource you are attempting to access is locked")


def _expects(upload: Upload) -> dict[str, Any]:
    return {"expirationDateTime": moment(), "nextExpectedRanges": [f"{len(upload.received)}-"]}
