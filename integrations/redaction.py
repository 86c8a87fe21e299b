"""Keeps secrets out of text. Works from the values in use, not from what a secret may look like."""

import logging
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from urllib.parse import urlsplit

MASK = "[secret]"
_SHORTEST = 6  # masking shorter values would blank ordinary words
_SHORTEST_PATH = 16
_KEPT = 2_000

_values: OrderedDict[str, None] = OrderedDict()
_lock = Lock()


def guard(values: Iterable[object]) -> None:
    """From now on this process writes none of these values into a log line or an error's text."""
    with _lock:
        for value in values:
            for form in _forms(str(value)):
                _values[form] = None
                _values.move_to_end(form)
        while len(_values) > _KEPT:
            _values.popitem(last=False)


def redact(text: str) -> str:
    with _lock:
        known = sorted((value for value in _values if value in text), key=len, reverse=True)
    for value in known:
        text = text.replace(value, MASK)
    return text


class RedactingFormatter(logging.Formatter):
    """The last station of every log record: message and traceback alike."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _forms(value: str) -> list[str]:
    """The value itself, and the part that gives it away: an API key's digits after its account number.

    Of an address the path as a log line may have it, where it is long enough to be a secret and no common word.
    """
    if "://" in value:
        parts = urlsplit(value)
        path = value.partition("://")[2].removeprefix(parts.netloc)
        return [value, *(part for part in (path, path.rpartition("/")[2]) if len(part) >= _SHORTEST_PATH)]
    forms = [value, value.rpartition("/")[2]]
    return [form for form in forms if len(form) >= _SHORTEST]
