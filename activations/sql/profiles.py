"""A segment's query: which customers, one row each, with the columns that are asked for."""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from activations.mapping import Written
from activations.rules.nodes import Behavior, Condition, Group, Membership, Rule
from activations.sql.conditions import condition
from activations.sql.events import PROFILE, Summary, same_events
from activations.sql.operands import operand
from activations.sql.schema import Lost, Schema, present
from activations.sql.writing import both, call, column, either, is_null, named, number, table, text

CUSTOMERS = "customers"
KEY = "profile_key"


def profiles(
    schema: Schema,
    rules: Group,
    included: Mapping[int, Group],
    outputs: Sequence[Written] = (),
    *,
    limit: int | None = None,
) -> exp.Select:
    """`outputs` in their order, and the key as the last column, by which the rows are sorted. Raises Lost."""
    builder = Builder(schema, included)
    where = builder.group(rules)
    selected = [builder.output(one) for one in outputs]
    query = builder.query(where, [*selected, named(builder.key, KEY)]).order_by(
        builder.key.copy(), copy=False
    )
    return query if limit is None else query.limit(limit, copy=False)


def count(schema: Schema, rules: Group, included: Mapping[int, Group]) -> exp.Select:
    """How many rows there are, and how many customers: two numbers, equal while no key comes twice."""
    builder = Builder(schema, included)
    where = builder.group(rules)
    different = call("count", exp.Distinct(expressions=[builder.key.copy()]))
    rows = call("count", exp.Star())
    return builder.query(where, [named(rows, "size"), named(different, "customers")])


class Builder:
    def __init__(self, schema: Schema, included: Mapping[int, Group]) -> None:
        self.schema, self.included = schema, included
        self.key = column(CUSTOMERS, schema.key)
        self._tables: set[int] = set()
        self._summaries: dict[Behavior, Summary] = {}

    def query(self, where: exp.Expr | None, selected: list[exp.Expr]) -> exp.Select:
        query = exp.select(*selected).from_(table(self.schema.master, CUSTOMERS))
        for index in sorted(self._tables):
            joined = self.schema.joined[index]
            on = exp.EQ(
                this=column(_alias(index), joined.key), expression=column(CUSTOMERS, joined.master_column)
            )
            query.join(table(joined.ref, _alias(index)), on=on, join_type="left", copy=False)
        for summary in self._summaries.values():
            on = exp.EQ(
                this=column(summary.name, PROFILE),
                expression=column(CUSTOMERS, summary.events.master_column),
            )
            name = exp.table_(exp.to_identifier(summary.name, quoted=True))
            query.join(name, on=on, join_type="left", copy=False)
            query.with_(exp.to_identifier(summary.name, quoted=True), as_=summary.query(), copy=False)
        known = exp.Not(this=is_null(self.key.copy()))
        return query.where(known if where is None else both(known, where).unnest(), copy=False)

    def output(self, one: Written) -> exp.Expr:
        return named(self.value(one.attribute) if one.attribute else text(one.value), one.name)

    def value(self, attribute: str) -> exp.Column:
        field = self.schema.attribute(attribute)
        if field.table is None:
            return column(CUSTOMERS, field.column)
        self._tables.add(field.table)
        return column(_alias(field.table), field.column)

    def group(self, group: Group) -> exp.Expr | None:
        """None for a group that everybody is in."""
        parts = [part for rule in group.rules if (part := self.rule(rule)) is not None]
        if not group.rules or (group.match == "any" and len(parts) < len(group.rules)):
            return None
        return (both if group.match == "all" else either)(*parts) if parts else None

    def rule(self, rule: Rule) -> exp.Expr | None:
        if isinstance(rule, Group):
            return self.group(rule)
        if isinstance(rule, Condition):
            field = self.schema.attribute(rule.name)
            return condition(rule, operand(field, self.value(rule.name)), self.schema.zone)
        if isinstance(rule, Behavior):
            return self.behavior(rule)
        return self.membership(rule)

    def membership(self, rule: Membership) -> exp.Expr | None:
        inside = self.group(self.included[rule.segment])
        if rule.include:
            return inside
        if inside is None:
            return exp.EQ(this=number(1), expression=number(0))  # not everybody is nobody
        return exp.Not(this=call("coalesce", inside, exp.false()))

    def behavior(self, rule: Behavior) -> exp.Expr:
        events = self.schema.behaviors.get(rule.behavior)
        if events is None:
            raise Lost(f"The parent segment has no behavior {rule.behavior} any more. Choose another one.")
        present(events.time, events.ref, rule.behavior)
        name = f"events_{len(self._summaries) + 1}"
        made = self._summaries.setdefault(same_events(rule), Summary(name, events, rule, self.schema.zone))
        return made.compare(rule)


def _alias(index: int) -> str:
    return f"attributes_{index + 1}"
