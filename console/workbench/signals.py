"""What the workbench tells whoever listens."""

from django.dispatch import Signal

# job. Sent inside the transaction that writes the final status, so that a listener's rows are committed with it
# or not at all.
job_ended = Signal()
