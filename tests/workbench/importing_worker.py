"""A worker for the destination's side alone: it runs bulk imports as they come, and never the job under test.

python -m tests.workbench.importing_worker
"""

import time

import django


def main() -> None:
    django.setup()
    from console.workbench.models import Job
    from console.workbench.worker import run_job

    while True:
        for job_id in Job.objects.claimable().filter(kind=Job.Kind.BULK_IMPORT).values_list("pk", flat=True):
            run_job(job_id)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
