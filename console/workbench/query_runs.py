"""Queries as what a schedule runs."""

from datetime import datetime

from django.urls import reverse

from console.accounts.models import User
from console.notices import subjects
from console.workbench import jobs, permissions, runners, telling
from console.workbench.models import Job, Schedule


def _job(schedule: Schedule, at: datetime, user: User) -> Job:
    query = schedule.query
    assert query is not None
    if not query.sql.strip():
        raise runners.CantRun(f"{query.name} has no SQL. Write a SELECT and save it.")
    return Job(user=user, scheduled_time=int(at.timestamp()), **jobs.of_query(query))


def _may_change(user: User, schedule: Schedule) -> bool:
    return schedule.query is not None and permissions.may_edit(user, schedule.query)


RUNNER = runners.Runner(
    kind="query",
    job=_job,
    name=lambda schedule: schedule.query.name if schedule.query else "",
    url=lambda schedule: reverse("query", args=[schedule.query_id]),
    may_change=_may_change,
    subject=lambda schedule: subjects.key(telling.KIND, schedule.query_id or 0),
    rule_url=lambda schedule: reverse("query_schedule", args=[schedule.query_id]),
    noun="query",
    name_field="query__name",
    related=("query",),
)
