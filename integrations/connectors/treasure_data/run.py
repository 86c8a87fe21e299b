"""One export to Treasure Data while it is under way: where to, and what the ledger remembers of it."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations.connector import Keys, Ledger
from integrations.connectors.treasure_data.answers import is_status
from integrations.connectors.treasure_data.client import Client
from integrations.connectors.treasure_data.columns import Plan
from integrations.connectors.treasure_data.export import no_database
from integrations.errors import CredentialsError, DeliveryError, RefusedError

T = TypeVar("T")
FIRST_POLL, LONGEST_POLL, SLICE = 0.1, 3.0, 0.2  # seconds


@dataclass(frozen=True)
class Run:
    client: Client
    settings: Keys
    planned: Plan
    ledger: Ledger

    @property
    def database(self) -> str:
        return str(self.settings["user_database_name"])

    @property
    def target(self) -> str:
        """The table the user named."""
        return str(self.settings["user_table_name"])

    @property
    def replaces(self) -> bool:
        return bool(self.settings["mode"] == "replace")

    @property
    def session(self) -> str:
        return str(self.ledger.memory["session"])

    @property
    def written(self) -> str:
        """The table the rows are written to: the target, or a temporary one that takes its place."""
        return temporary(self.target, self.session) if self.replaces else self.target

    @property
    def phase(self) -> str:
        return str(self.ledger.memory.get("phase", ""))

    def begin(self) -> None:
        """Gives the run its session name, once and for all."""
        if "session" not in self.ledger.memory:
            self.ledger.remember(session=f"sendoff_{self.ledger.export_id}_{secrets.token_hex(4)}")

    def call(self, request: str, function: Callable[..., T], *arguments: Any) -> T:
        answer: T = self.ledger.retry(request, lambda: function(*arguments))
        return answer

    def polls(self) -> Iterator[None]:
        """Yields for every look at something that takes time at the destination, waiting in between."""
        pause = FIRST_POLL
        while True:
            yield
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0:
                self.ledger.heed()
                time.sleep(min(left, SLICE))
            pause = min(pause * 2, LONGEST_POLL)

    def create_table(self, table: str) -> None:
        """An existing one is as good; a key that may not create tables may still write to it."""
        try:
            self.call(
                f"POST table/create/{self.database}/{table}", self.client.create_table, self.database, table
            )
        except RefusedError as error:
            if is_status(error, 404):
                raise no_database(self.database) from error
            if not is_status(error, 409):
                raise
        except CredentialsError as error:
            if not is_status(error, 403) or self.replaces:
                raise
            self.ledger.log("info", f"This key may not create tables; {table} has to exist.")
        else:
            self.ledger.remember(created=table)
            self.ledger.log("info", f"Created table {self.database}.{table}")

    def extend_schema(self) -> None:
        """Declares new columns, so that they can be queried. Where the key may not, the service does it."""
        try:
            known = self.call("GET table/show", self.client.table, self.database, self.written)
            have = {str(column[0]) for column in (known or {}).get("schema", [])}
            new = [(name, kind) for name, kind in self.planned.schema if name not in have]
            if new:
                self.call(
                    "POST table/append-schema", self.client.append_schema, self.database, self.written, new
                )
                self.ledger.log("info", f"New columns: {', '.join(name for name, _ in new)}")
        except DeliveryError as error:
            if error.retryable or is_status(error, 401):
                raise
            self.ledger.log(
                "info", "This key may not declare new columns; the destination does it by itself."
            )


def temporary(table: str, session: str) -> str:
    return f"{table[: 254 - len(session)]}_{session}"
