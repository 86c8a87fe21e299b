"""What rules mean, said a second time in plain Python over rows as dicts: what the SQL is compared with.

Reads the rules' JSON, not the project's tree, and shares no code with it.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
NEGATIVE = {
    "not_equals": "equals", "not_in": "in", "not_contains": "contains", "not_starts_with": "starts_with",
    "not_ends_with": "ends_with", "not_on": "on", "is_not_set": "is_set",
}  # fmt: skip


class Reference:
    """`kinds` by attribute, `events` by behavior, each event a dict with `cid` and `time`; `now` in Unix seconds."""

    def __init__(
        self, kinds: dict[str, str], event_kinds: dict[str, str], events: list[Row], zone: str, now: int
    ) -> None:
        self.kinds, self.event_kinds = kinds, event_kinds
        self.events, self.zone, self.now = events, ZoneInfo(zone), now
        self.segments: dict[int, Any] = {}

    def matches(self, rule: Any, customer: Row) -> bool:
        match rule["type"]:
            case "group":
                found = [self.matches(one, customer) for one in rule["rules"]]
                return all(found) if rule["match"] == "all" else any(found) or not found
            case "attribute":
                name = rule["attribute"]
                return self.compare(rule, customer.get(name), self.kinds[name])
            case "segment":
                return self.matches(self.segments[rule["segment"]], customer) == bool(rule["include"])
        return self.behavior(rule, customer)

    def behavior(self, rule: Any, customer: Row) -> bool:
        events = [one for one in self.events if one["cid"] is not None and one["cid"] == customer["id"]]
        if "window" in rule:
            events = [one for one in events if self.in_window(rule["window"], one["time"])]
        if "where" in rule:
            events = [one for one in events if self.filter(rule["where"], one)]
        value, kind = self.measure(rule, events)
        return self.compare(rule, value, kind)

    def filter(self, rule: Any, event: Row) -> bool:
        if rule["type"] == "group":
            found = [self.filter(one, event) for one in rule["rules"]]
            return all(found) if rule["match"] == "all" else any(found)
        name = rule["column"]
        return self.compare(rule, event[name], self.event_kinds[name])

    def in_window(self, window: Any, time: int | None) -> bool:
        if "last_days" in window:
            return self.compare({"operator": "in_last_days", "value": window["last_days"]}, time, "timestamp")
        span = {"operator": "between", "value": [window["from"], window["to"]]}
        return self.compare(span, time, "timestamp")

    def measure(self, rule: Any, events: list[Row]) -> tuple[Any, str]:
        if rule["measure"] == "count":
            return len(events), "number"
        name = rule["column"]
        kind = self.event_kinds[name]
        known = [one for one in events if one[name] is not None]
        values = [one[name] for one in known]
        match rule["measure"]:
            case "sum":
                return sum(values), "number"
            case "avg":
                return average(values), "number"
            case "min":
                return min(values, default=None), kind
            case "max":
                return max(values, default=None), kind
        timed = [(one["time"], rank(one[name]), one[name]) for one in known if one["time"] is not None]
        return (max(timed, key=lambda one: one[:2])[2] if timed else None), kind

    def compare(self, rule: Any, held: Any, kind: str) -> bool:
        operator, value = rule["operator"], rule.get("value")
        if operator in NEGATIVE:
            return not self.compare({"operator": NEGATIVE[operator], "value": value}, held, kind)
        if kind == "date" and isinstance(held, str):
            held = as_date(held)
        if operator == "is_set":
            return bool(held is not None and not (kind == "text" and held == ""))
        if held is None:
            return False
        if kind == "text":
            return text(operator, held, value)
        if kind == "number":
            return number(operator, held, value)
        if kind == "boolean":
            return bool(held == (operator == "is_true"))
        if kind == "date":
            return self.day(operator, held, value)
        return self.moment(operator, held, value)

    def day(self, operator: str, held: date, value: Any) -> bool:
        today = datetime.fromtimestamp(self.now, self.zone).date()
        match operator:
            case "in_last_days":
                return today - timedelta(days=value) <= held <= today
            case "before_last_days":
                return held < today - timedelta(days=value)
            case "in_next_days":
                return today <= held <= today + timedelta(days=value)
            case "between":
                return date.fromisoformat(value[0]) <= held <= date.fromisoformat(value[1])
        other = date.fromisoformat(value)
        return {"on": held == other, "before": held < other, "after": held > other}[operator]

    def moment(self, operator: str, held: Any, value: Any) -> bool:
        second = held.replace(tzinfo=UTC).timestamp() if isinstance(held, datetime) else held
        today = datetime.fromtimestamp(self.now, self.zone).date()
        match operator:
            case "in_last_days":
                return self.midnight(today - timedelta(days=value)) <= second < self.now
            case "before_last_days":
                return second < self.midnight(today - timedelta(days=value))
            case "in_next_days":
                return self.now <= second < self.midnight(today + timedelta(days=value + 1))
            case "between":
                return self.edges(value[0])[0] <= second < self.edges(value[1])[1]
        start, end = self.edges(value)
        return {"on": start <= second < end, "before": second < start, "after": second >= end}[operator]

    def edges(self, written: str) -> tuple[float, float]:
        """First second, and the one after the last, of a day or of a second."""
        if len(written) == 10:
            day = date.fromisoformat(written)
            return self.midnight(day), self.midnight(day + timedelta(days=1))
        local = datetime.fromisoformat(written)
        return (
            local.replace(tzinfo=self.zone).timestamp(),
            (local + timedelta(seconds=1)).replace(tzinfo=self.zone).timestamp(),
        )

    def midnight(self, day: date) -> float:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp()


def as_date(held: str) -> date | None:
    try:
        return date.fromisoformat(held)
    except ValueError:
        return None


def rank(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def average(values: list[Any]) -> Any:
    if not values:
        return None
    if isinstance(values[0], Decimal):
        mean = sum(values, Decimal()) / len(values)
        return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return sum(values) / len(values)


def text(operator: str, held: str, value: Any) -> bool:
    match operator:
        case "equals":
            return bool(held == value)
        case "in":
            return held in value
        case "contains":
            return value in held
        case "starts_with":
            return held.startswith(value)
    assert operator == "ends_with"
    return held.endswith(value)


def number(operator: str, held: Any, value: Any) -> bool:
    def known(one: Any) -> Any:
        exact = Decimal(str(one))
        return float(exact) if isinstance(held, float) else exact

    mine = held if isinstance(held, float) else Decimal(str(held))
    match operator:
        case "in":
            return mine in [known(one) for one in value]
        case "between":
            return bool(known(value[0]) <= mine <= known(value[1]))
    other = known(value)
    return bool({
        "equals": mine == other, "greater": mine > other, "at_least": mine >= other, "less": mine < other,
        "at_most": mine <= other,
    }[operator])  # fmt: skip
