"""One statement that runs in a child process, seen from the process that waits for it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from console.warehouse.engine.failures import to_sql_error
from console.warehouse.engine.interface import Limits, Outcome, ResultColumn, SqlCancelled, Statement
from console.warehouse.engine.result_types import user_type


class ChildRun:
    """The child writes beside `output`; the file gets its name only once it is whole."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        spec: str,
        statement: Statement,
        output: Path,
        limits: Limits,
        scanned: int,
    ) -> None:
        self._process, self._statement, self._output = process, statement, output
        self._limits, self._scanned = limits, scanned
        self._progress: float | None = None
        self._answer: dict[str, Any] | None = None
        self._cancelled = False
        self._outcome: Outcome | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            assert process.stdin
            process.stdin.write(spec.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it is gone already; wait() says why

    def progress(self) -> float | None:
        return self._progress

    def wait(self, seconds: float) -> Outcome | None:
        """The outcome once the child is done, None while it runs. Raises SqlError or SqlCancelled."""
        if self._outcome:
            return self._outcome
        self._reader.join(seconds)
        if self._reader.is_alive():
            return None
        self._process.wait()
        if self._cancelled:
            raise SqlCancelled
        try:
            return self._finish()
        finally:
            self._clean()

    def cancel(self) -> None:
        """Kill the process, whatever it does. Its half-written file goes with it."""
        self._cancelled = self._outcome is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        self._clean()

    def _finish(self) -> Outcome:
        done = (self._answer or {}).get("done")
        if done is None:
            raise to_sql_error(self._answer, self._process.returncode, self._statement, self._limits)
        os.replace(part_path(self._output), self._output)
        columns = tuple(
            ResultColumn(name, user_type(kind, self._statement.type))
            for name, kind in zip(done["names"], done["types"], strict=True)
        )
        self._outcome = Outcome(done["rows"], done["bytes"], columns, self._scanned)
        return self._outcome

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            message = json.loads(line)
            if "progress" in message:
                self._progress = message["progress"]
            else:
                self._answer = message

    def _clean(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        part_path(self._output).unlink(missing_ok=True)
        shutil.rmtree(spill_path(self._output), ignore_errors=True)


def part_path(output: Path) -> Path:
    return output.with_name(output.name + ".part")


def spill_path(output: Path) -> Path:
    return output.with_name(output.name + ".spill")
