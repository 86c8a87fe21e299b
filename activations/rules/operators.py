"""The operators: what each is called, what it takes, and what it says of customers without a value.

No comparison is ever in doubt. A customer without a value (NULL; of a text also the empty one for `is set`) matches
no positive operator. Those that say "not" are the exact opposite of their positive, so they match a customer without
a value: whoever looks for "country is not France" looks for everybody who isn't known to be there.
"""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    NOTHING = "nothing"
    ONE = "one"
    LIST = "list"
    TWO = "two"  # from and to, both included
    DAYS = "days"  # a whole number of days


@dataclass(frozen=True)
class Operator:
    key: str
    words: str  # between the column and the value
    takes: Takes = Takes.ONE
    explains: str = ""  # what a person can't guess
    after: str = ""  # words behind the value


_WITHOUT = "Also matches customers without a value."
_CASE = "Upper and lower case differ."
_DAYS = "Days begin at midnight in the parent segment's time zone."
_SET = (Operator("is_set", "is set", Takes.NOTHING), Operator("is_not_set", "is not set", Takes.NOTHING))
_TEXT_SET = (
    Operator("is_set", "is set", Takes.NOTHING, "An empty text is not set."),
    Operator("is_not_set", "is not set", Takes.NOTHING, "No value, or an empty text."),
)
_LISTS = (
    Operator("in", "is one of", Takes.LIST),
    Operator("not_in", "is none of", Takes.LIST, _WITHOUT),
)
_TEXT = (
    Operator("equals", "is", explains=_CASE),
    Operator("not_equals", "is not", explains=f"{_CASE} {_WITHOUT}"),
    *_LISTS,
    Operator("contains", "contains", explains=_CASE),
    Operator("not_contains", "does not contain", explains=f"{_CASE} {_WITHOUT}"),
    Operator("starts_with", "starts with", explains=_CASE),
    Operator("not_starts_with", "does not start with", explains=f"{_CASE} {_WITHOUT}"),
    Operator("ends_with", "ends with", explains=_CASE),
    Operator("not_ends_with", "does not end with", explains=f"{_CASE} {_WITHOUT}"),
    *_TEXT_SET,
)
_COMPARISONS = (
    Operator("equals", "is"),
    Operator("not_equals", "is not", explains=_WITHOUT),
    Operator("greater", "is more than"),
    Operator("at_least", "is at least"),
    Operator("less", "is less than"),
    Operator("at_most", "is at most"),
    Operator("between", "is between", Takes.TWO, "Both included."),
)
_TIME = (
    Operator("on", "is on", explains=_DAYS),
    Operator("not_on", "is not on", explains=f"{_DAYS} {_WITHOUT}"),
    Operator("before", "is before", explains="A date alone: before that day begins."),
    Operator("after", "is after", explains="A date alone: after that day has ended."),
    Operator("between", "is between", Takes.TWO, "Both included, a date alone as the whole day."),
    Operator(
        "in_last_days", "is within the last", Takes.DAYS,
        "From the start of the day that many days before the run, up to the run.", "days",
    ),
    Operator(
        "before_last_days", "is more than", Takes.DAYS,
        "Before the day that many days before the run began.", "days ago",
    ),
    Operator(
        "in_next_days", "is within the next", Takes.DAYS,
        "From the run to the end of the day that many days after it.", "days",
    ),
    *_SET,
)  # fmt: skip
_BY_KIND: dict[str, tuple[Operator, ...]] = {
    "text": _TEXT,
    "number": (*_COMPARISONS, *_LISTS, *_SET),
    "boolean": (
        Operator("is_true", "is true", Takes.NOTHING),
        Operator("is_false", "is false", Takes.NOTHING, "Not a customer without a value."),
        *_SET,
    ),
    "date": _TIME,
    "timestamp": _TIME,
    "other": _SET,
}
# Of how often, and of sums: nobody is without one, it is 0 where there were no events.
_COUNTED = (
    Operator("at_least", "at least"),
    Operator("at_most", "at most"),
    Operator("equals", "exactly"),
    Operator("not_equals", "not exactly"),
    Operator("greater", "more than"),
    Operator("less", "less than"),
    Operator("between", "between", Takes.TWO, "Both included."),
)
NEGATIVE = {
    "not_equals": "equals", "not_in": "in", "not_contains": "contains", "not_starts_with": "starts_with",
    "not_ends_with": "ends_with", "not_on": "on", "is_not_set": "is_set",
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    key: str
    words: str
    of: frozenset[str]  # kinds of columns it can take; none: it takes no column
    explains: str = ""


MEASURES = (
    Measure("count", "how often", frozenset(), "0 for customers without such events."),
    Measure("sum", "sum of", frozenset({"number"}), "0 for customers without such events."),
    Measure("avg", "average of", frozenset({"number"}), "Customers without such events have none."),
    Measure("min", "smallest", frozenset({"number", "date", "timestamp"}), "Customers without such events have none."),
    Measure("max", "largest", frozenset({"number", "date", "timestamp"}), "Customers without such events have none."),
    Measure(
        "last", "last", frozenset({"text", "number", "boolean", "date", "timestamp"}),
        "The value in the latest event that has one; of several at that time the largest.",
    ),
)  # fmt: skip
ZERO_WITHOUT_EVENTS = frozenset({"count", "sum"})


def operators_for(kind: str) -> tuple[Operator, ...]:
    """Those a column of this kind may be compared with, in the order of a menu."""
    return _BY_KIND[kind]


def operators_of_measure(measure: str, kind: str) -> tuple[Operator, ...]:
    """The same for what a measure gives; `kind` is its column's."""
    return _COUNTED if measure in ZERO_WITHOUT_EVENTS else _BY_KIND["number" if measure == "avg" else kind]


def find(operators: tuple[Operator, ...], key: object) -> Operator | None:
    return next((one for one in operators if one.key == key), None)
