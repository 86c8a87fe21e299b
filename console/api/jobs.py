"""/v3/job: what clients poll."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from console.api.answers import ApiError, moment
from console.api.call import Call
from console.workbench import jobs, permissions
from console.workbench.joblog import log_lines
from console.workbench.models import Job

PAGE = 20
LARGEST_ID = 2**63 - 1
TYPES = {Job.Kind.BULK_IMPORT: "bulk_import_perform", Job.Kind.EXPORT: "result_export"}


def show(call: Call, job_id: str) -> dict[str, Any]:
    job = _one(job_id)
    lines = [f"{line.at:%Y-%m-%d %H:%M:%S} {line.message}" for line in log_lines(job)]
    return {
        **_printed(job),
        "debug": {
            "cmdout": "\n".join(lines) or None,
            "stderr": job.error_message or _undelivered(job) or None,
        },
    }


def status(call: Call, job_id: str) -> dict[str, Any]:
    """With a write-only key only for a bulk import the same user performs."""
    job = _one(job_id)
    master = call.key is not None and call.key.is_master
    if not master and (job.kind != Job.Kind.BULK_IMPORT or job.user_id != call.user.pk):
        raise ApiError(403, "A write-only key may ask for its own bulk imports only. Use the master key.")
    shown = ("job_id", "status", "created_at", "updated_at", "start_at", "end_at", "duration", "cpu_time",
             "result_size", "num_records")  # fmt: skip
    printed = _printed(job)
    return {name: printed[name] for name in shown}


def listing(call: Call) -> dict[str, Any]:
    """Newest first, from `from` to `to`, both counted from 0 and included."""
    first, last = call.number("from"), call.number("to")
    start = max(0, first or 0)
    end = start + PAGE if last is None else last + 1
    found = Job.objects.select_related("user", "export_authentication", "export").order_by("-id")
    if wanted := call.text("status"):
        found = found.filter(status=wanted)
    if (seconds := call.number("slower_than")) is not None:
        found = found.exclude(started_at=None).filter(
            finished_at__gt=F("started_at") + timedelta(seconds=min(abs(seconds), 10**9))
        )
    page = [_printed(job) for job in found[start : max(start, min(end, LARGEST_ID))]]
    return {"jobs": page, "count": len(page), "from": first, "to": last}


def kill(call: Call, job_id: str) -> dict[str, Any]:
    job = _one(job_id)
    permissions.require_kill(call.user, job)
    return {"job_id": str(job.pk), "former_status": jobs.kill(job, call.user)}


def _one(job_id: str) -> Job:
    found = None
    if job_id.isascii() and job_id.isdecimal() and int(job_id) <= LARGEST_ID:
        found = (
            Job.objects.select_related("user", "export_authentication", "export")
            .filter(pk=int(job_id))
            .first()
        )
    if found is None:
        raise ApiError(404, f"Job {job_id[:40]} does not exist.")
    return found


def _printed(job: Job) -> dict[str, Any]:
    schema = job.result_schema
    return {
        "job_id": str(job.pk),
        "type": TYPES.get(Job.Kind(job.kind), job.type),
        "status": job.status,
        "query": job.sql or job.bulk_import,
        "database": job.database,
        "created_at": moment(job.created_at),
        "updated_at": moment(job.updated_at),
        "start_at": moment(job.started_at),
        "end_at": moment(job.finished_at),
        "duration": _seconds(job),
        "cpu_time": None,
        "result_size": None,  # unknown is safe; a number below the bytes sent makes the td command stop
        "num_records": job.rows,
        "hive_result_schema": None if schema is None else json.dumps(schema),
        "result": str(job.export_authentication) if job.export_authentication else "",
        "result_export": _export(job),
        "priority": job.priority,
        "retry_limit": job.retry_limit,
        "user_name": str(job.user),
        "url": f"{settings.BASE_URL}/workbench/jobs/{job.pk}/",
        "organization": None,
        "linked_result_export_job_id": None,
        "result_export_target_job_id": job.source_id,
    }


def _export(job: Job) -> dict[str, Any] | None:
    """How the export of the result ended: `status` above has no word for rows that were rejected."""
    export = job.export
    if export is None:
        return None
    return {
        "status": export.status,
        "status_text": str(export.get_status_display()),
        "rows_total": export.rows_total,
        "rows_delivered": export.rows_delivered,
        "rows_rejected": export.rows_rejected,
        "rows_in_doubt": export.rows_in_doubt,
    }


def _undelivered(job: Job) -> str:
    if not job.has_rejected_rows or job.export is None:
        return ""
    return f"{job.outcome}: {job.export.rows_rejected:,} of {job.export.rows_total:,} rows were rejected."


def _seconds(job: Job) -> int | None:
    if job.started_at is None:
        return None
    return int(((job.finished_at or timezone.now()) - job.started_at).total_seconds())
