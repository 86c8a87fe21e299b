"""Runs of an activation: jobs with an export, and how their profiles differ from the last run's."""

from datetime import datetime

from activations.models import Activation, ActivationRun
from console.accounts.models import User
from console.workbench.models import Job


def run(activation: Activation, user: User) -> ActivationRun:
    """A run now. Raises Refused where it can't be: paused, a draft, a lost column, no authentication."""
    raise NotImplementedError


def job_for(activation: Activation, slot: datetime, user: User) -> Job:
    """The run's Job, not saved, for a schedule that fires; `started` belongs to it. Raises Refused."""
    raise NotImplementedError


def started(activation: Activation, job: Job, exported_at: datetime) -> ActivationRun:
    """The run's row, once its job has a number. Inside the transaction that made the job."""
    raise NotImplementedError
