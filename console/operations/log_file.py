"""A child's log: lines as they came, turned over by size, dropped rather than waited for."""

import contextlib
from io import FileIO
from pathlib import Path

BYTES, KEPT = 10_000_000, 3  # of one file; older files beside it


class LogFile:
    """What can't be written (a full disk) is lost: a child whose output nobody reads would stand still."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: FileIO | None = None

    def write(self, line: str) -> None:
        data = line.encode(errors="replace")
        with contextlib.suppress(OSError):
            file = self._file or self._open()
            if file.tell() + len(data) > BYTES:
                file = self._turn_over()
            file.write(data)

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _open(self) -> FileIO:
        self._file = FileIO(self.path, "a")
        return self._file

    def _turn_over(self) -> FileIO:
        self.close()
        for number in range(KEPT - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                self._older(number).replace(self._older(number + 1))
        self.path.replace(self._older(1))
        return self._open()

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
