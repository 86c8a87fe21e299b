"""Submitting, killing and re-exporting jobs. Each writes the Job row and rings the bell in one transaction."""

import time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from console.accounts.models import User
from console.workbench import origins, rejects
from console.workbench.models import Job, Query
from integrations import registry
from integrations.delivery import rejected
from integrations.models import Authentication, Export

NO_AUTHENTICATION = "The authentication of this export was deleted. Choose another one in Export Results."


class JobRefused(Exception):
    """What was asked of a job can't be done; `str(error)` says why and what to do instead."""


def submit(
    query: Query, user: User, *, scheduled_time: int | None = None, domain_key: str | None = None
) -> Job:
    """Runs a saved query as it stands now, and exports its result where the query says."""
    at = scheduled_time if scheduled_time is not None else int(time.time())
    return _create(user=user, scheduled_time=at, domain_key=domain_key, **of_query(query))


def of_query(query: Query) -> dict[str, Any]:
    """A job's fields, as the query says now."""
    return {
        "kind": Job.Kind.QUERY,
        "query": query,
        "query_name": query.name,
        "database": query.database,
        "type": query.type,
        "sql": query.sql,
        "export_authentication_id": query.export_authentication_id,
        "export_settings": query.export_settings,
    }


def submit_sql(
    *, user: User, database: str, type: str, sql: str, query: Query | None = None, scheduled_time: int | None = None,
    **fields: Any,
) -> Job:  # fmt: skip
    return _create(
        kind=Job.Kind.QUERY,
        user=user,
        database=database,
        type=type,
        sql=sql,
        query=query,
        query_name=query.name if query else "",
        scheduled_time=scheduled_time if scheduled_time is not None else int(time.time()),
        **fields,
    )


def submit_bulk_import(session_name: str, user: User, database: str) -> Job:
    return _create(
        kind=Job.Kind.BULK_IMPORT,
        user=user,
        database=database,
        bulk_import=session_name,
        scheduled_time=int(time.time()),
    )


def export_again(job: Job, user: User, *, confirmed_empty: bool = False) -> Job:
    """A new job that delivers the stored result of `job` once more, without running its SQL.

    It uses the settings the query has now, so that an error in them can be mended first. An export that ended
    in doubt is not begun anew: the new job continues it, with the settings it had but for those that may change.
    """
    doubtful = job.export if job.export and job.export.in_doubt else None
    with transaction.atomic():
        if doubtful:
            Export.objects.select_for_update().get(pk=doubtful.pk).reopen(_changed(doubtful, _where_now(job)))
            authentication, keys = job.export_authentication, job.export_settings
            return _deliver_again(job, user, doubtful, authentication, keys, confirmed_empty=confirmed_empty)
        authentication, keys = _where_now(job)
        first, doubt = (job.export.resends, job.export.resends_doubt) if job.export else (None, False)
        export = _resend(first, doubt, authentication, keys) if first else None  # and again no others
        return _deliver_again(job, user, export, authentication, keys, confirmed_empty=confirmed_empty)


def send_again(job: Job, user: User, *, doubt: bool = False) -> Job:
    """A new job that delivers only the rows that the export of `job` rejected, or left in doubt, and no others."""
    authentication, keys = _where_now(job)
    with transaction.atomic():
        export = Export.objects.select_for_update().filter(jobs=job).first()
        if export is None or not (export.rows_in_doubt if doubt else rejected.how_many(export)):
            raise JobRefused("This export has no rows to send again.")
        if not job.is_finished:
            raise JobRefused("The job is still running. Rows can be sent again when it has ended.")
        if earlier := rejects.sent_again(export, doubt=doubt):
            raise JobRefused(
                f"These rows were sent again by job {earlier.pk}. Send those that it did not deliver from there."
            )
        resend = _resend(export, doubt, authentication, keys)
        return _deliver_again(job, user, resend, authentication, keys)


def _resend(
    first: Export, doubt: bool, authentication: Authentication | None, keys: dict[str, Any]
) -> Export:
    """An export of only those rows that `first` did not deliver."""
    if authentication is None:
        raise JobRefused(NO_AUTHENTICATION)
    return Export.objects.create(
        authentication=authentication,
        authentication_name=str(authentication),
        connector=authentication.connector,
        settings=keys,
        result_path=first.result_path,
        default_time=first.default_time,  # a row that is there after all comes as it came before
        resends=first,
        resends_doubt=doubt,
    )


def _where_now(job: Job) -> tuple[Authentication | None, dict[str, Any]]:
    """Where the query's results go now; where that was taken away, where this job's went."""
    if found := origins.where(job.source or job):
        return found
    query = (job.source or job).query
    if query and query.export_authentication:
        return query.export_authentication, query.export_settings
    return job.export_authentication, job.export_settings


def _changed(export: Export, now: tuple[Authentication | None, dict[str, Any]]) -> dict[str, Any]:
    """What may change in an export that is continued, such as what becomes of its invalid rows."""
    authentication, keys = now
    if authentication is None or authentication.connector != export.connector:
        return {}
    return {key: keys[key] for key in registry.get(export.connector).changeable if key in keys}


def _deliver_again(
    job: Job,
    user: User,
    export: Export | None,
    authentication: Authentication | None,
    keys: dict[str, Any],
    *,
    confirmed_empty: bool = False,
) -> Job:
    source = job.source or job
    if not source.result_path:
        raise JobRefused("The result of this job is no longer kept. Run the query again.")
    if authentication is None:
        raise JobRefused(NO_AUTHENTICATION)
    return _create(
        kind=Job.Kind.EXPORT,
        user=user,
        database=source.database,
        type=source.type,
        sql=source.sql,
        query=source.query,
        query_name=source.query_name,
        source=source,
        scheduled_time=source.scheduled_time,
        export=export,
        export_authentication=authentication,
        export_settings=keys,
        confirmed_empty=confirmed_empty,
    )


@transaction.atomic
def kill(job: Job, user: User) -> str:
    """Asks for the job's end and returns its former status. One that nobody has begun ends here and now."""
    current = Job.objects.select_for_update().get(pk=job.pk)
    former = current.status
    if current.is_finished:
        return former
    if current.kill_requested_at is None:
        current.kill_requested_at, current.killed_by = timezone.now(), user
        current.save(update_fields=["kill_requested_at", "killed_by"])
        current.log("warn", f"Kill asked for by {user}")
    if former == Job.Status.QUEUED and current.lease_until is None:
        current.end_killed("Nothing was run.")
    return former


def ring(job_id: int) -> None:
    """Tells the queue of a job. Ringing twice does no harm: the claim decides who works."""
    Job.objects.filter(pk=job_id).update(rung_at=timezone.now())
    async_task("console.workbench.worker.run_job", job_id, task_name=f"job-{job_id}")


@transaction.atomic
def _create(**fields: Any) -> Job:
    job = Job.objects.create(**fields)
    job.log("info", "Queued")
    ring(job.pk)
    return job
