"""Workers that kill themselves, with a real SIGKILL, at one named point of a job.

    python -m tests.workbench.dying_worker

Reads lines `JOB_ID POINT`, forks a worker for each, as the queue does, and answers with its process id and then
with how it ended.
POINT is one of `points()`, `request:PATH` (before the first request to a PATH of the destination leaves),
`answer:PATH` (after its answer came, before anything is made of it), `half:PATH` (half of its body is on the
wire), `hold:PATH` (lives, but lets that request leave only once the job's kill has reached it), or `never`.
 `PATH$` meets only addresses that end so.
"""

import os
import signal
import sys
import threading
import traceback
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


def points() -> dict[str, Callable[[], None]]:
    from console.workbench import statements, worker
    from console.workbench.models import Job, JobQuerySet
    from integrations.delivery.ledger import DatabaseLedger

    def second(ledger: Any, chunk: Any) -> bool:
        return bool(chunk.index == 1)

    return {
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
        "batch-intended": lambda: after(DatabaseLedger, "intend_all"),
        "batch-answered": lambda: before(
            DatabaseLedger, "acknowledge_all", lambda ledger, answered: bool(answered)
        ),
        "batch-acknowledged": lambda: after(
            DatabaseLedger, "acknowledge_all", lambda ledger, answered: bool(answered)
        ),
        "before-status": lambda: before(Job, "succeed"),
        "after-status": lambda: after(Job, "succeed"),
        "never": lambda: None,
    }


def arm(point: str) -> None:
    kind, _, path = point.partition(":")
    if path:
        AT_REQUEST[kind](path)
    else:
        points()[point]()


def die_before_request(path: str) -> None:
    from urllib3.connectionpool import HTTPConnectionPool

    before(HTTPConnectionPool, "urlopen", _to(path))


def die_after_answer(path: str) -> None:
    from urllib3.connectionpool import HTTPConnectionPool

    after(HTTPConnectionPool, "urlopen", _to(path))


def die_in_the_middle(path: str) -> None:
    from urllib3.connection import HTTPConnection

    real = HTTPConnection.request

    def dying(self: Any, method: str, url: str, body: Any = None, *args: Any, **kwargs: Any) -> None:
        if _meets(path, url):
            sent = body.read() if hasattr(body, "read") else bytes(body)
            self.putrequest(method, url)
            for name, value in kwargs.get("headers", {}).items():
                self.putheader(name, value)
            self.putheader("Content-Length", str(len(sent)))
            self.endheaders()
            self.send(sent[: len(sent) // 2])
            die()
        real(self, method, url, body, *args, **kwargs)

    HTTPConnection.request = dying  # type: ignore[method-assign]


def hold_request(path: str) -> None:
    from urllib3.connectionpool import HTTPConnectionPool

    from console.workbench.lease import Lease

    real, look, to_path, noticed = HTTPConnectionPool.urlopen, Lease._look, _to(path), threading.Event()

    def looked(lease: Any) -> None:
        look(lease)
        if lease._killed.is_set():
            noticed.set()

    def held(*args: Any, **kwargs: Any) -> Any:
        if to_path(*args, **kwargs):
            noticed.wait()
        return real(*args, **kwargs)

    Lease._look = looked  # type: ignore[assignment,method-assign]
    HTTPConnectionPool.urlopen = held  # type: ignore[method-assign]


AT_REQUEST: dict[str, Callable[[str], None]] = {
    "request": die_before_request,
    "answer": die_after_answer,
    "half": die_in_the_middle,
    "hold": hold_request,
}


def _to(path: str) -> Callable[..., bool]:
    def sent_there(pool: Any, method: str, url: str, *args: Any, **kwargs: Any) -> bool:
        return _meets(path, url)

    return sent_there


def _meets(path: str, url: str) -> bool:
    """`PATH$` is an address that ends so."""
    return url.endswith(path[:-1]) if path.endswith("$") else path in url


def allow_small_parts() -> None:
    """Several parts from few rows: the form asks for 16 MB at least, and a part holds 16,384 rows."""
    from integrations import registry
    from integrations.connectors.karte import run
    from integrations.connectors.one_drive import upload
    from integrations.connectors.treasure_data import encoding

    run.FRAGMENT = 256 * 1024
    encoding.SLICE_ROWS = 500
    upload.SMALL = upload.FRAGMENT = 320 * 1024

    form: Any = registry.get("treasure_data").export_form
    form.clean_file_split_size = lambda self: self.cleaned_data["file_split_size"]


def work(job_id: int, point: str) -> int:
    """A worker's exit code; 1 where it raised, which a real one would log."""
    from console.workbench.worker import run_job

    try:
        arm(point)
        run_job(job_id)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    django.setup()
    allow_small_parts()
    points()  # imports, once for all workers
    for line in sys.stdin:
        job_id, point = line.split()
        child = os.fork()
        if child == 0:
            os._exit(work(int(job_id), point))
        print(child, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
