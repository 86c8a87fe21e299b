"""A journey's queries: who moves, who reached a stage, and where all are.

The journey's log is a table with one row for each move: `profile_key`, `stage`, `event` ("reached", "exited" or
"completed"), `evaluation`, `time`. Rows are only added. A profile has at most one for an evaluation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from activations.mapping import Written
from activations.rules.nodes import Group
from activations.sql.profiles import KEY, Builder
from activations.sql.schema import Schema
from activations.sql.writing import both, call, column, is_null, named, number, table, text
from console.warehouse.types import TableRef

REACHED, EXITED, COMPLETED = "reached", "exited", "completed"
COLUMNS = (KEY, "stage", "event", "evaluation", "time")
NOW = "TD_SCHEDULED_TIME"


@dataclass(frozen=True)
class Stage:
    rules: Group | None  # None: everybody whose wait is over
    wait: int  # seconds


@dataclass(frozen=True)
class Plan:
    entry: Group
    exit: Group | None
    stages: tuple[Stage, ...]
    included: Mapping[int, Group] = field(default_factory=dict)


def evaluation(schema: Schema, plan: Plan, log: TableRef, this: int) -> exp.Insert:
    """The moves of one evaluation, written to the log. A profile moves at most one stage. Raises Lost."""
    moving = exp.select(
        column("profile", KEY),
        named(column("place", "stage"), "stage"),
        named(_event(plan), "event"),
    )
    moving = moving.from_(_matched(schema, plan).subquery(exp.to_identifier("profile", quoted=True)))
    places = _places(log).subquery(exp.to_identifier("place", quoted=True))
    moving = moving.join(places, on=_same(column("place", KEY), column("profile", KEY)), join_type="left")
    next_stage = exp.Add(
        this=call("coalesce", column("move", "stage"), number(0)),
        expression=exp.Case(
            ifs=[exp.If(this=_same(column("move", "event"), text(REACHED)), true=number(1))],
            default=number(0),
        ),
    )
    query = exp.select(
        column("move", KEY),
        named(next_stage, "stage"),
        column("move", "event"),
        named(number(this), "evaluation"),
        named(call(NOW), "time"),
    ).from_(moving.subquery(exp.to_identifier("move", quoted=True)))
    query = query.where(exp.Not(this=is_null(column("move", "event"))))
    names = [exp.to_identifier(name, quoted=True) for name in COLUMNS]
    target = table(log, "")
    target.set("alias", None)
    return exp.Insert(this=exp.Schema(this=target, expressions=names), expression=query)


def reached(schema: Schema, outputs: Sequence[Written], log: TableRef, this: int, stage: int) -> exp.Select:
    """A step's rows, as `profiles` gives them: of those customers that reached the stage in that evaluation."""
    builder = Builder(schema, {})
    selected = [builder.output(one) for one in outputs]
    query = builder.query(None, [*selected, named(builder.key, KEY)])
    on = _same(column("journey", KEY), builder.key.copy())
    query = query.join(table(log, "journey"), on=on, join_type="inner")
    found = both(
        _same(column("journey", "evaluation"), number(this)),
        _same(column("journey", "stage"), number(stage)),
        _same(column("journey", "event"), text(REACHED)),
    )
    return query.where(found.unnest()).order_by(builder.key.copy())


def moves(log: TableRef, these: Sequence[int]) -> exp.Select:
    """How many moves there were in these evaluations: evaluation, stage, event, number."""
    names = [column("journey", name) for name in ("evaluation", "stage", "event")]
    query = exp.select(*names, named(call("count", exp.Star()), "profiles")).from_(table(log, "journey"))
    wanted = exp.In(this=column("journey", "evaluation"), expressions=[number(one) for one in these])
    return query.where(wanted).group_by(*[name.copy() for name in names])


def standing(log: TableRef) -> exp.Select:
    """How many profiles are where: stage, whether they left ("reached": no), number."""
    names = [column("place", name) for name in ("stage", "ended")]
    query = exp.select(*names, named(call("count", exp.Star()), "profiles"))
    query = query.from_(_places(log).subquery(exp.to_identifier("place", quoted=True)))
    return query.group_by(*[name.copy() for name in names])


def _matched(schema: Schema, plan: Plan) -> exp.Select:
    """Each customer once, and of each segment whether the customer is in it: 1 or 0."""
    builder = Builder(schema, plan.included)
    flags = [named(_flag(builder, plan.entry), "enters"), named(_flag(builder, plan.exit), "exits")]
    if plan.exit is None:
        flags.pop()
    for i, stage in enumerate(plan.stages, 1):
        if stage.rules is not None:
            flags.append(named(_flag(builder, stage.rules), f"matches_{i}"))
    query = builder.query(None, [named(builder.key, KEY), *flags])
    # A key that comes twice moves once; what is then sent of it stops at the run, as every activation's does.
    return query.group_by(builder.key.copy())


def _flag(builder: Builder, rules: Group | None) -> exp.Expr:
    inside = builder.group(rules) if rules is not None else None
    if inside is None:
        return call("max", number(1))
    case = exp.Case(ifs=[exp.If(this=inside, true=number(1))], default=number(0))
    return call("max", case)


def _places(log: TableRef) -> exp.Select:
    """Where each profile is: the last stage it reached, since when, and whether it has left the journey."""
    key = column("journey", KEY)
    left = exp.Case(
        ifs=[
            exp.If(this=_same(column("journey", "event"), text(EXITED)), true=number(2)),
            exp.If(this=_same(column("journey", "event"), text(COMPLETED)), true=number(1)),
        ],
        default=number(0),
    )
    query = exp.select(
        key,
        named(call("max", column("journey", "stage")), "stage"),
        named(call("max", column("journey", "time")), "since"),
        named(call("max", left), "ended"),
    )
    return query.from_(table(log, "journey")).group_by(key.copy())


def _event(plan: Plan) -> exp.Case:
    """What becomes of a profile; NULL where it stays."""
    new = is_null(column("place", KEY))
    enters = [_is("enters")] + ([_is("matches_1")] if plan.stages[0].rules else [])
    if plan.exit is not None:
        enters.append(exp.Not(this=_is("exits")))
    entering = exp.Case(ifs=[exp.If(this=both(*enters).unnest(), true=text(REACHED))])
    ifs = [
        exp.If(this=new, true=entering),
        exp.If(this=exp.GT(this=column("place", "ended"), expression=number(0)), true=exp.Null()),
    ]
    if plan.exit is not None:
        ifs.append(exp.If(this=_is("exits"), true=text(EXITED)))
    for i, stage in enumerate(plan.stages, 1):
        over = exp.LTE(
            this=exp.Add(this=column("place", "since"), expression=number(stage.wait)), expression=call(NOW)
        )
        parts: list[exp.Expr] = [_same(column("place", "stage"), number(i)), over]
        last = i == len(plan.stages)
        if not last and plan.stages[i].rules is not None:
            parts.append(_is(f"matches_{i + 1}"))
        ifs.append(exp.If(this=both(*parts).unnest(), true=text(COMPLETED if last else REACHED)))
    return exp.Case(ifs=ifs)


def _is(name: str) -> exp.Expr:
    return _same(column("profile", name), number(1))


def _same(left: exp.Expr, right: exp.Expr) -> exp.EQ:
    return exp.EQ(this=left, expression=right)
