"""The fields of a file: its format, header, delimiter, NULLs, line ends, quotes and compression."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from integrations.fields.settings_form import SettingsForm
from integrations.formats.options import DELIMITERS, ENCRYPTION, QUOTE_POLICIES

TAB = "\\t"  # as the source documents write it, and as a form can post it


class SpelledField(forms.ChoiceField):
    """A choice that other documents also write in other ways."""

    def __init__(self, *, spellings: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spellings = spellings

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return self.spellings.get(text, text)


class DelimiterField(SpelledField):
    """A TAB may arrive as the character or as backslash and t; it is stored as the latter."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("choices", [(",", "Comma ( , )"), (TAB, "Tab ( \\t )"), ("|", "Pipe ( | )")])
        super().__init__(spellings={"\t": TAB}, **kwargs)


def follows(values: Mapping[str, str]) -> dict[str, str]:
    """Attributes for a widget that takes the format's default until a person picks a value."""
    return {"data-follows": "format", **{f"data-follow-{key}": value for key, value in values.items()}}


_DELIMITERS = {format: TAB if value == "\t" else value for format, value in DELIMITERS.items()}


class FileFields(SettingsForm):
    """A connector's form inherits what its documents offer, and drops the rest by setting it to None.

    `delimiter` and `quote_policy` have no default of their own: the format decides.
    """

    writes: ClassVar[str] = "file"
    widths: ClassVar[dict[str, str]] = dict.fromkeys(
        ("format", "compression", "delimiter", "null_string", "newline", "quote_policy", "header_line"),
        "half",
    )

    format = forms.ChoiceField(
        label="Format", choices=[("csv", "CSV"), ("tsv", "TSV")], initial="csv", widget=forms.RadioSelect
    )
    compression = forms.ChoiceField(
        label="Encoders",
        required=False,
        choices=[("", "None"), ("gz", "gz"), ("bzip2", "bzip2"), (ENCRYPTION, "encryption PGP")],
        initial="",
    )
    delimiter = DelimiterField(
        label="Delimiter", required=False, widget=forms.Select(attrs=follows(_DELIMITERS))
    )
    null_string = forms.ChoiceField(
        label="Null String",
        required=False,
        choices=[
            ("default", "Default"),
            ("", "Empty string"),
            ("\\N", "\\N"),
            ("NULL", "NULL"),
            ("null", "null"),
        ],
        initial="default",
        help_text="Default writes nothing in CSV and \\N in TSV.",
    )
    newline = forms.ChoiceField(
        label="End-of-line character",
        choices=[("CRLF", "CRLF"), ("LF", "LF"), ("CR", "CR")],
        initial="CRLF",
        widget=forms.RadioSelect,
    )
    quote_policy = forms.ChoiceField(
        label="Quote Policy",
        required=False,
        choices=[("ALL", "ALL"), ("MINIMAL", "MINIMAL"), ("NONE", "NONE")],
        widget=forms.RadioSelect(attrs=follows(QUOTE_POLICIES)),
    )
    header_line = forms.BooleanField(label="Header line", required=False, initial=True)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What a page shows where nothing is stored: the default of the format that it shows."""
        value = super().get_initial_for_field(field, field_name)
        if value or field_name not in ("delimiter", "quote_policy"):
            return value
        return self._format_default(
            field_name, super().get_initial_for_field(self.fields["format"], "format")
        )

    def clean_delimiter(self) -> str:
        return self._or_default("delimiter")

    def clean_quote_policy(self) -> str:
        return self._or_default("quote_policy")

    def _or_default(self, name: str) -> str:
        given: str = self.cleaned_data[name]
        return given or self._format_default(name, self.cleaned_data.get("format"))

    @staticmethod
    def _format_default(name: str, format: Any) -> str:
        defaults = _DELIMITERS if name == "delimiter" else QUOTE_POLICIES
        return defaults.get(str(format), defaults["csv"])
