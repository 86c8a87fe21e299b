"""The fields of the retry budget: how often, and how long between two tries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from integrations.fields.settings_form import SettingsForm

_LISTED = 8  # waits that are written out


@dataclass(frozen=True)
class Waits:
    """What the three numbers come to."""

    each: str  # "1 s, 2 s, 4 s"
    total: str  # "7 s"


class RetryFields(SettingsForm):
    widths: ClassVar[dict[str, str]] = dict.fromkeys(
        ("retry_count", "retry_initial_wait_millis", "max_retry_wait_millis"), "third"
    )

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

    @property
    def waits(self) -> Waits | None:
        """None where the numbers are not numbers yet."""
        try:
            count, first, longest = (
                self._number(name)
                for name in ("retry_count", "retry_initial_wait_millis", "max_retry_wait_millis")
            )
        except ValidationError:
            return None
        waits = [min(first << n, longest) for n in range(count)]
        shown = [_span(wait) for wait in waits[:_LISTED]] + ["…"] * (len(waits) > _LISTED)
        return Waits(", ".join(shown), _span(sum(waits)))

    def _number(self, name: str) -> int:
        """The value that stands in the field, checked by the field itself."""
        given = self.fields[name].clean(self[name].value())
        return int(self.base_fields[name].initial if given is None else given)

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


def _span(milliseconds: int) -> str:
    """1500 -> "1.5 s", 300000 -> "5 min"."""
    for size, unit in ((3_600_000, "h"), (60_000, "min"), (1_000, "s")):
        if milliseconds >= size:
            return f"{milliseconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{milliseconds} ms"
