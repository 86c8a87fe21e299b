"""The bytes on their way: one PUT for a small file, an upload session in fragments for any other.

https://learn.microsoft.com/en-us/graph/api/driveitem-createuploadsession
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from integrations.connector import Chunk
from integrations.connectors.one_drive.answers import GraphRefusal
from integrations.connectors.one_drive.run import AGAIN, Run
from integrations.errors import RefusedError, TemporaryError

T = TypeVar("T")
SMALL = 4 << 20  # bytes; and the only way for an empty file
FRAGMENT = 10 << 20  # 32 × 320 KiB; a fragment is a multiple of 320 KiB, below 60 MiB


class Gone(Exception):
    """OneDrive no longer knows the upload session: it expired, or the file is complete."""


def in_one_request(run: Run) -> None:
    """May be repeated: what an earlier try has completed is recognised and not sent again."""
    data = run.spooled.path.read_bytes()
    chunk = Chunk(0, data, run.spooled.rows)
    if run.ledger.intend(chunk):
        return
    tried = bool(run.ledger.memory.get("in_doubt"))

    def put() -> dict[str, Any] | None:
        nonlocal tried
        if tried and run.arrived():
            return None
        tried = True
        return run.doubtful(
            lambda: run.client.put(run.folder.drive, run.folder.item, run.name, data, run.behaviour)
        )

    if item := run.call(f"PUT {run.name}", put):
        run.verify(item)
    run.acknowledge(chunk, len(data))


def in_fragments(run: Run) -> None:
    """A lost session is begun anew once, unless the file turns out to be complete."""
    try:
        _send(run)
    except Gone:
        if run.call(f"GET {run.name}", run.arrived):
            _acknowledge_all(run)
            return
        if run.ledger.memory.get("begun_anew"):
            raise _lost() from None
        run.ledger.restart()
        run.ledger.remember(session="", begun_anew=True, in_doubt="")
        run.ledger.log("warn", "OneDrive ended the upload session; the upload begins anew")
        try:
            _send(run)
        except Gone:
            if not run.call(f"GET {run.name}", run.arrived):
                raise _lost() from None
            _acknowledge_all(run)


def _send(run: Run) -> None:
    known = run.session
    sender = _Sender(run, known or _open(run), None if known else 0)
    for chunk, first in _chunks(run):
        if run.ledger.intend(chunk):
            continue
        item = sender.send(chunk, first)
        if item is not None:
            run.verify(item)
        run.acknowledge(chunk, len(chunk.data))


def _open(run: Run) -> str:
    """Beginning anew counts as a retry, so the first try of it is the failure that made it necessary."""
    failures = [TemporaryError("The upload session ended early.", response="404 uploadSessionNotFound")]

    def create() -> str:
        if failures and run.ledger.memory.get("begun_anew"):
            raise failures.pop()
        drive, item = run.folder.drive, run.folder.item
        return run.client.create_session(drive, item, run.name, run.spooled.size, run.behaviour)

    url = run.call("POST createUploadSession", create)
    run.keep_session(url)
    return url


class _Sender:
    def __init__(self, run: Run, url: str, position: int | None) -> None:
        self.run, self.url = run, url
        self.position = position  # bytes OneDrive has; None: it has to be asked

    def send(self, chunk: Chunk, first: int) -> dict[str, Any] | None:
        """The file, where this fragment was its last and OneDrive said so."""
        end = first + len(chunk.data)

        def put() -> dict[str, Any] | None:
            if self.position is None:
                self.position = self._known(lambda: self.run.client.session_offset(self.url))
            if self.position >= end and end < self.run.spooled.size:
                return None  # it had arrived before a worker died
            if self.position < first:
                raise Gone  # less than was acknowledged: this session is not to be trusted
            data, at = chunk.data[self.position - first :], self.position
            self.position = None
            answer = self._put(data, at, is_last=end == self.run.spooled.size)
            self.position = end
            return answer if "id" in answer else None

        return self.run.call(f"PUT fragment {chunk.index + 1} of {self.run.name}", put)

    def _put(self, data: bytes, at: int, *, is_last: bool) -> dict[str, Any]:
        def put() -> dict[str, Any]:
            return self._known(
                lambda: self.run.client.put_fragment(self.url, data, at, self.run.spooled.size)
            )

        answer = self.run.doubtful(put) if is_last else put()
        if is_last and "id" not in answer:
            raise RefusedError("OneDrive has all bytes and does not name the file.", action=AGAIN)
        return answer

    def _known(self, function: Callable[[], T]) -> T:
        """A session that is unknown, or whose address is refused, is gone; one that is out of step is asked again."""
        try:
            return function()
        except GraphRefusal as refused:
            if refused.problem.status in {401, 404}:
                raise Gone from refused
            if refused.problem.status == 416:
                raise TemporaryError(
                    "OneDrive has other bytes of the file than expected.", response=refused.response
                ) from refused
            raise


def _chunks(run: Run) -> Iterator[tuple[Chunk, int]]:
    """(chunk, offset). Every row counts as delivered with the last fragment: only then is the file there."""
    for index, (first, data) in enumerate(run.spooled.fragments(FRAGMENT)):
        is_last = first + len(data) == run.spooled.size
        yield Chunk(index, data, run.spooled.rows if is_last else 0), first


def _acknowledge_all(run: Run) -> None:
    for chunk, _ in _chunks(run):
        if run.ledger.intend(chunk) is None:
            run.acknowledge(chunk, len(chunk.data))


def _lost() -> RefusedError:
    return RefusedError("OneDrive ended the upload session twice before the file was complete.", action=AGAIN)
