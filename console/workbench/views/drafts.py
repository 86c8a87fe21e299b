"""What stands in the editor: typed, saved, of an older version, or of a run."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from console.workbench.models import EngineType, Job, Query
from console.workbench.queries import Draft


def typed(request: HttpRequest) -> Draft:
    """What was posted, right or wrong."""
    data = request.POST
    type = data.get("type", "") if data.get("type") in EngineType.values else EngineType.PRESTO
    sql = data.get("sql", "").replace("\r\n", "\n")
    return Draft(data.get("name", ""), data.get("database", ""), type, sql)


def of_query(request: HttpRequest, query: Query, job: Job | None) -> Draft:
    """The saved query; or one of its versions, or the SQL of a run, where the address asks for it."""
    version = number(request.GET.get("version", ""))
    if version:
        old = get_object_or_404(query.versions, version=version)
        return Draft(query.name, query.database, query.type, old.sql)
    if job and shows_run(request):
        return Draft(query.name, job.database, job.type, job.sql)
    return Draft.of(query)


def of_nothing(request: HttpRequest, job: Job | None) -> Draft:
    """A new query: empty, the SQL of a run, or the first rows of a table."""
    if job:
        return Draft("", job.database, job.type, job.sql)
    database, table = request.GET.get("database", ""), request.GET.get("table", "")
    return Draft("", database, EngineType.PRESTO, f"SELECT * FROM {table} LIMIT 100" if table else "")


def asked_job(request: HttpRequest) -> Job | None:
    """The run whose result the address asks for, or that stood beside what was posted."""
    pk = number(request.GET.get("job") or request.POST.get("job", ""))
    jobs = Job.objects.select_related("export", "user", "query", "export_authentication")
    return get_object_or_404(jobs, pk=pk) if pk else None


def shows_run(request: HttpRequest) -> bool:
    """Whether the editor holds the run's SQL rather than the saved one."""
    return request.GET.get("edit") == "job"


def number(text: str) -> int | None:
    """A row's number in an address or a form; None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else None
