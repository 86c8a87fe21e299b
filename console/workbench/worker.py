"""What a worker does when the bell rings: claim, SQL, export, status. Everything can be done again after a death."""

import logging
import os
import socket

from django.db import OperationalError, transaction

from console.warehouse.engine import current
from console.warehouse.engine.interface import SqlCancelled, SqlError
from console.warehouse.imports import sessions
from console.warehouse.types import AlreadyExists, InvalidName, NotFound, WarehouseError
from console.workbench import results, statements
from console.workbench.helping import HelpingGuard
from console.workbench.lease import Lease
from console.workbench.models import Job
from integrations.delivery import engine as delivery
from integrations.delivery import rejected
from integrations.errors import DeliveryError, Kind, Lost, Stopped
from integrations.models import Export

log = logging.getLogger(__name__)
MAX_CLAIMS = 5
TOO_MANY_DIED = f"{MAX_CLAIMS} workers died while they had this job."
LOOK_AT_LOG = "It may need more memory than the machine has. Look at the worker's log, then run it again."


def name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def run_job(job_id: int) -> None:
    """The queue's task. Does nothing where another worker holds the job or it is finished."""
    job = Job.objects.claim(job_id, name())
    if job is None:
        return
    with Lease(job) as lease:
        try:
            _run(job, lease)
        except Lost:
            log.warning("job %s belongs to another worker now", job_id)
        except (Stopped, SqlCancelled):
            job.end_killed("No rows were exported.")
        except (SqlError, WarehouseError) as error:
            _fail(job, error)
        except OperationalError:
            # The database is away or locked for too long: nothing can be written, so nothing is decided.
            # The lease runs out and the next worker goes on from the ledger.
            log.exception("job %s is left to the next worker", job_id)
        except Exception:
            log.exception("job %s failed unexpectedly", job_id)
            job.log("err", "The job stopped on an error inside Sendoff")
            job.fail(
                "The job stopped on an error inside Sendoff.",
                action=f"Look for job {job_id} in the worker's log, and report it.",
            )


def _run(job: Job, lease: Lease) -> None:
    if job.claims > 1:
        job.log("warn", "The worker that had this job stopped answering. Another one goes on.")
        results.remove_leftovers(job)
    if job.export is None:  # else the export's own end cleans up at the destination
        if job.claims > MAX_CLAIMS:
            raise SqlError(TOO_MANY_DIED, hint=LOOK_AT_LOG, may_pass=True)
        lease.heed()
    job.begin()
    if job.kind == Job.Kind.BULK_IMPORT:
        job.enter(Job.Stage.RUNNING)
        sessions.perform(job.bulk_import)
        job.succeed()
        return
    if job.kind == Job.Kind.QUERY and job.sql_finished_at is None:
        job.enter(Job.Stage.RUNNING)
        statements.run(job, lease, current(job.type))
    if job.export or (job.export_authentication and results.source(job).result_path):
        _export(job, lease)
    else:
        job.log("info", "Done")
        job.succeed()


def _export(job: Job, lease: Lease) -> None:
    if job.export is None:
        lease.heed()
    job.enter(Job.Stage.EXPORTING)
    too_many = DeliveryError(TOO_MANY_DIED, action=LOOK_AT_LOG) if job.claims > MAX_CLAIMS else None
    export = job.export or _open_export(job)
    try:
        rows = rejected.rows_for(export, results.stream(job))
    except (results.ResultGone, LookupError) as gone:
        job.fail(str(gone), kept="Nothing was sent.", action="Run the query again.")
        return
    export = delivery.run(export, rows, HelpingGuard(lease, run_job), instead=too_many)
    if export.status in {Export.Status.SUCCESS, Export.Status.REJECTED}:
        job.succeed()
    elif export.status == Export.Status.KILLED:
        job.end_killed(export.error_kept)
    else:
        kind = export.error_kind
        job.fail(export.error_message, kept=export.error_kept, action=export.error_action, kind=kind)


@transaction.atomic
def _open_export(job: Job) -> Export:
    """The ledger's first row, in one transaction with the job that points at it."""
    authentication = job.export_authentication
    assert authentication is not None
    export = Export.objects.create(
        authentication=authentication,
        authentication_name=str(authentication),
        connector=authentication.connector,
        settings=job.export_settings,
        result_path=results.source(job).result_path,
        default_time=int(job.created_at.timestamp()),
        confirmed_empty=job.confirmed_empty,
    )
    job.attach(export)
    return export


def _fail(job: Job, error: SqlError | WarehouseError) -> None:
    line = getattr(error, "line", None)
    column = getattr(error, "column", None)
    where = f"line {line}, column {column}: " if line else ""
    job.log("err", f"{where}{error}")
    job.fail(
        str(error),
        kept="" if job.sql_finished_at else "Nothing was written and nothing was exported.",
        action=getattr(error, "hint", ""),
        line=line,
        column=column,
        kind=Kind.TEMPORARY if _may_pass(error) else Kind.SETTINGS,
    )


def _may_pass(error: SqlError | WarehouseError) -> bool:
    """Whether the same SQL may well run another time, without anybody mending it."""
    if isinstance(error, SqlError):
        return error.may_pass
    return not isinstance(error, NotFound | AlreadyExists | InvalidName)
