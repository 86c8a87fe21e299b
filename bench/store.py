"""10 M rows queried and stored as a result, beside DuckDB's own COPY of the same SELECT to Parquet."""

from bench import rows
from bench.rig import Console, timed, wait_for

ROWS = 10_000_000
SQL = "SELECT time, id, email, name, region, score, active, joined FROM big"


def run(console: Console) -> None:
    import duckdb
    from django.conf import settings

    from console.accounts.models import User
    from console.warehouse import storage
    from console.warehouse.types import TableRef
    from console.workbench import jobs
    from console.workbench.models import Job

    user = User.objects.create_user("store@example.com", "a password for the bench")
    source = console.folder / "big.parquet"
    rows.write(source, ROWS)
    storage.create_database("bench_store")
    ref = TableRef("bench_store", "big")
    storage.append(ref, [source], operation_id="bench", create=True)
    files = list(storage.snapshot(ref).files)

    def copy() -> None:
        with duckdb.connect(
            config={"threads": settings.JOB_THREADS, "memory_limit": settings.JOB_MEMORY}
        ) as own:
            own.execute(
                f"COPY ({SQL.replace('big', f'read_parquet({files})')}) TO '{console.folder}/copy.parquet' "
                "(FORMAT parquet, COMPRESSION zstd)"
            )

    def query() -> None:
        job = jobs.submit_sql(user=user, database="bench_store", type="presto", sql=SQL)
        wait_for(lambda: Job.objects.get(pk=job.pk).is_finished)
        job.refresh_from_db()
        assert (job.status, job.rows) == ("success", ROWS), job.error_message

    pairs = [(timed(query), timed(copy)) for _ in range(3)]
    ours, theirs = (sorted(times)[1] for times in zip(*pairs, strict=True))
    print(
        f"  query and store {ROWS:,} rows: {ours:6.1f} s; DuckDB COPY to Parquet: {theirs:6.1f} s (medians of 3)"
    )
    print(f"  ratio {theirs / ours:.2f} (bar 0.8)")
    print(f"  peak memory: worker {console.peak_mb('queue'):.0f} MB")
