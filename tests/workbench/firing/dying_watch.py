"""Schedulers that kill themselves, with a real SIGKILL, at one named point of a turn.

    python -m tests.workbench.firing.dying_watch

Reads lines with a POINT, forks a scheduler for each, which does one turn, and answers with how it ended.
"""

import os
import sys
import traceback
from collections.abc import Callable

import django

from tests.workbench.dying_worker import after, before


def points() -> dict[str, Callable[[], None]]:
    from console.workbench import firing
    from console.workbench.firing import bells, launching

    return {
        "locked": lambda: after(firing, "locked"),
        "decided": lambda: before(launching, "_save_jobs"),
        "jobs-made": lambda: before(bells, "ring_jobs"),
        "jobs-rung": lambda: after(bells, "ring_jobs"),
        "slots-written": lambda: before(bells, "set_bells"),
        "bells-set": lambda: after(bells, "set_bells"),
        "schedules-written": lambda: after(launching, "save"),
        "before-commit": lambda: after(firing, "launch"),
        "committed": lambda: after(firing, "_fire"),
        "never": lambda: None,
    }


def work(point: str) -> int:
    from console.workbench import firing

    try:
        points()[point]()
        firing.turn()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    django.setup()
    points()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(work(line.strip()))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
