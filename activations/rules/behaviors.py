"""Behavior rules from JSON: a measure of a customer's events, compared."""

from datetime import date
from typing import TYPE_CHECKING, Any

from activations.rules import values
from activations.rules.errors import Wrong
from activations.rules.nodes import Behavior, Condition, Window
from activations.rules.operators import MEASURES, Operator, Takes, operators_of_measure

if TYPE_CHECKING:
    from activations.rules.parsing import Reader

_FIELDS = {"type", "behavior", "measure", "column", "operator", "value", "where", "window"}
_MEASURES = {measure.key: measure for measure in MEASURES}
_DAYS = Operator("last_days", "the last days", Takes.DAYS)
_DATES = Operator("between", "between", Takes.TWO)


def read_behavior(reader: "Reader", raw: dict[str, Any], path: str) -> Behavior | None:
    if not reader.fields(raw, path, "behavior", _FIELDS):
        return None
    name, measure = raw.get("behavior"), _MEASURES.get(str(raw.get("measure")))
    columns = reader.vocabulary.behaviors.get(name) if isinstance(name, str) else None
    if columns is None or not isinstance(name, str):
        missing = (
            f"The parent segment has no behavior {name or '“”'}. Choose another one, or remove this rule."
        )
        reader.say(f"{path}.behavior", missing)
        return None
    if measure is None:
        reader.say(f"{path}.measure", f"Choose one of {', '.join(_MEASURES)}.")
        return None
    column = raw.get("column") or ""
    if not isinstance(column, str):
        reader.say(f"{path}.column", "Give the name of a column.")
        return None
    kind = "number"
    if not measure.of and column:
        reader.say(f"{path}.column", "How often takes no column. Leave it out.")
        return None
    if measure.of:
        if columns.get(column) not in measure.of:
            reader.say(
                f"{path}.column", f"{_no_column(name, column, columns)} Choose one for “{measure.words}”."
            )
            return None
        kind = columns[column]
    operators = operators_of_measure(measure.key, kind)
    problems = len(reader.problems)
    result = reader.compared(raw, path, measure.words, "number" if measure.key == "avg" else kind, operators)
    if result is not None and measure.key == "count" and not _countable(result):
        reader.say(f"{path}.value", "Give whole numbers from 0 up.")
    where = raw.get("where")
    filter = reader.group(where, f"{path}.where", inside=columns) if where is not None else None
    window = _window(reader, raw.get("window"), f"{path}.window")
    if result is None or len(reader.problems) > problems:
        return None
    return Behavior(name, measure.key, column, result, filter, window)


def _no_column(behavior: str, column: object, columns: Any) -> str:
    if column in columns:
        return f"{column} has values this can't be drawn from."
    return f"{behavior} has no column {column}." if column else "A column is missing."


def _countable(result: Condition) -> bool:
    numbers = result.value if isinstance(result.value, tuple) else (result.value,)
    return all(isinstance(one, int) and one >= 0 for one in numbers)


def _window(reader: "Reader", raw: Any, path: str) -> Window | None:
    if raw is None:
        return None
    try:
        if isinstance(raw, dict) and set(raw) == {"last_days"}:
            days = values.read(raw["last_days"], "number", _DAYS)
            assert isinstance(days, int)
            return Window(last_days=days)
        if isinstance(raw, dict) and set(raw) == {"from", "to"}:
            dates = values.read([raw["from"], raw["to"]], "date", _DATES)
            assert isinstance(dates, tuple)
            start, end = dates
            assert isinstance(start, date)
            assert isinstance(end, date)
            return Window(start=start, end=end)
    except Wrong as wrong:
        reader.say(path, str(wrong))
        return None
    reader.say(path, "Give last_days, or from and to.")
    return None
