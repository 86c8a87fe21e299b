"""Demerge User Profile: `identity`; other columns are not sent."""

import pyarrow as pa

from integrations.connectors.clevertap.entities.plan import Parts, Plan, ignored
from integrations.connectors.clevertap.entities.words import Words
from integrations.connectors.clevertap.rules.columns import Sheet

LATER = "CleverTap demerges at night, which may take a day or more. An accepted request is not yet done."


def plan(sheet: Sheet) -> Plan:
    words = Words.of(sheet, "identity", scalars=("identity",))
    if not words.found:
        return Plan((), lambda batch: [])
    [identity] = words.found

    def record(batch: pa.RecordBatch) -> Parts:
        return [words.quoted(batch, identity)]

    return Plan(tuple(words.rules), record, (LATER, *ignored(sheet, words.found)))
