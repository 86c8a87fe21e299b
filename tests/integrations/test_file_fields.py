"""The shared fields of files, PGP and retries, as a connector's form inherits them."""

from typing import Any, ClassVar

import pytest
from django import forms
from django.template.loader import render_to_string

from integrations.connector import RetryPolicy
from integrations.fields import FileFields, PgpFields, RetryFields, retry_policy
from integrations.formats.options import FileOptions
from tests.integrations.formats.conftest import Keys
from tests.integrations.formats.conftest import keys as keys


class Form(RetryFields, PgpFields, FileFields):
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {"shared": ("plan", {"personal"})}
    widths: ClassVar[dict[str, str]] = {"plan": "half"}

    plan = forms.ChoiceField(choices=[("business", "Business"), ("personal", "Personal")], initial="business")
    shared = forms.BooleanField(required=False)


class WithoutDelimiter(FileFields):
    delimiter = None  # type: ignore[assignment]
    quote_policy = None  # type: ignore[assignment]


def settings(**given: Any) -> dict[str, Any]:
    form = Form.from_keys(given)
    assert form.is_valid(), form.errors
    return form.settings()


def errors(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def test_defaults_are_those_of_the_documents() -> None:
    assert settings() == {
        "plan": "business",
        "format": "csv",
        "compression": "",
        "delimiter": ",",
        "null_string": "default",
        "newline": "CRLF",
        "quote_policy": "MINIMAL",
        "header_line": True,
        "retry_count": 5,
        "retry_initial_wait_millis": 1_000,
        "max_retry_wait_millis": 300_000,
    }


def test_the_documents_command_line_settings_are_taken() -> None:
    taken = settings(
        format="csv", compression="", header_line=True, null_string="default", newline="CRLF", quote_policy=None,
        retry_count="5", retry_initial_wait_millis="1000", max_retry_wait_millis="300000",
    )  # fmt: skip
    assert taken == settings()
    assert FileOptions.from_settings(taken) == FileOptions()


def test_the_format_decides_delimiter_quotes_and_nulls() -> None:
    taken = settings(format="tsv")
    assert (taken["delimiter"], taken["quote_policy"]) == ("\\t", "NONE")
    assert FileOptions.from_settings(taken) == FileOptions(
        format="tsv", delimiter="\t", quote_policy="NONE", null_string="\\N"
    )
    assert settings(format="tsv", quote_policy="ALL", delimiter=",")["quote_policy"] == "ALL"
    assert FileOptions.from_settings(settings(format="tsv", null_string="")).null_string == ""
    assert FileOptions.from_settings(settings(format="tsv", null_string=None)).null_string == "\\N"


@pytest.mark.parametrize("tab", ["\t", "\\t"])
def test_a_tab_may_be_written_in_two_ways(tab: str) -> None:
    taken = settings(delimiter=tab)
    assert taken["delimiter"] == "\\t"
    assert FileOptions.from_settings(taken).delimiter == "\t"


def test_a_page_shows_the_defaults_of_the_format_it_shows() -> None:
    assert Form.shown({})["quote_policy"].value() == "MINIMAL"
    assert Form.shown({"format": "tsv"})["quote_policy"].value() == "NONE"
    assert Form.shown({"format": "tsv"})["delimiter"].value() == "\\t"
    assert Form.shown({"format": "tsv", "quote_policy": "ALL"})["quote_policy"].value() == "ALL"
    assert Form.shown({"format": "tsv", "null_string": ""})["null_string"].value() == ""


def test_a_value_outside_the_choices_is_an_error_of_its_field() -> None:
    form = Form.from_keys({"delimiter": ";", "newline": "LFCR", "quote_policy": "SOME", "format": "xml"})
    assert set(form.errors) == {"delimiter", "newline", "quote_policy", "format"}


def test_a_connector_drops_what_its_documents_do_not_offer() -> None:
    form = WithoutDelimiter.from_keys({"format": "tsv"})
    assert form.is_valid(), form.errors
    assert not {"delimiter", "quote_policy"} & set(form.settings())
    assert FileOptions.from_settings(form.settings()).delimiter == "\t"
    assert not WithoutDelimiter.from_keys({"quote_policy": "ALL"}).is_valid()


def test_groups_of_fields_bring_their_conditions_and_widths() -> None:
    assert set(Form.visible_when) == {"shared", "public_key", "key_identifier", "armor", "compression_type"}
    assert Form.widths["plan"] == Form.widths["format"] == "half"
    assert Form.widths["retry_count"] == "third"
    assert "public_key" not in FileFields.visible_when


def test_what_is_hidden_is_neither_checked_nor_kept(keys: Keys) -> None:
    form = Form.from_keys({"public_key": "no key", "key_identifier": "x" * 500, "compression_type": "zip"})
    assert form.is_valid(), form.errors
    assert "public_key" not in form.settings()
    assert "shared" in settings(plan="personal", shared=True)


def pgp(keys: Keys, **changes: Any) -> Form:
    return Form.from_keys(
        {"compression": "encryption_pgp", "public_key": keys.public, "key_identifier": keys.first, **changes}
    )


def test_a_key_that_works_is_taken_and_its_identifier_put_in_order(keys: Keys) -> None:
    form = pgp(keys, key_identifier=f"0x{keys.first.lower()}", armor=True)
    assert form.is_valid(), form.errors
    taken = form.settings()
    assert (taken["key_identifier"], taken["armor"], taken["compression_type"]) == (keys.first, True, "gz")
    options = FileOptions.from_settings(taken)
    assert options.pgp is not None
    assert (options.extension, options.compression, options.pgp.armor) == (".csv.gz.asc", "gz", True)


@pytest.mark.parametrize(
    ("given", "extension"),
    [("none", ".csv.pgp"), ("", ".csv.pgp"), ("gzip", ".csv.gz.pgp"), ("bzip2", ".csv.bz2.pgp")],
)
def test_compression_types_have_several_spellings(keys: Keys, given: str, extension: str) -> None:
    form = pgp(keys, compression_type=given)
    assert form.is_valid(), form.errors
    assert FileOptions.from_settings(form.settings()).extension == extension


def test_a_key_that_does_not_work_is_an_error_of_its_field(keys: Keys) -> None:
    usable = f"Encryption subkeys: {keys.first}, {keys.second}."
    cases: list[tuple[str, str, str]] = [
        ("key_identifier", keys.expired, f"Subkey {keys.expired} is expired. {usable}"),
        ("key_identifier", keys.revoked, f"Subkey {keys.revoked} is revoked. {usable}"),
        (
            "key_identifier",
            keys.primary,
            f"{keys.primary} is the primary key; choose an encryption subkey. {usable}",
        ),
        ("public_key", "nonsense", "Paste one ASCII-armored PGP public key."),
        (
            "public_key",
            keys.maker.private(keys.primary),
            "This is a private key. Paste the public key only.",
        ),
        ("public_key", "", "This field is required."),
    ]
    for field, value, message in cases:
        assert errors(pgp(keys, **{field: value})) == {field: [message]}


def test_without_gpg_the_form_says_so(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.formats import pgp_keys

    pgp_keys.read.cache_clear()
    monkeypatch.setenv("SENDOFF_GPG", "/nowhere/gpg")
    found = errors(pgp(keys))
    assert list(found) == ["compression"]
    assert found["compression"][0].startswith("gpg is not installed on this server")
    assert pgp(keys).subkeys == []


def test_the_subkeys_of_a_pasted_key_are_offered(keys: Keys) -> None:
    assert pgp(keys).subkeys == [keys.first, keys.second]
    assert Form.shown({"public_key": "nonsense"}).subkeys == []
    page = render_to_string("integrations/export_form.html", {"form": pgp(keys)})
    assert f'<datalist id="subkeys"><option value="{keys.first}">' in page
    assert 'list="subkeys"' in page


def test_the_waits_that_result_are_told() -> None:
    def told(**given: Any) -> tuple[str, str] | None:
        waits = Form(given or None).waits if given else Form.shown({}).waits
        return (waits.each, waits.total) if waits else None

    names = ("retry_count", "retry_initial_wait_millis", "max_retry_wait_millis")
    assert told() == ("1 s, 2 s, 4 s, 8 s, 16 s", "31 s")
    assert told(**dict(zip(names, ("3", "500", "700"), strict=True))) == ("500 ms, 700 ms, 700 ms", "1.9 s")
    assert told(**dict(zip(names, ("10", "60000", "120000"), strict=True))) == (
        "1 min, 2 min, 2 min, 2 min, 2 min, 2 min, 2 min, 2 min, …",
        "19 min",
    )
    assert told(**dict(zip(names, ("0", "1000", "1000"), strict=True))) == ("", "0 ms")
    assert told(**dict(zip(names, ("x", "1000", "1000"), strict=True))) is None
    assert told(**dict(zip(names, ("", "", ""), strict=True))) == told()


def test_retries_are_bounded_and_their_rule_spans_two_fields() -> None:
    assert settings(retry_count="", max_retry_wait_millis="")["max_retry_wait_millis"] == 300_000
    form = Form.from_keys({"retry_initial_wait_millis": 5_000, "max_retry_wait_millis": 4_000})
    assert errors(form) == {"max_retry_wait_millis": ["Enter at least 5000, the initial wait."]}
    assert not Form.from_keys({"retry_count": -1}).is_valid()
    assert RetryPolicy(**retry_policy(settings(retry_count=0))) == RetryPolicy(0, 1_000, 300_000)
    assert RetryPolicy(**retry_policy({})) == RetryPolicy(5, 1_000, 300_000)


def test_the_form_is_drawn_in_columns_with_its_conditions() -> None:
    page = render_to_string("integrations/export_form.html", {"form": Form.shown({})})
    assert '<div class="w-half" data-when="compression" data-when-is="encryption_pgp">' in page
    assert (
        'data-when="compression" data-when-is="encryption_pgp" data-when-not hidden>Select encryption PGP'
        in page
    )
    assert 'data-follows="format" data-follow-csv="MINIMAL" data-follow-tsv="NONE"' in page
    assert "The export fails after 31 s of waiting." in page
