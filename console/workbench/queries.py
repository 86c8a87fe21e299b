"""Saving a query: every save is a version, and a save over somebody else's newer one is refused."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from console.accounts.models import User
from console.workbench.models import Job, Query, QueryVersion


@dataclass(frozen=True)
class Draft:
    """What stands in the editor."""

    name: str
    database: str
    type: str
    sql: str

    @classmethod
    def of(cls, query: Query) -> "Draft":
        return cls(query.name, query.database, query.type, query.sql)

    def fields(self) -> dict[str, Any]:
        return {"name": self.name, "database": self.database, "type": self.type, "sql": self.sql}


class Stale(Exception):
    """Somebody saved the query after it was opened. `current` is what they left."""

    def __init__(self, current: Query) -> None:
        super().__init__(f"{current.name} was saved by {current.saved_by} in the meantime.")
        self.current = current


@transaction.atomic
def create(draft: Draft, user: User, **fields: Any) -> Query:
    query = Query.objects.create(owner=user, saved_by=user, **draft.fields(), **fields)
    _record(query, user)
    return query


@transaction.atomic
def save(query: Query, draft: Draft, user: User, *, version: int) -> Query:
    """Saves over `version`; raises Stale where the query is no longer at it. Returns the saved query."""
    changed = Query.objects.filter(pk=query.pk, version=version).update(
        **draft.fields(), version=F("version") + 1, saved_by=user, updated_at=timezone.now()
    )
    saved = Query.objects.select_related("owner", "saved_by", "export_authentication").get(pk=query.pk)
    if not changed:
        raise Stale(saved)
    _record(saved, user)
    return saved


def adopt(query: Query, job: int, user: User) -> None:
    """The run that stood beside the SQL when it was saved becomes the query's own: its rows, its place in Runs."""
    same = Job.objects.filter(
        kind=Job.Kind.QUERY, query=None, user=user, database=query.database, type=query.type
    )
    same.filter(pk=job, sql=query.sql).update(query=query, query_name=query.name)


def duplicate(query: Query, user: User) -> Query:
    """A copy that belongs to `user`, with its export settings."""
    draft = Draft(_free_name(query.name), query.database, query.type, query.sql)
    return create(
        draft,
        user,
        export_authentication=query.export_authentication,
        export_settings=query.export_settings,
    )


def _record(query: Query, user: User) -> None:
    QueryVersion.objects.create(query=query, version=query.version, sql=query.sql, saved_by=user)


def _free_name(name: str) -> str:
    stem = f"{name[:230]} copy"
    taken = set(Query.objects.filter(name__startswith=stem).values_list("name", flat=True))
    names = (stem if n == 1 else f"{stem} {n}" for n in range(1, len(taken) + 2))
    return next(candidate for candidate in names if candidate not in taken)
