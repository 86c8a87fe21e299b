"""The stand-in's state and its calls: buckets, permissions, objects, uploads."""

import itertools
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.standins.gcs.accounts import ALL, Account, Accounts
from tests.standins.gcs.answers import Answer, NoToken, Refusal, answer_json, no_token
from tests.standins.gcs.uploads import Stored, Upload, crc32c

BUCKET = "samplebucket"


@dataclass
class Fault:
    """Strikes the next `times` requests whose "METHOD target Content-Range" holds `pattern`."""

    pattern: str
    times: int = 1
    after: int = 0  # requests that match and are let through first
    status: int = 0  # answer this instead of working
    reason: str = "backendError"
    message: str = "A fault on request"
    body: bytes = b""  # with `status`: this instead of an error
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""  # "before" or "after" the work: the connection is closed without an answer
    keep: int = (
        -1
    )  # store only so many bytes of the body; with `cut`, then close, else answer with what is stored
    session: str = ""  # "expired" or "cancelled": what becomes of every open upload before the request
    flip: bool = False  # a bit of the body is turned on the way
    then: Callable[["StandIn"], None] | None = None  # called before the work


class StandIn:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.numbers = itertools.count(1001)
        self.accounts = Accounts()
        self.writer = self.accounts.add("writer", {BUCKET: set(ALL)})
        self.buckets: dict[str, dict[str, Stored]] = {BUCKET: {}}
        self.uploads: dict[str, Upload] = {}
        self.written: list[tuple[str, int]] = []  # (object, generation), in the order they appeared
        self.faults: list[Fault] = []
        self.requests: list[str] = []  # "PUT /upload/… bytes 0-99/100", a session's address without its id
        self.agents: set[str] = set()
        self.damage = 0  # so many objects are stored with a bit turned, after their checksum was right
        self.url = ""

    def key_file(self, account: Account | None = None) -> str:
        return json.dumps((account or self.writer).key_file(f"{self.url}/token"))

    def put_object(self, name: str, data: bytes, bucket: str = BUCKET) -> Stored:
        """As if somebody else had written it."""
        stored = Stored(data, next(self.numbers), "text/csv")
        self.buckets[bucket][name] = stored
        return stored

    def object(self, name: str, bucket: str = BUCKET) -> bytes | None:
        found = self.buckets[bucket].get(name)
        return found.data if found else None

    def strike(self, request: str) -> Fault | None:
        with self.lock:
            self.requests.append(re.sub(r"upload_id=\w+", "upload_id=…", request))
            for fault in self.faults:
                if fault.times and re.search(fault.pattern, request):
                    if fault.after:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> Answer:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token" and method == "POST":
            try:
                return answer_json(self.accounts.grant(headers.get("Content-Type", ""), body))
            except NoToken as error:
                return no_token(error)
        account = self.accounts.holder(headers.get("Authorization"))
        if account is None:
            raise Refusal(401, "Invalid Credentials", "authError")
        with self.lock:
            if "upload_id" in query:
                return self.session(method, query["upload_id"], headers, body)
            return self.storage(method, parts.path, parts.query, account, headers, body)

    def storage(
        self, method: str, path: str, query: str, account: Account, headers: Any, body: bytes
    ) -> Answer:
        found = re.fullmatch(r"(/upload)?/storage/v1/b/([^/]+)/(o|o/([^/]+)|iam/testPermissions)", path)
        if not found:
            raise Refusal(403, f"{account.email} does not have storage.buckets.get access", "forbidden")
        upload, bucket, call, name = found.groups()
        if bucket not in self.buckets:
            raise Refusal(404, "The specified bucket does not exist.", "notFound")
        asked = parse_qs(query)
        granted = account.permissions.get(bucket, set())
        if call == "iam/testPermissions" and method == "GET":
            held = [one for one in asked.get("permissions", []) if one in granted]
            return answer_json(
                {"kind": "storage#testIamPermissionsResponse"} | ({"permissions": held} if held else {})
            )
        if name and method == "GET":
            return self.look(account, bucket, unquote(name), content=asked.get("alt") == ["media"])
        if upload and call == "o" and method == "POST" and asked.get("uploadType") == ["resumable"]:
            return self.begin(account, bucket, asked, headers, body)
        raise Refusal(400, f"This stand-in has no {method} {path}?{query}")

    def look(self, account: Account, bucket: str, name: str, *, content: bool) -> Answer:
        self.need(account, bucket, name, "storage.objects.get")
        stored = self.buckets[bucket].get(name)
        if stored is None:
            raise Refusal(404, f"No such object: {bucket}/{name}", "notFound")
        if content:
            return Answer(200, stored.data, {"Content-Type": stored.content_type})
        return answer_json(stored.resource(bucket, name))

    def begin(self, account: Account, bucket: str, query: Any, headers: Any, body: bytes) -> Answer:
        name = str(json.loads(body or b"{}").get("name", ""))
        if not name or len(name.encode()) > 1024 or re.search(r"[\r\n]", name) or name in (".", ".."):
            raise Refusal(400, f"Invalid object name: {name!r}", "invalid")
        self.need(account, bucket, name, "storage.objects.create")
        condition = query.get("ifGenerationMatch", [None])[0]
        declared = headers.get("X-Upload-Content-Length")
        upload = Upload(
            bucket, name, account, headers.get("X-Upload-Content-Type", ""),
            None if declared is None else int(declared), None if condition is None else int(condition), bytearray(),
        )  # fmt: skip
        self.check(upload)
        key = f"{next(self.numbers)}secret{quote(name, safe='').encode().hex()[:8]}"
        self.uploads[key] = upload
        address = f"{self.url}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={key}"
        return Answer(200, headers={"Location": address, "X-GUploader-UploadID": key})

    def session(self, method: str, key: str, headers: Any, body: bytes) -> Answer:
        upload = self.uploads.get(key)
        if upload is None:
            raise Refusal(404, "No such upload", "notFound")
        if upload.state in ("cancelled", "expired"):
            return Answer(499 if upload.state == "cancelled" else 410)
        if upload.state == "done":
            return upload.answer()
        if method == "DELETE":
            upload.state = "cancelled"
            return Answer(499)
        if method != "PUT":
            raise Refusal(400, f"{method} to an upload")
        if not upload.put(headers.get("Content-Range", ""), body):
            return upload.progress()
        return self.finalise(upload, headers.get("X-Goog-Hash", ""))

    def finalise(self, upload: Upload, told: str) -> Answer:
        data = bytes(upload.data)
        if told != f"crc32c={crc32c(data)}":
            upload.state = "cancelled"
            message = f'Provided CRC32C "{told[7:]}" doesn\'t match calculated CRC32C "{crc32c(data)}".'
            raise Refusal(400, message)
        self.check(upload)
        if self.damage:
            self.damage -= 1
            data = bytes([data[0] ^ 1]) + data[1:]
        upload.done = Stored(data, next(self.numbers), upload.content_type)
        upload.state = "done"
        self.buckets[upload.bucket][upload.name] = upload.done
        self.written.append((upload.name, upload.done.generation))
        return upload.answer()

    def check(self, upload: Upload) -> None:
        """The precondition, and the right to replace what is there. Both hold again when the upload ends."""
        there = self.buckets[upload.bucket].get(upload.name)
        if upload.condition is not None and upload.condition != (there.generation if there else 0):
            message = "At least one of the pre-conditions you specified did not hold."
            raise Refusal(412, message, "conditionNotMet")
        if there:
            self.need(upload.account, upload.bucket, upload.name, "storage.objects.delete")

    def need(self, account: Account, bucket: str, name: str, permission: str) -> None:
        if permission not in account.permissions.get(bucket, set()):
            message = f"{account.email} does not have {permission} access to the Google Cloud Storage object."
            raise Refusal(403, message, "forbidden")
