"""Cron rules in plain Python: text -> rule -> the instants at which it runs in a time zone.

rule = parse("0 0 1 * 1")                  # None for "", CronError for what can't be read
rule.sentence()                            # "At 00:00 every Monday"
for occurrence in islice(rule.after(now, ZoneInfo("Asia/Tokyo")), 5): ...
"""

from console.workbench.schedules.errors import CronError
from console.workbench.schedules.occurrences import Note, Occurrence
from console.workbench.schedules.parsing import DAILY, HOURLY, PRESETS, parse
from console.workbench.schedules.rule import EchoedField, Rule

__all__ = ["DAILY", "HOURLY", "PRESETS", "CronError", "EchoedField", "Note", "Occurrence", "Rule", "parse"]
