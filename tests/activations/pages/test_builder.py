"""The rule builder: each edit posts the whole form, and what was typed comes back."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from activations import measuring, segments
from activations.models import Measurement, ParentSegment, Segment
from console.accounts.models import User
from tests.activations.conftest import EMEA
from tests.factories import make_user

Fields = dict[str, str]
DEEP: dict[str, Any] = {"type": "group", "match": "any", "rules": [
    {"type": "attribute", "attribute": "region", "operator": "in", "value": ["EMEA", "APAC, too", " two\nlines", '"']},
    {"type": "attribute", "attribute": "login", "operator": "not_equals", "value": "two\nlines"},
    {"type": "attribute", "attribute": "age", "operator": "between", "value": [20, "30.5"]},
    {"type": "group", "match": "all", "rules": [
        {"type": "behavior", "behavior": "Orders", "measure": "sum", "column": "quantity", "operator": "at_least",
         "value": 3, "where": {"type": "group", "match": "any", "rules": [
             {"type": "column", "column": "quantity", "operator": "at_least", "value": 2}]},
         "window": {"last_days": 30}},
        {"type": "attribute", "attribute": "City", "operator": "is_set"},
    ]},
]}  # fmt: skip


class Reader(HTMLParser):
    """The fields of a form as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self._select = self._area = ""
        self._first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") != "search":
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.fields[name] = given.get("value", "on")
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "option" and self._select and (self._first or "selected" in given):
            self.fields[self._select] = given.get("value", "")
            self._bare, self._first = "value" not in given, False
            if self._bare:
                self._option = True

    _option = False

    def handle_data(self, data: str) -> None:
        if self._option:
            self.fields[self._select] = data
            self._option = False
        elif self._area:
            self.fields[self._area] += data if self.fields[self._area] else data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def fields_of(html: str) -> Fields:
    reader = Reader()
    reader.feed(html[html.index('id="rules-form"') :] if 'id="rules-form"' in html else html)
    return {name: value for name, value in reader.fields.items() if name != "csrfmiddlewaretoken"}


class Builder:
    """A person without JavaScript at the builder's page."""

    def __init__(self, client: Client, segment: Segment) -> None:
        self.client, self.url = client, f"/audience/segments/{segment.pk}/rules/"
        self.html = client.get(self.url).content.decode()
        self.fields = fields_of(self.html)

    def press(self, action: str, status: int = 200, **typed: str) -> str:
        reply = self.client.post(self.url, {**self.fields, **typed, "do": action})
        assert reply.status_code == status, reply.content.decode()[:3000]
        self.location = reply.headers.get("Location", "")
        self.html = unescape(reply.content.decode())
        if status != 302 and action != "look":
            self.fields = fields_of(reply.content.decode())
        return self.html

    def type(self, **values: str) -> None:
        self.fields |= {name.replace("__", "."): value for name, value in values.items()}


@pytest.fixture
def builder(client_logged_in: Client, gold: Segment) -> Builder:
    return Builder(client_logged_in, gold)


def test_saved_rules_come_back_from_the_form_unchanged(
    client_logged_in: Client, audience: ParentSegment, user: User
) -> None:
    segment = segments.create(audience, "Deep", DEEP, user)
    builder = Builder(client_logged_in, segment)
    assert builder.fields["rules.0.value"].startswith("EMEA\nAPAC, too\n")
    assert builder.fields["rules.3.rules.0.where.rules.0.value"] == "2"
    builder.press("check")
    builder.press("save", 302)
    segment.refresh_from_db()
    assert (segment.rules, segment.version) == (segments._canonical(audience, DEEP, None), 1)


def test_rules_of_every_kind_are_added_and_saved(builder: Builder, gold: Segment, user: User) -> None:
    other = segments.create(gold.audience, "Other", EMEA, user)
    builder.press("add::attribute")
    builder.type(rules__1__attribute="age")
    builder.press("redraw")
    assert builder.fields["rules.1.operator"] == "equals"
    builder.type(rules__1__operator="between")
    builder.press("redraw")
    builder.type(rules__1__value__0="20", rules__1__value__1="70")
    builder.press("add::segment")
    builder.type(rules__2__segment=str(other.pk), rules__2__include="false")
    builder.press("add::behavior")
    builder.type(rules__3__value="2")
    builder.press("add:rules.3.where:column")
    builder.type(rules__3__where__rules__0__operator="at_least", rules__3__where__rules__0__value="5")
    builder.type(rules__3__window__kind="last_days")
    builder.press("redraw")
    builder.type(rules__3__window__last_days="30")
    builder.press("save", 302)
    gold.refresh_from_db()
    assert gold.rules["rules"][1:] == [
        {"type": "attribute", "attribute": "age", "operator": "between", "value": [20, 70]},
        {"type": "segment", "segment": other.pk, "include": False},
        {"type": "behavior", "behavior": "Orders", "measure": "count", "operator": "at_least", "value": 2,
         "where": {"type": "group", "match": "all", "rules": [
             {"type": "column", "column": "quantity", "operator": "at_least", "value": 5}]},
         "window": {"last_days": 30}},
    ]  # fmt: skip
    assert Measurement.objects.filter(segment=gold, segment_version=2).exists()


def test_rules_move_and_go(builder: Builder, gold: Segment) -> None:
    builder.press("add::attribute", rules__0="")
    builder.type(rules__1__value="second")
    builder.press("up:rules.1")
    assert (builder.fields["rules.0.value"], builder.fields["rules.1.value"]) == ("second", "EMEA")
    builder.press("group:rules.0")
    assert builder.fields["rules.0.rules.0.value"] == "second"
    builder.press("into:rules.1")
    assert builder.fields["rules.0.rules.1.value"] == "EMEA"
    builder.press("out:rules.0.rules.0")
    assert (builder.fields["rules.0.rules.0.value"], builder.fields["rules.1.value"]) == ("EMEA", "second")
    builder.press("copy:rules.0")
    assert builder.fields["rules.1.rules.0.value"] == "EMEA"
    builder.press("remove:rules.1.rules.0")
    assert builder.fields["rules.1.value"] == "second"
    builder.press("down:rules.0")
    assert builder.fields["rules.0.value"] == "second"


def test_undo_takes_back_the_last_edit_and_again_brings_it_back(builder: Builder) -> None:
    builder.press("remove:rules.0")
    assert "rules.0.value" not in builder.fields
    builder.press("undo")
    assert builder.fields["rules.0.value"] == "EMEA"
    builder.press("undo")
    assert "rules.0.value" not in builder.fields


def test_undo_of_a_saved_change(client_logged_in: Client, gold: Segment, user: User) -> None:
    segments.save(gold, {}, user, version=1)
    page = client_logged_in.get(f"/audience/segments/{gold.pk}/").content.decode()
    assert "Undo last change" in page
    client_logged_in.post(f"/audience/segments/{gold.pk}/undo/", {"version": "2"})
    gold.refresh_from_db()
    assert (gold.rules["rules"][0]["value"], gold.version) == ("EMEA", 3)


def test_what_is_wrong_stands_beside_the_rule_and_nothing_typed_is_lost(
    builder: Builder, gold: Segment
) -> None:
    builder.press("add::attribute")
    builder.type(rules__1__attribute="age")
    builder.press("redraw")
    assert "is no number" not in builder.html  # nothing was typed there yet
    builder.type(rules__1__value="twenty")
    builder.press("save", 422)
    assert re.search(r'id="rules-1-value-error">.*?is no number', builder.html, re.DOTALL)
    assert builder.fields["rules.1.value"] == "twenty"
    gold.refresh_from_db()
    assert gold.version == 1


def test_an_empty_choice_of_a_segment_says_choose(builder: Builder) -> None:
    builder.press("add::segment")
    assert "Choose a segment." not in builder.html
    assert "Choose a segment." in builder.press("save", 422)


def test_somebody_saved_in_the_meantime(builder: Builder, gold: Segment, admin: User) -> None:
    segments.save(gold, {}, admin, version=1)
    builder.type(rules__0__value="APAC")
    page = builder.press("save", 409)
    assert "saved these rules in the meantime" in page
    assert builder.fields["rules.0.value"] == "APAC"
    builder.press("save", 302)
    gold.refresh_from_db()
    assert (gold.rules["rules"][0]["value"], gold.version) == ("APAC", 3)


def test_rules_can_be_saved_as_a_new_segment(client: Client, gold: Segment) -> None:
    client.force_login(make_user(email="stranger@example.com", name="Stranger"))
    builder = Builder(client, gold)
    assert "can be saved as a segment of your own" in builder.html
    builder.press("save", 403)
    builder = Builder(client, gold)
    builder.press("copy", 302)
    made = Segment.objects.get(owner__name="Stranger")
    assert (made.name, made.rules) == ("Gold copy", gold.rules)


def test_the_size_of_what_is_typed_is_counted_once_for_the_same_rules(
    builder: Builder, gold: Segment
) -> None:
    builder.type(rules__0__value="APAC")
    answer = builder.press("look")
    asked = Measurement.objects.get()
    assert f"/rules/size/{asked.pk}/" in answer
    builder.press("look")
    assert Measurement.objects.count() == 1
    measuring.work(asked.pk)
    done = builder.client.get(f"{builder.url}size/{asked.pk}/").content.decode()
    assert ">7<" in done
    assert "hx-trigger" not in done
    assert "u1" in done


def test_typing_is_answered_with_errors_in_their_places_and_the_sql(builder: Builder) -> None:
    builder.type(rules__0__value="APAC")
    answer = builder.press("look")
    assert 'id="rules-0-value-error" hx-swap-oob="true"' in answer
    assert "'APAC'" in answer
    assert 'name="rules.0.value"' not in answer


def test_a_lost_attribute_is_shown_as_gone_and_can_be_replaced(
    client_logged_in: Client, gold: Segment, audience: ParentSegment
) -> None:
    audience.attributes.filter(name="region").delete()
    page = client_logged_in.get(f"/audience/segments/{gold.pk}/").content.decode()
    assert "can’t be used" in page
    builder = Builder(client_logged_in, gold)
    assert "region (gone)" in builder.html
    assert "no attribute region" in builder.html
    builder.type(rules__0__attribute="login")
    builder.press("redraw")
    builder.press("save", 302)


def test_another_persons_count_is_not_shown(builder: Builder, gold: Segment, client: Client) -> None:
    builder.type(rules__0__value="APAC")
    builder.press("look")
    client.force_login(make_user(email="stranger@example.com"))
    assert client.get(f"{builder.url}size/{Measurement.objects.get().pk}/").status_code == 404


NONSENSE: list[Fields] = [
    {"rules.0.type": "nonsense"},
    {"rules.0": "x", "rules.0.value": "y"},
    {"rules.99999.type": "attribute", "rules..x": "", "match": "neither"},
    {"rules.0.type": "behavior", "rules.0.where": "x", "rules.0.window": "y", "before": "{"},
    {"rules.0.type": "segment", "rules.0.segment": "9" * 30},
    {"before": "[" * 2000},
]
ACTIONS = (
    "redraw",
    "save",
    "look",
    "undo",
    "add:rules.7:attribute",
    "remove:x",
    "up:rules.0",
    "out:rules.0",
    "",
)


def test_no_form_breaks_the_builder(builder: Builder) -> None:
    for fields in NONSENSE:
        for action in ACTIONS:
            reply = builder.client.post(builder.url, {**fields, "do": action, "version": "1"})
            assert reply.status_code in (200, 302, 409, 422), (fields, action)
