"""A worker process that kills itself, with a real SIGKILL, at one named point of a job.

    python -m tests.workbench.dying_worker JOB_ID POINT

POINT is one of `POINTS`, `request-N` (before the N-th request to the destination leaves), `answer-N` (after
its answer came, before anything is made of it), or `never`.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, when: Callable[..., bool] = lambda *a, **k: True) -> None:
    """Dies as `owner.name` is called, where `when` its arguments says so."""
    real = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if when(*args, **kwargs):
            die()
        return real(*args, **kwargs)

    setattr(owner, name, dying)


def after(owner: Any, name: str, when: Callable[..., bool] = lambda *a, **k: True) -> None:
    """Dies once `owner.name` has done its work, before its caller learns of it."""
    real = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        if when(*args, **kwargs):
            die()
        return answer

    setattr(owner, name, dying)


def arm(point: str) -> None:
    from console.workbench import statements, worker
    from console.workbench.models import Job, JobQuerySet
    from integrations.delivery.ledger import DatabaseLedger

    def second(ledger: Any, chunk: Any) -> bool:
        return bool(chunk.index == 1)

    points: dict[str, Callable[[], None]] = {
        "before-claim": lambda: before(JobQuerySet, "claim"),
        "after-claim": lambda: before(Job, "begin"),
        "during-sql": lambda: before(Job, "note_progress"),
        "result-stored": lambda: before(Job, "keep_result"),
        "table-written": lambda: after(statements, "_write_table"),
        "before-export": lambda: before(worker, "_export"),
        "export-opened": lambda: after(worker, "_open_export"),
        "part-intended": lambda: after(DatabaseLedger, "intend", second),
        "part-accepted": lambda: before(DatabaseLedger, "acknowledge"),
        "part-acknowledged": lambda: after(DatabaseLedger, "acknowledge"),
        "part-half-sent": die_in_the_middle_of_a_body,
        "before-status": lambda: before(Job, "succeed"),
        "after-status": lambda: after(Job, "succeed"),
        "never": lambda: None,
    }
    kind, _, number = point.partition("-")
    if kind in {"request", "answer"}:
        die_at_request(int(number), before_it=kind == "request")
    else:
        points[point]()


def die_at_request(number: int, *, before_it: bool) -> None:
    import urllib3

    count = 0

    def counted(*args: Any, **kwargs: Any) -> bool:
        nonlocal count
        count += 1
        return count == number

    (before if before_it else after)(urllib3.connectionpool.HTTPConnectionPool, "urlopen", counted)


def die_in_the_middle_of_a_body() -> None:
    """Half of a part's bytes are on the wire, then nothing."""
    import http.client

    real = http.client.HTTPConnection.send

    def dying(self: Any, data: Any) -> None:
        read = getattr(data, "read", None)
        body = read() if read else bytes(data)
        if body.startswith(b"\x1f\x8b"):
            real(self, body[: len(body) // 2])
            die()
        real(self, body)

    http.client.HTTPConnection.send = dying  # type: ignore[method-assign]


def allow_small_parts() -> None:
    """Several parts from few rows: the form asks for 16 MB at least."""
    from integrations import registry

    registry.get("treasure_data").export_form.base_fields["file_split_size"].validators.clear()


def main() -> None:
    django.setup()
    allow_small_parts()
    job_id, point = int(sys.argv[1]), sys.argv[2]
    arm(point)
    from console.workbench.worker import run_job

    run_job(job_id)


if __name__ == "__main__":
    main()
