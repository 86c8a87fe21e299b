"""When an activation runs: the fields `scheduleType`, `scheduleOption`, `timezone`, `delay`, `startDate`, `endDate`."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from activations import scheduled
from activations.errors import Invalid, Problem
from activations.models import Activation
from console.accounts.models import User
from console.api.answers import iso
from console.api.audience import fields
from console.api.audience.rules_of_time import cron_of
from console.workbench import scheduling
from console.workbench.schedules import CronError

KNOWN = ("scheduleType", "scheduleOption", "timezone", "delay", "startDate", "endDate")
OF_RULES = ("delay", "startDate", "endDate")  # what means nothing where nothing repeats
ONCE = "It is for a schedule, and scheduleType is none. Leave it out, or give a scheduleType."
_NAMES = {"zone": "timezone", "delay": "delay", "starts_on": "startDate", "ends_on": "endDate"}


@dataclass(frozen=True)
class Timing:
    cron: str = ""  # "" does not repeat
    zone: str = "UTC"
    delay: int = 0
    starts_on: date | None = None
    ends_on: date | None = None


def read(body: dict[str, Any], problems: list[Problem]) -> Timing:
    """What is wrong is added to `problems`."""
    try:
        made = Timing(
            cron=cron_of(body.get("scheduleType"), body.get("scheduleOption")),
            zone=fields.text(body, "timezone") or "UTC",
            delay=_delay(body.get("delay")),
            starts_on=_day(body, "startDate"),
            ends_on=_day(body, "endDate"),
        )
        scheduling.check(made.cron, made.zone, made.delay, made.starts_on, made.ends_on)
        problems += [Problem(name, ONCE) for name in OF_RULES if body.get(name) and not made.cron]
        return made
    except Invalid as invalid:
        problems += invalid.problems
    except CronError as error:
        problems.append(Problem("scheduleOption", str(error)))
    except scheduling.ScheduleRefused as error:
        problems.append(Problem(_NAMES[error.field], str(error)))
    return Timing()


def kept(activation: Activation, body: dict[str, Any]) -> dict[str, Any]:
    """What a change leaves as it is: of another rule the zone, of the same one all."""
    found = to_json(activation)
    if "scheduleType" in body:
        found["scheduleOption"] = None
        if body["scheduleType"] in (None, "none"):
            found |= dict.fromkeys(OF_RULES)
    return found


def write(activation: Activation, timing: Timing, user: User) -> None:
    """In the transaction that saves the activation. Raises Invalid."""
    try:
        scheduled.set_rule(activation, user, **asdict(timing))
    except CronError as error:
        raise Invalid([Problem("scheduleOption", str(error))]) from error
    except scheduling.ScheduleRefused as error:
        raise Invalid([Problem(_NAMES.get(error.field, "scheduleType"), str(error))]) from error


def to_json(activation: Activation) -> dict[str, Any]:
    """Whatever it was written as, a rule is printed as cron."""
    schedule = activation.schedule
    if schedule is None or not schedule.cron:
        return {**dict.fromkeys(KNOWN), "scheduleType": "none", "timezone": activation.zone, "delay": 0}
    return {
        "scheduleType": "cron",
        "scheduleOption": schedule.cron,
        "timezone": schedule.zone,
        "delay": schedule.delay,
        "startDate": schedule.starts_on.isoformat() if schedule.starts_on else None,
        "endDate": schedule.ends_on.isoformat() if schedule.ends_on else None,
    }


def next_run(activation: Activation) -> str | None:
    schedule = activation.schedule
    return iso(schedule.due_at) if schedule and not schedule.is_paused else None


def _delay(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid([Problem("delay", "Give seconds, a whole number.")])
    return value


def _day(body: dict[str, Any], name: str) -> date | None:
    text = fields.text(body, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid([Problem(name, "Write a date as 2026-01-31.")]) from None
