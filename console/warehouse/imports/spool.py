"""Bodies on their way in: received to disk, never held in memory."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from console.warehouse.imports.errors import CutOff, TooLarge

BLOCK = 2**20


@dataclass(frozen=True)
class Body:
    path: Path
    md5: str  # hex


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of the request's own, gone afterwards."""
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=settings.SPOOL_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def receive(read: Callable[[int], bytes], length: int | None, folder: Path) -> Body:
    """Writes what `read` gives to a file. `length`: the announced bytes; None where none were."""
    most = settings.IMPORT_MAX_BYTES
    if length is not None and length > most:
        raise TooLarge(f"The body has {length} bytes; {most} are taken at once. Send it in smaller parts.")
    path, digest, got = folder / "body", hashlib.md5(usedforsecurity=False), 0
    with path.open("wb") as file:
        while block := read(BLOCK if length is None else min(BLOCK, length - got)):
            got += len(block)
            if got > most:
                raise TooLarge(f"The body has more than {most} bytes. Send it in smaller parts.")
            digest.update(block)
            file.write(block)
    if length is not None and got < length:
        raise CutOff(f"{got} of {length} bytes came. Send it again, whole.")
    return Body(path, digest.hexdigest())
