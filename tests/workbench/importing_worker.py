"""A worker for the destination's side alone: it runs bulk imports as they come, and never the job under test.

python -m tests.workbench.importing_worker
"""

import logging
import time

import django

log = logging.getLogger(__name__)


def main() -> None:
    django.setup()
    from django.db import DatabaseError, connection

    while True:
        try:
            work_off()
        except DatabaseError:  # the tests empty the tables under its feet
            log.exception("the next look is a new one")
            connection.close()
        time.sleep(0.05)


def work_off() -> None:
    from console.workbench.models import Job
    from console.workbench.worker import run_job

    imports = Job.objects.claimable().filter(kind=Job.Kind.BULK_IMPORT)
    for job_id in imports.exclude(bulk_import="").values_list(
        "pk", flat=True
    ):  # without one: a test made it by hand
        run_job(job_id)


if __name__ == "__main__":
    main()
