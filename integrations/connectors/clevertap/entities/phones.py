"""Disassociate a Phone Number: `value`; other columns are not sent."""

import pyarrow as pa

from integrations.connectors.clevertap.entities.plan import Parts, Plan, ignored
from integrations.connectors.clevertap.entities.words import Words
from integrations.connectors.clevertap.rules import values
from integrations.connectors.clevertap.rules.columns import Sheet

IDENTITIES = "Only a phone number that is used as identity can be disassociated."


def plan(sheet: Sheet) -> Plan:
    words = Words.of(sheet, "value", scalars=("value",))
    if not words.found:
        return Plan((), lambda batch: [])
    [phone] = words.found
    words.check(phone, lambda name, text: values.not_matching(name, text, values.E164, values.NO_PHONE))

    def record(batch: pa.RecordBatch) -> Parts:
        return ['{"type":"phone","value":', words.quoted(batch, phone), "}"]

    return Plan(tuple(words.rules), record, (IDENTITIES, *ignored(sheet, words.found)))
