"""Who may still write: the run's claim, as the ledger sees it."""

from typing import Protocol


class Guard(Protocol):
    def heed(self) -> None:
        """Raises `Stopped` where the run was killed, `Lost` where another worker has it. Cheap: no query."""

    def hold(self) -> None:
        """Inside a transaction: locks the claim until its end, and raises `Lost` where it is no longer ours.

        A kill does not stop this: what has happened at the destination is recorded whatever else is wanted.
        """
