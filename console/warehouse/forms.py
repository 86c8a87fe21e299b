"""Names for a new database and a new table, refused beside the field."""

from typing import Any

from django import forms

from console.warehouse import storage
from console.warehouse.types import NAME_RULE, TableRef, WarehouseError


class NameForm(forms.Form):
    """Subclasses create the thing in `create`; what the warehouse refuses becomes the field's error."""

    name = forms.CharField(max_length=255, help_text=NAME_RULE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "autofocus": True, "spellcheck": "false"}

    def create(self, name: str) -> None:
        raise NotImplementedError

    def save(self) -> bool:
        """Creates it; False, with the reason at the field, where the name is not allowed or taken."""
        if not self.is_valid():
            return False
        try:
            self.create(self.cleaned_data["name"])
        except WarehouseError as refusal:
            self.add_error("name", str(refusal))
        return not self.errors


class DatabaseForm(NameForm):
    name = forms.CharField(
        label="Database name",
        max_length=255,
        help_text=NAME_RULE,
        error_messages={"required": "Give the database a name."},
    )

    def create(self, name: str) -> None:
        storage.create_database(name)


class TableForm(NameForm):
    name = forms.CharField(
        label="Table name",
        max_length=255,
        help_text=f"{NAME_RULE} The table starts with the column time; imports and exports add the others.",
        error_messages={"required": "Give the table a name."},
    )

    def __init__(self, *args: Any, database: str, **kwargs: Any) -> None:
        self.database = database
        super().__init__(*args, **kwargs)

    def create(self, name: str) -> None:
        storage.create_table(TableRef(self.database, name))
