"""One export to Google Cloud Storage while it is under way: what goes where, and what the ledger remembers of it.

Remembered: `address` (of the upload, sealed), `generation` (of the object it may replace: 0 nothing, None any),
`blind` (the account may not look), `file` (size and checksums), `expired` and `corrupted` (uploads begun anew),
`damaged` (the object that is there), `phase`, `in_doubt`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations import vault
from integrations.connector import Chunk, Ledger
from integrations.connectors.karte.client import Client
from integrations.connectors.karte.places import Place
from integrations.connectors.karte.resumable import Progress, Stored
from integrations.errors import SettingsError
from integrations.formats.spool import Spooled

T = TypeVar("T")
FRAGMENT = 8 << 20  # bytes; a multiple of Google's 256 KiB


@dataclass
class Run:
    client: Client
    place: Place
    ledger: Ledger
    file: Spooled
    content_type: str
    progress: Progress | None = None  # None: not known, ask Google

    @property
    def memory(self) -> Mapping[str, Any]:
        return self.ledger.memory

    @property
    def address(self) -> str:
        return opened(self.memory)

    @property
    def facts(self) -> dict[str, Any]:
        return {"size": self.file.size, "crc32c": self.file.crc32c, "sha256": self.file.sha256}

    def call(self, request: str, function: Callable[..., T], *arguments: Any) -> T:
        answer: T = self.ledger.retry(request, lambda: function(*arguments))
        return answer

    def chunks(self) -> Iterator[tuple[Chunk, int]]:
        """The file's fragments, each with the byte it begins at. The last carries all the rows."""
        pieces = self.file.fragments(FRAGMENT) if self.file.size else iter([(0, b"")])
        for index, (start, data) in enumerate(pieces):
            last = start + len(data) == self.file.size
            yield Chunk(index, data, self.ledger.rows_total if last else 0), start

    def is_there(self, facts: Mapping[str, Any]) -> bool:
        """Whether the place holds a file of these facts that was not there when the run began."""
        try:
            there = self.call(f"GET {self.place.name}", self.client.look, self.place)
        except SettingsError:
            return False  # the account may not look
        return matches(there, facts) and there is not None and there.generation != self.memory["generation"]

    def complete(self, **facts: Any) -> None:
        self.ledger.remember(phase="done", in_doubt="", **facts)
        self.ledger.log("info", f"{self.place.address} is complete: size and CRC32C are those of the file")

    def begin_again(self, why: str, **facts: Any) -> None:
        """Forgets the upload, of which nothing can be seen at the destination. The spool stays."""
        self.ledger.restart()
        self.ledger.remember(address="", in_doubt="", **facts)
        self.progress = None
        self.ledger.log("warn", f"{why} The upload begins again")


def matches(found: Progress | None, facts: Mapping[str, Any]) -> bool:
    """Whether this is a finished object with the file's size and checksum."""
    return isinstance(found, Stored) and (found.size, found.crc32c) == (facts["size"], facts["crc32c"])


def sealed(address: str) -> str:
    return vault.seal({"address": address})


def opened(memory: Mapping[str, Any]) -> str:
    """The address of the upload under way, "" where there is none."""
    return str(vault.unseal(str(memory.get("address", ""))).get("address", ""))
