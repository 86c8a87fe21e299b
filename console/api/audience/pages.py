"""Lists, a page at a time: `from` and `to` count from 0, both included, as in job/list."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from console.api.answers import ApiError
from console.api.audience.finding import LARGEST
from console.api.call import Call

PAGE, MOST = 100, 1_000


def page(
    call: Call, key: str, rows: "QuerySet[Any]", printed: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """`total` says how many there are in all, `to` where this page ends. Raises ApiError 422."""
    first = call.number("from", 0) or 0
    last = call.number("to", first + PAGE - 1)
    if last is None or not 0 <= first <= last < LARGEST or last - first >= MOST:
        raise ApiError(422, f"from and to count from 0, and name at most {MOST:,} at once. Ask page by page.")
    found = [printed(row) for row in rows[first : last + 1]]
    return {key: found, "count": len(found), "total": rows.count(), "from": first, "to": last}
