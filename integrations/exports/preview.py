"""What will be written: the connector's own answer, or why it can't be told yet."""

from dataclasses import dataclass

from integrations import registry, tokens
from integrations.connector import SchemaPreview
from integrations.errors import DeliveryError
from integrations.fields import SettingsForm
from integrations.formats.preview import FilePreview
from integrations.models import Authentication
from integrations.rows import RowStream


@dataclass(frozen=True)
class PreviewResult:
    """For `integrations/_preview.html`. Exactly one of `shown`, `waiting` and `error` is set."""

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
    if rows is None:
        return PreviewResult(waiting="Run the query once to see what will be written.")
    connector = registry.get(authentication.connector)
    try:
        return PreviewResult(
            shown=connector.preview(tokens.credentials(authentication), form.settings(), rows, default_time)
        )
    except DeliveryError as error:
        return PreviewResult(error=error)
