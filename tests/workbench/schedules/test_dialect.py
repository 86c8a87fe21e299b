"""The rules of the documents, each example of theirs, and what is said about rules that can't be read."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from console.workbench.schedules import CronError, Rule, parse

START = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(seconds=1)


def rule(text: str) -> Rule:
    found = parse(text)
    assert found is not None
    return found


def runs(text: str, count: int, start: datetime = START, zone: str = "UTC") -> list[str]:
    return [f"{run.local:%Y-%m-%d %H:%M}" for run in islice(rule(text).after(start, ZoneInfo(zone)), count)]


def days(text: str, year: int, month: int) -> list[int]:
    start = datetime(year, month, 1, tzinfo=UTC)
    end = start + timedelta(days=31)
    found = {run.at.date() for run in rule(text).between(start, end, UTC)}
    return sorted(day.day for day in found if day.month == month)


# The table of cron values ------------------------------------------------------------------------


def test_once_an_hour():
    assert runs("0 * * * *", 3) == ["2026-01-01 00:00", "2026-01-01 01:00", "2026-01-01 02:00"]


def test_once_a_day_at_midnight():
    assert runs("0 0 * * *", 3) == ["2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 00:00"]


def test_once_a_month_on_the_morning_of_the_first():
    assert runs("0 0 1 * *", 3) == ["2026-01-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00"]


@pytest.mark.parametrize("text", ["", " "])
def test_nothing_is_no_scheduled_run_time(text):
    assert parse(text) is None


# The drop-down -----------------------------------------------------------------------------------


def test_daily_is_midnight_in_the_zone():
    assert runs("@daily", 2, zone="Asia/Tokyo") == ["2026-01-02 00:00", "2026-01-03 00:00"]
    assert next(rule("@daily").after(START, ZoneInfo("Asia/Tokyo"))).at == datetime(
        2026, 1, 1, 15, tzinfo=UTC
    )


def test_hourly_is_at_00_minutes():
    assert runs("@hourly", 2) == ["2026-01-01 00:00", "2026-01-01 01:00"]
    assert rule("@hourly").text == "@hourly"
    assert [field.text for field in rule("@hourly").fields] == ["0", "*", "*", "*", "*"]


def test_the_presets_of_the_command_line():
    assert runs("@weekly", 2) == ["2026-01-04 00:00", "2026-01-11 00:00"]  # Sundays
    assert runs("@monthly", 2) == ["2026-01-01 00:00", "2026-02-01 00:00"]


# The table of field values -----------------------------------------------------------------------


def test_a_range():
    assert days("0 0 1-10 * *", 2026, 1) == list(range(1, 11))
    assert rule("2-5 * * * *").minute.values == (2, 3, 4, 5)


def test_a_list():
    assert days("0 0 1,11,21 * *", 2026, 1) == [1, 11, 21]
    assert rule("2,3,4,5 * * * *").minute.values == (2, 3, 4, 5)


def test_a_periodicity_indicator():
    first = [f"2026-01-01 {hour:02}:30" for hour in range(0, 24, 2)]
    assert runs("30 */2 1 * *", 13) == [*first, "2026-02-01 00:30"]
    assert days("0 0 */5 * *", 2026, 1) == [5, 10, 15, 20, 25, 30]


def test_a_mixture():
    """The documents name the 5th, 10th, 20th and 25th; the 30th is a multiple of 10 as well."""
    assert days("0 0 5,*/10,25 * *", 2026, 1) == [5, 10, 20, 25, 30]
    assert days("0 0 5,*/10,25 * *", 2026, 2) == [5, 10, 20, 25]
    assert rule("2,*/5,8-10 * * * *").minute.values == (0, 2, 5, 8, 9, 10, *range(15, 60, 5))


def test_steps_are_multiples_in_every_field():
    assert rule("*/7 * * * *").minute.values == (0, 7, 14, 21, 28, 35, 42, 49, 56)
    assert rule("0 */5 * * *").hour.values == (0, 5, 10, 15, 20)
    assert rule("0 0 * */5 *").month.values == (5, 10)
    assert rule("0 0 * * */2").weekday.values == (0, 2, 4, 6)


def test_names():
    assert rule("0 0 * * sun,mon,tue,wed,thu,fri,sat").weekday.values == tuple(range(7))
    months = "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec"
    assert rule(f"0 0 * {months} *").month.values == tuple(range(1, 13))
    assert rule("0 0 * jan-mar Mon-FRI").weekday.values == (1, 2, 3, 4, 5)
    assert runs("0 0 * * sun", 1) == ["2026-01-04 00:00"]


def test_leap_days():
    assert runs("0 0 29 feb *", 3) == ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]
    around_2100 = datetime(2097, 1, 1, tzinfo=UTC)
    assert runs("0 0 29 feb *", 1, around_2100) == ["2104-02-29 00:00"]


# Day of month against day of week ----------------------------------------------------------------


def test_the_documents_conflict_follows_the_mondays():
    found = rule("0 0 1 * 1")
    assert runs("0 0 1 * 1", 2) == ["2026-01-05 00:00", "2026-01-12 00:00"]
    assert {date.fromisoformat(run[:10]).weekday() for run in runs("0 0 1 * 1", 50)} == {0}
    assert [(field.text, field.ignored) for field in found.fields] == [
        ("0", False), ("0", False), ("1", True), ("*", False), ("1", False),
    ]  # fmt: skip
    assert found.conflict == (
        "Day of month (1st) and day of week (Monday) disagree. The one that runs more often is followed, "
        "so day of month is ignored."
    )


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("0 0 1-4 * mon", "day"),  # 48 days a year, 52 Mondays
        ("0 0 1-5 * mon", "weekday"),  # 60 days a year
        ("0 0 1,15 * mon-fri", "day"),
        ("0 0 */2 * sat,sun", "weekday"),  # about 180 days a year against 104
        ("0 0 29 feb mon", "day"),  # a February has four Mondays
        ("0 0 30 feb mon", "day"),  # never, against four
        ("0 0 29,30 feb,apr mon", "day"),
        ("0 0 */1 * mon", ""),  # restricts nothing
        ("0 0 1 * 0-6", ""),
        ("0 0 * * mon", ""),
        ("0 0 1 * *", ""),
    ],
)
def test_the_one_that_runs_more_often_is_followed(text, ignored):
    assert rule(text).ignored == ignored
    assert bool(rule(text).conflict) == bool(ignored)


@pytest.mark.parametrize(
    "text", ["0 0 1-4 * mon", "0 0 1-5 * mon", "0 0 31 * fri", "0 0 13 * fri", "0 0 */9 feb sat"]
)
def test_more_often_is_counted_over_the_whole_calendar(text):
    """Against counting day by day, over 400 years."""
    found = rule(text)
    whole = [date(2000, 1, 1) + timedelta(days=n) for n in range(146_097)]
    inside = [day for day in whole if day.month in found.month.values]
    of_month = sum(day.day in found.day.values for day in inside)
    of_week = sum(day.isoweekday() % 7 in found.weekday.values for day in inside)
    assert found.ignored == ("weekday" if of_month > of_week else "day")


# Errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "field", "fix"),
    [
        ("0 0 * *", "cron", "This one has 4. An example: 0 0 * * *"),
        ("0 0 0 * * *", "cron", "This one has 6."),
        ("0  0 * * *", "cron", "Write 0 0 * * *"),
        ("0\t0 * * *", "cron", "Write 0 0 * * *"),
        ("@yearly", "cron", "Write @daily, @hourly, or five fields"),
        (f"{','.join(map(str, range(60)))},{','.join(map(str, range(60)))} * * * *", "cron", "Use ranges and steps."),
        ("60 * * * *", "minute", "“60” is not one of 0 to 59."),
        ("-1 * * * *", "minute", "“-1” is not one of 0 to 59."),
        ("1- * * * *", "minute", "“1-” is not one of 0 to 59."),
        ("1.5 * * * *", "minute", "“1.5” is not one of 0 to 59."),
        ("٣ * * * *", "minute", "is not one of 0 to 59."),
        ("0 24 * * *", "hour", "“24” is not one of 0 to 23."),
        ("0 0 0 * *", "day", "“0” is not one of 1 to 31."),
        ("0 0 L * *", "day", "“L” is not one of 1 to 31."),
        ("0 0 ? * *", "day", "Write *."),
        ("0 0 * 13 *", "month", "“13” is not one of 1 to 12, or jan, feb"),
        ("0 0 * january *", "month", "Write jan."),
        ("0 0 * mon *", "month", "“mon” is not one of 1 to 12, or jan"),
        ("0 0 * * 7", "weekday", "Write 0 or sun instead of 7."),
        ("0 0 * * 5-7", "weekday", "Write 0 or sun instead of 7."),
        ("0 0 * * Monday", "weekday", "Write mon."),
        ("0 0 * * mon#2", "weekday", "Write mon."),
        ("0 0 * * fri-mon", "weekday", "Write fri,sat,sun,mon."),
        ("0 22-2 * * *", "hour", "Write 22,23,0,1,2."),
        ("0 0 * nov-feb *", "month", "Write nov,dec,jan,feb."),
        ("*,5 * * * *", "minute", "* stands alone."),
        ("1,,2 * * * *", "minute", "a value is missing beside a comma."),
        ("5, * * * *", "minute", "a value is missing beside a comma."),
        ("0 0 1-10/3 * *", "day", "Instead of “1-10/3” write 1,4,7,10."),
        ("5/15 * * * *", "minute", "Instead of “5/15” write 5,20,35,50."),
        ("*/0 * * * *", "minute", "Write a whole number after the slash, as in */5."),
        ("*/ * * * *", "minute", "Write a whole number after the slash"),
        ("*/x * * * *", "minute", "Write a whole number after the slash"),
        ("*/5/2 * * * *", "minute", "Write a whole number after the slash"),
        ("*/90 * * * *", "minute", "the largest step is 59"),
        ("0 0 30 2 *", "day", "February never has the 30th, so this rule never runs."),
        ("0 0 31 feb,apr,jun *", "day", "February, April and June never has the 31st"),
    ],
)  # fmt: skip
def test_an_error_names_the_field_and_the_fix(text, field, fix):
    with pytest.raises(CronError) as caught:
        parse(text)
    assert caught.value.field == field
    assert fix in str(caught.value)


def test_spaces_around_the_rule_do_no_harm():
    assert rule(" 0 0 * * *\n").text == "0 0 * * *"
