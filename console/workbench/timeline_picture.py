"""The next 24 hours as inline SVG. Its colours are classes; its numbers are also in a table beside it."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from console.workbench.timeline import HOUR, HOURS, QUARTER, Day

STEP, HEIGHT = 10, 80  # of a quarter of an hour, of the tallest bar
WIDTH = HOURS * 4 * STEP
STRIP, LINE = 132, 16


def timeline(day: Day) -> SafeString:
    """A bar for each quarter of an hour with runs; its height is how many."""
    bars = format_html_join(
        "",
        '<rect class="tl-bar" x="{}" y="{}" width="8" height="{}" rx="1"><title>{}</title></rect>',
        (_bar(bar.index, bar.runs, bar.begin, day.most) for bar in day.bars),
    )
    grid = format_html_join(
        "", '<path class="grid-l" d="M{} 0V{}"/>', ((hour * 4 * STEP, HEIGHT) for hour in range(0, HOURS, 3))
    )
    now = f"{(day.now - day.begin) / QUARTER * STEP:.1f}"
    return format_html(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="tl-title tl-desc">'
        '<title id="tl-title">Runs in the next 24 hours</title><desc id="tl-desc">{}</desc>'
        '{}{}<path class="base" d="M0 {}H{}"/><path class="now" d="M{} 0V{}"/></svg>',
        WIDTH, HEIGHT + 4, words(day), grid, bars, HEIGHT, WIDTH, now, HEIGHT,
    )  # fmt: skip


def words(day: Day) -> str:
    if not day.total:
        return "No runs."
    busiest = max(day.bars, key=lambda bar: bar.runs)
    at = timezone.localtime(busiest.begin)
    runs = "1 run" if day.total == 1 else f"{day.total:,} runs"
    return f"{runs}. The busiest quarter of an hour begins at {at:%H:%M}, with {busiest.runs:,}."


def strip(starts: Iterable[datetime], begin: datetime) -> SafeString:
    """One schedule's runs as marks on a line; marks that would touch become one."""
    pixel = HOURS * HOUR / STRIP
    places = sorted({int((at - begin) / pixel) for at in starts})
    marks = format_html_join("", '<rect x="{}" y="2" width="{}" height="10" />', _merged(places))
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" aria-hidden="true"><path class="base" d="M0 12.5H{}"/>{}</svg>',
        STRIP, LINE, STRIP, marks,
    )  # fmt: skip


def _merged(places: list[int]) -> list[tuple[int, int]]:
    """(first, width) of marks 1 wide; neighbours are one."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and place == found[-1][0] + found[-1][1]:
            found[-1] = (found[-1][0], place + 1 - found[-1][0])
        else:
            found.append((place, 1))
    return found


def _bar(index: int, runs: int, begin: datetime, most: int) -> tuple[int, str, str, str]:
    height = max(3.0, HEIGHT * runs / most)
    local = timezone.localtime(begin)
    end = timezone.localtime(begin + QUARTER)
    told = f"{local:%H:%M} to {end:%H:%M}: {runs:,} run{'' if runs == 1 else 's'}"
    return index * STEP + 1, f"{HEIGHT - height:.1f}", f"{height:.1f}", told
