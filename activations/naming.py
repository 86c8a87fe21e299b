"""Names of folders and segments: not empty, and one of each in a folder, whatever its case."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from activations.errors import Refused

LONGEST = 255


def checked(name: str) -> str:
    """Raises Refused."""
    name = name.strip()
    if not name:
        raise Refused("Write a name.", "name")
    if len(name) > LONGEST:
        raise Refused(f"The name has {len(name)} characters, {LONGEST} are the most.", "name")
    return name


@contextmanager
def unique(what: str, name: str, where: object) -> Iterator[None]:
    """The database's own word that a name is taken, as ours: two people may have written it at once."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        article = "an" if what[0] in "aeiou" else "a"
        raise Refused(
            f"There is {article} {what} named {name} in {where}. Choose another name.", "name"
        ) from error


def copy_of(name: str, taken: Iterable[str]) -> str:
    """ "Gold copy", "Gold copy 2": the first that is free."""
    stem = f"{name[: LONGEST - 15]} copy"
    lower = {one.lower() for one in taken}
    numbered = (stem if n == 1 else f"{stem} {n}" for n in range(1, len(lower) + 2))
    return next(candidate for candidate in numbered if candidate.lower() not in lower)
