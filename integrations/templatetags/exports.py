"""How the export dialog draws the settings and the bytes of a file."""

from collections.abc import Iterable

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.fields import SettingsForm
from integrations.formats.tokens import Token

register = template.Library()

_CLASSES = {
    "quoted": "q",
    "null": "nul",
    "delimiter": "d",
    "control": "ctl",
    "bad": "bad",
    "more": "more",
}


@register.filter
def decorated(tokens: Iterable[Token]) -> SafeString:
    """A line of a file: each token in the colour of its kind, in the order of the bytes whatever the script."""
    return format_html_join("", "{}", ((_drawn(token),) for token in tokens))


@register.filter
def placing(field: BoundField) -> SafeString:
    """Attributes of a field's wrapper: its width, and the value of another field that makes it meaningful."""
    width = _form(field).widths.get(field.name, "")
    return format_html("{}{}", format_html(' class="w-{}"', width) if width else "", condition(field))


@register.filter
def condition(field: BoundField) -> SafeString:
    """`data-when` and its values, for settings.js."""
    driver, values = _form(field).visible_when.get(field.name, ("", set()))
    given = [(driver, " ".join(sorted(values)))] if driver else []
    return format_html_join("", ' data-when="{}" data-when-is="{}"', given)


@register.filter
def hidden_hint(field: BoundField) -> str:
    return _form(field).hidden_hints.get(field.name, "")


def _form(field: BoundField) -> SettingsForm:
    assert isinstance(field.form, SettingsForm)
    return field.form


def _drawn(token: Token) -> SafeString:
    if token.kind == "text" and token.text.isascii():
        return format_html("{}", token.text)
    if token.kind == "text":
        return format_html("<bdi>{}</bdi>", token.text)
    return format_html('<span class="{}">{}</span>', _CLASSES[token.kind], token.text)
