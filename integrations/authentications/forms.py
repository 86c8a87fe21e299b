from typing import Any

from django import forms

from integrations.models import Authentication

HEALTH = [("", "All"), ("healthy", "Healthy"), ("attention", "Needs attention")]


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name an authentication is found by: in the list, in Choose Integration, on the command line."""

    name = forms.CharField(
        label="Name",
        max_length=255,
        help_text="Queries and workflows refer to it by this name.",
        error_messages={
            "required": "Give the authentication a name.",
            "unique": "An authentication with this name exists. Choose another name.",
        },
    )

    class Meta:
        model = Authentication
        fields = ("name",)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        return name

    def save(self, commit: bool = True) -> Authentication:
        """The name alone: what else is on the row may have been renewed since it was read."""
        saved: Authentication = self.instance
        if commit:
            saved.save(update_fields=["name", "updated_at"])
        return saved


class FilterForm(forms.Form):
    """The list's filters, from its address."""

    q = forms.CharField(required=False)
    connector = forms.CharField(required=False)
    health = forms.ChoiceField(required=False, choices=HEALTH)

    def values(self) -> dict[str, Any]:
        """A filter that makes no sense is no filter."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
