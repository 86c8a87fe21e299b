"""What will be written: the connector's own answer, or why it can't be told yet."""

from dataclasses import dataclass, replace

from integrations import registry
from integrations.connector import SchemaPreview
from integrations.errors import DeliveryError
from integrations.fields import SettingsForm
from integrations.formats.preview import FilePreview
from integrations.models import Authentication
from integrations.rows import RowStream

NO_ROWS = RowStream((), 0, lambda: iter(()))


@dataclass(frozen=True)
class PreviewResult:
    """For `integrations/_preview.html`: what will be sent, why it can't be told, or what has gone wrong.

    With both `shown` and `waiting` the columns are not known yet, only where they would go.
    """

    shown: SchemaPreview | FilePreview | None = None
    waiting: str = ""  # what has to be filled in or run first
    error: DeliveryError | None = None

    @property
    def confirm(self) -> str:
        """The question to put before Done, or ""."""
        return self.shown.confirm if self.shown else ""


def render(
    authentication: Authentication, form: SettingsForm, rows: RowStream | None, default_time: int
) -> PreviewResult:
    """`form` is bound. `rows` is the last stored result, None before the first run. May use the network."""
    if not form.is_valid():
        return PreviewResult(waiting="Fill in the required fields to see what will be written.")
    connector = registry.get(authentication.connector)
    waiting = "Run the query once to see its columns here." if rows is None else ""
    try:
        shown = connector.preview(
            authentication.credentials(), form.settings(), rows or NO_ROWS, default_time
        )
    except DeliveryError as error:
        return PreviewResult(error=error)
    if rows is None and isinstance(shown, SchemaPreview):  # an empty result is a fact; a missing one is not
        shown = replace(shown, lines=(), warnings=())
    return PreviewResult(shown=shown, waiting=waiting)
