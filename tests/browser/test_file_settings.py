"""The form of a file and its preview in a real browser, apart from any destination."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from integrations.exports.preview import PreviewResult
from integrations.fields import FileFields, PgpFields, RetryFields
from integrations.formats.options import FileOptions
from integrations.formats.preview import preview
from tests.browser.conftest import axe
from tests.console_process import ROOT
from tests.integrations.formats.streams import stream

STATIC = ROOT / "console" / "static"
STYLES = [
    STATIC / "vendor" / "tabler.min.css",
    STATIC / "console" / "app.css",
    STATIC / "console" / "shell.css",
    STATIC / "console" / "workbench.css",
    ROOT / "integrations" / "static" / "integrations" / "integrations.css",
]
SCRIPT = ROOT / "integrations" / "static" / "integrations" / "settings.js"
PAGE = """<!doctype html><html lang="en" data-theme="{theme}" data-bs-theme="{theme}"><head><title>t</title></head>
<body><main><h1>t</h1><form class="dlg-form"><div class="exp wb-exp wb-file"><nav class="expnav"></nav>
<div class="expform">{fields}</div><aside class="preview"><div class="wb-pv-h"><div class="row-x"><h3>File preview</h3>
{view}</div></div><div class="wb-pv">{shown}</div></aside></div></form></main></body></html>"""
ROWS = pa.table({"email": ["a@x.example", "b\t@x"], "name": ["Wu, Jr.", None], "עיר": ["ירושלים", '"q"']})


class Form(RetryFields, PgpFields, FileFields):
    pass


Open = Callable[..., Page]


@pytest.fixture
def open_form(browser: Browser) -> Iterator[Open]:
    contexts = []

    def make(theme: str = "light", *, script: bool = True, **stored: object) -> Page:
        options = FileOptions.from_settings({"null_string": "NULL", "quote_policy": "NONE", **stored})
        shown = PreviewResult(file=preview(options, stream(ROWS), folder="reports/", name="x.csv"))
        context = browser.new_context(viewport={"width": 1440, "height": 1400})
        contexts.append(context)
        page = context.new_page()
        parts = {
            "fields": render_to_string("integrations/export_form.html", {"form": Form.shown(stored)}),
            "view": render_to_string("integrations/_preview_view.html", {}),
            "shown": render_to_string("integrations/_preview.html", {"preview": shown}),
        }
        page.set_content(PAGE.format(theme=theme, **parts))
        for style in STYLES:
            page.add_style_tag(path=style)
        if script:
            page.add_script_tag(path=SCRIPT)
        return page

    yield make
    for context in contexts:
        context.close()


def policy(page: Page) -> str:
    return page.locator("input[name=quote_policy]:checked").get_attribute("value") or ""


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f"label:has(input[name={name}][value={value}])").click()


def test_pgp_fields_show_when_they_mean_something(open_form: Open) -> None:
    page = open_form()
    expect(page.get_by_label("Public Key")).to_be_hidden()
    expect(page.get_by_text("Select encryption PGP in Encoders")).to_be_visible()
    page.get_by_label("Encoders").select_option("encryption_pgp")
    for label in ("Public Key", "Key Identifier", "Compression Type", "Amor"):
        expect(page.get_by_label(label)).to_be_visible()
    expect(page.get_by_text("Select encryption PGP in Encoders")).to_be_hidden()
    page.get_by_label("Public Key").fill("kept while hidden")
    page.get_by_label("Encoders").select_option("gz")
    page.get_by_label("Encoders").select_option("encryption_pgp")
    expect(page.get_by_label("Public Key")).to_have_value("kept while hidden")


def test_without_javascript_every_field_can_be_reached(open_form: Open) -> None:
    page = open_form(script=False)
    expect(page.get_by_label("Public Key")).to_be_visible()
    expect(page.get_by_text("Select encryption PGP in Encoders")).to_be_hidden()


def test_delimiter_and_quotes_follow_the_format_until_they_are_picked(open_form: Open) -> None:
    page = open_form()
    assert policy(page) == "MINIMAL"
    pick(page, "format", "tsv")
    assert policy(page) == "NONE"
    expect(page.get_by_label("Delimiter")).to_have_value("\\t")
    pick(page, "format", "csv")
    assert policy(page) == "MINIMAL"
    expect(page.get_by_label("Delimiter")).to_have_value(",")
    pick(page, "quote_policy", "ALL")
    page.get_by_label("Delimiter").select_option("|")
    pick(page, "format", "tsv")
    assert policy(page) == "ALL"
    expect(page.get_by_label("Delimiter")).to_have_value("|")


def test_a_stored_choice_counts_as_picked(open_form: Open) -> None:
    page = open_form(format="csv", quote_policy="ALL")
    pick(page, "format", "tsv")
    assert policy(page) == "ALL"
    expect(page.get_by_label("Delimiter")).to_have_value("\\t")


def test_text_and_hex_change_places(open_form: Open) -> None:
    page = open_form()
    text, numbers = page.locator(".fp-text"), page.locator(".fp-hex")
    expect(text).to_be_visible()
    expect(numbers).to_be_hidden()
    pick(page, "view", "hex")
    expect(text).to_be_hidden()
    expect(numbers).to_contain_text("65 6d 61 69 6c 2c")


def test_bytes_stand_in_their_own_order_whatever_the_script(open_form: Open) -> None:
    """A right-to-left value must not carry the characters after it to its other side."""
    page = open_form()
    first = page.locator(".fp-text .ln").nth(1)
    value, end = first.locator("bdi").bounding_box(), first.locator(".ctl").first.bounding_box()
    assert value is not None
    assert end is not None
    assert value["x"] + value["width"] <= end["x"] + 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_form_and_preview_pass_axe(open_form: Open, theme: str) -> None:
    page = open_form(theme, compression="encryption_pgp")
    axe(page)
    pick(page, "view", "hex")
    axe(page)
