"""What a schedule refuses, said as the room's own refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from activations.errors import Refused
from console.workbench.scheduling import ScheduleRefused


@contextmanager
def refusing() -> Iterator[None]:
    """Raises Refused, with the form's field, where a ScheduleRefused comes out."""
    try:
        yield
    except ScheduleRefused as refused:
        raise Refused(str(refused), refused.field) from refused
