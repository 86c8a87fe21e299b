"""Which runs are to be made up for: chosen ones of those that were left out, or all of a range."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from console.workbench import backfills, slots
from console.workbench.models import Schedule, Slot
from console.workbench.scheduling import ScheduleRefused

SHOWN = 200  # of those that are offered; older ones are reached by a range
OFFERED, RANGE = "offered", "range"


class WallClock(forms.CharField):
    """A moment on the clocks of the schedule's zone; `clean` gives it without one."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "form-control"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
        except ValueError:
            raise forms.ValidationError("Write day and time as 2026-11-23 00:00.") from None


class BackfillForm(forms.Form):
    """`planned()` are the slots, once it is valid. `until` holds the moment of the list that was agreed to."""

    way = forms.ChoiceField(choices=[(OFFERED, "Runs that were left out"), (RANGE, "A range of time")])
    slots = forms.TypedMultipleChoiceField(coerce=int, required=False)
    start = WallClock(label="From", required=False)
    end = WallClock(label="Until, not included", required=False)
    until = forms.CharField(required=False)

    def __init__(self, schedule: Schedule, data: Any = None) -> None:
        self.schedule, self.zone = schedule, ZoneInfo(schedule.zone)
        offered = slots.offered(schedule)
        self.offered, self.offered_count = list(offered[:SHOWN]), offered.count()
        now = timezone.now().astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None)
        initial = {
            "way": OFFERED if self.offered else RANGE,
            "slots": [slot.pk for slot in self.offered if slot.state == Slot.State.MISSED],
            "start": _typed((now - timedelta(days=7)).replace(hour=0, minute=0)),
            "end": _typed(now),
        }
        super().__init__(data, initial=initial, auto_id="backfill_%s")
        self.fields["slots"].choices = [(slot.pk, str(slot.pk)) for slot in self.offered]  # type: ignore[attr-defined]
        self.fields["slots"].error_messages["invalid_choice"] = (
            "One of these runs has run or waits already. Load the page again."
        )

    @property
    def chosen(self) -> set[int]:
        """The ids that are ticked."""
        return {int(value) for value in self["slots"].value() or () if str(value).isdecimal()}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("way") == OFFERED and not data.get("slots") and "slots" not in self.errors:
            self.add_error("slots", "Tick at least one run.")
        if data.get("way") == RANGE:
            for name in ("start", "end"):
                if name in data and data[name] is None:
                    self.add_error(name, "Fill in day and time.")
        if not self.errors:
            self._plan()
        return data

    def _plan(self) -> None:
        try:
            self.found = self._chosen_slots() if self.cleaned_data["way"] == OFFERED else self._range_slots()
        except ScheduleRefused as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))

    def planned(self) -> list[Slot]:
        """Oldest first, as they will run."""
        return self.found

    def range(self) -> tuple[datetime, datetime]:
        """Not beyond what had come when the list was made that was agreed to."""
        start, end = (self.cleaned_data[name].replace(tzinfo=self.zone) for name in ("start", "end"))
        until = self._until()
        return start, min(end, until) if until else end

    def _chosen_slots(self) -> list[Slot]:
        backfills.require_open(self.schedule)
        wanted = set(self.cleaned_data["slots"])
        return sorted((slot for slot in self.offered if slot.pk in wanted), key=lambda slot: slot.time)

    def _range_slots(self) -> list[Slot]:
        return backfills.planned(self.schedule, *self.range())

    def _until(self) -> datetime | None:
        try:
            asked = datetime.fromisoformat(self.cleaned_data.get("until") or "")
        except ValueError:
            return None
        return asked if asked.tzinfo else asked.replace(tzinfo=UTC)


def _typed(wall: datetime) -> str:
    return f"{wall:%Y-%m-%dT%H:%M}"
