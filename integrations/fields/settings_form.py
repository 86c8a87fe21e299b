"""One schema for settings and credentials: a Django form whose field names are the stored keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import slugify

Keys = Mapping[str, Any]


class SecretField(forms.CharField):
    """Secrecy is the type: encrypted at rest, never rendered, never logged. Blank keeps the stored value."""

    widget = forms.PasswordInput


@dataclass(frozen=True)
class Suggestion:
    """A known value to offer under a free-text field."""

    label: str
    value: str
    is_chosen: bool


@dataclass(frozen=True)
class Entry:
    """A field as a page shows it."""

    field: BoundField
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True)
class Section:
    title: str
    fields: tuple[BoundField, ...]

    @property
    def slug(self) -> str:
        return slugify(self.title)


class SettingsForm(forms.Form):
    """Field name = stored key = CLI key. Labels, defaults, help and bounds live on the field alone."""

    sections: ClassVar[dict[str, list[str]]] = {}  # unplaced fields follow in the last one
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {}  # {"public_key": ("encoder", {"pgp"})}
    aliases: ClassVar[dict[str, str]] = {}  # other documents' names of a key -> the field's name
    widths: ClassVar[dict[str, str]] = {}  # {"format": "half"}; "third"; the whole width unless named
    hidden_hints: ClassVar[dict[str, str]] = {}  # what stands in the place of a hidden field
    writes: ClassVar[str] = "table"  # what the destination gets: "table", "file" or "requests"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A form that inherits several groups of fields has what each of them says about its own."""
        super().__init_subclass__(**kwargs)
        for name in ("visible_when", "aliases", "widths", "hidden_hints"):
            merged: dict[str, Any] = {}
            for base in reversed(cls.__mro__):
                merged |= base.__dict__.get(name, {})
            setattr(cls, name, merged)

    def __init__(
        self, data: Keys | None = None, *, stored_secrets: Keys | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.stored_secrets = {k: v for k, v in (stored_secrets or {}).items() if v}
        self.refused: list[str] = []
        for name in self._secret_names():
            if name in self.stored_secrets:
                self.fields[name].required = False
                self.fields[name].widget.attrs["placeholder"] = "Unchanged"

    @classmethod
    def from_keys(cls, keys: Keys, *, stored_secrets: Keys | None = None) -> Self:
        """Binds stored JSON or CLI input: a missing key or a null takes its default, an unknown one is an error."""
        known: dict[str, Any] = {}
        refused = []
        for key, value in keys.items():
            name = cls.aliases.get(key, key)
            if name not in cls.base_fields:
                refused.append(f"Unknown setting: {key}.")
            elif name in known:
                refused.append(f"{key} and another name of it are both given. Keep one.")
            elif value is not None:
                known[name] = value
        defaults = {
            name: field.initial for name, field in cls.base_fields.items() if field.initial is not None
        }
        form = cls({**defaults, **known}, stored_secrets=stored_secrets)
        form.refused = refused
        return form

    @classmethod
    def shown(cls, keys: Keys, *, stored_secrets: Keys | None = None) -> Self:
        """An unbound form that shows stored values: what a page renders on GET."""
        return cls(initial=dict(keys), stored_secrets=stored_secrets)

    def settings(self) -> dict[str, Any]:
        """Cleaned values without secrets and without what is hidden. JSON-safe."""
        secret = self._secret_names()
        return {k: v for k, v in self.cleaned_data.items() if k not in secret and not self.is_hidden_field(k)}

    def secrets(self) -> dict[str, Any]:
        """Cleaned secrets; a blank one keeps the stored value."""
        given = {name: self.cleaned_data.get(name) or "" for name in self._secret_names()}
        return {name: value or self.stored_secrets.get(name, "") for name, value in given.items()}

    def layout(self) -> list[Section]:
        """Every field exactly once, in the order of `sections`, the rest in the last one."""
        placed = [name for names in self.sections.values() for name in names]
        rest = [name for name in self.fields if name not in placed]
        titles = self.sections or {"Settings": []}
        last = list(titles)[-1]
        return [
            Section(title, tuple(self[name] for name in [*names, *(rest if title == last else [])]))
            for title, names in titles.items()
        ]

    def suggestions(self, name: str) -> list[tuple[str, str]]:
        """(label, value) pairs to offer under the field; any other value is as good."""
        return []

    def entries(self) -> list[Entry]:
        """Every field with what is offered under it."""
        return [Entry(field, tuple(self._offered(field))) for field in self]

    def _offered(self, field: BoundField) -> Iterator[Suggestion]:
        for label, value in self.suggestions(field.name):
            yield Suggestion(label, value, str(field.value() or "") == value)

    def is_hidden_field(self, name: str) -> bool:
        """Whether another field's value makes this one meaningless. What a hidden field steers is hidden with it."""
        if name not in self.visible_when:
            return False
        driver, values = self.visible_when[name]
        return str(self[driver].value()) not in values or self.is_hidden_field(driver)

    def full_clean(self) -> None:
        hidden = [name for name in self.fields if self.is_bound and self.is_hidden_field(name)]
        for name in hidden:
            self.fields[name].required = False
        super().full_clean()
        for name in hidden:  # nobody can correct what nobody sees, and it is not kept
            self.errors.pop(name, None)
        for message in self.refused:
            self.add_error(None, message)

    def _secret_names(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, SecretField)]
