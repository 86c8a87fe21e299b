"""The file preview in Export Results: the real bytes, following the form, with and without JavaScript."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from django import forms
from django.test import Client
from django.utils.html import strip_tags

from console.accounts.models import User
from console.workbench import results
from console.workbench.models import Job, Query
from integrations import registry
from integrations.connector import Keys
from integrations.errors import SettingsError
from integrations.fields import FileFields, PgpFields, RetryFields
from integrations.formats.files import encode
from integrations.formats.options import FileOptions
from integrations.formats.preview import FilePreview, preview
from integrations.models import Authentication
from integrations.rows import RowStream
from tests.factories import make_authentication, make_query

HTMX = {"HX-Request": "true", "HX-Target": "export-preview"}
TABLE = pa.table({"email": ["r@x.example", "t@x.example", "z@x.example"], "name": ["R", "Wu, Jr.", None]})
POSTED = {"folder": "/Reports", "format": "csv", "newline": "CRLF", "null_string": "\\N", "quote_policy": "MINIMAL",
          "delimiter": ",", "header_line": "on"}  # fmt: skip


class ExportForm(RetryFields, PgpFields, FileFields):
    folder = forms.CharField(label="Folder Path")


def shown(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> FilePreview:
    if settings["folder"] == "/none":
        raise SettingsError("The folder /none does not exist.", action="Choose another one.", field="folder")
    options = FileOptions.from_settings(settings)
    return preview(options, rows, folder=f"{settings['folder']}/", name=f"contacts{options.extension}")


@pytest.fixture
def query(db: None, owner: User, monkeypatch: pytest.MonkeyPatch) -> Query:
    """A query, and a connector that writes files somewhere."""
    real = registry.get("treasure_data")
    files = replace(real, export_form=ExportForm, preview=shown, precheck=lambda credentials, settings: None)
    monkeypatch.setattr(registry, "_CONNECTORS", [files])
    return make_query(name="contacts", owner=owner)


@pytest.fixture
def job(query: Query, owner: User, finished: Callable[..., Job]) -> Job:
    return finished(TABLE, [["email", "varchar"], ["name", "varchar"]], query=query, user=owner)


@pytest.fixture
def address(query: Query) -> str:
    authentication: Authentication = make_authentication(name="files")
    return f"/workbench/queries/{query.pk}/export/{authentication.pk}/"


def look(client: Client, address: str, **changes: Any) -> str:
    posted = {key: value for key, value in (POSTED | changes).items() if value is not None}
    reply = client.post(f"{address}preview/", posted, headers=HTMX)
    assert reply.status_code == 200
    return reply.content.decode()


def lines(page: str) -> list[str]:
    """The text of every line of the preview, names of characters included."""
    return [
        strip_tags(line)
        for line in re.findall(r'<span class="ln">(.*?)</span>(?=<span class="ln">|</pre>)', page)
    ]


def test_the_preview_shows_the_bytes_that_are_sent(client_logged_in: Client, address: str, job: Job) -> None:
    page = look(client_logged_in, address)
    assert lines(page) == [
        "email,nameCRLF",
        "r@x.example,RCRLF",
        "t@x.example,&quot;Wu, Jr.&quot;CRLF",
        "z@x.example,\\NCRLF",
    ]
    sent = b"".join(piece.data for piece in encode(FileOptions(null_string="\\N"), results.stream(job)))
    assert f"{len(sent)} bytes in 3 rows and the header line, UTF-8" in strip_tags(page)
    dumped = re.search(r'<pre class="bytes fp-hex".*?</pre>', page, re.S)
    assert dumped
    first = strip_tags(dumped.group()).splitlines()[0]
    assert first.startswith("000000  65 6d 61 69 6c 2c 6e 61 6d 65 0d 0a")
    assert '<span class="q">&quot;Wu, Jr.&quot;</span>' in page
    assert '<span class="nul">\\N</span>' in page
    assert "/Reports/" in page
    assert '<b class="w6">contacts.csv</b>' in page


def test_it_follows_every_setting(client_logged_in: Client, address: str, job: Job) -> None:
    assert "Shown before gz" in look(client_logged_in, address, compression="gz")
    assert "contacts.csv.gz" in look(client_logged_in, address, compression="gz")
    assert lines(look(client_logged_in, address, newline="CR", header_line=None))[0] == "r@x.example,RCR"
    assert lines(look(client_logged_in, address, null_string=""))[3] == "z@x.example,CRLF"
    assert (
        lines(look(client_logged_in, address, quote_policy="ALL"))[1]
        == "&quot;r@x.example&quot;,&quot;R&quot;CRLF"
    )
    tsv = look(client_logged_in, address, format="tsv", delimiter="\\t", quote_policy="NONE")
    assert lines(tsv)[1] == "r@x.exampleTABRCRLF"
    none = look(client_logged_in, address, quote_policy="NONE")
    assert "Row 2 will read as 3 columns." in none
    assert '<span class="bad">Wu\\, Jr.</span>' in none


def test_what_is_missing_is_named_and_the_bytes_are_shown_all_the_same(
    client_logged_in: Client, address: str, job: Job
) -> None:
    page = look(client_logged_in, address, folder="")
    assert "Fill in Folder Path to see what will be written." in page
    assert len(lines(page)) == 4
    page = look(client_logged_in, address, folder="", compression="encryption_pgp")
    assert "Fill in Public Key, Key Identifier and Folder Path" in page
    assert len(lines(page)) == 4
    page = look(client_logged_in, address, compression="encryption_pgp", public_key="x", key_identifier="y")
    assert "Public Key: Paste one ASCII-armored PGP public key." in page
    page = look(client_logged_in, address, newline="LFCR")
    assert "End-of-line character: " in page
    assert lines(page) == []


def test_an_error_of_the_destination_is_shown(client_logged_in: Client, address: str, job: Job) -> None:
    page = look(client_logged_in, address, folder="/none")
    assert "The folder /none does not exist." in page


def test_values_are_escaped(
    client_logged_in: Client, address: str, query: Query, finished: Callable[..., Job]
) -> None:
    finished(
        pa.table({"a": ["<script>alert(1)</script>"]}), [["a", "varchar"]], query=query, user=query.owner
    )
    page = look(client_logged_in, address)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_before_the_first_run_it_says_where_and_offers_to_run(client_logged_in: Client, address: str) -> None:
    page = look(client_logged_in, address)
    assert "contacts.csv" in page
    assert "Run the query once" in page
    assert "bytes in" not in page
    assert ">Run</button>" in page


def test_the_page_has_its_title_the_two_views_and_the_job(
    client_logged_in: Client, address: str, job: Job
) -> None:
    page = client_logged_in.get(address).content.decode()
    assert "<h3>File preview</h3>" in page
    assert f"Rows from job {job.pk}" in page
    assert '<input type="radio" name="view" value="text" checked>' in page
    assert 'hx-trigger="load, input delay:250ms from:#export-form"' in page


def test_without_javascript_the_whole_page_comes_back_with_the_bytes(
    client_logged_in: Client, address: str, job: Job
) -> None:
    page = client_logged_in.post(f"{address}preview/", POSTED | {"view": "hex"}).content.decode()
    assert "<html" in page
    assert len(lines(page)) == 4
    assert '<input type="radio" name="view" value="hex" checked>' in page
    assert 'value="/Reports"' in page


def test_waits_and_subkeys_follow_beside_the_preview(
    client_logged_in: Client, address: str, job: Job
) -> None:
    page = look(
        client_logged_in,
        address,
        retry_count="2",
        retry_initial_wait_millis="1000",
        max_retry_wait_millis="1500",
    )
    assert 'id="retry-waits" hx-swap-oob="true"' in page
    assert "1 s, 1.5 s" in page
    assert '<datalist id="subkeys" hx-swap-oob="true">' in page


def test_done_keeps_the_settings(client_logged_in: Client, address: str, query: Query, job: Job) -> None:
    reply = client_logged_in.post(
        address, POSTED | {"view": "text", "format": "tsv", "quote_policy": "", "delimiter": ""}
    )
    assert reply.status_code == 302, strip_tags(reply.content.decode())
    query.refresh_from_db()
    kept = query.export_settings
    assert (kept["format"], kept["delimiter"], kept["quote_policy"], kept["header_line"]) == (
        "tsv",
        "\\t",
        "NONE",
        True,
    )
    assert "view" not in kept
    assert "public_key" not in kept
