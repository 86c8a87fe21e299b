"""The evaluation's SQL moves profiles as a journey's plain words say, on any data over several evaluations."""

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activations.rules import Group, Vocabulary, parse
from activations.sql import Field, Plan, Schema, Stage, evaluation, moves, standing, to_sql
from console.warehouse.engine import macros
from console.warehouse.engine.embedded import ENGINE, specification
from console.warehouse.engine.session import open_session
from console.warehouse.engine.writing import write
from console.warehouse.types import Snapshot, TableRef
from tests.activations.shop import LIMITS, _snapshot

MASTER, LOG = TableRef("shop", "people"), TableRef("cdp_audience_1", "journey_1")
PEOPLE = (("id", "long", "BIGINT", pa.int64(), ""), ("at", "string", "VARCHAR", pa.string(), "text"))
EVENTS = (
    ("profile_key", "long", "BIGINT", pa.int64(), ""), ("stage", "long", "BIGINT", pa.int64(), ""),
    ("event", "string", "VARCHAR", pa.string(), ""), ("evaluation", "long", "BIGINT", pa.int64(), ""),
    ("time", "long", "BIGINT", pa.int64(), ""),
)  # fmt: skip
SCHEMA = Schema(MASTER, "id", "UTC", (), {"at": Field("at", "text", "string")}, {})
HOUR = 3600
Rows = list[dict[str, Any]]


def rules(value: str) -> Group:
    rule = {"type": "attribute", "attribute": "at", "operator": "contains", "value": value}
    return parse({"type": "group", "match": "all", "rules": [rule]}, Vocabulary({"at": "text"}, {}))


class Simulated:
    """A journey in plain Python: `places` has the stage of each profile and since when."""

    def __init__(self, exits: bool, stages: list[tuple[str, int]]) -> None:
        self.exits, self.stages = exits, stages
        self.places: dict[int, tuple[int, int]] = {}
        self.gone: dict[int, int] = {}

    def evaluate(self, people: dict[int, str | None], now: int) -> set[tuple[int, int, str]]:
        moved = set()
        for key, at in people.items():
            if move := self.move(key, at or "", now):
                moved.add((key, *move))
        return moved

    def move(self, key: int, at: str, now: int) -> tuple[int, str] | None:
        if key in self.gone:
            return None
        leaves = self.exits and "x" in at
        if key not in self.places:
            if "e" not in at or leaves or self.stages[0][0] not in at:
                return None
            self.places[key] = (1, now)
            return 1, "reached"
        stage, since = self.places[key]
        if leaves:
            self.gone[key] = 2
            return stage, "exited"
        if now < since + self.stages[stage - 1][1] * HOUR:
            return None
        if stage == len(self.stages):
            self.gone[key] = 1
            return stage, "completed"
        if self.stages[stage][0] not in at:
            return None
        self.places[key] = (stage + 1, now)
        return stage + 1, "reached"


people = st.dictionaries(st.integers(1, 5), st.none() | st.text("eabx", max_size=4), max_size=5)
stages = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 5)), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    exits=st.booleans(), stages=stages,
    rounds=st.lists(st.tuples(people, st.integers(0, 6)), min_size=3, max_size=6),
)  # fmt: skip
def test_profiles_move_as_the_words_say(
    exits: bool, stages: list[tuple[str, int]], rounds: list[tuple[dict[int, str | None], int]]
) -> None:
    plan = Plan(
        rules("e"),
        rules("x") if exits else None,
        tuple(Stage(rules(value) if value else None, wait * HOUR) for value, wait in stages),
    )
    simulated, log, now = Simulated(exits, stages), Rows(), 1_772_409_600
    for number, (everybody, hours) in enumerate(rounds, 1):
        now += hours * HOUR
        sql = to_sql(evaluation(SCHEMA, plan, LOG, number))
        found = ask(sql, everybody, log, now)
        log += found
        assert {(row["profile_key"], row["stage"], row["event"]) for row in found} == simulated.evaluate(
            everybody, now
        ), sql
        assert {(row["evaluation"], row["time"]) for row in found} <= {(number, now)}
        assert len({row["profile_key"] for row in found}) == len(found)
    where = {
        (row["stage"], row["ended"]): row["profiles"] for row in ask(to_sql(standing(LOG)), {}, log, now)
    }
    wanted: dict[tuple[int, int], int] = {}
    for key, (stage, _) in simulated.places.items():
        place = stage, simulated.gone.get(key, 0)
        wanted[place] = wanted.get(place, 0) + 1
    assert where == wanted
    assert sum(row["profiles"] for row in ask(to_sql(moves(LOG, [1, 3])), {}, log, now)) == len(
        [row for row in log if row["evaluation"] in (1, 3)]
    )


def test_a_key_that_comes_twice_moves_once() -> None:
    plan = Plan(rules("e"), rules("x"), (Stage(None, 0), Stage(rules("a"), 0)))
    log = [
        dict(
            zip(("profile_key", "stage", "event", "evaluation", "time"), (1, 1, "reached", 1, 5), strict=True)
        )
    ]
    with tempfile.TemporaryDirectory() as folder:
        twice: Rows = [{"id": 1, "at": "x"}, {"id": 1, "at": "a"}, {"id": None, "at": "e"}]
        found = _ask(Path(folder), to_sql(evaluation(SCHEMA, plan, LOG, 2)), twice, log, 9)
    assert [(row["profile_key"], row["event"]) for row in found] == [(1, "exited")]


def ask(sql: str, people: dict[int, str | None], log: Rows, now: int) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        return _ask(Path(folder), sql, [{"id": key, "at": at} for key, at in people.items()], log, now)


def _ask(folder: Path, sql: str, people: Rows, log: Rows, now: int) -> Rows:
    """What the statement gives, or would write, by way of the gate, the translator and the child's own code."""
    kept: dict[TableRef, Snapshot] = {
        MASTER: _snapshot(folder, MASTER, PEOPLE, people), LOG: _snapshot(folder, LOG, EVENTS, log),
    }  # fmt: skip
    statement = ENGINE.translate(
        sql, "presto", database="shop", scheduled_time=now, columns=lambda ref: kept[ref].columns
    )
    spec = specification(statement, kept, folder / "answer", LIMITS)
    session = open_session(spec | {"macros": macros.needed(statement.translated)})
    write(session, spec)
    session.close()
    rows: Rows = pq.read_table(str(spec["output"])).to_pylist()
    return rows
