"""Numbers, sizes, moments, statuses and drawings as templates print them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import timezone

from console.shell import drawing, formats
from console.workbench.models import Job

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def show(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("number", "text"),
    [(1240806, "1,240,806"), (0, "0"), (2**63 - 1, "9,223,372,036,854,775,807"), (None, "–")],
)
def test_counts_have_separators(number, text):
    assert show("{{ n|count }}", n=number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (21_560_000, "21.6 MB"),
        (3 * 10**15, "3.0 PB"),
        (None, "–"),
    ],
)
def test_sizes_have_a_unit(number, text):
    assert show("{{ n|bytes }}", n=number) == text


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "Nov 23, 12:00"),
        (timedelta(days=400), "Oct 20 2025, 12:00"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(seconds=-5), "in a moment"),
    ],
)
def test_moments_are_relative_for_a_day_and_then_dates(away, text):
    assert formats.relative(NOW - away, NOW) == text


def test_a_moment_is_a_time_element_in_the_active_zone():
    with timezone.override("Europe/Berlin"):
        shown = show("{% when moment %}", moment=datetime(2026, 1, 5, 5, 0, 20, tzinfo=UTC))
    assert 'datetime="2026-01-05T05:00:20+00:00"' in shown
    assert 'title="Mon Jan 5 2026, 06:00:20 Europe/Berlin"' in shown
    assert "Never" in show("{% when moment %}", moment=None)
    assert "not yet" in show('{% when moment "not yet" %}', moment=None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (75, "1 min 15 s"), (120, "2 min"), (3720, "1 h 2 min"), (None, "–")],
)
def test_elapsed_time(seconds, text):
    assert show("{{ s|elapsed }}", s=seconds) == text


@pytest.mark.parametrize(
    ("job", "markup"),
    [
        (Job(status="queued"), '<span class="st idle">Queued</span>'),
        (Job(status="running", stage="running"), '<span class="st run">Running</span>'),
        (Job(status="running", stage="exporting"), '<span class="st run">Exporting</span>'),
        (Job(status="success"), '<span class="st ok">Done</span>'),
        (Job(status="error"), '<span class="st err">Failed</span>'),
        (Job(status="killed"), '<span class="st ">Killed</span>'),
    ],
)
def test_a_status_has_a_word_and_a_shape(job, markup):
    assert show("{% status job %}", job=job) == markup


def test_a_tile_takes_a_connector_or_its_tile_and_escapes():
    tile = SimpleNamespace(letters="<T", hue="navy")
    for thing in (tile, SimpleNamespace(tile=tile)):
        shown = show('{% tile thing "lg" %}', thing=thing)
        assert "logo hue-navy lg" in shown
        assert "&lt;T" in shown


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in show('{% icon "x" %}')
    assert 'role="img" aria-label="Close"' in show('{% icon "x" "i-14" "Close" %}')


@pytest.mark.parametrize("name", ["not-there", "../x", ""])
def test_an_icon_that_is_not_vendored_says_how_to_add_it(name):
    with pytest.raises(LookupError, match=r"Add it to scripts/vendor/icons\.txt"):
        drawing.icon(name)


def test_the_run_history_draws_the_last_thirty_and_says_how_many_failed():
    runs = [SimpleNamespace(status="success", seconds=n, label=f"run {n}") for n in range(40)]
    runs[-1] = SimpleNamespace(status="error", seconds=None, label="<run>")
    shown = str(drawing.run_history(runs))
    assert shown.count("<rect") == 30
    assert "run 9<" not in shown
    assert 'aria-label="Last 30 runs, 1 failed"' in shown
    assert "<title>&lt;run&gt;</title>" in shown
    assert 'height="44.0"' in shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Mika Ito", "MI"), ("admin@example.com", "AD"), ("a.b@x.example", "AB")]
)
def test_initials(name, letters):
    assert show("{{ user|initials }}", user=name) == letters
