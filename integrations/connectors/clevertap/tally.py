"""What became of a run's rows so far: numbers and reasons, no values."""

from collections import Counter
from dataclasses import dataclass, field

from integrations.connector import Ledger, Receipt, RejectedRow
from integrations.errors import RefusedError

SAMPLES = 10
REASONS = 20  # different reasons that the log names


@dataclass
class Tally:
    ledger: Ledger
    accepted: int = 0
    in_doubt: int = 0
    first: RejectedRow | None = None  # the lowest row that was rejected
    reasons: Counter[str] = field(default_factory=Counter)
    told: int = 0

    def add(self, receipt: Receipt) -> None:
        self.accepted += receipt.rows_accepted
        self.in_doubt += receipt.rows_in_doubt
        for row in receipt.rejected:
            self.reasons[named(row)] += 1
            if self.first is None or row.row < self.first.row:
                self.first = row
            if self.told < SAMPLES:
                self.told += 1
                self.ledger.log("warn", f"Row {row.row:,} is rejected. {named(row)}")

    def refusal(self) -> RefusedError:
        """The run stops at the first record that CleverTap refused."""
        assert self.first is not None
        return RefusedError(
            f"Stopped at row {self.first.row:,}: {self.first.reason} "
            f"{self.accepted:,} records had already been accepted.",
            action="Correct the row in the query, or turn on Skip on Invalid Record.",
            response=self.first.code,
        )

    def summary(self) -> None:
        if not self.reasons:
            return
        listed = [f"{count:,} × {reason.rstrip('.')}" for reason, count in self.reasons.most_common(REASONS)]
        self.ledger.log("warn", f"Rejected {self.reasons.total():,} rows: {'; '.join(listed)}")


def named(row: RejectedRow) -> str:
    """`Email: Email is not valid. (515)`"""
    lead = f"{row.column}: " if row.column and not row.reason.startswith(row.column) else ""
    return f"{lead}{row.reason}{f' ({row.code})' if row.code else ''}"
