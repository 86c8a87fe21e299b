"""What journeys tell the workbench. Called once, from `AppConfig.ready`."""

from activations.journeys import evaluating, settling
from console.workbench import runners, signals, upkeep


def register() -> None:
    runners.register(evaluating.RUNNER)
    signals.job_ended.connect(settling.job_ended)
    upkeep.turned.connect(settling.ring_again)
