"""The service's calls, one function each."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from tdclient.util import create_url

from integrations import http
from integrations.connector import Keys
from integrations.connectors.treasure_data.answers import parsed
from integrations.connectors.treasure_data.door import Body, Door
from integrations.connectors.treasure_data.replies import KeyIdentity, Session
from integrations.errors import CredentialsError, RefusedError

WRITE_ONLY = {"write", "write_only", "write-only", "writeonly"}


class Client:
    """Raises only `integrations.errors`. Repeats no call: the ledger has the one retry budget."""

    def __init__(self, credentials: Keys, *, patience: float = http.READ_SECONDS) -> None:
        """`patience`: seconds to wait for an answer; less where a person is waiting, too."""
        self.url = endpoint(str(credentials.get("endpoint") or ""))
        self.host = urlsplit(self.url).netloc
        http.check_url(self.url)
        self.key = str(credentials["apikey"])
        self.api = Door(
            apikey=self.key, endpoint=self.url, user_agent=f"Sendoff/{settings.VERSION}", timeout=patience
        )

    def identity(self) -> KeyIdentity:
        """The real service may refuse a write-only key even this question: 403 then is the answer."""
        account = self.key.partition("/")[0] if "/" in self.key else "unknown"
        try:
            answer = self._get("/v3/user/apikey/validate")
        except CredentialsError as error:
            if error.response.startswith("403"):
                return KeyIdentity("write-only", account)
            raise
        kind = "write-only" if str(answer.get("key_type")).lower() in WRITE_ONLY else "master"
        return KeyIdentity(kind, str(answer.get("account_id") or account))

    def has_database(self, name: str) -> bool:
        return self._show(create_url("/v3/database/show/{name}", name=name)) is not None

    def table(self, database: str, table: str) -> dict[str, Any] | None:
        """The table object with `schema` as a list of [name, type, …]; None where there is no such table."""
        answer = self._show(create_url("/v3/table/show/{d}/{t}", d=database, t=table))
        return None if answer is None else {**answer, "schema": json.loads(answer.get("schema") or "[]")}

    def create_table(self, database: str, table: str) -> None:
        self.api.create_log_table(database, table)

    def delete_table(self, database: str, table: str) -> None:
        self.api.delete_table(database, table)

    def swap_tables(self, database: str, one: str, other: str) -> None:
        self.api.swap_table(database, one, other)

    def rename_over(self, database: str, table: str, target: str) -> None:
        """Gives `table` the name of `target`, whose rows are gone in the same moment."""
        path = create_url("/v3/table/rename/{d}/{a}/{b}", d=database, a=table, b=target)
        self._post(f"{path}?overwrite=true", {})

    def append_schema(self, database: str, table: str, columns: list[tuple[str, str]]) -> None:
        body = json.dumps({"schema": columns}).encode()
        path = create_url("/v3/table/append-schema/{d}/{t}", d=database, t=table)
        self._post(path, body, {"content-type": "application/json"})

    def import_with_id(self, database: str, table: str, unique_id: str, data: bytes) -> None:
        self.api.import_data(database, table, "msgpack.gz", Body(data), len(data), unique_id)

    def create_session(self, name: str, database: str, table: str) -> None:
        self.api.create_bulk_import(name, database, table)

    def session(self, name: str) -> Session | None:
        answer = self._show(create_url("/v3/bulk_import/show/{name}", name=name))
        return None if answer is None else Session.of(answer)

    def upload_part(self, session: str, part: str, data: bytes) -> None:
        self.api.bulk_import_upload_part(session, part, Body(data), len(data))

    def freeze(self, session: str) -> None:
        self.api.freeze_bulk_import(session)

    def perform(self, session: str) -> None:
        self.api.perform_bulk_import(session, {"priority": 0})

    def commit(self, session: str) -> None:
        self.api.commit_bulk_import(session)

    def delete_session(self, session: str) -> None:
        self.api.delete_bulk_import(session)

    def _show(self, path: str) -> dict[str, Any] | None:
        try:
            return self._get(path)
        except RefusedError as error:
            if error.response.startswith("404"):
                return None
            raise

    def _get(self, path: str) -> dict[str, Any]:
        with self.api.get(path) as answer:
            return parsed(answer.read(), self.host)

    def _post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> None:
        with self.api.post(path, body, headers) as answer:
            answer.read()


def endpoint(text: str) -> str:
    """An API Hostname as a URL that ends in exactly one slash; blank is the default server."""
    text = text.strip().rstrip("/") or settings.TD_DEFAULT_HOST
    return f"{text if '://' in text else f'https://{text}'}/"
