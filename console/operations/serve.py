"""A whole console on one machine: web server, queue and watch, until it is told to stop."""

import contextlib
import time
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection

from console.environment import env
from console.operations import preparation, startup
from console.operations.child import Child
from console.operations.supervisor import Supervisor

READY_WITHIN = 180.0  # seconds from the start of the processes to the first good /readyz
LOOK_AT_QUEUE = 5.0
STUCK_AFTER = 30.0  # seconds a new queue has to hear the bells that rang before it


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this has gone; the console has not
        print(text, flush=True)


def main(data_dir: Path) -> int:
    """Returns the exit code. Raises `startup.Refused` before anything has been started."""
    with startup.lock(data_dir):
        host, port = env("SENDOFF_HOST", "127.0.0.1"), settings.PORT
        startup.require_free_port(host, port)
        django.setup()
        logs = data_dir / "logs"
        logs.mkdir(exist_ok=True)
        account = preparation.prepare(logs)
        commands = startup.commands(host, port)
        children = [Child(name, argv, logs / f"{name}.log", say) for name, argv in commands.items()]
        return _serve(Supervisor(children, say), host, port, account, logs)


def _serve(supervisor: Supervisor, host: str, port: int, account: str, logs: Path) -> int:
    supervisor.start()
    try:
        if not _wait_until_ready(supervisor, host, port):
            say(f"The console did not get ready within {READY_WITHIN:g} s. Its logs are in {logs}.")
            return 1
        if not supervisor.signals:
            say(
                f"\n  Sendoff answers at {settings.BASE_URL}\n  {account}\n  Logs: {logs}. Ctrl-C stops it.\n"
            )
        supervisor.run(look_after=QueueCare(supervisor.child("queue")))
    finally:
        supervisor.stop()
    return 0


def _wait_until_ready(supervisor: Supervisor, host: str, port: int) -> bool:
    """True once `/readyz` is good, or when a signal ended the waiting."""
    until, answer = time.monotonic() + READY_WITHIN, ""
    while not supervisor.signals:
        supervisor.turn()
        ready, answer = startup.is_ready(host, port)
        if ready:
            return True
        if time.monotonic() > until:
            say(answer)
            return False
    return True


class QueueCare:
    """Restarts the queue where its workers live and hear no bell (`console.operations.queue.is_stuck`)."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.next_look = time.monotonic() + LOOK_AT_QUEUE

    def __call__(self) -> None:
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + LOOK_AT_QUEUE
        if self.child.age() > STUCK_AFTER and self._is_stuck():
            say("Jobs wait while workers are idle. Restarting the queue.")
            self.child.kill()

    def _is_stuck(self) -> bool:
        from console.operations import queue

        try:
            return queue.is_stuck()
        except DatabaseError:
            connection.close()
            return False
