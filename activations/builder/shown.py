"""One rule or group with everything its fields show. What is drawn from what was typed is in `drawing`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from activations.builder import paths
from activations.rules import Operator, Takes

Choices = list[tuple[str, str]]
WINDOWS: Choices = [("any", "at any time"), ("last_days", "in the last"), ("between", "from … to …")]
FORMS = {
    "number": "such as 20 or 19.90",
    "date": "such as 2026-01-31",
    "timestamp": "such as 2026-01-31 or 2026-01-31 14:30",
}


@dataclass
class View:
    """One rule or group. `path` names its fields; `wrong` are problems by the field they belong to, "" the rule."""

    path: str
    type: str
    number: int = 0
    siblings: int = 1
    depth: int = 0
    inside: bool = False  # a behavior's filter
    wrong: dict[str, str] = field(default_factory=dict)
    match: str = "all"
    rules: "list[View]" = field(default_factory=list)
    groups: list[tuple[str, list[str]]] = field(default_factory=list)
    chosen: str = ""
    lost: bool = False  # what is chosen is no longer there
    was: str = ""
    operators: Sequence[Operator] = ()
    operator: Operator | None = None
    unknown: bool = False  # the operator is none of this column's
    kind: str = "text"
    value: Any = ""
    measures: Choices = field(default_factory=list)
    measure: str = ""
    explains: str = ""
    columns: Choices = field(default_factory=list)
    column: str = ""
    window: Mapping[str, str] = field(default_factory=dict)
    where: "View | None" = None
    segments: Choices = field(default_factory=list)
    include: bool = True
    beside_group: bool = False
    is_filter: bool = False  # the whole filter of a behavior, which no menu moves

    @property
    def id(self) -> str:
        return paths.element(self.path) or "root"

    @property
    def prefix(self) -> str:
        return f"{self.path}." if self.path else ""

    @property
    def takes(self) -> str:
        return self.operator.takes.value if self.operator else "one"

    @property
    def input(self) -> str:
        """The browser's own field for dates, unless what was typed is none and would be lost in it."""
        if self.takes == Takes.ONE and "\n" in self.value:
            return "area"  # a single line would lose the others
        texts = [text for text in (self.value if isinstance(self.value, list) else [self.value]) if text]
        return "date" if self.kind == "date" and all(map(_is_date, texts)) else "text"

    @property
    def hint(self) -> str:
        return FORMS.get(self.kind, "") if self.takes in (Takes.ONE, Takes.TWO) else ""

    @property
    def can_leave(self) -> bool:
        return "rules" in self.path.rpartition("rules")[0] and not self.around.endswith("where")

    @property
    def around(self) -> str:
        return self.path.rpartition("rules")[0].rstrip(".")

    @property
    def window_input(self) -> str:
        texts = [self.window.get(name, "") for name in ("from", "to")]
        return "date" if all(map(_is_date, filter(None, texts))) else "text"

    @property
    def windows(self) -> Choices:
        return WINDOWS


FIELDS = {
    "group": ("",),
    "segment": ("segment", ""),
    "attribute": ("attribute", "operator", "value", ""),
    "column": ("column", "operator", "value", ""),
    "behavior": ("window", "measure", "column", "behavior", "operator", "value", ""),
}


def slots(view: View) -> list[tuple[str, str]]:
    """Every place for an error, by its id, with what stands there now; "" where nothing does."""
    names = FIELDS[view.type]
    found = [("-".join(filter(None, (view.id, name))), view.wrong.get(name, "")) for name in names]
    below = [*view.rules, *([view.where] if view.where and view.where.rules else [])]
    return [*found, *(slot for one in below for slot in slots(one))]


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == 10
    except ValueError:
        return False
