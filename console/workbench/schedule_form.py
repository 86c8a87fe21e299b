"""The schedule picker's form and what it reads back. Queries use it; whatever else runs by a rule can, too."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget

from console.workbench import schedule_words, zones
from console.workbench.models import Schedule
from console.workbench.schedules import DAILY, HOURLY, CronError, EchoedField, Rule, parse
from console.workbench.scheduling import ScheduleRefused, check
from console.workbench.slots import preview

CUSTOM, NONE = "custom", "none"
PRESETS = {DAILY: DAILY, HOURLY: HOURLY, NONE: ""}
CHOICES = (
    (CUSTOM, "Custom cron...", "Five fields: minute, hour, day, month, weekday"),
    (DAILY, "@daily (midnight)", "Run once a day at midnight (00:00 am) in the time zone"),
    (HOURLY, "@hourly (:00)", "Run every hour at 00 minutes"),
    (NONE, "None", "No schedule"),
)
FIRST_RULE, FIRST_DELAY = "0 0 * * *", 600
SHORT = {"minute": "min", "hour": "hour", "day": "day", "month": "month", "weekday": "weekday"}


class ScheduleForm(forms.Form):
    """`rule_fields()` are `scheduling.set_rule`'s, once it is valid. `seen` is the rule that was there at opening."""

    choice = forms.ChoiceField(
        label="Schedule",
        choices=[choice[:2] for choice in CHOICES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the four.", "invalid_choice": "Choose one of the four."},
    )
    cron = forms.CharField(label="Cron", required=False, max_length=1000)
    zone = forms.CharField(label="Time zone", required=False)
    delayed = forms.BooleanField(label="Delay execution", required=False)
    delay = forms.IntegerField(
        label="Delay in seconds",
        required=False,
        error_messages={"invalid": "Write whole seconds, such as 600."},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, schedule: Schedule | None = None, home: str = "UTC") -> None:
        """`home` is the reader's own zone: first in the list, and chosen where there is no schedule yet."""
        super().__init__(data, auto_id="schedule_%s", initial=_initial(schedule, home))
        options = zones.choices(home, schedule.zone if schedule else "")
        attrs = {"class": "form-select", "data-combobox": ""}
        self.fields["zone"].widget = forms.Select(choices=options, attrs=attrs)
        self.fields["cron"].widget.attrs |= {
            "autocomplete": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
        }

    @property
    def options(self) -> Iterator[tuple[BoundWidget, str]]:
        """The four choices, each with what it means."""
        return zip(iter(self["choice"]), (choice[2] for choice in CHOICES), strict=True)

    @property
    def text(self) -> str:
        """The rule as it would be stored."""
        chosen = self["choice"].value()
        return PRESETS.get(chosen, (self["cron"].value() or "").strip())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("choice") == NONE or not data.get("delayed"):
            self.errors.pop("delay", None)  # what is switched off can't be wrong
            data["delay"] = 0
        if data.get("choice") in (None, NONE):
            return data
        if data["choice"] == CUSTOM and not self.text:
            self.add_error(
                "cron", f"Write five fields, such as {FIRST_RULE} (every day at 00:00), or choose None."
            )
        elif "delay" in data and data["delay"] is None:
            self.add_error("delay", "Write the seconds to wait, or switch Delay execution off.")
        try:
            check(
                self.text,
                data.get("zone", ""),
                data.get("delay") or 0,
                data.get("starts_on"),
                data.get("ends_on"),
            )
        except CronError as error:
            self.add_error("cron", str(error))
        except ScheduleRefused as error:
            self.add_error(error.field if error.field in self.fields else None, str(error))
        return data

    def rule_fields(self) -> dict[str, Any]:
        data = self.cleaned_data
        dates: dict[str, Any] = {name: data[name] for name in ("starts_on", "ends_on") if name in self.fields}
        return {
            "cron": self.text,
            "zone": data["zone"] if self.text else "UTC",
            "delay": data["delay"],
            **dates,
        }


class DatedScheduleForm(ScheduleForm):
    """With the days between which the rule is in force."""

    starts_on = forms.DateField(
        label="Start date", required=False, error_messages={"invalid": "Write the day as 2026-11-23."},
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}),
    )  # fmt: skip
    ends_on = forms.DateField(
        label="End date", required=False, error_messages={"invalid": "Write the day as 2026-11-23."},
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}),
    )  # fmt: skip


@dataclass(frozen=True)
class Readout:
    """What a rule means, as the picker shows it. Empty where nothing can be read yet."""

    zone: str = ""
    sentence: str = ""
    fields: tuple[EchoedField, ...] = ()
    conflict: str = ""  # "… The one that runs more often is followed, so "
    ignored: str = ""  # "day of month is ignored."
    runs: tuple[schedule_words.Run, ...] = ()
    ended: bool = False  # the rule is right, but no run is left

    @property
    def echoed(self) -> list[tuple[str, EchoedField]]:
        return [(SHORT[field.name], field) for field in self.fields]


def read_back(form: ScheduleForm) -> Readout:
    """Of a form that is right, wrong in part, or not bound: as much as can be said."""
    form.is_valid()
    rule = _rule(form.text)
    if rule is None:
        return Readout()
    conflict, comma, ignored = rule.conflict.partition(", so ")
    known = Readout(form["zone"].value() or "", rule.sentence(), rule.fields, conflict + comma, ignored)
    if form.errors:
        return known
    values = form.rule_fields() if form.is_bound else _stored(form)
    coming = preview(values.pop("cron"), values.pop("zone"), values.pop("delay"), **values)
    return Readout(**{**vars(known), "runs": tuple(schedule_words.runs(coming)), "ended": not coming})


def fingerprint(schedule: Schedule | None) -> str:
    """Two that are equal promise the same runs."""
    if schedule is None or not schedule.cron:
        return ""
    days = [day.isoformat() if day else None for day in (schedule.starts_on, schedule.ends_on)]
    return json.dumps([schedule.cron, schedule.zone, schedule.delay, *days])


def _initial(schedule: Schedule | None, home: str) -> dict[str, Any]:
    cron = schedule.cron if schedule else ""
    rule = _rule(cron)
    chosen = NONE if not cron else cron if cron in PRESETS else CUSTOM
    delay = schedule.delay if schedule else 0
    return {
        "choice": chosen,
        "cron": " ".join(field.text for field in rule.fields) if rule else cron or FIRST_RULE,
        "zone": schedule.zone if schedule and cron else home,
        "delayed": delay > 0,
        "delay": delay or FIRST_DELAY,
        "starts_on": schedule.starts_on if schedule else None,
        "ends_on": schedule.ends_on if schedule else None,
        "seen": fingerprint(schedule),
    }


def _stored(form: ScheduleForm) -> dict[str, Any]:
    first = form.initial
    dates: dict[str, date | None] = {"starts_on": first["starts_on"], "ends_on": first["ends_on"]}
    delay = first["delay"] if first["delayed"] else 0
    return {"cron": form.text, "zone": first["zone"], "delay": delay, **dates}


def _rule(text: str) -> Rule | None:
    try:
        return parse(text)
    except CronError:
        return None
