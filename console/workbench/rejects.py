"""Rows that an export did not deliver: what the pages say of them, and the job that sends them again."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from console.workbench import results
from console.workbench.display import as_text
from console.workbench.models import Job
from integrations.connector import RejectedRow
from integrations.delivery import rejected
from integrations.models import Export, Part

FIRST = 5  # rows that the job page shows
NAMED = 5  # reasons and spans of rows that it names
COLUMNS = ["row", "column", "value", "reason", "code"]  # before the result's own in the CSV


@dataclass(frozen=True)
class Rejects:
    """What the job page shows. Rows at fault stopped the run before anything was sent."""

    rejected: int
    at_fault: int
    in_doubt: int
    kept: int  # rows that are listed; 0 where they are no longer kept
    reasons: list[tuple[str, int]]
    first: list[RejectedRow]
    spans: list[tuple[int, int]]  # of rows in doubt
    sent_again: Job | None  # the job that sent the rejected ones
    doubt_sent_again: Job | None

    @property
    def may_send(self) -> bool:
        return bool(self.rejected and self.kept and not self.sent_again)

    @property
    def may_send_doubt(self) -> bool:
        return bool(self.in_doubt and not self.doubt_sent_again)


def summary(job: Job) -> Rejects | None:
    """None where every row arrived, or where the destination tells numbers only."""
    export = job.export
    if export is None or not (export.rows_rejected or export.rows_at_fault or export.rows_in_doubt):
        return None
    reasons = sorted(export.reject_reasons.items(), key=lambda pair: -pair[1])
    spans = export.parts.filter(status=Part.Status.IN_DOUBT).values_list("first_row", "last_row")
    return Rejects(
        rejected=export.rows_rejected,
        at_fault=export.rows_at_fault,
        in_doubt=export.rows_in_doubt,
        kept=rejected.how_many(export),
        reasons=reasons[:NAMED],
        first=list(rejected.listed(export, limit=FIRST)),
        spans=list(spans[:NAMED]),
        sent_again=sent_again(export, doubt=False),
        doubt_sent_again=sent_again(export, doubt=True),
    )


def sent_again(export: Export, *, doubt: bool) -> Job | None:
    """The job that sent these rows again, or is about to. One that ended without a row reaching anybody is none."""
    nothing = Q(export__status__in=(Export.Status.ERROR, Export.Status.KILLED), export__rows_delivered=0) & Q(
        export__rows_in_doubt=0
    )
    found: QuerySet[Job] = Job.objects.filter(export__resends=export, export__resends_doubt=doubt)
    return found.exclude(nothing).order_by("-id").first()


def write_csv(job: Job) -> Iterator[bytes]:
    """Each rejected row with its reason and all its columns. Raises ResultGone before the first byte."""
    assert job.export
    whole, export = results.stream(job), job.export
    numbers = rejected.numbers_in_order(export)
    yield results.csv_line([*COLUMNS, *(column.name for column in whole.columns)])
    told = rejected.in_order(export)
    for batch in whole.only(numbers).open():
        lines = (
            results.csv_line([str(row.row), row.column, row.value, row.reason, row.code, *values])
            for values, row in zip(as_text(batch), told, strict=False)
        )
        yield b"".join(lines)
