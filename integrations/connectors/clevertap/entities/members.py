"""User Audiences - Custom List: `type` and `identity`, as the lines of a CSV file; other columns are not sent."""

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connectors.clevertap.entities.plan import Parts, Plan, ignored
from integrations.connectors.clevertap.entities.words import Words, text_of
from integrations.connectors.clevertap.rules import values
from integrations.connectors.clevertap.rules.columns import Sheet

KINDS = ("g", "i")
QUOTED = '[",\r\n]'


def plan(sheet: Sheet) -> Plan:
    words = Words.of(sheet, "type", "identity", scalars=("identity",))
    if len(words.found) < 2:
        return Plan((), lambda batch: [])
    kind, identity = words.found
    words.check(kind, lambda name, text: values.not_one_of(name, text, KINDS))

    def record(batch: pa.RecordBatch) -> Parts:
        return [text_of(batch, kind), ",", csv_field(text_of(batch, identity))]

    return Plan(tuple(words.rules), record, ignored(sheet, words.found))


def csv_field(text: pa.Array) -> pa.Array:
    """Quoted where it has to be."""
    needs = pc.match_substring_regex(text, QUOTED)
    if not pc.any(needs, min_count=0).as_py():
        return text
    doubled = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(needs, doubled, text)
