"""Template tags that every template has without {% load %}."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.shell import drawing, formats

register = template.Library()
register.filter("count", formats.count)
register.filter("bytes", formats.size)
register.filter("elapsed", formats.elapsed)


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """{% icon "upload" "i-18" %}; sizes are i-14, the plain 16, i-18 and i-20."""
    return drawing.icon(name, classes, label)


@register.simple_tag
def tile(connector: Any, size: str = "") -> SafeString:
    """{% tile connector "lg" %}: the generated logo of a Connector or of its Tile."""
    shown = getattr(connector, "tile", connector)
    return drawing.logo(shown.letters, shown.hue, size)


@register.simple_tag
def when(moment: datetime | None, none: str = "Never") -> SafeString:
    """{% when job.created_at %}: a <time> with the distance or the date; the exact time is its title."""
    if moment is None:
        return format_html('<span class="t3">{}</span>', none)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(), formats.exact(moment), formats.relative(moment),
    )  # fmt: skip


@register.simple_tag
def status(thing: Any, field: str = "status") -> SafeString:
    """{% status job %} or {% status authentication "health" %}: the word of a choices field, with its shape.

    A running job says which stage it is in: Exporting, not only Running.
    """
    kind, words = str(getattr(thing, field)), getattr(thing, f"get_{field}_display")()
    if field == "status" and kind == "running" and getattr(thing, "stage", "") == "exporting":
        words = thing.get_stage_display()
    return drawing.status(kind, words)


@register.simple_tag
def status_word(kind: str, words: str) -> SafeString:
    """{% status_word "ok" "Workers 4 of 4" %}: kinds are ok, warn, err, run, idle and "" ."""
    return drawing.status(kind, words)


@register.simple_tag
def run_history(runs: Any) -> SafeString:
    """{% run_history runs %}: bars, oldest first; each run has `status`, and may have `seconds` and `label`."""
    return drawing.run_history(runs)


@register.filter
def initials(user: Any) -> str:
    """MI for Mika Ito, AD for admin@example.com."""
    words = str(user).split("@")[0].replace(".", " ").split()
    letters = words[0][:2] if len(words) == 1 else words[0][:1] + words[-1][:1]
    return letters.upper()


@register.filter
def fields_with_errors(form: BaseForm) -> list[BoundField]:
    """The visible fields that need a change, in the form's order."""
    return [field for field in form.visible_fields() if field.errors]
