"""What the rooms above have to say about jobs that they made. Each registers itself once, from `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.warehouse.engine.interface import Outcome
from console.workbench.models import Job
from integrations.models import Authentication


@dataclass(frozen=True)
class Maker:
    """What a job is a run of, for the job's page."""

    name: str
    url: str
    settings_url: str  # where its export settings are edited
    facts: tuple[tuple[str, str], ...] = ()  # label and value


Where = tuple[Authentication | None, dict[str, Any]]


@dataclass(frozen=True)
class Origin:
    """A maker of jobs. Each function is asked of every job, and answers for its own only."""

    # Where the job's result goes by now, for Run export again; None for a job that isn't its own.
    where: Callable[[Job], Where | None]
    # Called when the SQL of a query's job is done and before its result is kept: may change the file in place, and
    # returns what is in it. Raises SqlError where the result must not be used.
    finish: Callable[[Job, Path, Outcome], Outcome]
    maker: Callable[[Job], Maker | None]


_origins: dict[str, Origin] = {}


def register(name: str, origin: Origin) -> None:
    _origins[name] = origin


def where(job: Job) -> Where | None:
    return next((found for origin in _origins.values() if (found := origin.where(job))), None)


def finish(job: Job, output: Path, outcome: Outcome) -> Outcome:
    for origin in _origins.values():
        outcome = origin.finish(job, output, outcome)
    return outcome


def maker(job: Job) -> Maker | None:
    return next((found for origin in _origins.values() if (found := origin.maker(job))), None)
