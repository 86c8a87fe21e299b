"""Inline SVG: icons from the vendored set and the bars of a run history."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

ICONS: Path = settings.BASE_DIR / "console" / "static" / "vendor" / "icons"
STATUS_CLASS = {
    "queued": "idle", "idle": "idle", "pending": "idle",
    "booting": "run", "run": "run", "running": "run", "exporting": "run",
    "success": "ok", "done": "ok", "healthy": "ok", "ok": "ok", "enabled": "ok",
    "rejected": "warn", "slow": "warn", "warn": "warn",
    "err": "err", "error": "err", "failed": "err", "reconnect": "err", "unreachable": "err",
}  # fmt: skip
BAR, GAP, HEIGHT = 8.6, 3.0, 46.0


@cache
def _shapes(name: str) -> SafeString:
    """What is drawn inside the icon's <svg>. Our own vendored file, so it is trusted."""
    path = ICONS / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise LookupError(
            f"No icon {name!r}. Add it to scripts/vendor/icons.txt and run scripts/vendor/build.sh."
        )
    inner = re.sub(
        r"^.*?<svg[^>]*>|</svg>\s*$|<path stroke=\"none\"[^>]*/>", "", path.read_text(), flags=re.DOTALL
    )
    return mark_safe(re.sub(r"\s*\n\s*", "", inner))


def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """One Tabler icon. Without a label it is decoration and hidden from assistive technology."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="i{}{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        " " if classes else "", classes, role, _shapes(name),
    )  # fmt: skip


def logo(letters: str, hue: str, size: str = "") -> SafeString:
    """A connector's generated tile: letters on a two-tone square. `size`: "", "sm" or "lg"."""
    return format_html(
        '<svg class="logo hue-{} {}" viewBox="0 0 40 40" aria-hidden="true">'
        '<rect class="a" width="40" height="40" rx="9"/>'
        '<path class="b" d="M40 14v17a9 9 0 0 1-9 9H14A26 26 0 0 0 40 14Z"/>'
        '<text x="20" y="20.5" dy=".35em" text-anchor="middle">{}</text></svg>',
        hue, size, letters,
    )  # fmt: skip


def status(kind: str, words: str) -> SafeString:
    """A status word with its shape: round ok, diamond warning, square failed, ring running, hollow queued."""
    return format_html('<span class="st {}">{}</span>', STATUS_CLASS.get(kind, ""), words)


def run_history(runs: Iterable[Any]) -> SafeString:
    """Bars for at most 30 runs, oldest first. A run has `status`, and may have `seconds` and `label`."""
    shown: Sequence[Any] = list(runs)[-30:]
    longest = max((getattr(run, "seconds", None) or 0 for run in shown), default=0) or 1
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="8.6" height="{}" rx="1.5"><title>{}</title></rect>',
        (_bar(index, run, longest) for index, run in enumerate(shown)),
    )
    failed = sum(STATUS_CLASS.get(run.status) == "err" for run in shown)
    words = f"Last {len(shown)} runs, {failed} failed" if len(shown) != 1 else "The only run so far"
    return format_html(
        '<svg class="runs" viewBox="0 0 348 46" role="img" aria-label="{}">{}</svg>', words, bars
    )


def _bar(index: int, run: Any, longest: float) -> tuple[str, str, str, str, str]:
    seconds = getattr(run, "seconds", None) or 0
    height = 8 + (HEIGHT - 10) * seconds / longest
    label = getattr(run, "label", "") or run.status
    kind = STATUS_CLASS.get(run.status, "none")
    return kind, f"{index * (BAR + GAP):.1f}", f"{HEIGHT - 2 - height:.1f}", f"{height:.1f}", label
