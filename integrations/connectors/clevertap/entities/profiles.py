"""Upload User Profiles: `identity` or `objectId`, `ts`, and every other column a property."""

import pyarrow as pa

from integrations.connectors.clevertap.entities.identity import Identity, Time
from integrations.connectors.clevertap.entities.plan import Parts, Plan
from integrations.connectors.clevertap.rules.columns import Sheet, check_values
from integrations.connectors.clevertap.wire.properties import Property, written

# CleverTap's own fields, which it checks itself. Another spelling makes a property of one's own.
OWN = (
    "Name", "Email", "Phone", "Gender", "Employed", "Education", "Married", "Age", "DOB", "MSG-email", "MSG-push",
    "MSG-sms", "MSG-whatsapp", "Customer Type", "Photo", "Tz",
)  # fmt: skip


def plan(sheet: Sheet, default_time: int, array_operation: str) -> Plan:
    identity, time = Identity.of(sheet), Time.of(sheet, default_time)
    others = sheet.rest(("identity", "objectId", "ts"))
    for found in others:
        check_values(sheet, found, arrays=True)
    properties = [Property(found, array_operation) for found in others]

    def record(batch: pa.RecordBatch) -> Parts:
        head = ["{", *identity.write(batch), ',"ts":', time.write(batch), ',"type":"profile","profileData":{']
        return [*head, *written(properties, batch), "}}"]

    rules = (identity.check, time.check, *(each.check for each in properties))
    return Plan(rules, record, (*identity.notes, *_spelled([found.name for found in others])))


def _spelled(names: list[str]) -> list[str]:
    """A property of one's own that was perhaps meant as CleverTap's: email beside Email."""
    own = {name.lower(): name for name in OWN}
    near = [(name, own[name.lower()]) for name in names if name.lower() in own and name not in OWN]
    return [
        f"{name} is sent as a property of your own. CleverTap's field is {meant}." for name, meant in near
    ]
