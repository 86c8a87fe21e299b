"""10 M rows x 8 columns from a stored result to CSV bytes, beside DuckDB's own COPY of the same file and beside dlt.

Every measurement is a process of its own, so that its peak memory is its own; ours has Django loaded, as a worker has.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from bench import rows
from bench.rig import ROOT, own_peak_mb, timed
from integrations.formats.files import encode
from integrations.formats.options import FileOptions
from integrations.formats.session import MEMORY, THREADS
from integrations.rows import Column, RowStream

ROWS = 10_000_000
FEWER = 1_000_000  # for what is slower by its nature: bzip2 and dlt
ROUNDS = 3
Figure = dict[str, float]


def run(folder: Path) -> None:
    many, fewer = folder / "bytes.parquet", folder / "fewer.parquet"
    rows.write(many, ROWS)
    rows.write(fewer, FEWER)
    found: dict[str, list[Figure]] = {}
    for _ in range(ROUNDS):  # side by side, so that a busy machine is busy for all of them
        for what in ("copy", "csv", "gz", "escaped"):
            found.setdefault(what, []).append(_measured(what, many, folder))
    figures = {what: _median(measured) for what, measured in found.items()}
    for what, label in LABELS.items():
        figure = figures[what]
        speed = figures["csv"]["mb"] / figure["seconds"]
        print(
            f"  {label:40} {figure['seconds']:6.2f} s ({figure['cpu']:5.2f} of CPU) {speed:4.0f} MB/s, "
            f"peak {figure['peak_mb']:3.0f} MB"
        )
    for what, label, bar in (("csv", "CSV", 1.1), ("gz", "csv.gz", 0.9)):
        wall, cpu = (_ratio(found["copy"], found[what], key) for key in ("seconds", "cpu"))
        print(f"  COPY's plain CSV over our {label}: ratio {wall:.2f} (bar {bar}); of CPU {cpu:.2f}")
    peak = max(figure["peak_mb"] for what in ("csv", "gz", "escaped") for figure in found[what])
    print(f"  peak memory of ours: {peak:.0f} MB (bar 400)")
    shown = _measured("preview", many, folder)["seconds"]
    print(f"  preview of the {ROWS:,} rows: {shown * 1000:.0f} ms (bar 300)")
    packed = _measured("bzip2", fewer, folder)
    speed = figures["csv"]["mb"] * FEWER / ROWS / packed["seconds"]
    print(f"  bzip2 of {FEWER:,} rows on {os.cpu_count()} cores: {speed:.0f} MB/s")
    rounds = [(_measured("gz", fewer, folder), _measured("dlt", fewer, folder)) for _ in range(ROUNDS)]
    ours, theirs = zip(*rounds, strict=True)
    for label, measured in (("ours", ours), ("dlt", theirs)):
        print(f"  csv.gz of {FEWER:,} rows by {label:4} {FEWER / _median(measured)['seconds']:10,.0f} rows/s")
    print(f"  ratio {_ratio(theirs, ours, 'seconds'):.1f} (bar 10)")


LABELS = {
    "copy": f"DuckDB COPY to plain CSV, {ROWS:,} rows",
    "csv": "CSV: MINIMAL, CRLF, header",
    "gz": "csv.gz: MINIMAL, CRLF, header",
    "escaped": "TSV: NONE, LF, NULL as \\N",
}


def _measured(what: str, parquet: Path, folder: Path) -> Figure:
    command = [sys.executable, "-m", "bench.bytes", what, str(parquet), str(folder / f"out.{what}")]
    environment = os.environ | {"SENDOFF_DEBUG": "1", "DJANGO_SETTINGS_MODULE": "console.settings"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    answer: Figure = json.loads(ran.stdout.splitlines()[-1])
    return answer


def _ratio(theirs: Sequence[Figure], ours: Sequence[Figure], key: str) -> float:
    """The median over the rounds: what a round shares is how busy the machine was."""
    return statistics.median(their[key] / our[key] for their, our in zip(theirs, ours, strict=True))


def _median(measured: Sequence[Figure]) -> Figure:
    return {key: statistics.median(each[key] for each in measured) for key in measured[0]}


def _ours(parquet: Path, target: Path, **options: object) -> None:
    with target.open("wb") as file:
        for piece in encode(FileOptions(**options), _stream(parquet)):  # type: ignore[arg-type]
            file.write(piece.data)


def _stream(parquet: Path) -> RowStream:
    columns = tuple(Column(name, kind) for name, kind in rows.SCHEMA)
    return RowStream(columns, pq.read_metadata(parquet).num_rows, lambda: iter(()), parquet)


def _preview(parquet: Path, target: Path) -> None:
    """The file preview and its HTML, as the dialog asks for it at every change of the form."""
    from django.template.loader import render_to_string

    from integrations.exports.preview import PreviewResult
    from integrations.formats.preview import preview

    shown = preview(FileOptions(), _stream(parquet), folder="reports/", name="file.csv")
    page = render_to_string("integrations/_preview.html", {"preview": PreviewResult(file=shown)})
    assert "in the first 100 of 10,000,000 rows" in page
    target.write_text(page)


def _copy(parquet: Path, target: Path) -> None:
    """With the threads and the memory that ours has."""
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        connection.execute(f"COPY (SELECT * FROM '{parquet}') TO '{target}' (FORMAT csv, HEADER)")


def _dlt(parquet: Path, target: Path) -> None:
    """Its fastest way: Arrow batches, written as CSV by its own Arrow writer."""
    import dlt  # only here: its own start is not part of ours

    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.filesystem(str(target)),
        dataset_name="bench",
        pipelines_dir=str(target.with_suffix(".pipelines")),
    )
    with pq.ParquetFile(parquet) as file:
        batches = dlt.resource(file.iter_batches(batch_size=65_536), name="rows")
        pipeline.run(batches, loader_file_format="csv", write_disposition="replace")
    assert list(target.rglob("*.csv.gz")), "dlt wrote no csv.gz"


WORK: dict[str, Callable[[Path, Path], None]] = {
    "copy": _copy,
    "csv": lambda parquet, target: _ours(parquet, target),
    "gz": lambda parquet, target: _ours(parquet, target, compression="gz"),
    "bzip2": lambda parquet, target: _ours(parquet, target, compression="bzip2"),
    "escaped": lambda parquet, target: _ours(
        parquet, target, format="tsv", delimiter="\t", newline="LF", quote_policy="NONE", null_string="\\N"
    ),
    "dlt": _dlt,
    "preview": _preview,
}


WARM = {"preview": _preview}  # templates are loaded once per process, not once per request


def _child(what: str, parquet: Path, target: Path) -> None:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import django

    django.setup()
    if what in WARM:
        WARM[what](parquet, target)
    before = time.process_time()
    seconds = timed(lambda: WORK[what](parquet, target))
    cpu = time.process_time() - before
    size = target.stat().st_size if target.is_file() else 0
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": own_peak_mb(), "mb": size / 1e6}))


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
