"""/v3/bulk_import"""

from typing import Any

from django.http import FileResponse

from console.api.call import Call, scratch
from console.warehouse.imports import parts, sessions
from console.warehouse.imports.models import BulkImport
from console.warehouse.types import TableRef
from console.workbench.jobs import submit_bulk_import
from console.workbench.models import Job


def create(call: Call, name: str, database: str, table: str) -> dict[str, Any]:
    sessions.create(name, TableRef(database, table))
    return _named(name)


def show(call: Call, name: str) -> dict[str, Any]:
    return _printed(_settled(sessions.show(name)))


def listing(call: Call) -> dict[str, Any]:
    return {"bulk_imports": [_printed(_settled(session)) for session in sessions.sessions()]}


def list_parts(call: Call, name: str) -> dict[str, Any]:
    return {**_named(name), "parts": parts.names(name)}


def upload_part(call: Call, name: str, part: str) -> dict[str, Any]:
    with scratch() as folder:
        parts.upload(name, part, call.receive(folder).path)
    return _named(name)


def delete_part(call: Call, name: str, part: str) -> dict[str, Any]:
    parts.delete(name, part)
    return _named(name)


def freeze(call: Call, name: str) -> dict[str, Any]:
    sessions.freeze(name)
    return _named(name)


def unfreeze(call: Call, name: str) -> dict[str, Any]:
    sessions.unfreeze(name)
    return _named(name)


def perform(call: Call, name: str) -> dict[str, Any]:
    """`priority` and `pool_name` mean nothing here: there is one queue."""

    def submit(session: BulkImport) -> int:
        return submit_bulk_import(session.name, call.user, session.database).pk

    _settled(sessions.show(name))
    return {**_named(name), "job_id": sessions.begin_perform(name, submit)}


def commit(call: Call, name: str) -> dict[str, Any]:
    sessions.commit(name)
    return _named(name)


def delete(call: Call, name: str) -> dict[str, Any]:
    sessions.delete(name)
    return _named(name)


def error_records(call: Call, name: str) -> FileResponse:
    path = sessions.error_records(name)
    return FileResponse(path.open("rb"), content_type="application/x-gzip")


def _settled(session: BulkImport) -> BulkImport:
    """A session whose job was killed or has failed can be performed again."""
    if session.status == session.Status.PERFORMING:
        job = Job.objects.filter(pk=session.job_id or 0).first()
        if job is None or (job.is_finished and job.status != Job.Status.SUCCESS):
            sessions.abandon_perform(session)
    return session


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "bulk_import": name}


def _printed(session: BulkImport) -> dict[str, Any]:
    return {
        "name": session.name,
        "database": session.database,
        "table": session.table,
        "status": session.status,
        "upload_frozen": session.upload_frozen,
        "job_id": str(session.job_id) if session.job_id else None,
        "valid_records": session.valid_records,
        "error_records": session.error_records,
        "valid_parts": session.valid_parts,
        "error_parts": session.error_parts,
    }
