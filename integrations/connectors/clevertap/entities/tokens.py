"""Upload Device Tokens: `objectId`, `id` and `type`; other columns are not sent."""

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connectors.clevertap.entities.plan import Parts, Plan, ignored
from integrations.connectors.clevertap.entities.words import Words, text_of
from integrations.connectors.clevertap.rules import values
from integrations.connectors.clevertap.rules.columns import Sheet

KINDS = ("apns", "fcm", "gcm")


def plan(sheet: Sheet) -> Plan:
    words = Words.of(sheet, "objectId", "id", "type", scalars=("objectId",))
    if len(words.found) < 3:
        return Plan((), lambda batch: [])
    profile, token, kind = words.found
    words.check(kind, lambda name, text: values.not_one_of(name, text, KINDS, pc.utf8_lower))

    def record(batch: pa.RecordBatch) -> Parts:
        return [
            '{"type":"token","objectId":', words.quoted(batch, profile), ',"tokenData":{"id":',
            words.quoted(batch, token), ',"type":"', pc.utf8_lower(text_of(batch, kind)), '"}}',
        ]  # fmt: skip

    return Plan(tuple(words.rules), record, ignored(sheet, words.found))
