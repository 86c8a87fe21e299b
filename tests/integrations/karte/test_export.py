"""The Export Results form, the address that results, and what is refused before anything is sent."""

from typing import Any

import pytest

from integrations import registry
from integrations.connectors.karte.export import ExportForm, precheck
from integrations.connectors.karte.places import Place
from integrations.errors import CredentialsError, SettingsError, TemporaryError
from integrations.formats.options import FileOptions
from tests.integrations.karte.conftest import make_settings
from tests.standins.gcs import BUCKET, Fault, StandIn

CONNECTOR = registry.get("karte")
NAMED = {"bucket": "samplebucket", "path_prefix": "/output/test.csv"}
CREATE = "storage.objects.create"


def test_the_labels_are_the_documents() -> None:
    shown = [field.label for section in ExportForm().layout() for field in section.fields]
    assert shown == [
        "Bucket", "Path", "Format", "Encoders", "Delimiter", "Null String", "End-of-line character",
        "Header line", "Public Key", "Key Identifier", "Compression Type", "Amor",
    ]  # fmt: skip


def test_the_defaults_are_the_documents() -> None:
    form = ExportForm.from_keys(NAMED)
    assert form.is_valid(), form.errors
    assert form.settings() == make_settings()


def test_the_documents_samples_are_accepted_as_they_are() -> None:
    command = {
        "bucket": "samplebucket", "path_prefix": "/output/test.csv", "format": "csv", "compression": "",
        "header_line": False, "delimiter": ",", "null_string": "", "newline": "CRLF",
    }  # fmt: skip
    form = ExportForm.from_keys(command)
    assert form.is_valid(), form.errors
    assert form.settings() == command
    workflow = {"bucket": "your_bucket", "path_prefix": "dir/example.csv.gz", "format": "csv", "compression": "gz",
                "newline": "CR"}  # fmt: skip
    form = ExportForm.from_keys(workflow)
    assert form.is_valid(), form.errors
    assert form.settings()["newline"] == "CR"
    assert form.settings()["header_line"] is True


def test_only_what_the_documents_offer_is_offered() -> None:
    names = ("format", "compression", "delimiter", "null_string", "newline")
    form: Any = ExportForm()
    offered = {name: [value for value, _ in form.fields[name].choices] for name in names}
    assert offered == {
        "format": ["csv", "tsv"], "compression": ["", "gz", "encryption_pgp"], "delimiter": [",", "\\t", "|"],
        "null_string": ["", "\\N"], "newline": ["CRLF", "LF", "CR"],
    }  # fmt: skip
    assert "quote_policy" not in ExportForm().fields


@pytest.mark.parametrize("written", ["\t", "\\t"])
def test_a_tab_and_a_null_may_be_written_with_a_backslash(written: str) -> None:
    form = ExportForm.from_keys({**NAMED, "delimiter": written, "null_string": "\\N"})
    assert form.is_valid(), form.errors
    options = FileOptions.from_settings(form.settings())
    assert (options.delimiter, options.null_string, options.quote_policy) == ("\t", "\\N", "MINIMAL")


def test_tsv_takes_tabs_and_its_own_quote_policy_unless_told_otherwise() -> None:
    form = ExportForm.from_keys({**NAMED, "format": "tsv"})
    assert form.is_valid(), form.errors
    options = FileOptions.from_settings(form.settings())
    assert (options.delimiter, options.quote_policy, options.null_string) == ("\t", "NONE", "")
    form = ExportForm.from_keys({**NAMED, "format": "tsv", "delimiter": "|"})
    assert form.is_valid()
    assert FileOptions.from_settings(form.settings()).delimiter == "|"


GS = "Enter the bucket name only, without gs://."
RULE = "A bucket name has 3 to 63 of a-z, 0-9, -, _ and ., and begins and ends with a letter or digit."
WHOLE = "Enter the whole name of the file, such as dir/example.csv."


@pytest.mark.parametrize(("changes", "field", "message"), [
    ({"bucket": ""}, "bucket", "This field is required."),
    ({"bucket": "gs://samplebucket"}, "bucket", GS),
    ({"bucket": "samplebucket/dir"}, "bucket", GS),
    ({"bucket": "ab"}, "bucket", RULE),
    ({"bucket": "a" * 64}, "bucket", RULE),
    ({"bucket": "SampleBucket"}, "bucket", RULE),
    ({"bucket": "-sample"}, "bucket", RULE),
    ({"bucket": "sample bucket"}, "bucket", RULE),
    ({"bucket": f"{'a' * 64}.b"}, "bucket", "Each part of a bucket name between two dots has 1 to 63 characters."),
    ({"bucket": "a..b"}, "bucket", "Each part of a bucket name between two dots has 1 to 63 characters."),
    ({"bucket": "192.168.5.4"}, "bucket", "A bucket name is not an IP address."),
    ({"bucket": "goog-data"}, "bucket", "A bucket name does not begin with goog and does not contain google."),
    ({"bucket": "my-google-data"}, "bucket", "A bucket name does not begin with goog and does not contain google."),
    ({"path_prefix": ""}, "path_prefix", "This field is required."),
    ({"path_prefix": "/"}, "path_prefix", WHOLE),
    ({"path_prefix": ".."}, "path_prefix", WHOLE),
    ({"path_prefix": "dir/"}, "path_prefix", WHOLE),
    ({"path_prefix": "a\nb"}, "path_prefix", "Enter a path without line ends and control characters."),
    ({"path_prefix": "gs://b/a.csv"}, "path_prefix", "Enter the path only, without gs:// and the bucket."),
    ({"path_prefix": "ü" * 513}, "path_prefix", "The name has 1,026 bytes; Google Cloud Storage takes 1,024."),
    ({"path_prefix": ".well-known/acme-challenge/x"}, "path_prefix",
     "Google Cloud Storage takes no name that begins with .well-known/acme-challenge/."),
    ({"compression": "bzip2"}, "compression", "Select a valid choice. bzip2 is not one of the available choices."),
    ({"null_string": "NULL"}, "null_string", "Select a valid choice. NULL is not one of the available choices."),
    ({"delimiter": ";"}, "delimiter", "Select a valid choice. ; is not one of the available choices."),
    ({"newline": "LFCR"}, "newline", "Select a valid choice. LFCR is not one of the available choices."),
    ({"quote_policy": "ALL"}, "__all__", "Unknown setting: quote_policy."),
    ({"json_keyfile": "{}"}, "__all__", "Unknown setting: json_keyfile."),
])  # fmt: skip
def test_an_error_stands_beside_its_field(changes: dict[str, Any], field: str, message: str) -> None:
    form = ExportForm.from_keys({**NAMED, **changes})
    assert not form.is_valid()
    assert form.errors[field] == [message]


@pytest.mark.parametrize("bucket", ["abc", "your_bucket", "a-b.c_d", f"{'a' * 63}.{'b' * 63}.{'c' * 63}"])
def test_every_name_a_bucket_can_have_is_accepted(bucket: str) -> None:
    assert ExportForm.from_keys({**NAMED, "bucket": bucket}).is_valid()


@pytest.mark.parametrize(("path", "address"), [
    ("/output/test.csv", "gs://samplebucket/output/test.csv"),
    ("./sample", "gs://samplebucket/sample"),
    ("../sample", "gs://samplebucket/sample"),
    ("//sample", "gs://samplebucket/sample"),
    ("a/./b//c.csv", "gs://samplebucket/a/./b//c.csv"),
    ("Häfen/東京 #1?.csv", "gs://samplebucket/Häfen/東京 #1?.csv"),
])  # fmt: skip
def test_leading_dots_and_slashes_are_no_part_of_the_name(path: str, address: str) -> None:
    form = ExportForm.from_keys({**NAMED, "path_prefix": path})
    assert form.is_valid(), form.errors
    assert Place.of(form.settings()).address == address


# --- before anything is sent --------------------------------------------------------------------------


def test_an_account_that_may_write_passes_with_one_question(service: StandIn, credentials: Any) -> None:
    precheck(credentials, make_settings())
    assert service.requests == [
        "POST /token",
        f"GET /storage/v1/b/samplebucket/iam/testPermissions?permissions={CREATE}&prettyPrint=false",
    ]


def test_a_missing_permission_is_named_beside_the_bucket(service: StandIn, credentials: Any) -> None:
    service.writer.permissions[BUCKET] = {"storage.objects.get"}
    with pytest.raises(SettingsError) as caught:
        precheck(credentials, make_settings())
    assert str(caught.value) == f"{service.writer.email} has no permission to write to samplebucket."
    assert CREATE in caught.value.action
    assert caught.value.field == "bucket"


def test_a_bucket_that_does_not_exist_is_named(service: StandIn, credentials: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        precheck(credentials, make_settings(bucket="nowhere"))
    assert str(caught.value) == "Bucket nowhere does not exist (or this account cannot see it)."
    assert caught.value.field == "bucket"


def test_a_rejected_key_is_not_a_wrong_setting(service: StandIn, credentials: Any) -> None:
    service.accounts.known.clear()
    with pytest.raises(CredentialsError, match="The service account no longer exists"):
        precheck(credentials, make_settings())


def test_a_busy_google_is_asked_again_by_the_run_not_here(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("GET", 9, status=503)]
    with pytest.raises(TemporaryError, match=r"answered with an error of its own \(503\)"):
        precheck(credentials, make_settings())
    assert len(service.requests) == 2


def test_the_job_page_is_told_where_the_file_went(credentials: Any, service: StandIn) -> None:
    assert CONNECTOR.destination(credentials, make_settings()) == {
        "Bucket": "samplebucket",
        "Path": "output/test.csv",
        "Address": "gs://samplebucket/output/test.csv",
        "Service account": service.writer.email,
    }
