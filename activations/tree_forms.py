"""The small forms of the tree: a name, a place."""

from collections.abc import Iterable
from typing import Any

from django import forms

from activations.errors import Refused


class PlaceForm(forms.Form):
    folder = forms.TypedChoiceField(label="Folder", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any = None, *, places: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["folder"].choices = [("", "No folder (at the top)"), *places]  # type: ignore[attr-defined]
        self.fields["folder"].error_messages["invalid_choice"] = "That folder is gone. Choose another one."

    def refuse(self, refused: Refused) -> None:
        """The refusal of what was asked, beside the field it belongs to."""
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))


class NameForm(forms.Form):
    # Longer ones are refused by `naming`, in words.
    name = forms.CharField(label="Name", error_messages={"required": "Write a name."})

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))


class NewForm(NameForm, PlaceForm):
    """A folder or a segment: its name, and the folder it is in."""

    field_order = ("name", "folder")
