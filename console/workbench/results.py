"""Stored results: one Parquet file per job that ran SQL. Preview, download, API and exports read this."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Q

from console.workbench.display import as_text
from console.workbench.models import Job
from integrations.delivery import rejected
from integrations.rows import Column, RowStream

NAMED = re.compile(r"\d+-\d+\.parquet")  # job, fence; a file or folder of the engine's has more after it
BATCH = 65_536  # rows read at a time: bounds the memory of everything that streams


class ResultGone(Exception):
    """The job keeps no result: it failed, wrote a table, or its result was removed after its days."""


def source(job: Job) -> Job:
    """The job whose SQL made the result: the job itself, or the one a result export repeats."""
    return job.source or job


def new_path(job: Job) -> Path:
    """Where this claim of the job writes. The fence is in the name: a worker thought dead writes elsewhere."""
    settings.RESULTS_DIR.mkdir(parents=True, exist_ok=True)
    path: Path = settings.RESULTS_DIR / f"{job.pk}-{job.fence}.parquet"
    return path


def remove_leftovers(job: Job) -> None:
    """What the claims before this one left, whole or half-written, and did not name in the job's row."""
    for path in files(f"{job.pk}-*"):
        fence = int(path.name.partition("-")[2].partition(".")[0])
        if fence < job.fence and path.name != job.result_path:
            delete(path)


def files(pattern: str = "*") -> list[Path]:
    """Results, and what the engine keeps beside them while it works."""
    return [path for path in settings.RESULTS_DIR.glob(pattern) if NAMED.match(path.name)]


def delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def relative(path: Path) -> str:
    return str(path.relative_to(settings.RESULTS_DIR))


def columns(job: Job) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in source(job).result_schema or [])


def stream(job: Job) -> RowStream:
    """The whole result, in bounded memory. Raises ResultGone."""
    path = _path(job)

    def opened() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=BATCH)

    return RowStream(columns(job), source(job).rows or 0, opened, path)


def first_rows(job: Job, limit: int) -> list[tuple[str | None, ...]]:
    """The first rows as the text a person reads; None is SQL's NULL."""
    rows: list[tuple[str | None, ...]] = []
    for batch in stream(job).first(limit).open():
        rows.extend(as_text(batch))
    return rows


def write_csv(job: Job) -> Iterator[bytes]:
    """The result as CSV with a header line, CRLF, NULL as nothing and an empty string as two quotes."""
    result = stream(job)
    yield csv_line([column.name for column in result.columns])
    for batch in result.open():
        yield b"".join(csv_line(row) for row in as_text(batch))


def remove(job: Job) -> None:
    """Removes the file and says so in the row: the job stays, its result is gone."""
    if job.result_path:
        (settings.RESULTS_DIR / job.result_path).unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(result_path="")
        exports = Job.objects.filter(Q(pk=job.pk) | Q(source=job)).exclude(export=None)
        rejected.forget(list(exports.values_list("export", flat=True)))


def csv_line(values: "list[str] | list[str | None] | tuple[str | None, ...]") -> bytes:
    return (",".join(_field(value) for value in values) + "\r\n").encode()


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value == "" or any(mark in value for mark in '",\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _path(job: Job) -> Path:
    kept = source(job).result_path
    path: Path = settings.RESULTS_DIR / kept
    if not kept or not path.is_file():
        raise ResultGone("The result of this job is no longer kept. Run the query again.")
    return path
