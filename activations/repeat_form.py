"""When an activation runs: the words people use for it, over the same rule that every schedule has."""

import re
from typing import Any

from django import forms

from console.workbench.models import Schedule
from console.workbench.schedule_form import CUSTOM, NONE, DatedScheduleForm
from console.workbench.schedules import DAILY, HOURLY

WEEKLY, MONTHLY = "weekly", "monthly"
REPEATS = (
    (NONE, "Does not repeat"),
    (HOURLY, "Repeat every hour"),
    (DAILY, "Repeat every day"),
    (WEEKLY, "Repeat every week"),
    (MONTHLY, "Repeat every month"),
    (CUSTOM, "Custom cron..."),
)
DAYS = (("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"), ("0", "Sun"))
SIMPLE = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[0-6](?:,[0-6])*)")
CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(?::00)?$")
LATE = 28  # the last day that every month has


class RepeatForm(DatedScheduleForm):
    """`zone` is asked for even where nothing repeats: the Timestamp string is written in it."""

    at = forms.RegexField(
        CLOCK, label="At", required=False, error_messages={"invalid": "Write the time as 06:30."},
        widget=forms.TimeInput(attrs={"type": "time"}),
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        label="On", required=False, choices=DAYS, widget=forms.CheckboxSelectMultiple
    )
    day = forms.IntegerField(
        label="Day of the month", required=False, min_value=1, max_value=31,
        error_messages={"invalid": "Write a day from 1 to 31."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, schedule: Schedule | None = None, home: str = "UTC") -> None:
        super().__init__(data, schedule=schedule, home=home)
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.widget = forms.Select()
        choice.choices = list(REPEATS)
        choice.error_messages["required"] = choice.error_messages["invalid_choice"] = (
            "Choose one of the list."
        )
        self.initial |= _initial(schedule.cron if schedule else "")
        if schedule is not None and not schedule.cron:
            self.initial["zone"] = home

    @property
    def text(self) -> str:
        """The rule as it would be stored; "" where it does not repeat or can't be told yet."""
        chosen = self["choice"].value()
        if chosen == CUSTOM:
            return (self["cron"].value() or "").strip()
        if chosen == HOURLY:
            return HOURLY
        clock = CLOCK.fullmatch(str(self["at"].value() or "00:00"))
        if chosen not in (DAILY, WEEKLY, MONTHLY) or clock is None:
            return ""
        hour, minute = (int(part) for part in clock.groups())
        return self._dated(chosen, f"{minute} {hour}")

    def _dated(self, chosen: str, clock: str) -> str:
        if chosen == DAILY:
            return DAILY if clock == "0 0" else f"{clock} * * *"
        if chosen == WEEKLY:
            days = [day for day, _ in DAYS if day in (self["weekdays"].value() or [])]
            return f"{clock} * * {','.join(days)}" if days else ""
        day = str(self["day"].value() or "").strip()
        return f"{clock} {int(day)} * *" if day.isdecimal() and 1 <= int(day) <= 31 else ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("choice") == WEEKLY and not data.get("weekdays"):
            self.add_error("weekdays", "Choose at least one day.")
        if data.get("choice") == MONTHLY and data.get("day") is None and "day" not in self.errors:
            self.add_error("day", "Write a day from 1 to 31.")
        for name in {"at", "weekdays", "day"} - _asked(data.get("choice", "")):
            self.errors.pop(name, None)  # what isn't asked can't be wrong
        return super().clean()

    @property
    def short_months(self) -> bool:
        """Whether some months have no such day, so that it does not run in them."""
        day = str(self["day"].value() or "")
        return self["choice"].value() == MONTHLY and day.isdecimal() and int(day) > LATE

    @property
    def zone(self) -> str:
        return str(self.cleaned_data.get("zone") or "UTC")


def label(cron: str) -> str:
    """A rule in the words of the list."""
    known = _initial(cron)
    chosen = known.get("choice", CUSTOM if cron else NONE)
    if chosen == CUSTOM:
        return cron
    return dict(REPEATS)[chosen]


def _asked(chosen: str) -> set[str]:
    return {DAILY: {"at"}, WEEKLY: {"at", "weekdays"}, MONTHLY: {"at", "day"}}.get(chosen, set())


def _initial(cron: str) -> dict[str, Any]:
    found: dict[str, Any] = {"at": "00:00", "weekdays": ["1"], "day": 1}
    if cron in ("", HOURLY, DAILY):
        return found | {"choice": cron or NONE}
    simple = SIMPLE.fullmatch(cron)
    if simple is None:
        return found
    minute, hour, day, weekdays = simple.groups()
    clock = f"{int(hour):02}:{int(minute):02}"
    if day == "*" and weekdays == "*":
        return found | {"choice": DAILY, "at": clock}
    if day == "*":
        return found | {"choice": WEEKLY, "at": clock, "weekdays": weekdays.split(",")}
    if weekdays == "*":
        return found | {"choice": MONTHLY, "at": clock, "day": int(day)}
    return found
