"""What was asked can't be done. Each is a sentence that says what to do instead."""

from typing import Any


class Refused(Exception):
    """`field` is the form's field that it belongs to, where there is one."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Stale(Exception):
    """Somebody saved it after it was opened. `current` is what they left."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{current} was saved by {current.saved_by} in the meantime.")
        self.current = current
