"""The fields of the retry budget: how often, and how long between two tries."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from integrations.fields.settings_form import SettingsForm


class RetryFields(SettingsForm):
    retry_count = forms.IntegerField(
        label="Max Retries", required=False, initial=5, min_value=0, max_value=100
    )
    retry_initial_wait_millis = forms.IntegerField(
        label="Initial Retry Time Wait In Millies",
        required=False,
        initial=1_000,
        min_value=1,
        max_value=86_400_000,
    )
    max_retry_wait_millis = forms.IntegerField(
        label="Max Retry Wait In Millies",
        required=False,
        initial=300_000,
        min_value=1,
        max_value=86_400_000,
    )

    def clean_retry_count(self) -> int:
        return self._or_initial("retry_count")

    def clean_retry_initial_wait_millis(self) -> int:
        return self._or_initial("retry_initial_wait_millis")

    def clean_max_retry_wait_millis(self) -> int:
        longest = self._or_initial("max_retry_wait_millis")
        first = self.cleaned_data.get("retry_initial_wait_millis")
        if first is not None and longest < first:
            raise ValidationError(f"Enter at least {first}, the initial wait.")
        return longest

    def _or_initial(self, name: str) -> int:
        """A blank field means its default, as a null does in the JSON of other tools."""
        given = self.cleaned_data[name]
        return int(self.base_fields[name].initial if given is None else given)


def retry_policy(settings: Mapping[str, Any]) -> dict[str, int]:
    """The arguments of `integrations.connector.RetryPolicy`: `RetryPolicy(**retry_policy(settings))`."""
    names = {
        "retry_count": "max_retries",
        "retry_initial_wait_millis": "initial_ms",
        "max_retry_wait_millis": "max_ms",
    }
    found = {name: settings.get(key) for key, name in names.items()}
    defaults = {name: RetryFields.base_fields[key].initial for key, name in names.items()}
    return {name: int(defaults[name] if value is None else value) for name, value in found.items()}
