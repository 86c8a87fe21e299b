"""Rows -> encode -> deliver -> ledger. The one algorithm every connector's export goes through."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import registry, tokens
from integrations.connector import Connector, Keys
from integrations.delivery.guard import Guard
from integrations.delivery.ledger import DatabaseLedger
from integrations.errors import CredentialsError, DeliveryError, Lost, RefusedError, SettingsError, Stopped
from integrations.models import Authentication, Export
from integrations.rows import RowStream

log = logging.getLogger(__name__)
KEPT = "The query result ({rows:,} rows) is kept."


def run(export: Export, rows: RowStream, guard: Guard, *, instead: DeliveryError | None = None) -> Export:
    """Delivers `rows` and returns the export in a final status. Raises `Lost` where another worker has it.

    Safe to call again after a death at any point: the ledger tells what was accepted. With `instead` it
    delivers nothing, cleans up after earlier tries and ends in that error.
    """
    if export.status in Export.FINAL:
        return export
    delivery = _Delivery(export, rows, guard)
    try:
        delivery.prepare()
        if instead:
            raise instead
        delivery.carry_out()
    except Lost:
        raise
    except Stopped:
        delivery.end(Export.Status.KILLED, "The export was killed.")
    except DeliveryError as error:
        delivery.end(Export.Status.ERROR, str(error), kind=error.kind.value, action=error.action)
    except Exception:
        log.exception("export %s failed unexpectedly", export.pk)
        delivery.end(
            Export.Status.ERROR,
            "The export stopped on an error inside Sendoff.",
            kind="internal",
            action=f"Look for export {export.pk} in the worker's log, and report it.",
        )
    export.refresh_from_db()
    return export


class _Delivery:
    def __init__(self, export: Export, rows: RowStream, guard: Guard) -> None:
        self.export = export
        self.rows = rows
        self.guard = guard
        self.connector: Connector = registry.get(export.connector)
        self.ledger = DatabaseLedger(export, guard, self.connector.retries(export.settings))
        self.credentials: Keys = {}
        self.settings: Keys = export.settings

    def prepare(self) -> None:
        self.settings = _checked(self.connector, self.export.settings)
        self.credentials = self.ledger.retry(
            "Read the credentials", lambda: _credentials(self.export.authentication)
        )
        self._write(
            status=Export.Status.RUNNING,
            started_at=self.export.started_at or timezone.now(),
            rows_total=self.rows.total,
            destination=self.connector.destination(self.credentials, self.settings),
        )
        self.ledger.rows_total = self.rows.total

    def carry_out(self) -> None:
        if self.connector.inspect:
            self.connector.inspect(self.settings, self.rows, self.export.default_time, self.ledger)
        self.ledger.retry(
            "Check credentials and settings", lambda: self.connector.precheck(self.credentials, self.settings)
        )
        self.connector.deliver(
            self.credentials,
            self.settings,
            lambda: self.connector.encode(self.settings, self.rows, self.export.default_time),
            self.rows.columns,
            self.ledger,
        )
        self._settle()

    def _settle(self) -> None:
        """The status comes from acknowledged rows and from nothing else."""
        self.export.refresh_from_db()
        delivered, rejected, total = self.export.rows_delivered, self.export.rows_rejected, self.rows.total
        doubtful = self.export.rows_in_doubt
        if doubtful and delivered + rejected + doubtful == total:
            raise RefusedError(
                f"{doubtful:,} of {total:,} rows are in doubt: they were sent, but no answer came.",
                action="Look for them at the destination. If they are not there, send the rows in doubt again.",
            )
        if delivered + rejected != total:
            raise DeliveryError(
                f"The destination acknowledged {delivered + rejected:,} of {total:,} rows.",
                action="Compare the destination with the result before you run the export again.",
            )
        status = Export.Status.REJECTED if rejected else Export.Status.SUCCESS
        with transaction.atomic():
            self._write(status=status, finished_at=timezone.now())
            if self.export.authentication_id:
                Authentication.objects.filter(pk=self.export.authentication_id).update(
                    last_used_at=timezone.now()
                )
        self.ledger.log("info", f"Done: {delivered:,} rows accepted, {rejected:,} rejected")
        self.ledger.drop_spool()

    def end(self, status: str, message: str, *, kind: str = "", action: str = "") -> None:
        """A kill or a failure: cleans up at the destination, then says what is left and what is kept."""
        left = self._clean_up()
        kept = " ".join(part for part in (left, KEPT.format(rows=self.rows.total)) if part)
        self._write(
            status=status,
            finished_at=timezone.now(),
            error_kind=kind,
            error_message=message,
            error_kept=kept,
            error_action=action,
        )
        self.ledger.log("warn" if status == Export.Status.KILLED else "err", message)
        if not self.ledger.memory.get("in_doubt"):
            self.ledger.drop_spool()
        if kind == CredentialsError.kind.value and self.export.authentication_id:
            Authentication.objects.filter(pk=self.export.authentication_id).update(
                health=Authentication.Health.RECONNECT,
                health_message=message,
                health_checked_at=timezone.now(),
            )

    def _clean_up(self) -> str:
        memory: Mapping[str, Any] = self.ledger.memory
        if doubt := memory.get("in_doubt"):
            return str(doubt)
        if not memory:
            return "Nothing was sent."
        try:
            # Killed, or refused, before it read them: what an earlier worker sent has to go all the same.
            credentials = self.credentials or _credentials(self.export.authentication)
            return self.connector.discard(credentials, self.settings, memory)
        except DeliveryError as error:
            return f"Cleaning up at the destination failed: {error}"

    def _write(self, **fields: Any) -> None:
        with transaction.atomic():
            self.guard.hold()
            Export.objects.filter(pk=self.export.pk).update(**fields)


def _credentials(authentication: Authentication | None) -> Keys:
    if authentication is None:
        raise CredentialsError(
            "The authentication of this export was deleted.", action="Choose another one in Export Results."
        )
    return tokens.credentials(authentication)


def _checked(connector: Connector, keys: Keys) -> Keys:
    """The settings as the form accepts them today, or a SettingsError that names the first field at fault."""
    form = connector.export_form.from_keys(keys)
    if form.is_valid():
        return form.settings()
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else name
    raise SettingsError(f"{label}: {errors[0]}", action="Edit the export settings.", field=name)
