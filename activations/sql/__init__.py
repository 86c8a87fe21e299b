"""Rules to SQL: an expression tree in the console's own Presto dialect, over `database.table`."""

from activations.sql.journeys import Plan, Stage, evaluation, moves, reached, standing
from activations.sql.profiles import count, profiles
from activations.sql.schema import Events, Field, Joined, Lost, Schema
from activations.sql.writing import to_sql

__all__ = [
    "Events",
    "Field",
    "Joined",
    "Lost",
    "Plan",
    "Schema",
    "Stage",
    "count",
    "evaluation",
    "moves",
    "profiles",
    "reached",
    "standing",
    "to_sql",
]
