"""What the table would look like after the export, with every rename and conversion."""

from typing import Any

from integrations.connector import Keys, SchemaLine, SchemaPreview
from integrations.connectors.treasure_data.answers import is_status
from integrations.connectors.treasure_data.authentication import WAIT_SECONDS
from integrations.connectors.treasure_data.client import Client
from integrations.connectors.treasure_data.columns import Plan, Target, plan
from integrations.connectors.treasure_data.export import NEEDS_MASTER, no_database
from integrations.errors import CredentialsError
from integrations.http import is_own
from integrations.rows import RowStream

SAME_ACCOUNT = (
    "This is your own account. INSERT INTO or CREATE TABLE AS in the query is faster than this connector."
)


def preview(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> SchemaPreview:
    """Raises `DeliveryError`: a wrong database, an unusable time column, an unreachable host."""
    client = Client(credentials, patience=WAIT_SECONDS)
    planned = plan(rows.columns, settings, default_time)
    replaces = settings["mode"] == "replace"
    exists, table = _look(client, settings)
    count = None if table is None else int(table.get("count") or 0)
    warnings = [NEEDS_MASTER] if replaces and exists is None else []
    if replaces and not rows.total:
        warnings.append("The result has no rows: Replace will ask before it empties the table.")
    name = f"{settings['user_database_name']}.{settings['user_table_name']}"
    return SchemaPreview(
        target=f"{name} at {client.host}",
        table_exists=exists,
        rows_now=count,
        lines=tuple(_lines(planned, (table or {}).get("schema", []), replaces=replaces)),
        notes=tuple(_notes(client, exists, name)),
        warnings=tuple(warnings),
        confirm=f"Replace all {count:,} rows of {name} every time this export runs?"
        if replaces and count
        else "",
    )


def _look(client: Client, settings: Keys) -> tuple[bool | None, dict[str, Any] | None]:
    """Whether the table exists, and the table. (None, None): this key may not look."""
    try:
        if not client.has_database(settings["user_database_name"]):
            raise no_database(settings["user_database_name"])
        table = client.table(settings["user_database_name"], settings["user_table_name"])
    except CredentialsError as error:
        if is_status(error, 403):
            return None, None
        raise
    return table is not None, table


def _lines(planned: Plan, schema: list[Any], *, replaces: bool) -> list[SchemaLine]:
    have = {str(column[0]): str(column[1]) for column in schema}
    lines = [_line(target, have, replaces=replaces) for target in planned.targets]
    if planned.constant_time is not None:
        note = f"{planned.constant_time} in every row."
        lines.insert(0, SchemaLine("time", "long", "", "filled", note))
    written = {target.name for target in planned.targets} | {"time"}
    gone = "removed" if replaces else "kept"
    note = "" if replaces else "NULL in the new rows."
    return lines + [
        SchemaLine(name, kind, "", gone, note) for name, kind in have.items() if name not in written
    ]


def _line(target: Target, have: dict[str, str], *, replaces: bool) -> SchemaLine:
    known = have.get(target.name)
    if replaces or (known is None and target.name != "time"):
        state = "existing" if known == target.type else "new"
        return SchemaLine(target.name, target.type, target.source, state, target.note)
    kind = known or "long"
    differs = "" if kind == target.type else f"Sent as {target.type}; the table keeps {kind}."
    note = " ".join(part for part in (target.note, differs) if part)
    return SchemaLine(target.name, kind, target.source, "existing", note)


def _notes(client: Client, exists: bool | None, name: str) -> list[str]:
    notes = []
    if is_own(client.url):
        notes.append(SAME_ACCOUNT)
    if exists is None:
        notes.append(f"This key may not look at {name}, so only the columns of the result are shown.")
    if exists is False:
        notes.append(f"{name} does not exist yet and will be created.")
    return notes
