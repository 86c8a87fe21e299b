"""docs/file-formats.md names every key and every value that the forms take."""

from pathlib import Path
from typing import Any

from django import forms

from integrations.fields import FileFields, PgpFields
from tests.integrations.formats.test_vectors import VECTORS

PAGE = (Path(__file__).parents[3] / "docs" / "file-formats.md").read_text()


def row_of(key: str) -> str:
    [row] = [line for line in PAGE.splitlines() if f"| `{key}` |" in line]
    return row


def test_every_key_has_its_row_with_label_and_values() -> None:
    for group in (FileFields, PgpFields):
        for key, field in group.base_fields.items():
            row = row_of(key)
            assert row.startswith(f"| {field.label} |")
            if isinstance(field, forms.ChoiceField):
                choices: Any = field.choices
                for value, _ in choices:
                    assert not value or f"`{value}`" in row.replace("\\|", "|"), (key, value)


def test_the_table_of_fields_says_what_is_written() -> None:
    for value, expected in VECTORS:
        if value in ("a", "a,b", 'a"b', "a\\b"):
            [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{value}` |")]
            assert [cell.strip(" `") for cell in row.strip("|").split("|")][1:] == list(expected)
