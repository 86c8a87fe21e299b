"""Behavior rules: one WITH query for each filter and window, which gives each customer with such events one row."""

from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from activations.rules.nodes import Behavior, Condition, Group, Window
from activations.rules.operators import ZERO_WITHOUT_EVENTS
from activations.sql.conditions import condition
from activations.sql.operands import INTEGERS, LIMIT, Operand, limit, operand, whole
from activations.sql.schema import Events, Field, present
from activations.sql.writing import both, call, column, either, is_null, named, number, table

PROFILE = "profile"  # the key's name in a WITH query
_EVENT = "event"
_TIME = "time"


class Summary:
    """What is asked of one table's events under one filter and window; measures are added as rules need them."""

    def __init__(self, name: str, events: Events, behavior: Behavior, zone: str) -> None:
        self.name, self.events, self.zone = name, events, zone
        self._behavior = behavior
        self._measures: dict[tuple[str, str], str] = {}

    def compare(self, behavior: Behavior) -> exp.Expr:
        """The behavior's comparison, over this query joined under its name."""
        result = behavior.result
        field = self._field(behavior)
        key = (behavior.measure, behavior.column)
        name = self._measures.setdefault(key, f"measure_{len(self._measures) + 1}")
        value: exp.Expr = column(self.name, name)
        if behavior.measure in ZERO_WITHOUT_EVENTS and _may_match_zero(result):
            value = call("coalesce", value, number(0))
        return condition(result, _measured(behavior, field, value), self.zone)

    def query(self) -> exp.Select:
        key = column(_EVENT, self.events.key)
        made = [named(self._aggregate(*one), name) for one, name in self._measures.items()]
        query = exp.select(named(key, PROFILE), *made).from_(table(self.events.ref, _EVENT))
        parts = [exp.Not(this=is_null(key.copy())), *self._filter()]
        return query.where(both(*parts).unnest(), copy=False).group_by(key.copy(), copy=False)

    def _filter(self) -> list[exp.Expr]:
        found: list[exp.Expr] = []
        if self._behavior.window is not None:
            time = present(self.events.time, self.events.ref, _TIME)
            found.append(self._window(self._behavior.window, self._operand(time)))
        if self._behavior.where is not None:
            found.append(self._group(self._behavior.where))
        return found

    def _window(self, window: Window, time: Operand) -> exp.Expr:
        if window.last_days is not None:
            return condition(Condition(_TIME, time.kind, "in_last_days", window.last_days), time, self.zone)
        assert window.start is not None
        assert window.end is not None
        span = Condition(_TIME, time.kind, "between", (window.start, window.end))
        return condition(span, time, self.zone)

    def _group(self, group: Group) -> exp.Expr:
        parts = []
        for one in group.rules:
            if isinstance(one, Group):
                parts.append(self._group(one))
            elif isinstance(one, Condition):
                field = present(self.events.columns[one.name], self.events.ref, one.name)
                parts.append(condition(one, self._operand(field), self.zone))
        return (both if group.match == "all" else either)(*parts)

    def _aggregate(self, measure: str, name: str) -> exp.Expr:
        if measure == "count":
            return call("count", exp.Star())
        value = column(_EVENT, self.events.columns[name].column)
        if measure != "last":
            return call(measure, value)
        time = column(_EVENT, present(self.events.time, self.events.ref, _TIME).column)
        last = call("max_by", value, call("row", time, value.copy()))
        known = both(exp.Not(this=is_null(value.copy())), exp.Not(this=is_null(time.copy())))
        return exp.Filter(this=last, expression=exp.Where(this=known.unnest()))

    def _field(self, behavior: Behavior) -> Field | None:
        if not behavior.column:
            return None
        return present(self.events.columns[behavior.column], self.events.ref, behavior.column)

    def _operand(self, field: Field) -> Operand:
        return operand(field, column(_EVENT, field.column))


def _measured(behavior: Behavior, field: Field | None, value: exp.Expr) -> Operand:
    if field is None:
        return whole(value)
    if behavior.measure == "sum" and limit(field.stored or "") is not None:
        return Operand(value, "number", LIMIT)  # it may be larger than any of the values
    if behavior.measure == "avg" and field.stored in INTEGERS:
        return Operand(value, "number")
    return operand(field, value)


def _may_match_zero(result: Condition) -> bool:
    """Whether a customer without events may match. Where not, NULL says the same, and the join can be an inner one;
    but NULL matches what says "not"."""
    low, high = result.value if isinstance(result.value, tuple) else (result.value, result.value)
    assert isinstance(low, (int, Decimal))
    assert isinstance(high, (int, Decimal))
    return {
        "at_least": low <= 0, "at_most": low >= 0, "equals": low == 0, "not_equals": True,
        "greater": low < 0, "less": low > 0, "between": low <= 0 <= high,
    }[result.operator]  # fmt: skip


def same_events(behavior: Behavior) -> Behavior:
    """Equal for behaviors that can share a query."""
    nothing = Condition("", "", "")
    return replace(behavior, measure="", column="", result=nothing)
