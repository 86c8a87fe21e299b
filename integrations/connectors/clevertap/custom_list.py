"""User Audiences - Custom List: ask for the upload address, upload the CSV, report completion.

https://developer.clevertap.com/docs/upload-a-custom-list
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from integrations import vault
from integrations.connector import Chunk, Keys, Ledger, Receipt
from integrations.connectors.clevertap.bucket import Expired, put
from integrations.connectors.clevertap.client import Client
from integrations.errors import ConfirmationNeeded, DeliveryError, RefusedError, SettingsError
from integrations.formats.spool import Spooled, spool

HEADER = Chunk(-1, b"Type,Identity\r\n", 0)
LARGEST = 5 * 2**30  # bytes of one upload


@dataclass(frozen=True)
class ListRun:
    """Where a dead worker stopped is in the ledger's memory: `phase` is "", uploaded, completing or completed."""

    client: Client
    settings: Keys
    chunks: Callable[[], Iterator[Chunk]]
    ledger: Ledger

    def run(self) -> None:
        if self._phase != "completed":
            spooled = spool(self._file(), self.ledger.spool, heed=self.ledger.heed)
            if self._is_worth_sending(spooled):
                self._upload(spooled)
                self._complete()
        self._acknowledge()

    @property
    def name(self) -> str:
        return str(self.settings["list_name"])

    @property
    def _phase(self) -> str:
        return str(self.ledger.memory.get("phase", ""))

    def _file(self) -> Iterator[Chunk]:
        """The whole CSV. Its pieces are parts of the ledger, accepted all together once the list is."""
        yield HEADER
        for chunk in self.chunks():
            self.ledger.intend(chunk)
            if chunk.data:
                yield chunk

    def _is_worth_sending(self, spooled: Spooled) -> bool:
        if spooled.size > LARGEST:
            raise RefusedError("The list exceeds 5 GB.", action="Split the list into several queries.")
        if spooled.size > len(HEADER.data):
            return True
        if self.settings["segment_mode"] == "create":
            self.ledger.log("warn", "No row is left to send, so no segment was made")
            return False
        if not self.ledger.confirmed_empty:
            raise ConfirmationNeeded(
                f"The list has no rows, so the update would empty the segment {self.name}. Nothing was sent.",
                action="Run the export again and confirm that the segment is to be emptied.",
            )
        return True

    def _upload(self, spooled: Spooled) -> None:
        """An address holds for a day; one that has expired is asked for once more."""
        for last in (False, True):
            if self._phase:
                return
            try:
                self.ledger.retry("PUT the list", lambda: put(self.client, self._url(), spooled.path))
            except Expired:
                if last:
                    raise
                self.ledger.log("warn", "The upload address has expired; asking for another one")
                self.ledger.remember(url="")
            else:
                self.ledger.remember(phase="uploaded")
                self.ledger.log("info", f"Uploaded the list, {spooled.size:,} bytes")

    def _url(self) -> str:
        """The upload address. It lets anybody upload, so it is kept sealed."""
        if kept := str(self.ledger.memory.get("url", "")):
            return str(vault.unseal(kept)["url"])
        url = self.client.upload_url()
        if not url:
            raise RefusedError("CleverTap gave no upload address.")
        self.ledger.remember(url=vault.seal({"url": url}))
        return url

    def _complete(self) -> None:
        lost = self._phase == "completing"  # a worker died before the answer
        doubt = (
            f"The list was uploaded, but the request that makes the segment {self.name} got no answer: "
            "it may have been processed, or not."
        )
        self.ledger.remember(phase="completing", in_doubt=doubt)
        tries: list[DeliveryError] = []

        def complete() -> dict[str, Any]:
            try:
                return self.client.complete(self._told())
            except DeliveryError as error:
                tries.append(error)
                raise

        try:
            answer = self.ledger.retry("POST upload_custom_list_segment_completed", complete)
        except DeliveryError as error:
            self._refused(error, lost=lost or any(each.retryable for each in tries))
        self.ledger.remember(phase="completed", segment=_segment(answer), in_doubt="")
        self.ledger.log(
            "info", f"Uploaded; CleverTap will email {self.settings['list_email']} when processing ends."
        )

    def _told(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "email": self.settings["list_email"],
            "filename": f"sendoff-{self.ledger.export_id}.csv",
            "creator": "Sendoff",
            "url": self._url(),
            "replace": self.settings["segment_mode"] == "update",
        }

    def _refused(self, error: DeliveryError, *, lost: bool) -> NoReturn:
        """`lost`: an earlier try may have been processed without an answer."""
        if error.retryable:
            raise error
        taken = error.response.startswith("409") or "duplicate_name" in error.response
        if taken and lost:
            raise RefusedError(
                f"A segment named {self.name} exists. It may be this export's own: an answer was lost.",
                action="Look in CleverTap whether the segment holds these users.",
                response=error.response,
            ) from error
        self.ledger.remember(in_doubt="")
        if taken:
            raise SettingsError(
                f"A segment named {self.name} already exists. Choose Update Existing Segment.",
                action="Or give the segment another name.",
                field="segment_mode",
                response=error.response,
            ) from error
        raise error

    def _acknowledge(self) -> None:
        """The list is one whole: its rows count only now."""
        segment = str(self.ledger.memory.get("segment", ""))
        for chunk in self.chunks():
            self.ledger.heed()
            accepted, rejected = len(chunk.numbers), len(chunk.rejected)
            receipt = Receipt(chunk.index, accepted, rejected, segment, rejected=chunk.rejected)
            self.ledger.acknowledge(receipt, len(chunk.data))


def left_behind(settings: Keys, phase: str) -> str:
    """What a killed or failed run leaves at CleverTap."""
    if phase == "completed":
        return f"The list was uploaded to the segment {settings['list_name']}."
    if phase:
        return "The CSV was uploaded, but no segment was made of it; CleverTap discards it."
    return "Nothing reached CleverTap."


def _segment(answer: dict[str, Any]) -> str:
    known = (answer.get(name) for name in ("segment_id", "segmentId", "id"))
    return next((str(each) for each in known if each), "")
