"""Numbers, sizes and moments as people read them (design: ui.md section 6)."""

from datetime import datetime, timedelta

from django.utils import timezone

UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def count(number: int | None) -> str:
    """1240806 -> "1,240,806"; None -> an en dash."""
    return "–" if number is None else f"{number:,}"


def size(number: int | None) -> str:
    """Bytes with a unit: 83 B, 21.6 MB; None -> an en dash."""
    if number is None:
        return "–"
    value = float(number)
    for unit in UNITS:
        if abs(value) < 1000 or unit == UNITS[-1]:
            break
        value /= 1000
    return f"{number:,} B" if unit == "B" else f"{value:,.1f} {unit}"


def relative(moment: datetime, now: datetime | None = None) -> str:
    """Under 24 hours the distance, else the date, in the active time zone. Also for the future."""
    now = now or timezone.now()
    away = now - moment
    if abs(away) >= timedelta(hours=24):
        return date(moment, now)
    words = _distance(abs(away))
    if words == "now":
        return "just now" if away >= timedelta(0) else "in a moment"
    return f"{words} ago" if away > timedelta(0) else f"in {words}"


def date(moment: datetime, now: datetime) -> str:
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localtime(now).year else f" {local.year}"
    return f"{local:%b} {local.day}{year}, {local:%H:%M}"


def exact(moment: datetime) -> str:
    """Tue Nov 24 2026, 06:00:20 Europe/Berlin, for the tooltip."""
    local = timezone.localtime(moment)
    return f"{local:%a %b} {local.day} {local.year}, {local:%H:%M:%S} {timezone.get_current_timezone_name()}"


def elapsed(seconds: float | None) -> str:
    """0.42 -> "0.4 s", 75 -> "1 min 15 s", 3720 -> "1 h 2 min"; None -> an en dash."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _distance(away: timedelta) -> str:
    minutes = int(away.total_seconds() // 60)
    if minutes == 0:
        return "now"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
