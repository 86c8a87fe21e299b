"""Every rule over every row, before the first request leaves."""

from collections import Counter

from integrations.connector import Keys, Ledger, RejectedRow
from integrations.connectors.clevertap.encoding import numbered
from integrations.connectors.clevertap.operations import chosen
from integrations.connectors.clevertap.planning import plan
from integrations.connectors.clevertap.rules import broken
from integrations.connectors.clevertap.tally import REASONS, named
from integrations.errors import RefusedError
from integrations.rows import RowStream

KEPT = 1_000  # rows at fault that are listed, where they stop the run
NAMED = 3  # of them in the error's own sentence


def inspect(settings: Keys, rows: RowStream, default_time: int, ledger: Ledger) -> None:
    """Raises `ColumnsError`, and `RefusedError` where rows break a rule and are not to be skipped."""
    planned = plan(settings, rows.columns, default_time)
    first: list[RejectedRow] = []
    reasons: Counter[str] = Counter()
    for piece, numbers in numbered(rows):
        ledger.heed()
        found = broken.rejected(planned.broken(piece), numbers)
        reasons.update(named(row) for row in found.values())
        first += list(found.values())[: KEPT - len(first)]
    total, label = reasons.total(), chosen(settings).label
    if not total:
        ledger.log("info", f"Checked {rows.total:,} rows: none breaks a rule of {label}")
    elif settings.get("skip_invalid"):
        listed = "; ".join(
            f"{count:,} × {reason.rstrip('.')}" for reason, count in reasons.most_common(REASONS)
        )
        ledger.log("warn", f"{_breaking(total, rows.total)} of {label}. They are set aside: {listed}")
    else:
        ledger.report(first, total)
        raise _refusal(first, total, rows.total)


def _refusal(first: list[RejectedRow], total: int, rows: int) -> RefusedError:
    shown = " ".join(f"Row {row.row:,}, {named(row)}" for row in first[:NAMED])
    more = f" And {total - NAMED:,} more." if total > NAMED else ""
    return RefusedError(
        f"Nothing was sent: {_breaking(total, rows)}. {shown}{more}",
        action="Correct them in the query, or turn on Skip on Invalid Record.",
    )


def _breaking(total: int, rows: int) -> str:
    return f"{total:,} of {rows:,} rows break{'s' if total == 1 else ''} a rule"
