"""Rules to SQL: an expression tree in the console's own Presto dialect, over `database.table`."""

from activations.sql.profiles import count, profiles
from activations.sql.schema import Events, Field, Joined, Lost, Schema
from activations.sql.writing import to_sql

__all__ = ["Events", "Field", "Joined", "Lost", "Schema", "count", "profiles", "to_sql"]
