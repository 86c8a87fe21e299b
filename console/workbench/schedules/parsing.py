"""Cron text -> rule, in the dialect of the documents: five fields, one space between them."""

import re

from console.workbench.schedules.days import count_days
from console.workbench.schedules.errors import CronError
from console.workbench.schedules.fields import KINDS, Field, read
from console.workbench.schedules.rule import Rule
from console.workbench.schedules.words import dates, month_names

DAILY, HOURLY = "@daily", "@hourly"
PRESETS = {DAILY: "0 0 * * *", HOURLY: "0 * * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
LONGEST = 255
EXAMPLE = "0 0 * * * (every day at 00:00)"


def parse(text: str) -> Rule | None:
    """The rule that stands in `text`; None for "", which has no scheduled run time. Raises CronError."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise CronError("cron", f"The rule has more than {LONGEST} characters. Use ranges and steps.")
    fields = [read(kind, part) for kind, part in zip(KINDS, _split(text), strict=True)]
    rule = Rule(text, *fields)
    if rule.ignored != "day" and not count_days(rule.month.values, rule.days):
        raise _never(rule.day, rule.month)
    return rule


def _split(text: str) -> list[str]:
    if text.startswith("@"):
        if text.lower() not in PRESETS:
            raise CronError(
                "cron", f"“{text}” is not known. Write {DAILY}, {HOURLY}, or five fields: {EXAMPLE}."
            )
        text = PRESETS[text.lower()]
    parts = re.split(r"\s+", text)
    if len(parts) != len(KINDS):
        names = ", ".join(kind.label.lower() for kind in KINDS)
        raise CronError(
            "cron", f"A rule has five fields: {names}. This one has {len(parts)}. An example: {EXAMPLE}."
        )
    if text != " ".join(parts):
        raise CronError("cron", f"One single space stands between two fields. Write {' '.join(parts)}")
    return parts


def _never(day: Field, month: Field) -> CronError:
    return day.kind.error(
        f"{month_names(month.values)} never has the {dates(day.values)}, so this rule never runs. "
        "Write a day that exists."
    )
