"""A journey as what its SQL is made of."""

from activations import sources, sql
from activations.errors import Invalid, Refused
from activations.journeys import log
from activations.models import Journey, Segment
from activations.rules import Group, parse, resolve
from activations.rules.vocabulary import Vocabulary


def evaluation_sql(journey: Journey, number: int) -> str:
    """What evaluation `number` runs. Raises Refused."""
    try:
        schema, plan = sources.schema(journey.audience), plan_of(journey)
        return sql.to_sql(sql.evaluation(schema, plan, log.ref(journey), number))
    except (Invalid, sql.Lost) as error:
        raise Refused(str(error)) from error


def plan_of(journey: Journey) -> sql.Plan:
    """Raises Refused, naming the segment whose rules can't be read."""
    vocabulary = sources.vocabulary(journey.audience)
    included: dict[int, Group] = {}
    stages = [
        sql.Stage(_rules(one.segment, vocabulary, included) if one.segment else None, one.wait_seconds)
        for one in journey.stages.select_related("segment")
    ]
    if not stages:
        raise Refused("The journey has no stages. Add one.")
    return sql.Plan(
        entry=_rules(journey.entry_segment, vocabulary, included),
        exit=_rules(journey.exit_segment, vocabulary, included) if journey.exit_segment else None,
        stages=tuple(stages),
        included=included,
    )


def _rules(segment: Segment, vocabulary: Vocabulary, included: dict[int, Group]) -> Group:
    try:
        read = parse(segment.rules, vocabulary)
        included |= resolve(read, vocabulary)
    except Invalid as error:
        raise Refused(f"In segment {segment}: {error}") from error
    return read
