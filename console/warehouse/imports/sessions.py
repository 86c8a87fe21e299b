"""The life of a bulk import session: uploading → performing → ready → committing → committed.

Every step may be repeated after a kill or a lost answer. The rows reach the table in one commit, under the
session's own operation id, so that any number of commits adds them once.
"""

import shutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from console.warehouse import storage
from console.warehouse.imports import error_records as refused
from console.warehouse.imports.decode import Decoded, Limits, decode
from console.warehouse.imports.errors import BadBody, Refused, TooLarge
from console.warehouse.imports.models import BulkImport, BulkImportPart
from console.warehouse.types import AlreadyExists, Conflict, InvalidName, NotFound, TableRef

COLUMNS = 4096
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


def parts(name: str) -> list[str]:
    return list(show(name).parts.values_list("name", flat=True))


def upload_part(name: str, part: str, body: Path) -> None:
    """Decodes `body` (gzip of msgpack maps) as the part of this name, in the place of an earlier one.

    A body that is no such stream is kept as a part in error: `perform` counts it.
    """
    session = show(name)
    _require_open(session)
    if not 0 < len(part) <= 255 or "/" in part or not part.isprintable():
        raise InvalidName("A part's name has 1 to 255 printable characters and no /.")
    upload = uuid.uuid4().hex
    folder = session.folder / upload
    try:
        fields = _decoded(session, body, folder)
        with transaction.atomic():
            old = _record(name, session.pk, part, {"upload": upload, **fields})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if old:
        shutil.rmtree(session.folder / old, ignore_errors=True)


def _decoded(session: BulkImport, body: Path, folder: Path) -> dict[str, object]:
    limits = Limits(settings.IMPORT_MAX_BYTES, COLUMNS)
    try:
        found: Decoded = decode(body, folder, default_time=int(session.created_at.timestamp()), limits=limits)
    except TooLarge:
        raise
    except BadBody as problem:
        shutil.rmtree(folder, ignore_errors=True)
        return {"rows": 0, "errors": 0, "files": [], "error": str(problem)}
    return {"rows": found.rows, "errors": found.errors, "files": [p.name for p in found.files], "error": ""}


def _record(name: str, pk: int, part: str, fields: dict[str, object]) -> str:
    """Writes the part's row under the session's lock; the folder of the upload it replaces, or ""."""
    session = _locked(name)
    if session.pk != pk:
        raise NotFound(f"Bulk import session {name} was deleted meanwhile.")
    _require_open(session)
    old = session.parts.filter(name=part).values_list("upload", flat=True).first() or ""
    BulkImportPart.objects.update_or_create(session=session, name=part, defaults=fields)
    _uploading_again(session)
    return old


def delete_part(name: str, part: str) -> None:
    with transaction.atomic():
        session = _locked(name)
        _require_open(session)
        found = session.parts.filter(name=part).first()
        if found is None:
            raise NotFound(f"Session {name} has no part {part}.")
        found.delete()
        _uploading_again(session)
    shutil.rmtree(session.folder / found.upload, ignore_errors=True)


def _uploading_again(session: BulkImport) -> None:
    """What was performed before no longer says what the session holds."""
    if session.status == Status.READY:
        session.status, session.prepared = Status.UPLOADING, None
        session.save(update_fields=["status", "prepared"])


@transaction.atomic
def freeze(name: str) -> None:
    session = _locked(name)
    if session.upload_frozen:
        raise Conflict(f"Session {name} is already frozen.")
    _set_frozen(session, True)


@transaction.atomic
def unfreeze(name: str) -> None:
    _set_frozen(_locked(name), False)


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
    session = _locked(name)
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
        session = _locked(name)
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


def _require_open(session: BulkImport) -> None:
    if session.upload_frozen:
        raise Refused(f"Session {session.name} is frozen. Unfreeze it before you change its parts.")
    if session.status not in {Status.UPLOADING, Status.READY}:
        raise Refused(f"Session {session.name} is {session.status}; its parts can't be changed.")


def _locked(name: str) -> BulkImport:
    return _one(BulkImport.objects.select_for_update(), name)


def _one(query: "QuerySet[BulkImport]", name: str) -> BulkImport:
    found = query.filter(name=name).first()
    if found is None:
        raise NotFound(f"Bulk import session {name} does not exist.")
    return found
