"""From settings and columns to a plan. Every problem with the columns is told at once."""

from collections.abc import Callable

from integrations.connector import Keys
from integrations.connectors.clevertap.entities import (
    demerge,
    events,
    members,
    phones,
    profiles,
    subscriptions,
    tokens,
)
from integrations.connectors.clevertap.entities.plan import Plan
from integrations.connectors.clevertap.operations import chosen
from integrations.connectors.clevertap.rules.columns import Sheet
from integrations.rows import Column


def plan(settings: Keys, columns: tuple[Column, ...], default_time: int) -> Plan:
    """Raises `ColumnsError`."""
    sheet, operation = Sheet(columns), chosen(settings)
    made = _made(operation.key, sheet, settings, default_time)
    sheet.refuse_problems(operation.label)
    return made


def _made(key: str, sheet: Sheet, settings: Keys, default_time: int) -> Plan:
    if key == "upload_profiles":
        return profiles.plan(sheet, default_time, str(settings.get("array_operation") or "replace"))
    if key == "user_events":
        return events.plan(sheet, default_time)
    return _BY_KEY[key](sheet)


_BY_KEY: dict[str, Callable[[Sheet], Plan]] = {
    "upload_device_tokens": tokens.plan,
    "demerge": demerge.plan,
    "update_subscription": subscriptions.plan,
    "disassociate_phone": phones.plan,
    "custom_list": members.plan,
}
