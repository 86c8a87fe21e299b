"""The building blocks of the export dialog."""

from dataclasses import replace

import pytest
from django.utils.html import escape

from integrations import registry
from integrations.connector import SchemaLine, SchemaPreview
from integrations.errors import SettingsError
from integrations.exports import choices, forms, preview
from tests.factories import make_authentication, make_user
from tests.integrations.treasure_data.conftest import make_rows

pytestmark = pytest.mark.django_db


def test_search_looks_at_name_integration_and_account_and_marks_what_it_met() -> None:
    make_authentication(name="regional-reports")
    make_authentication(name="other", account="10843 · region.example")
    make_authentication(name="unrelated")
    found = choices.search(make_user(), "REGION")
    assert sorted(choice.authentication.name or "" for choice in found.usable) == [
        "other",
        "regional-reports",
    ]
    assert found.total == 3
    by_name = {choice.authentication.name: choice for choice in found.usable}
    assert by_name["regional-reports"].name == '<mark class="hit">region</mark>al-reports'
    assert by_name["other"].account == '10843 · <mark class="hit">region</mark>.example'
    assert len(choices.search(make_user(), "treasure").usable) == 3


def test_broken_ones_stand_apart_and_drafts_are_no_choice() -> None:
    make_authentication(name="broken", health="reconnect")
    make_authentication(name="sound")
    make_authentication(name=None)
    found = choices.search(make_user())
    assert [choice.authentication.name for choice in found.usable] == ["sound"]
    assert [choice.authentication.name for choice in found.unusable] == ["broken"]
    assert found.total == 2


def test_a_name_is_escaped_before_it_is_marked() -> None:
    assert choices.mark("<b>x</b>", "x") == f'{escape("<b>")}<mark class="hit">x</mark>{escape("</b>")}'
    assert choices.mark("İstanbul", "i") == "İstanbul"


def test_the_form_shows_stored_values_and_binds_posted_ones() -> None:
    authentication = make_authentication()
    shown = forms.build(authentication, stored={"user_table_name": "kept"})
    assert not shown.is_bound
    assert shown["user_table_name"].value() == "kept"
    assert shown["mode"].value() == "append"
    assert forms.build(authentication, data={"mode": "replace"}).is_bound


FILLED = {"user_database_name": "abc", "user_table_name": "abc", "mode": "append"}


def test_a_preview_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    authentication = make_authentication()
    empty = preview.render(authentication, forms.build(authentication, data={}), make_rows(1), 0)
    assert "Fill in" in empty.waiting
    line = SchemaLine("code", "long", "", "kept")
    told = SchemaPreview("abc.abc at td", True, 7, (line,), notes=("own account",), warnings=("no rows",))
    real = registry.get("treasure_data")
    monkeypatch.setattr(registry, "_CONNECTORS", [replace(real, preview=lambda *given: told)])
    unran = preview.render(authentication, forms.build(authentication, data=FILLED), None, 0)
    assert "Run the query once" in unran.waiting
    assert unran.schema == replace(told, lines=(), warnings=()), (
        "the destination is known, the columns are not"
    )
    ran = preview.render(authentication, forms.build(authentication, data=FILLED), make_rows(1), 0)
    assert (ran.schema, ran.waiting) == (told, "")


def test_a_preview_that_fails_is_an_error_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    authentication = make_authentication(keys={"endpoint": "http://127.0.0.1:9"})
    filled = forms.build(authentication, data=FILLED)
    result = preview.render(authentication, filled, make_rows(1), 0)
    assert result.error is not None
    assert "not reached over HTTPS" in str(result.error)
    assert result.confirm == ""
    assert not isinstance(result.error, SettingsError)
