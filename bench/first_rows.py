"""One small query from Run to its first rows, and where the time goes."""

import statistics
import time
from functools import partial

from bench.rig import Console, manage, wait_for

RUNS = 21
SQL = "SELECT code, COUNT(1) FROM www_access GROUP BY code"


def run(console: Console) -> None:
    from console.accounts.models import User
    from console.workbench import jobs, results

    manage("load_sample_data")
    user = User.objects.create_user("first@example.com", "a password for the bench")
    figures = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job = jobs.submit_sql(user=user, database="sample_datasets", type="presto", sql=SQL)
        submitted = time.perf_counter()
        wait_for(partial(_is_finished, job.pk), step=0.005)
        done = time.perf_counter()
        job.refresh_from_db()
        assert results.first_rows(job, 100), job.error_message
        read = time.perf_counter()
        assert job.started_at is not None
        assert job.sql_finished_at is not None
        queued = (job.started_at - job.created_at).total_seconds()
        sql = (job.sql_finished_at - job.started_at).total_seconds()
        figures.append(
            (read - start, submitted - start, queued, sql, done - submitted - queued - sql, read - done)
        )
    names = ("Run to first rows", "submit", "queue", "SQL in its process", "status", "read rows")
    for name, values in zip(names, zip(*figures, strict=True), strict=True):
        print(f"  {name:20} {statistics.median(values) * 1000:6.0f} ms (median of {RUNS})")


def _is_finished(job_id: int) -> bool:
    from console.workbench.models import Job

    return Job.objects.get(pk=job_id).is_finished
