"""What the templates of schedules need: {% load schedules %}."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from console.shell import drawing, formats
from console.workbench import schedule_words, timeline_picture
from console.workbench.models import Schedule, Slot

LATE = timedelta(minutes=1)  # the bar is 5 s; from here on somebody should look
SLOT_KINDS = {
    Slot.State.FIRED: "ok",
    Slot.State.QUEUED: "idle",
    Slot.State.MISSED: "err",
    Slot.State.SKIPPED: "warn",
}

register = template.Library()
register.filter("rule_sentence", schedule_words.sentence)
register.filter("wait", schedule_words.wait)


@register.filter
def rule_label(cron: str | None) -> str:
    """@daily (midnight), @hourly (:00), the five fields, None."""
    return schedule_words.label(cron or "")


@register.filter
def is_custom(cron: str | None) -> bool:
    return bool(cron) and cron not in schedule_words.LABELS


@register.simple_tag
def field_of(field: BoundField, classes: str) -> SafeString:
    """A field without its label, tied to its error and marked where it is wrong."""
    wrong = bool(field.errors)
    attrs: dict[str, str | bool] = {
        "class": f"{classes} is-invalid" if wrong else classes,
        "aria-describedby": f"{field.auto_id}_error",
    }
    if wrong:
        attrs["aria-invalid"] = "true"
    if field.name == "delay":
        attrs |= {"aria-label": str(field.label), "inputmode": "numeric"}
    return field.as_widget(attrs=attrs)


@register.simple_tag
def switch_of(field: BoundField) -> SafeString:
    return field.as_widget(attrs={"role": "switch"})


@register.simple_tag
def slot_word(slot: Slot) -> SafeString:
    return drawing.status(SLOT_KINDS[Slot.State(slot.state)], slot.get_state_display())


@register.simple_tag
def schedule_word(schedule: Schedule) -> SafeString:
    """Whether it runs: Active, Paused, or how often it has failed in a row."""
    if not schedule.cron:
        return drawing.status("idle", "No rule")
    if schedule.is_paused:
        return drawing.status("warn", "Paused")
    if schedule.failures:
        return drawing.status("err", f"Failed {schedule.failures} in a row")
    return drawing.status("ok", "Active") if schedule.next_slot else drawing.status("idle", "Over")


@register.filter
def late_words(late: timedelta | None) -> str:
    """ "0.8 s"; an en dash where nothing was started."""
    return formats.elapsed(None if late is None else max(0.0, late.total_seconds()))


@register.filter
def is_late(late: timedelta | None) -> bool:
    return late is not None and late >= LATE


@register.simple_tag
def in_zone(moment: datetime, schedule: Schedule) -> str:
    return schedule_words.moment(moment, schedule.zone)


@register.simple_tag
def strip(row: Any) -> SafeString:
    """The next 24 hours of one schedule, as marks on a line."""
    return timeline_picture.strip(row.starts, row.begin)


@register.simple_tag
def timeline(day: Any) -> SafeString:
    return timeline_picture.timeline(day)
