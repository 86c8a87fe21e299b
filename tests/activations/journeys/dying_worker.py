"""Workers of a journey that kill themselves, with a real SIGKILL, at one named point.

    python -m tests.activations.journeys.dying_worker

Reads lines `job NUMBER POINT` or `settle NUMBER POINT`, forks a worker for each, and answers with how it ended.
"""

import os
import sys
import traceback
from collections.abc import Callable

import django

from tests.workbench.dying_worker import after, before
from tests.workbench.dying_worker import points as job_points


def points() -> dict[str, Callable[[], None]]:
    from activations.journeys import settling, steps

    return job_points() | {
        "asked": lambda: before(settling, "_write"),
        "noted": lambda: after(settling, "_note_steps"),
        "step-made": lambda: after(steps, "start"),
        "before-commit": lambda: after(settling, "_write"),
        "settled": lambda: after(settling, "settle"),
    }


def work(kind: str, number: int, point: str) -> int:
    from activations.journeys import settling
    from console.workbench import worker

    try:
        points()[point]()
        (worker.run_job if kind == "job" else settling.settle)(number)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    django.setup()
    points()
    for line in sys.stdin:
        kind, number, point = line.split()
        child = os.fork()
        if child == 0:
            os._exit(work(kind, int(number), point))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
