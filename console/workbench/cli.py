"""The same run as a command of Treasure Data's own CLI."""

import shlex

from console.workbench.models import Job


def command(job: Job) -> str:
    """`td query …` for a job that ran SQL and exported nothing, else "": the CLI has no form for named settings."""
    if job.kind != Job.Kind.QUERY or job.export_authentication_id or job.export_id:
        return ""
    return shlex.join(["td", "query", "-w", "-d", job.database, "-T", job.type, job.sql])
