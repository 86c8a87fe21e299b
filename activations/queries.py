"""The SQL of a segment and of an activation's run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activations import mapping, sources, sql
from activations.models import ParentSegment, Segment
from activations.rules import Group, parse, resolve


@dataclass(frozen=True)
class Selection:
    """Rules over a parent segment that have been read, with all they lead to. Raises nothing but `sql.Lost`."""

    schema: sql.Schema
    rules: Group
    included: dict[int, Group]

    def count_sql(self) -> str:
        return sql.to_sql(sql.count(self.schema, self.rules, self.included))

    def profiles_sql(self, outputs: Sequence[mapping.Written], *, limit: int | None = None) -> str:
        """These columns and last the key; sorted by it, so that a preview's rows are the first that are sent."""
        return sql.to_sql(sql.profiles(self.schema, self.rules, self.included, outputs, limit=limit))

    def everything(self) -> list[mapping.Written]:
        return [mapping.Written(name, attribute=name) for name in self.schema.attributes]


def select(audience: ParentSegment, rules: Any, own: Segment | None = None) -> Selection:
    """Reads rules as JSON. Raises RulesError."""
    vocabulary = sources.vocabulary(audience, own)
    read = parse(rules, vocabulary)
    return Selection(sources.schema(audience), read, resolve(read, vocabulary))


def select_segment(segment: Segment) -> Selection:
    return select(segment.audience, segment.rules, segment)


def segment_sql(segment: Segment) -> str:
    """The segment as a query to open in the workbench: every attribute, and the key last. Raises RulesError, Lost."""
    selection = select_segment(segment)
    return selection.profiles_sql(selection.everything())
