"""The library's resumable upload, taken up in the middle. It offers this only to the object that began it."""

import io
from dataclasses import dataclass, replace
from typing import IO, Any

from google.cloud.storage._media.requests import ResumableUpload
from google.cloud.storage.exceptions import InvalidResponse

from integrations.connectors.karte.door import Session

UNIT = 256 * 1024  # every chunk but the last is a multiple of it


@dataclass(frozen=True)
class Stored:
    """An object that is there, complete."""

    size: int
    crc32c: str  # base64
    generation: int

    @classmethod
    def of(cls, resource: Any) -> "Stored":
        return cls(int(resource["size"]), str(resource["crc32c"]), int(resource["generation"]))


Progress = Stored | int  # the finished object, or how many bytes of it Google keeps


@dataclass(frozen=True)
class Piece:
    """A stretch of a file on its way."""

    stream: IO[bytes]  # the whole file
    start: int
    end: int
    total: int  # of the file
    content_type: str
    crc32c: str  # of the file, told with the last piece: Google refuses a file that differs

    @property
    def is_last(self) -> bool:
        return self.end == self.total

    def begun_at(self, byte: int) -> "Piece":
        return replace(self, start=byte)


def progress(session: Session, address: str) -> Progress:
    upload = _Upload(address, UNIT)
    upload._stream = io.BytesIO()  # the library seeks in it after the answer
    try:
        upload.recover(session)
    except InvalidResponse as error:
        return _otherwise(error)
    return int(upload.bytes_uploaded)


def send(session: Session, address: str, piece: Piece, timeout: tuple[float, float]) -> Progress:
    units = max(1, -(-(piece.end - piece.start) // UNIT))
    ends = piece.start + units * UNIT >= piece.total
    upload = _Upload(address, units * UNIT, {"X-Goog-Hash": f"crc32c={piece.crc32c}"} if ends else {})
    upload.take_up(piece)
    try:
        answer = upload.transmit_next_chunk(session, timeout=timeout)
    except InvalidResponse as error:
        return _otherwise(error)
    return Stored.of(answer.json()) if upload.finished else int(upload.bytes_uploaded)


class _Upload(ResumableUpload):
    def __init__(self, address: str, chunk: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(address, chunk, checksum=None, headers=headers, retry=None)
        self._resumable_url = address

    def take_up(self, piece: Piece) -> None:
        piece.stream.seek(piece.start)
        self._stream = piece.stream
        self._bytes_uploaded, self._total_bytes = piece.start, piece.total
        self._content_type = piece.content_type


def _otherwise(error: InvalidResponse) -> Progress:
    """Answers that the library takes for errors: the object, to a status query; no Range, where nothing is kept."""
    answer = error.response
    if answer.status_code in (200, 201):
        return Stored.of(answer.json())
    if answer.status_code == 308 and "Range" not in answer.headers:
        return 0
    raise error
