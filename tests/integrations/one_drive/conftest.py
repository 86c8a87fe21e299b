import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pyarrow as pa
import pytest

from integrations.models import Authentication
from integrations.rows import Column, RowStream
from tests.factories import make_authentication
from tests.standins import microsoft as stand_ins
from tests.standins.microsoft import StandIn
from tests.standins.microsoft.state import Account, Token

BUSINESS = "offline_access User.Read Files.ReadWrite.AppFolder Files.ReadWrite.All Sites.ReadWrite.All"
PERSONAL = "offline_access User.Read Files.ReadWrite.AppFolder Files.ReadWrite.All"


@pytest.fixture
def microsoft(settings) -> Iterator[StandIn]:
    """The stand-in, and a console that is set up to use it as an operator would set it up."""
    settings.BASE_URL = "http://testserver"
    with stand_ins.running() as running:
        running.app.redirect_uris = {
            f"http://testserver/integrations/authentications/oauth/{name}/"
            for name in ("callback", "approved")
        }
        settings.MICROSOFT_CLIENT_ID = running.app.client_id
        settings.MICROSOFT_CLIENT_SECRET = running.app.secret
        settings.MICROSOFT_AUTHORITY = settings.GRAPH_URL = running.url
        settings.ALLOW_PRIVATE_HOSTS = [urlsplit(running.url).netloc]
        yield running


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def visit(url: str, **form: str) -> tuple[int, str, str]:
    """A browser's request: (status, page, where it is sent on to)."""
    data = urlencode(form).encode() if form else None
    try:
        with urllib.request.build_opener(_Stay).open(url, data) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers.get("Location", "")


def agree(address: str, account: str, answer: str = "accept") -> str:
    """What a person does in the popup; where Microsoft sends the browser back to."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    base = address.partition("?")[0]
    status, page, back = visit(base, **query, account=account, answer=answer)
    assert status == 302, page
    return back


def tokens_of(microsoft: StandIn, account: Account, scope: str = "") -> dict[str, Any]:
    """What a sign-in of this account gives, without the pages."""
    scope = scope or (PERSONAL if account.personal else BUSINESS)
    answer = microsoft.authority._issue(Token(account, scope), first=True)
    return {
        "account_type": "personal" if account.personal else "business", "user_id": account.id, "scope": scope,
        "access_token": answer["access_token"], "refresh_token": answer["refresh_token"], "expires_at": 2_000_000_000,
    }  # fmt: skip


def make_account(microsoft: StandIn, account: Account, **fields: Any) -> Authentication:
    """A saved authentication of this Microsoft account."""
    given = tokens_of(microsoft, account)
    secrets = {name: given.pop(name) for name in ("access_token", "refresh_token")}
    fields.setdefault("account", account.address)
    fields.setdefault("detail", given["account_type"].capitalize())
    return make_authentication(connector="one_drive", keys=given, secrets=secrets, **fields)


def make_rows(count: int = 3) -> RowStream:
    names = ["plain", 'quo"ted', "com,ma", "", None, "new\nline"]
    table = pa.table({
        "id": pa.array(range(count), pa.int64()),
        "name": pa.array([names[n % len(names)] for n in range(count)], pa.string()),
    })  # fmt: skip
    columns = (Column("id", "bigint"), Column("name", "varchar"))
    return RowStream(columns, count, lambda: iter(table.to_batches(max_chunksize=100_000)))


def make_settings(**changes: Any) -> dict[str, Any]:
    """Valid settings, cleaned by the form as a run's are."""
    from integrations.connectors.one_drive.export import ExportForm

    keys = {
        "account_type": "business", "domain_name": "contoso-my.sharepoint.com",
        "server_relative_path": "/personal/kate_tiny_contoso_com", "folder_path": "/Reports/Regional",
        "file_name": "contacts", **changes,
    }  # fmt: skip
    form = ExportForm.from_keys({name: value for name, value in keys.items() if value is not None})
    assert form.is_valid(), form.errors
    return form.settings()
