"""Plain functions that make what a test needs; every argument has a default."""

import itertools
from typing import Any

from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Job, Query, Schedule
from integrations.models import Authentication

PASSWORD = "correct horse battery staple"
_number = itertools.count(1)


def make_user(**fields: Any) -> User:
    fields.setdefault("email", f"user{next(_number)}@example.com")
    password = fields.pop("password", PASSWORD)
    return User.objects.create_user(password=password, **fields)


def make_query(**fields: Any) -> Query:
    owner = fields.pop("owner", None) or make_user()
    fields.setdefault("name", f"Query {next(_number)}")
    fields.setdefault("database", "sample_datasets")
    fields.setdefault("sql", "SELECT code, COUNT(1) FROM www_access GROUP BY code")
    fields.setdefault("saved_by", owner)
    return Query.objects.create(owner=owner, **fields)


def make_schedule(cron: str = "0 * * * *", zone: str = "UTC", delay: int = 0, **fields: Any) -> Schedule:
    """A query's schedule, set as people set it; `query` or the fields of `scheduling.set_rule` may be given."""
    query = fields.pop("query", None) or make_query()
    schedule = scheduling.set_rule(query, cron, zone, delay, query.owner, **fields)
    assert schedule is not None
    return schedule


def make_job(**fields: Any) -> Job:
    fields.setdefault("user", None)
    user = fields.pop("user") or make_user()
    fields.setdefault("database", "sample_datasets")
    fields.setdefault("sql", "SELECT 1")
    fields.setdefault("scheduled_time", 1_767_225_600)
    return Job.objects.create(user=user, **fields)


def claim(job: Job, worker: str) -> Job:
    """The job as the worker that gets it sees it."""
    claimed = Job.objects.claim(job.pk, worker)
    assert claimed is not None, f"{worker} didn't get job {job.pk}"
    return claimed


def make_authentication(*, secrets: dict[str, Any] | None = None, **fields: Any) -> Authentication:
    owner = fields.pop("owner", None) or make_user()
    fields.setdefault("name", f"Authentication {next(_number)}")
    fields.setdefault("connector", "treasure_data")
    authentication = Authentication(owner=owner, **fields)
    authentication.seal(secrets if secrets is not None else {"apikey": f"1/{'a' * 40}"})
    authentication.save()
    return authentication
