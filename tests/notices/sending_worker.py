"""A worker that sends one dispatch and kills itself, with a real SIGKILL, at a named point.

    python -m tests.notices.sending_worker DISPATCH POINT

POINT: `claimed` (before anything leaves), `accepted` (the other side has it, nothing is written here), `written`
(the outcome is committed), or `never`.
"""

import os
import signal
import sys
from typing import Any

import django


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    from console.notices import sending
    from console.notices.models import Dispatch

    carry, arrive = sending.carry, Dispatch.arrive

    def carried(dispatch: Dispatch, *rest: Any) -> str:
        if point == "claimed":
            die()
        answer = carry(dispatch, *rest)
        if point == "accepted":
            die()
        return answer

    def arrived(dispatch: Dispatch, answer: str) -> None:
        arrive(dispatch, answer)
        if point == "written":
            die()

    sending.carry = carried  # type: ignore[assignment]
    Dispatch.arrive = arrived  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    django.setup()
    from console.notices import sending

    arm(sys.argv[2])
    sending.send(int(sys.argv[1]))
