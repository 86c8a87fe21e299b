"""User Events: `evtName`, `identity` or `objectId`, `ts`, `Items[n].Key`, and every other column a property."""

import pyarrow as pa

from integrations.connectors.clevertap.entities.identity import Identity, Time
from integrations.connectors.clevertap.entities.items import Items, is_item
from integrations.connectors.clevertap.entities.plan import Parts, Plan, Rule
from integrations.connectors.clevertap.entities.words import Words
from integrations.connectors.clevertap.rules.columns import Sheet, check_values
from integrations.connectors.clevertap.wire.properties import Property, written

RESERVED = ("identity", "objectId", "ts", "evtName")


def plan(sheet: Sheet, default_time: int) -> Plan:
    names = Words.of(sheet, "evtName")
    identity, time = Identity.of(sheet), Time.of(sheet, default_time)
    others = sheet.rest(RESERVED)
    plain = [found for found in others if not is_item(found.name)]
    items = Items.of(sheet, [found for found in others if is_item(found.name)])
    for found in plain:
        check_values(sheet, found, arrays=False)
    properties = [Property(found) for found in plain]
    rules: tuple[Rule, ...] = (*names.rules, identity.check, time.check, *(each.check for each in properties))
    if not names.found:  # a problem of the columns: nothing is made of this plan
        return Plan((), lambda batch: [])
    [name] = names.found

    def record(batch: pa.RecordBatch) -> Parts:
        head = ["{", *identity.write(batch), ',"ts":', time.write(batch), ',"type":"event","evtName":']
        return [
            *head,
            names.quoted(batch, name),
            ',"evtData":{',
            *items.write(batch, written(properties, batch)),
            "}}",
        ]

    return Plan((*rules, *items.rules(name)), record, identity.notes)
