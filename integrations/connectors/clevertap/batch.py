"""One request with its records: sent, halved where it is too large, and its answer turned into rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from integrations.connector import Chunk, RejectedRow
from integrations.connectors.clevertap.answers import (
    COLUMNS,
    MISCELLANEOUS,
    InDoubt,
    Refused,
    TooLarge,
    Unanswered,
    value_of,
)
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.operations import Operation
from integrations.connectors.clevertap.rules.broken import text
from integrations.errors import DeliveryError


@dataclass(frozen=True)
class Door:
    """Where an operation's requests go."""

    client: Client
    operation: Operation

    def send(self, chunk: Chunk) -> tuple[RejectedRow, ...]:
        """The rows that CleverTap did not take. Raises `DeliveryError`."""
        try:
            return self._rows(chunk)
        except Unanswered as error:
            if self.operation.repeatable:
                raise
            raise InDoubt(str(error), response=error.response) from error

    def _rows(self, chunk: Chunk) -> tuple[RejectedRow, ...]:
        return tuple(_row(refused, chunk) for refused in self._sent(chunk.data, len(chunk.numbers)))

    def _sent(self, body: bytes, records: int) -> list[Refused]:
        try:
            refused = self.client.send(self.operation.path, body, records)
        except TooLarge:
            if records == 1:
                return [Refused(1, "413", "CleverTap takes no record of this size.", None)]
            return list(self._halves(body))
        return self._once_more(body, refused)

    def _halves(self, body: bytes) -> Iterator[Refused]:
        """413: the same records in two requests, and each of those again in two where need be."""
        records = self._records(body)
        middle = len(records) // 2
        yield from self._sent(self._joined(records[:middle]), middle)
        try:
            second = self._sent(self._joined(records[middle:]), len(records) - middle)
        except DeliveryError as error:
            raise Unanswered(
                "Only a part of a request that was too large was accepted.",
                response=error.response or str(error),
            ) from error
        for refused in second:
            yield replace(refused, number=refused.number + middle)

    def _once_more(self, body: bytes, refused: list[Refused]) -> list[Refused]:
        """A miscellaneous error of the server is about this moment, not about the record."""
        again = [each for each in refused if each.code == MISCELLANEOUS]
        if not again:
            return refused
        records = self._records(body)
        picked = self._joined([records[each.number - 1] for each in again])
        try:
            answer = self.client.send(self.operation.path, picked, len(again))
        except Unanswered:
            kept = [replace(each, reason=f"{each.reason} The second try was not answered.") for each in again]
        except DeliveryError:
            kept = again
        else:
            kept = [replace(each, number=again[each.number - 1].number) for each in answer]
        others = [each for each in refused if each.code != MISCELLANEOUS]
        return sorted(others + kept, key=lambda each: each.number)

    def _records(self, body: bytes) -> list[bytes]:
        inside = body[len(self.operation.head) : -len(self.operation.tail)]
        return inside.split(self.operation.between)

    def _joined(self, records: list[bytes]) -> bytes:
        return self.operation.head + self.operation.between.join(records) + self.operation.tail


def _row(refused: Refused, chunk: Chunk) -> RejectedRow:
    column = COLUMNS.get(refused.code, "")
    value = value_of(refused.record, column) if column else None
    return RejectedRow(chunk.numbers[refused.number - 1], column, text(value), refused.reason, refused.code)
