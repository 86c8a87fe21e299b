"""One schema for settings and credentials: a Django form whose field names are the stored keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.text import slugify

Keys = Mapping[str, Any]


class SecretField(forms.CharField):
    """Secrecy is the type: encrypted at rest, never rendered, never logged. Blank keeps the stored value."""

    widget = forms.PasswordInput


class AidField(forms.CharField):
    """Helps to fill other fields, and is no setting: never stored, and not a key of any command line."""


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
    addressed_by: ClassVar[str] = ""  # the field under which `address` is shown
    suffixed_by: ClassVar[str] = ""  # the field beside which `suffix` is shown
    browsed: ClassVar[str] = ""  # the field of a folder's path, which Browse fills
    browsed_with: ClassVar[tuple[str, ...]] = ()  # the fields that say where that folder is

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
        self.aided: dict[str, Any] = {}  # what an AidField has filled in
        self.aid_errors: dict[str, ValidationError] = {}
        super().__init__(data if data is None else self._aided(data), **kwargs)
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
            if name not in cls.base_fields or isinstance(cls.base_fields[name], AidField):
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
        left = {k for k in self.fields if self.is_hidden_field(k) or isinstance(self.fields[k], AidField)}
        left.update(self._secret_names())
        return {k: v for k, v in self.cleaned_data.items() if k not in left}

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

    def address(self) -> str:
        """The whole address that results from the values as they stand, "" while they give none."""
        return ""

    def suggestions(self, name: str) -> list[tuple[str, str]]:
        """(label, value) pairs to offer under the field; any other value is as good."""
        return []

    def suffix(self) -> str:
        """What is added to the value of the field `suffixed_by`: a file's extensions."""
        return ""

    @classmethod
    def filled(cls, name: str, value: str) -> dict[str, Any]:
        """What is entered in the AidField `name` says about other fields. Raises `ValidationError`."""
        return {}

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
        for name, error in self.aid_errors.items():
            self.add_error(name, error)

    def _aided(self, data: Keys) -> Keys:
        """`data` with the fields that an AidField fills; the aid is empty then, so that it acts once."""
        for name, field in self.base_fields.items():
            value = str(data.get(name) or "").strip()
            if not isinstance(field, AidField) or not value:
                continue
            try:
                self.aided = self.filled(name, value)
            except ValidationError as error:
                self.aid_errors[name] = error
                continue
            copied = data.copy() if isinstance(data, QueryDict) else dict(data)
            for key, filled in {**self.aided, name: ""}.items():
                copied[key] = filled
            data = copied
        return data

    def _secret_names(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, SecretField)]
