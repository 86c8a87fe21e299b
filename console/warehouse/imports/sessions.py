"""The life of a bulk import session: uploading → performing → ready → committing → committed.

Every step may be repeated after a kill or a lost answer. The rows reach the table in one commit, under the
session's own operation id, so that any number of commits adds them once.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from console.warehouse import storage
from console.warehouse.imports import error_records as refused
from console.warehouse.imports.errors import Refused
from console.warehouse.imports.models import BulkImport
from console.warehouse.types import AlreadyExists, Conflict, InvalidName, NotFound, TableRef

KEPT = timedelta(days=30)
Status = BulkImport.Status


def create(name: str, ref: TableRef) -> BulkImport:
    """A new session for a table that exists."""
    if not 0 < len(name) <= 255 or not name.isprintable():
        raise InvalidName("A session's name has 1 to 255 printable characters.")
    storage.table(ref)
    try:
        with transaction.atomic():
            return BulkImport.objects.create(name=name, database=ref.database, table=ref.table)
    except IntegrityError as e:
        raise AlreadyExists(f"Bulk import session {name} already exists. Choose another name.") from e


def show(name: str) -> BulkImport:
    return _one(BulkImport.objects.all(), name)


def sessions() -> list[BulkImport]:
    """All of them, newest first."""
    return list(BulkImport.objects.all())


@transaction.atomic
def freeze(name: str) -> None:
    session = locked(name)
    if session.upload_frozen:
        raise Conflict(f"Session {name} is already frozen.")
    _set_frozen(session, True)


@transaction.atomic
def unfreeze(name: str) -> None:
    _set_frozen(locked(name), False)


def _set_frozen(session: BulkImport, frozen: bool) -> None:
    if session.status not in {Status.UPLOADING, Status.READY}:
        raise Refused(
            f"Session {session.name} is {session.status}; it can't be {'' if frozen else 'un'}frozen now."
        )
    session.upload_frozen = frozen
    session.save(update_fields=["upload_frozen"])


@transaction.atomic
def begin_perform(name: str, submit: Callable[[BulkImport], int]) -> int:
    """Freezes the session and hands it to a job; the job's id. Asked again while it performs: the same id."""
    session = locked(name)
    if session.status == Status.PERFORMING and session.job_id:
        return session.job_id
    if session.status not in {Status.UPLOADING, Status.READY}:
        raise Refused(f"Session {name} is {session.status}; it can't be performed.")
    session.upload_frozen, session.status = True, Status.PERFORMING
    session.job_id = submit(session)
    session.save(update_fields=["upload_frozen", "status", "job_id"])
    return session.job_id


def abandon_perform(session: BulkImport) -> None:
    """The job ended without an outcome: the session can be performed again."""
    mine = BulkImport.objects.filter(pk=session.pk, job_id=session.job_id, status=Status.PERFORMING)
    if mine.update(status=Status.UPLOADING):
        session.status = Status.UPLOADING


def perform(session_name: str) -> None:
    """The job's work: counts, and rows as files of the table that nobody sees yet. May be run again."""
    session = show(session_name)
    if session.status in {Status.READY, Status.COMMITTING, Status.COMMITTED}:
        return
    if session.status != Status.PERFORMING:
        raise Refused(f"Session {session_name} is {session.status}. Perform it again.")
    try:
        outcome = _prepare(session)
    except OperationalError:  # the console's database is away: the job's next worker goes on
        raise
    except Exception:
        abandon_perform(session)
        raise
    mine = BulkImport.objects.filter(pk=session.pk, status=Status.PERFORMING)
    mine.update(status=Status.READY, **outcome)


def _prepare(session: BulkImport) -> dict[str, object]:
    found = list(session.parts.select_related("session"))
    rows = sum(part.rows for part in found)
    refused.write(session, found)
    files = [part.folder / name for part in found for name in part.files]
    prepared = storage.prepare_append(session.ref, files, session.operation_id).as_json() if rows else None
    bad = sum(1 for part in found if part.error)
    return {
        "valid_records": rows,
        "error_records": sum(part.errors for part in found),
        "valid_parts": len(found) - bad,
        "error_parts": bad,
        "prepared": prepared,
    }


def commit(name: str) -> None:
    """Shows the rows in the table, all at once. A second commit does nothing."""
    session = show(name)
    if session.status == Status.COMMITTED:
        return
    mine = BulkImport.objects.filter(pk=session.pk)
    if not mine.filter(status__in=[Status.READY, Status.COMMITTING]).update(status=Status.COMMITTING):
        raise Refused(f"Session {name} is {session.status}. Perform it, and commit it when it is ready.")
    session.refresh_from_db()
    try:
        if session.prepared:
            storage.commit(storage.Prepared.from_json(session.prepared))
    except Exception:
        mine.filter(status=Status.COMMITTING).update(status=Status.READY)
        raise
    mine.update(status=Status.COMMITTED)
    _drop_rows(session)


def _drop_rows(session: BulkImport) -> None:
    for part in session.parts.select_related("session"):
        shutil.rmtree(part.folder, ignore_errors=True)


def delete(name: str) -> None:
    """Forgets the session and its parts. Rows it has committed stay."""
    with transaction.atomic():
        session = locked(name)
        if session.status == Status.COMMITTING:
            raise Conflict(f"Session {name} is being committed. Commit it again, then delete it.")
        session.delete()
    shutil.rmtree(session.folder, ignore_errors=True)


def error_records(name: str) -> Path:
    """A gzip file of msgpack maps: part, row, error, record. Empty before `perform`."""
    return refused.file_of(show(name))


def remove_expired() -> int:
    """Deletes sessions older than 30 days; how many. Called by the daily maintenance."""
    old = BulkImport.objects.filter(created_at__lt=timezone.now() - KEPT)
    names = list(
        old.exclude(status__in=[Status.PERFORMING, Status.COMMITTING]).values_list("name", flat=True)
    )
    for name in names:
        delete(name)
    return len(names)


def require_open(session: BulkImport) -> None:
    """Raises Refused where parts may no longer come or go."""
    if session.upload_frozen:
        raise Refused(f"Session {session.name} is frozen. Unfreeze it before you change its parts.")
    if session.status not in {Status.UPLOADING, Status.READY}:
        raise Refused(f"Session {session.name} is {session.status}; its parts can't be changed.")


def locked(name: str) -> BulkImport:
    """The session, which nobody else can change until the transaction ends."""
    return _one(BulkImport.objects.select_for_update(), name)


def _one(query: "QuerySet[BulkImport]", name: str) -> BulkImport:
    found = query.filter(name=name).first()
    if found is None:
        raise NotFound(f"Bulk import session {name} does not exist.")
    return found
