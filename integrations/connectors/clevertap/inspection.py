"""Every rule over every row, before the first request leaves."""

from collections import Counter

from integrations.connector import Keys, Ledger, RejectedRow
from integrations.connectors.clevertap.encoding import numbered
from integrations.connectors.clevertap.operations import chosen
from integrations.connectors.clevertap.planning import plan
from integrations.connectors.clevertap.rules import broken
from integrations.connectors.clevertap.tally import named
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
    total = reasons.total()
    if not total:
        ledger.log("info", f"Checked {rows.total:,} rows: none breaks a rule of {chosen(settings).label}")
    elif settings.get("skip_invalid"):
        ledger.log(
            "warn",
            f"{_told(total)} of {chosen(settings).label} and {'is' if total == 1 else 'are'} set aside: {_listed(reasons)}",
        )
    else:
        ledger.report(first, total)
        raise _refusal(first, total, rows.total)


def _refusal(first: list[RejectedRow], total: int, rows: int) -> RefusedError:
    shown = " ".join(f"Row {row.row:,}, {named(row)}" for row in first[:NAMED])
    more = f" And {total - NAMED:,} more." if total > NAMED else ""
    return RefusedError(
        f"Nothing was sent, because {total:,} of {rows:,} rows {'breaks' if total == 1 else 'break'} a rule. {shown}{more}",
        action="Correct them in the query, or turn on Skip on Invalid Record.",
    )


def _told(total: int) -> str:
    return f"{total:,} row{' breaks' if total == 1 else 's break'} a rule"


def _listed(reasons: Counter[str]) -> str:
    return "; ".join(f"{count:,} × {reason}" for reason, count in reasons.most_common(20))
