"""10 M rows x 8 columns from a stored result to CSV bytes, beside DuckDB's own COPY of the same file and beside dlt.

Every measurement is a process of its own, so that its peak memory is its own; ours has Django loaded, as a worker has.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import rows
from bench.rig import ROOT, own_peak_mb, timed

ROWS = 10_000_000
FEWER = 1_000_000  # for what is slower by its nature: bzip2 and dlt
PAIRS = 3


def run(folder: Path) -> None:
    many, fewer = folder / "bytes.parquet", folder / "fewer.parquet"
    rows.write(many, ROWS)
    rows.write(fewer, FEWER)
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(PAIRS):  # side by side, so that a busy machine is busy for all of them
        for what in ("copy", "csv", "gz", "escaped"):
            found.setdefault(what, []).append(_measured(what, many, folder))
    figures = {what: _median(measured) for what, measured in found.items()}
    copy, csv, gz = figures["copy"], figures["csv"], figures["gz"]
    for what, label in LABELS.items():
        figure = figures[what]
        speed = csv["mb"] / figure["seconds"]
        print(f"  {label:44} {figure['seconds']:6.2f} s {speed:6.0f} MB/s, peak {figure['peak_mb']:4.0f} MB")
    print(f"  CSV beside COPY: ratio {copy['seconds'] / csv['seconds']:.2f} (bar 1.1)")
    print(f"  csv.gz beside COPY's plain CSV: ratio {copy['seconds'] / gz['seconds']:.2f} (bar 0.9)")
    peak = max(figure["peak_mb"] for what in ("csv", "gz", "escaped") for figure in found[what])
    print(f"  peak memory of ours: {peak:.0f} MB (bar 400)")
    packed = _measured("bzip2", fewer, folder)
    print(
        f"  bzip2 of {FEWER:,} rows on {os.cpu_count()} cores: {packed['plain_mb'] / packed['seconds']:.0f} MB/s"
    )
    ours, theirs = (_median([_measured(what, fewer, folder) for _ in range(PAIRS)]) for what in ("gz", "dlt"))
    print(f"  csv.gz of {FEWER:,} rows: ours {FEWER / ours['seconds']:10,.0f} rows/s")
    print(f"  the same by dlt:              {FEWER / theirs['seconds']:10,.0f} rows/s")
    print(f"  ratio {theirs['seconds'] / ours['seconds']:.1f} (bar 10)")


LABELS = {
    "copy": f"DuckDB COPY to plain CSV, {ROWS:,} rows",
    "csv": "CSV: MINIMAL, CRLF, header",
    "gz": "csv.gz: MINIMAL, CRLF, header",
    "escaped": "TSV: NONE, LF, NULL as \\N",
}


def _measured(what: str, parquet: Path, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.bytes", what, str(parquet), str(folder / f"out.{what}")]
    environment = os.environ | {"SENDOFF_DEBUG": "1", "DJANGO_SETTINGS_MODULE": "console.settings"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def _median(measured: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(each[key] for each in measured) for key in measured[0]}


def _ours(parquet: Path, target: Path, **options: object) -> None:
    import django
    import pyarrow.parquet as pq

    from integrations.formats.files import encode
    from integrations.formats.options import FileOptions
    from integrations.rows import Column, RowStream

    django.setup()
    total = pq.read_metadata(parquet).num_rows
    columns = tuple(Column(name, kind) for name, kind in rows.SCHEMA)
    stream = RowStream(columns, total, lambda: iter(()), parquet)
    with target.open("wb") as file:
        for piece in encode(FileOptions(**options), stream):  # type: ignore[arg-type]
            file.write(piece.data)


def _copy(parquet: Path, target: Path) -> None:
    """With the threads and the memory that ours has."""
    import duckdb

    from integrations.formats.session import MEMORY, THREADS

    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        connection.execute(f"COPY (SELECT * FROM '{parquet}') TO '{target}' (FORMAT csv, HEADER)")


def _dlt(parquet: Path, target: Path) -> None:
    """Its fastest way: Arrow batches, written as CSV by its own Arrow writer."""
    import dlt
    import pyarrow.parquet as pq

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
}


def _child(what: str, parquet: Path, target: Path) -> None:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    seconds = timed(lambda: WORK[what](parquet, target))
    size = target.stat().st_size if target.is_file() else 0
    print(json.dumps({"seconds": seconds, "peak_mb": own_peak_mb(), "mb": size / 1e6}))


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
