"""The parts of a bulk import session, decoded as they come in."""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

from console.warehouse.imports.decode import Decoded, Limits, decode
from console.warehouse.imports.errors import BadBody, TooLarge
from console.warehouse.imports.models import BulkImport, BulkImportPart
from console.warehouse.imports.sessions import Status, locked, require_open, show
from console.warehouse.types import InvalidName, NotFound

COLUMNS = 4096


def names(name: str) -> list[str]:
    return list(show(name).parts.values_list("name", flat=True))


def upload(name: str, part: str, body: Path) -> None:
    """Decodes `body` (gzip of msgpack maps) as the part of this name, in the place of an earlier one.

    A body that is no such stream is kept as a part in error: `perform` counts it.
    """
    session = show(name)
    require_open(session)
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
    session = locked(name)
    if session.pk != pk:
        raise NotFound(f"Bulk import session {name} was deleted meanwhile.")
    require_open(session)
    old = session.parts.filter(name=part).values_list("upload", flat=True).first() or ""
    BulkImportPart.objects.update_or_create(session=session, name=part, defaults=fields)
    _uploading_again(session)
    return old


def delete(name: str, part: str) -> None:
    with transaction.atomic():
        session = locked(name)
        require_open(session)
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
