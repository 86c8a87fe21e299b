"""What will be written: the connector's own answer, or why it can't be told yet."""

from dataclasses import dataclass, replace

from integrations import registry, tokens
from integrations.connector import RequestsPreview, SchemaPreview
from integrations.errors import DeliveryError
from integrations.fields import FileFields, SettingsForm
from integrations.formats import preview as formats
from integrations.formats.options import FileOptions
from integrations.formats.preview import FilePreview
from integrations.models import Authentication
from integrations.rows import RowStream

NO_ROWS = RowStream((), 0, lambda: iter(()))


@dataclass(frozen=True)
class PreviewResult:
    """For `integrations/_preview.html`: what will be written, why it can't be told, or what has gone wrong.

    With `waiting` beside one of the previews the columns are not known yet, only where they would go.
    """

    schema: SchemaPreview | None = None
    file: FilePreview | None = None
    requests: RequestsPreview | None = None
    waiting: str = ""  # what has to be filled in or run first
    error: DeliveryError | None = None

    @property
    def confirm(self) -> str:
        """The question to put before Done, or ""."""
        shown = self.schema or self.requests
        return shown.confirm if shown else ""


def render(
    authentication: Authentication, form: SettingsForm, rows: RowStream | None, default_time: int
) -> PreviewResult:
    """`form` is bound. `rows` is the last stored result, None before the first run. May use the network."""
    if not form.is_valid():
        return PreviewResult(waiting=_missing(form), file=_bytes_at_least(form, rows))
    connector = registry.get(authentication.connector)
    waiting = "Run the query once to see its columns here." if rows is None else ""
    try:
        shown = connector.preview(
            tokens.credentials(authentication), form.settings(), rows or NO_ROWS, default_time
        )
    except DeliveryError as error:
        return PreviewResult(error=error)
    if isinstance(shown, FilePreview):
        return PreviewResult(file=shown, waiting=waiting)
    if isinstance(shown, RequestsPreview):
        return PreviewResult(requests=shown, waiting=waiting)
    if rows is None:  # an empty result is a fact about the table; a missing one is not
        shown = replace(shown, lines=(), warnings=())
    return PreviewResult(schema=shown, waiting=waiting)


def _missing(form: SettingsForm) -> str:
    """What has to be put right first, by the labels of the fields."""
    errors = form.errors.as_data()
    blank = [name for name, found in errors.items() if found[0].code == "required"]
    if len(blank) == len(errors):
        labels = [str(form.fields[name].label) for name in blank]
        listed = f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else labels[0]
        return f"Fill in {listed} to see what will be written."
    name = next(name for name in errors if name not in blank)
    label = f"{form.fields[name].label}: " if name in form.fields else ""
    return f"{label}{form.errors[name][0]}"


def _bytes_at_least(form: SettingsForm, rows: RowStream | None) -> FilePreview | None:
    """The bytes do not depend on where the file goes: they are shown while that is still being filled in."""
    if rows is None or not isinstance(form, FileFields) or set(FileFields.base_fields) & set(form.errors):
        return None
    try:
        return formats.preview(FileOptions.from_settings(form.cleaned_data), rows, folder="", name="")
    except DeliveryError:
        return None
