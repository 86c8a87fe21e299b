from typing import ClassVar

import pytest
from django import forms

from integrations.fields import SecretField, SettingsForm


class ExampleForm(SettingsForm):
    sections: ClassVar[dict[str, list[str]]] = {"Where": ["host"], "How": ["encoder"]}
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {"public_key": ("encoder", {"pgp"})}
    aliases: ClassVar[dict[str, str]] = {"server": "host"}

    host = forms.CharField()
    encoder = forms.ChoiceField(choices=[("gz", "gz"), ("pgp", "PGP")], initial="gz")
    public_key = forms.CharField()
    password = SecretField()
    header = forms.BooleanField(required=False, initial=True)


def test_a_missing_key_takes_its_default_and_a_given_one_does_not() -> None:
    form = ExampleForm.from_keys({"host": "a", "password": "pw", "header": False})
    assert form.is_valid()
    assert form.settings() == {"host": "a", "encoder": "gz", "header": False}
    assert form.secrets() == {"password": "pw"}


def test_a_posted_form_is_bound_as_posted() -> None:
    form = ExampleForm({"host": "a", "encoder": "gz", "password": "pw"})
    assert form.is_valid()
    assert form.settings()["header"] is False


def test_an_alias_is_the_field() -> None:
    assert ExampleForm.from_keys({"server": "b", "password": "pw"}).is_valid()


@pytest.mark.parametrize("keys", [{"hots": "a"}, {"host": "a", "server": "b"}])
def test_an_unknown_or_doubled_key_is_an_error(keys: dict[str, str]) -> None:
    form = ExampleForm.from_keys({"host": "a", "password": "pw", **keys})
    assert not form.is_valid()
    assert form.non_field_errors()


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    form = ExampleForm.from_keys({"host": "a", "password": "pw", "public_key": "left over"})
    assert form.is_valid()
    assert "public_key" not in form.settings()
    shown = ExampleForm.from_keys({"host": "a", "password": "pw", "encoder": "pgp"})
    assert "public_key" in shown.errors


def test_a_secret_is_never_rendered_and_blank_keeps_the_stored_one() -> None:
    form = ExampleForm(
        {"host": "a", "encoder": "gz", "password": ""}, stored_secrets={"password": "hunter22"}
    )
    assert form.is_valid()
    assert form.secrets() == {"password": "hunter22"}
    assert "hunter22" not in form.as_p()
    assert "Unchanged" in form.as_p()
    typed = ExampleForm({"host": "", "password": "hunter33"})
    assert "hunter33" not in typed.as_p()


def test_the_layout_holds_every_field_once() -> None:
    names = [field.name for section in ExampleForm().layout() for field in section.fields]
    assert sorted(names) == sorted(ExampleForm.base_fields)
    assert [section.slug for section in ExampleForm().layout()] == ["where", "how"]


class SteeredForm(SettingsForm):
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {
        "operation": ("entity", {"profiles"}),
        "arrays": ("operation", {"upload"}),
        "email": ("entity", {"list"}),
    }

    entity = forms.ChoiceField(choices=[("profiles", "Profiles"), ("list", "List")], initial="profiles")
    operation = forms.ChoiceField(choices=[("upload", "Upload"), ("demerge", "Demerge")], initial="upload")
    arrays = forms.CharField()
    email = forms.EmailField()


def test_what_a_hidden_field_steers_is_hidden_with_it() -> None:
    form = SteeredForm.from_keys({"entity": "list", "email": "a@example.com"})
    assert form.is_valid(), form.errors
    assert form.settings() == {"entity": "list", "email": "a@example.com"}
    both = SteeredForm.from_keys({"arrays": "x"})
    assert both.is_valid(), both.errors
    assert both.settings() == {"entity": "profiles", "operation": "upload", "arrays": "x"}
    assert not SteeredForm.from_keys({}).is_valid(), "shown, it is required"


def test_a_value_nobody_sees_does_not_stand_in_the_way() -> None:
    form = SteeredForm({"entity": "profiles", "operation": "demerge", "email": "no address"})
    assert form.is_valid(), form.errors
    assert form.settings() == {"entity": "profiles", "operation": "demerge"}
