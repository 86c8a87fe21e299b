"""One resumable upload: what has been stored, what may come next, and how it ends."""

import base64
import re
from dataclasses import dataclass
from typing import Any

import google_crc32c

from tests.standins.gcs.accounts import Account
from tests.standins.gcs.answers import Answer, Refusal, answer_json

UNIT = 256 * 1024
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True)
class Stored:
    """An object's one generation."""

    data: bytes
    generation: int
    content_type: str

    @property
    def crc32c(self) -> str:
        return crc32c(self.data)

    def resource(self, bucket: str, name: str) -> dict[str, Any]:
        return {
            "kind": "storage#object",
            "bucket": bucket,
            "name": name,
            "generation": str(self.generation),
            "metageneration": "1",
            "contentType": self.content_type,
            "size": str(len(self.data)),
            "crc32c": self.crc32c,
        }


@dataclass
class Upload:
    bucket: str
    name: str
    account: Account
    content_type: str
    declared: int | None  # x-upload-content-length
    condition: int | None  # ifGenerationMatch
    data: bytearray
    state: str = "open"  # open, done, cancelled, expired
    done: Stored | None = None

    def put(self, content_range: str, body: bytes) -> bool:
        """Takes a chunk or a status query; True where the object is now complete and is to be finalised."""
        found = RANGE.fullmatch(content_range)
        if not found:
            raise Refusal(400, f"Invalid Content-Range: {content_range!r}")
        first, last, total = found.groups()
        if first is None:
            if body:
                raise Refusal(400, "A status query has no body")
            return total != "*" and int(total) == len(self.data) == (self.declared or 0)
        self._check(int(first), int(last), total, body)
        self.data += body
        return total != "*" and len(self.data) == int(total)

    def progress(self) -> Answer:
        stored = len(self.data)
        return Answer(308, headers={"Range": f"bytes=0-{stored - 1}"} if stored else {})

    def answer(self) -> Answer:
        assert self.done
        return answer_json(self.done.resource(self.bucket, self.name))

    def _check(self, first: int, last: int, total: str, body: bytes) -> None:
        if len(body) != last - first + 1:
            raise Refusal(400, f"{len(body)} bytes in a request of {first}-{last}")
        if first != len(self.data):
            raise Refusal(400, f"Byte {first} after {len(self.data)} stored bytes")
        final = total != "*" and last + 1 == int(total)
        if not final and len(body) % UNIT:
            raise Refusal(400, f"A chunk that is not the last is a multiple of {UNIT} bytes")
        if total != "*" and (
            last >= int(total) or (self.declared is not None and int(total) != self.declared)
        ):
            raise Refusal(400, f"Total {total} does not fit {last} or the declared {self.declared}")


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(bytes(data)).digest()).decode()
