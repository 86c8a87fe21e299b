"""`scheduleType` and `scheduleOption` as a cron rule: in the spelling of the workflows of Treasure Data.

none | cron "0 7 * * 1" | hourly "MM:SS" | daily "HH:MM:SS" | weekly "Sun,HH:MM:SS" | monthly "D,HH:MM:SS" |
minutes_interval "M"
"""

import re
from collections.abc import Callable
from typing import Any

from activations.errors import Invalid, Problem

_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_CLOCK = r"(\d{1,2}):(\d{2}):(\d{2})"


def cron_of(type: Any, option: Any) -> str:
    """ "" for none. Whether the rule is one is for the schedule to say. Raises Invalid."""
    if type is None:
        type = "none"
    if not isinstance(type, str) or type not in TYPES:
        raise Invalid([Problem("scheduleType", f"Use one of {', '.join(TYPES)}.")])
    text = "" if option is None else str(option).strip()
    pattern, said, made = TYPES[type]
    found = re.fullmatch(pattern, text)
    rule = made(found.groups()) if found else None
    if rule is None:
        raise Invalid([Problem("scheduleOption", said)])
    return rule


def _at(minute: str, second: str, hour: str = "0") -> str | None:
    """Minute and hour of a rule; None for a time that no rule has: it has no seconds."""
    if int(second) or int(minute) > 59 or int(hour) > 23:
        return None
    return f"{int(minute)} {int(hour)}"


def _hourly(part: Any) -> str | None:
    at = _at(*part)
    return at and f"{at.split()[0]} * * * *"


def _daily(part: Any) -> str | None:
    at = _at(part[1], part[2], part[0])
    return at and f"{at} * * *"


def _weekly(part: Any) -> str | None:
    at, written = _at(part[2], part[3], part[1]), part[0].capitalize()
    day = next((n for n, name in enumerate(_DAYS) if written in (name, name[:3])), None)
    return None if at is None or day is None else f"{at} * * {day}"


def _monthly(part: Any) -> str | None:
    at = _at(part[2], part[3], part[1])
    return f"{at} {int(part[0])} * *" if at and 1 <= int(part[0]) <= 31 else None


def _minutes(part: Any) -> str | None:
    every = int(part[0])
    if not every or 60 % every:
        return None
    return "0 * * * *" if every == 60 else f"*/{every} * * * *"


_NO_SECONDS = "Seconds are 00: a schedule starts on the minute."
TYPES: dict[str, tuple[str, str, Callable[[Any], str | None]]] = {
    "none": ("", "A schedule of the type none has no option. Leave it out.", lambda part: ""),
    "cron": (r"(.+)", "Give a rule such as 0 7 * * 1.", lambda part: str(part[0])),
    "hourly": (r"(\d{1,2}):(\d{2})", f"Write MM:SS, such as 30:00. {_NO_SECONDS}", _hourly),
    "daily": (_CLOCK, f"Write HH:MM:SS, such as 07:30:00. {_NO_SECONDS}", _daily),
    "weekly": (rf"([A-Za-z]+),{_CLOCK}", f"Write Day,HH:MM:SS, such as Mon,07:30:00. {_NO_SECONDS}", _weekly),
    "monthly": (rf"(\d{{1,2}}),{_CLOCK}", f"Write D,HH:MM:SS, such as 1,07:30:00. {_NO_SECONDS}", _monthly),
    "minutes_interval": (r"(\d{1,2})", "Give minutes that divide an hour, such as 15.", _minutes),
}  # fmt: skip
