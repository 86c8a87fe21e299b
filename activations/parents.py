"""What people do with parent segments: define, refresh, delete."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from activations import checking, refreshing
from activations.definitions import Behavior, Column, Definition, DefinitionError, Table
from activations.definitions import check as check_definition
from activations.errors import Problem, Refused, Stale
from activations.models import (
    Activation,
    Attribute,
    AttributeTable,
    BehaviorColumn,
    BehaviorTable,
    Folder,
    ParentSegment,
    Segment,
)
from activations.naming import unique
from console.accounts.models import User
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import WarehouseError


@transaction.atomic
def create(made: Definition, user: User) -> ParentSegment:
    """Raises DefinitionError where it is not whole in itself; against the warehouse `checking.check` looks."""
    _insist(made)
    with unique("parent segment", made.name, "Audience Studio"):
        parent = ParentSegment.objects.create(owner=user, saved_by=user, **_fields(made))
    _write_tables(parent, made)
    return parent


@transaction.atomic
def save(parent: ParentSegment, made: Definition, user: User, *, version: int) -> ParentSegment:
    """Saves over `version`. Raises Stale where somebody saved it in the meantime, DefinitionError, Refused."""
    _insist(made)
    with unique("parent segment", made.name, "Audience Studio"):
        changed = ParentSegment.objects.filter(pk=parent.pk, version=version).update(
            version=F("version") + 1, saved_by=user, updated_at=timezone.now(), **_fields(made)
        )
    saved = ParentSegment.objects.select_related("saved_by").get(pk=parent.pk)
    if not changed:
        raise Stale(saved)
    for relation in (saved.attributes, saved.behavior_tables, saved.attribute_tables):
        relation.all().delete()
    _write_tables(saved, made)
    return saved


def definition_of(parent: ParentSegment) -> Definition:
    tables = list(parent.attribute_tables.all())
    places = {table.pk: i for i, table in enumerate(tables)}
    return Definition(
        name=parent.name,
        master=parent.master,
        key_column=parent.key_column,
        zone=parent.zone,
        attribute_tables=tuple(Table(one.ref, one.key_column, one.master_column) for one in tables),
        attributes=tuple(
            Column(one.column, one.name, one.kind, one.group, places[one.table_id] if one.table_id else None)
            for one in parent.attributes.all()
        ),
        behavior_tables=tuple(
            Behavior(
                one.name, one.ref, one.key_column, one.master_column, one.time_column,
                tuple(Column(each.column, each.name, each.kind) for each in one.columns.all()),
            )
            for one in parent.behavior_tables.prefetch_related("columns")
        ),
        refresh_cron=parent.refresh_cron,
        refresh_zone=parent.refresh_zone,
    )  # fmt: skip


def refresh(parent: ParentSegment) -> list[Problem]:
    """Checks everything, counts customers and looks for keys that come twice; keeps all that in the row.

    Takes as long as reading every key does. Where something stops it, the last count stays with its time.
    """
    try:
        return _refresh(parent)
    finally:
        ParentSegment.objects.filter(pk=parent.pk).update(refresh_asked_at=None)
        parent.refresh_asked_at = None


def _refresh(parent: ParentSegment) -> list[Problem]:
    made = definition_of(parent)
    problems, counted = checking.check(made), dict[str, Any]()
    if not any(problem.stops for problem in problems):
        try:
            customers, found = checking.count_keys(made)
            problems += found
            counted = {"customers": customers, "refreshed_at": timezone.now()}
        except (SqlError, WarehouseError) as error:
            problems.append(Problem("", f"{error} {getattr(error, 'hint', '')}".strip()))
    kept = [problem.as_json() for problem in problems]
    ParentSegment.objects.filter(pk=parent.pk, version=parent.version).update(problems=kept, **counted)
    parent.refresh_from_db()
    return problems


def refresh_by_number(number: int) -> None:
    """The queue's task."""
    if parent := ParentSegment.objects.filter(pk=number).first():
        refresh(parent)


def ask_refresh(parent: ParentSegment) -> None:
    """`refresh`, in a worker."""
    parent.refresh_asked_at = timezone.now()
    ParentSegment.objects.filter(pk=parent.pk).update(refresh_asked_at=parent.refresh_asked_at)
    async_task("activations.parents.refresh_by_number", parent.pk, task_name=f"audience-{parent.pk}")


def problems_of(parent: ParentSegment) -> list[Problem]:
    """What the last refresh found."""
    return [Problem(**problem) for problem in parent.problems]


@transaction.atomic
def delete(parent: ParentSegment) -> None:
    """With its folders and segments. Raises Refused while one of them has an activation; drafts go too."""
    saved = Activation.objects.saved().filter(segment__audience=parent)
    if named := list(saved.values_list("name", flat=True)[:3]):
        raise Refused(f"{parent} has activations, such as {', '.join(named)}. Delete those first.")
    if named := list(parent.journeys.values_list("name", flat=True)[:3]):
        raise Refused(f"{parent} has journeys, such as {', '.join(named)}. Delete those first.")
    Activation.objects.filter(segment__audience=parent).delete()
    Segment.objects.filter(audience=parent).delete()
    Folder.objects.filter(audience=parent).delete()
    parent.delete()


def _insist(made: Definition) -> None:
    if problems := check_definition(made):
        raise DefinitionError(problems)


def _fields(made: Definition) -> dict[str, Any]:
    return {
        "name": made.name, "master_database": made.master.database, "master_table": made.master.table,
        "key_column": made.key_column, "zone": made.zone, "refresh_cron": made.refresh_cron,
        "refresh_zone": made.refresh_zone,
        "refresh_due_at": refreshing.next_due(made.refresh_cron, made.refresh_zone, timezone.now()),
    }  # fmt: skip


def _write_tables(parent: ParentSegment, made: Definition) -> None:
    tables = [
        AttributeTable.objects.create(
            audience=parent, database=one.ref.database, table=one.ref.table, key_column=one.key_column,
            master_column=one.master_column, position=i,
        )
        for i, one in enumerate(made.attribute_tables)
    ]  # fmt: skip
    Attribute.objects.bulk_create(
        Attribute(
            audience=parent, table=None if one.table is None else tables[one.table], column=one.column, name=one.name,
            kind=one.kind, group=one.group, position=i,
        )
        for i, one in enumerate(made.attributes)
    )  # fmt: skip
    for i, behavior in enumerate(made.behavior_tables):
        table = BehaviorTable.objects.create(
            audience=parent, name=behavior.name, database=behavior.ref.database, table=behavior.ref.table,
            key_column=behavior.key_column, master_column=behavior.master_column, time_column=behavior.time_column,
            position=i,
        )  # fmt: skip
        BehaviorColumn.objects.bulk_create(
            BehaviorColumn(behavior=table, column=one.column, name=one.name, kind=one.kind, position=n)
            for n, one in enumerate(behavior.columns)
        )
