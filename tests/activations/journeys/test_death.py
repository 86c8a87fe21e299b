"""kill -9 of every worker of a journey at every point: each profile moves once, and each step sends it once."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from subprocess import PIPE

import pytest
from django.conf import settings
from django.utils import timezone

from activations.journeys import acting, log, settling
from activations.models import ActivationRun, Journey, JourneyEvaluation, JourneyStepRun
from console.accounts.models import User
from console.warehouse import storage
from console.workbench.models import Job
from tests.activations.conftest import Write
from tests.activations.journeys.conftest import job_of, run_of
from tests.console_process import ROOT
from tests.standins.clevertap import StandIn
from tests.workbench.destination import lose_lease

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
KILLED = -9
EVALUATING = ["after-claim", "table-written", "before-status", "after-status"]
SETTLING = ["asked", "noted", "step-made", "before-commit", "settled"]
SENDING = ["after-claim", "result-stored", "before-export", "export-opened", "before-status"]
Dying = Callable[[str, int, str], int]


@pytest.fixture
def dying(started: Journey, service: StandIn, process_environment: dict[str, str]) -> Iterator[Dying]:
    environment = process_environment | {
        "SENDOFF_CLEVERTAP_URL": service.url,
        "SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "tests.activations.journeys.dying_worker"]
    with (
        (settings.DATA_DIR / "dying.log").open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, stderr=errors, text=True, bufsize=1
        ) as forks,
    ):
        assert forks.stdin
        assert forks.stdout
        stdin, stdout = forks.stdin, forks.stdout

        def work(kind: str, number: int, point: str) -> int:
            stdin.write(f"{kind} {number} {point}\n")
            return int(stdout.readline())

        yield work
        stdin.close()


def test_each_profile_moves_once_and_is_sent_once_whatever_dies(
    dying: Dying, started: Journey, shop: Write, service: StandIn, user: User
) -> None:
    shop(
        "customers",
        "SELECT i::BIGINT AS id, 'u' || i AS login, 'new' AS region, i AS age FROM range(50) t(i)",
    )
    job = acting.evaluate_now(started, user)
    for point in [*EVALUATING, "never"]:
        if Job.objects.get(pk=job.pk).is_finished:
            break
        assert dying("job", job.pk, point) == (0 if point == "never" else KILLED)
        lose_lease(job)
    evaluation = JourneyEvaluation.objects.select_related("job").get()
    assert (job_of(evaluation).status, evaluation.rung_at is not None) == ("success", True)
    assert storage.table(log.ref(started)).rows == 50

    for point in SETTLING:
        assert dying("settle", evaluation.pk, point) == KILLED
    JourneyEvaluation.objects.update(rung_at=timezone.now() - 2 * settling.FORGOTTEN)
    settling.ring_again(None)  # nothing is left to do
    assert dying("settle", evaluation.pk, "never") == 0
    step = JourneyStepRun.objects.get()
    assert (step.profiles, step.problem, ActivationRun.objects.get()) == (50, "", step.run)

    for point in [*SENDING, "never"]:
        assert dying("job", run_of(step).job_id, point) == (0 if point == "never" else KILLED)
        lose_lease(run_of(step).job)
    run_of(step).job.refresh_from_db()
    assert (run_of(step).job.status, run_of(step).job.error_message) == ("success", "")
    assert _uploaded(service) == Counter({f"u{i}": 1 for i in range(50)})
    assert Job.objects.count() == 2


def _uploaded(service: StandIn) -> Counter[str]:
    bodies = map(json.loads, service.bodies)
    return Counter(record["identity"] for body in bodies for record in body["d"])
