"""One export to OneDrive while it is under way: the file, its place, and what the ledger remembers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations import vault
from integrations.connector import Chunk, Keys, Ledger, Receipt
from integrations.connectors.one_drive.answers import explaining
from integrations.connectors.one_drive.client import Client
from integrations.connectors.one_drive.target import Folder
from integrations.errors import DeliveryError, RefusedError
from integrations.formats.spool import Spooled

T = TypeVar("T")
AGAIN = "Run the export again."


@dataclass
class Run:
    client: Client
    settings: Keys
    ledger: Ledger
    spooled: Spooled
    folder: Folder
    place: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.place}/{self.name}"

    @property
    def replaces(self) -> bool:
        return bool(self.settings.get("replace_existing"))

    @property
    def behaviour(self) -> str:
        return "replace" if self.replaces else "fail"

    def call(self, request: str, function: Callable[[], T]) -> T:
        """Under the run's one retry budget, with refusals in the sentences of this file and folder."""

        def explained() -> T:
            with explaining(self.place, self.name):
                return function()

        answer: T = self.ledger.retry(request, explained)
        return answer

    def there(self) -> dict[str, Any] | None:
        return self.client.child(self.folder.drive, self.folder.item, self.name)

    def arrived(self) -> bool:
        """Whether the file is there already: an earlier worker's last request was carried out.

        Where OneDrive gives no hash, the size must do; but a file that may have been there before tells nothing.
        """
        item = self.there()
        if item is None or int(item.get("size", -1)) != self.spooled.size:
            return False
        hashes = _hashes(item)
        return _same(hashes, self.spooled) if hashes else not self.replaces

    def verify(self, item: Mapping[str, Any]) -> None:
        """Raises where the file at the destination is not the one that was sent."""
        size, hashes = int(item.get("size", -1)), _hashes(item)
        if size == self.spooled.size and (not hashes or _same(hashes, self.spooled)):
            return
        self.ledger.remember(phase="damaged")
        what = (
            f"OneDrive holds {size:,} bytes of {self.spooled.size:,}"
            if size != self.spooled.size
            else "The hash of the file at OneDrive is not that of the file that was sent"
        )
        raise RefusedError(f"{what}: {self.label} is damaged.", action=AGAIN)

    def doubtful(self, function: Callable[[], T]) -> T:
        """For the request that completes the file: if no answer comes, nobody knows whether it did."""
        self.ledger.remember(
            in_doubt=f"The last request was sent, but no answer came: {self.label} may hold the whole file, or not."
        )
        try:
            return function()
        except DeliveryError as error:
            if _said_no(error):
                self.ledger.remember(in_doubt="")
            raise

    def acknowledge(self, chunk: Chunk, sent: int) -> None:
        self.ledger.acknowledge(Receipt(chunk.index, chunk.rows, remote_id=self.name[-255:]), sent)

    @property
    def session(self) -> str:
        """The upload session's address, a secret; "" where there is none yet."""
        sealed = str(self.ledger.memory.get("session") or "")
        return str(vault.unseal(sealed)["url"]) if sealed else ""

    def keep_session(self, url: str) -> None:
        self.ledger.remember(session=vault.seal({"url": url}))


def _hashes(item: Mapping[str, Any]) -> dict[str, str]:
    """Those we can compare with. SharePoint gives quickXorHash, OneDrive Personal also SHA-256."""
    given = (item.get("file") or {}).get("hashes") or {}
    return {name: str(given[name]) for name in ("quickXorHash", "sha256Hash") if given.get(name)}


def _same(hashes: Mapping[str, str], spooled: Spooled) -> bool:
    ours = {"quickXorHash": spooled.quickxor, "sha256Hash": spooled.sha256.upper()}
    return all(value.upper() == ours[name].upper() for name, value in hashes.items())


def _said_no(error: DeliveryError) -> bool:
    """An answer that rules out that the work was done. After a 500 or a cut connection it may have been."""
    status = error.response[:3]
    return status.isdecimal() and (int(status) < 500 or int(status) in {503, 507, 509})
