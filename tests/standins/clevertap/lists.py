"""Custom lists: an address to upload to, the upload itself, and what comes by e-mail afterwards."""

import csv
import io
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.standins.clevertap.records import EMAIL, Refusal

if TYPE_CHECKING:
    from tests.standins.clevertap.service import StandIn

LARGEST = 5 * 2**30


@dataclass
class Upload:
    expires: float
    data: bytes | None = None


@dataclass
class Lists:
    """`segments`: name -> set of (type, identity). `emails`: what the administrator is sent."""

    service: "StandIn"
    uploads: dict[str, Upload] = field(default_factory=dict)
    segments: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    emails: list[tuple[str, str]] = field(default_factory=list)
    completed: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 86_400
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def give_url(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        if body:
            raise Refusal(400, "This call takes no body")
        number = next(self.numbers)
        path = f"/segments/list-{number}.csv"
        self.uploads[path] = Upload(time.time() + self.seconds)
        signed = f"{self.service.url}{path}?X-Amz-Expires={self.seconds:.0f}&X-Amz-Signature={number:064x}"
        return {"status": "success", "presignedS3URL": signed, "expiry": f"{self.seconds:.0f}"}

    def put(self, path: str, query: dict[str, str], headers: Any, body: bytes) -> tuple[int, str]:
        """The bucket's answer: a status and, where it is a refusal, its XML."""
        upload = self.uploads.get(path)
        signed = upload and query.get("X-Amz-Signature") == f"{int(path.split('-')[1].split('.')[0]):064x}"
        if not upload or not signed or any(name.lower().startswith("x-clevertap") for name in headers):
            return 403, _xml("SignatureDoesNotMatch", "The request signature does not match.")
        if time.time() > upload.expires:
            return 403, _xml("AccessDenied", "Request has expired")
        if headers.get("Content-Length") is None or headers.get("Transfer-Encoding"):
            return 411, _xml("MissingContentLength", "You must provide the Content-Length HTTP header.")
        if len(body) > LARGEST:
            return 400, _xml("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        upload.data = body
        return 200, ""

    def complete(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        told = json.loads(body or b"null")
        wanted = {"name": str, "email": str, "filename": str, "creator": str, "url": str, "replace": bool}
        if not isinstance(told, dict) or {key: type(value) for key, value in told.items()} != wanted:
            raise Refusal(400, "name, email, filename, creator, url and replace are needed")
        if not EMAIL.fullmatch(told["email"]) or not told["name"]:
            raise Refusal(400, "A name and an e-mail address are needed")
        upload = self.uploads.get("/" + told["url"].split("?")[0].split("/", 3)[3])
        if upload is None or upload.data is None:
            raise Refusal(400, "Nothing was uploaded to this url")
        if told["name"] in self.segments and not told["replace"]:
            raise Refusal(409, "duplicate_name")
        if told["name"] not in self.segments and told["replace"]:
            raise Refusal(400, "segment_not_found")
        self.completed.append(told)
        self._process(told, upload.data)
        return {"status": "success", "segment_id": 1_700_000_000 + len(self.completed)}

    def _process(self, told: dict[str, Any], data: bytes) -> None:
        """After the answer, in the real service: what is wrong with the file is told by e-mail only."""
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
        self.segments.setdefault(told["name"], set())
        if rows[:1] != [["Type", "Identity"]]:
            self.emails.append((told["email"], "The header has to be Type,Identity"))
            return
        if bad := [row for row in rows[1:] if len(row) != 2 or row[0] not in {"g", "i"} or not row[1]]:
            self.emails.append((told["email"], f"{len(bad)} rows are not valid"))
            return
        self.segments[told["name"]] = {(row[0], row[1]) for row in rows[1:]}
        self.emails.append((told["email"], f"{len(rows) - 1} rows processed"))


def _xml(code: str, message: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
