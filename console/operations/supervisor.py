"""Keeps web server, queue and watch alive until it is told to stop, then stops them all."""

import signal
import time
from collections.abc import Callable
from types import FrameType

from console.operations.child import Child, Say

GRACE = 15.0  # seconds in which requests and jobs may end by themselves
LOOK = 0.2


class Supervisor:
    """`run` returns when a signal came. A second signal ends the waiting for running jobs."""

    def __init__(self, children: list[Child], say: Say) -> None:
        self.children, self.say = children, say
        self.signals = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def start(self) -> None:
        for child in self.children:
            child.start()

    def child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def run(self, look_after: Callable[[], None]) -> None:
        """`look_after` is called at every turn, after the children have been tended."""
        while not self.signals:
            self.turn()
            look_after()

    def turn(self) -> None:
        for child in self.children:
            child.tend()
        time.sleep(LOOK)

    def stop(self) -> None:
        self.say(f"Stopping. Running jobs have {GRACE:g} s; Ctrl-C again does not wait for them.")
        for child in self.children:
            child.ask_to_stop()
        seen, until = self.signals, time.monotonic() + GRACE
        while any(child.is_running for child in self.children):
            if self.signals > seen or time.monotonic() > until:
                break
            time.sleep(LOOK / 4)
        for child in self.children:
            child.kill()
        self.say("Stopped. A job that was running goes on at the next start.")

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
