"""Update Email/Phone Subscription: `type`, `value` and `status`; other columns are not sent."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connectors.clevertap.entities.plan import Parts, Plan, ignored
from integrations.connectors.clevertap.entities.words import Words, text_of
from integrations.connectors.clevertap.rules import values
from integrations.connectors.clevertap.rules.broken import Broken
from integrations.connectors.clevertap.rules.columns import Found, Sheet

KINDS = ("phone", "email")
STATUSES = ("Unsubscribe", "Resubscribe")
EVERYWHERE = "A status holds for every profile that has this phone number or e-mail."


def plan(sheet: Sheet) -> Plan:
    words = Words.of(sheet, "type", "value", "status", scalars=("value",))
    if len(words.found) < 3:
        return Plan((), lambda batch: [])
    kind, value, status = words.found
    words.check(kind, lambda name, text: values.not_one_of(name, text, KINDS, pc.utf8_lower))
    words.check(status, lambda name, text: values.not_one_of(name, text, STATUSES, pc.utf8_capitalize))
    words.rules.append(lambda batch: _wrong_value(batch, kind, value))

    def record(batch: pa.RecordBatch) -> Parts:
        return [
            '{"type":"', pc.utf8_lower(text_of(batch, kind)), '","value":', words.quoted(batch, value),
            ',"status":"', pc.utf8_capitalize(text_of(batch, status)), '"}',
        ]  # fmt: skip

    return Plan(tuple(words.rules), record, (EVERYWHERE, *ignored(sheet, words.found)))


def _wrong_value(batch: pa.RecordBatch, kind: Found, value: Found) -> Iterator[Broken]:
    """A phone number or an e-mail address, as `type` says."""
    kinds, texts = pc.utf8_lower(text_of(batch, kind)), text_of(batch, value)
    nothing = pa.scalar(None, pa.string())
    phones = pc.if_else(pc.equal(kinds, "phone"), texts, nothing)
    emails = pc.if_else(pc.equal(kinds, "email"), texts, nothing)
    yield from values.not_matching(value.name, phones, values.E164, values.NO_PHONE)
    yield from values.not_matching(value.name, emails, values.EMAIL, values.NO_EMAIL)
