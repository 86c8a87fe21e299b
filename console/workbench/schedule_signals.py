"""What schedules tell whoever listens, such as notifications. Sent inside the transaction that writes the state,
so that a listener's rows are committed with it or not at all."""

from django.dispatch import Signal

# schedule, job (None where it could not even be made), failures, limit: it failed on its configuration again.
schedule_failing = Signal()
# schedule, job, failures, reason: it was paused after too many such failures (not by a person).
schedule_paused = Signal()
# schedule, job: a run arrived after failures.
schedule_recovered = Signal()
