"""A strict Treasure Data API on loopback: real HTTP, the documented state machine, and faults on request."""

import gzip
import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgpack

MASTER = "1/" + "a" * 40
WRITE_ONLY = "1/" + "b" * 40
STRANGER = "7/" + "c" * 40


@dataclass
class Table:
    id: int
    schema: list[list[str]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)


@dataclass
class Session:
    database: str
    table: str
    status: str = "uploading"
    frozen: bool = False
    parts: dict[str, bytes] = field(default_factory=dict)
    valid: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    error_parts: int = 0
    polls: int = 0
    commits: int = 0


@dataclass
class Fault:
    """Strikes the next `times` requests whose "METHOD path" matches."""

    pattern: str
    times: int = 1
    status: int = 0  # answer this instead of working
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""  # "before" or "after" the work: the connection is closed without an answer
    delay: float = 0
    since: str = ""  # only once a request has met this pattern


class Refusal(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class StandIn:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.numbers = itertools.count(100)
        self.databases: dict[str, dict[str, Table]] = {"target": {}}
        self.sessions: dict[str, Session] = {}
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.agents: set[str] = set()
        self.performing_polls = self.committing_polls = 0
        self.forbid_validate = self.forbid_create = False
        self.missing: set[str] = set()  # endpoints this server does not have: "table/rename"
        self.url = ""

    @property
    def calls(self) -> list[str]:
        """The requests without their query and names: "POST bulk_import/create"."""
        return [re.sub(r"^(\w+) /v3/(\w+/[\w-]+).*", r"\1 \2", request) for request in self.requests]

    def rows(self, table: str, database: str = "target") -> list[dict[str, Any]]:
        return self.databases[database][table].rows

    def add_table(
        self, name: str, rows: list[dict[str, Any]] | None = None, schema: list[list[str]] | None = None
    ) -> Table:
        table = Table(next(self.numbers), schema or [], list(rows or []))
        self.databases["target"][name] = table
        return table

    # --- the API ----------------------------------------------------------------------------------

    def answer(
        self, method: str, path: str, query: dict[str, str], key: str, headers: Any, body: bytes
    ) -> Any:
        parts = [unquote(part) for part in path.split("/")]
        if parts[:2] != ["", "v3"] or "" in parts[2:]:
            raise Refusal(404, "No such path")
        if key not in (MASTER, WRITE_ONLY, STRANGER):
            raise Refusal(401, "Authentication failed")
        call, arguments = "/".join(parts[2:4]), parts[4:]
        if call == "user/apikey":
            return self.validate(key)
        if call in self.missing:
            raise Refusal(404, "No such path")
        reads = call in {
            "database/show",
            "table/show",
            "table/rename",
            "table/swap",
            "table/delete",
            "table/append-schema",
        }
        if key == WRITE_ONLY and (reads or (self.forbid_create and call == "table/create")):
            raise Refusal(403, "This key may only write")
        expected = {"show": "GET", "upload_part": "PUT", "import_with_id": "PUT"}.get(parts[3], "POST")
        if method != expected:
            raise Refusal(404, f"{method} is not {expected}")
        if expected == "PUT" and headers["Content-Type"] != "application/octet-stream":
            raise Refusal(400, "Wrong content type")
        handler = getattr(self, call.replace("/", "_").replace("-", "_"), None)
        if handler is None:
            raise Refusal(404, f"No such call {call}")
        with self.lock:
            return handler(*arguments, query=query, headers=headers, body=body)

    def validate(self, key: str) -> Any:
        if self.forbid_validate and key == WRITE_ONLY:
            raise Refusal(403, "This key may only write")
        kind = "write_only" if key == WRITE_ONLY else "master"
        return {"key_type": kind, "account_id": int(key.split("/")[0]), "user_id": 5, "administrator": False}

    def database_show(self, name: str, **_: Any) -> Any:
        self.database(name)
        return {"id": "1", "name": name, "count": 0, "permission": "administrator"}

    def table_show(self, database: str, name: str, **_: Any) -> Any:
        table = self.table(database, name)
        return {
            "id": table.id, "name": name, "type": "log", "count": len(table.rows),
            "schema": json.dumps(table.schema), "estimated_storage_size": 0,
        }  # fmt: skip

    def table_create(self, database: str, name: str, kind: str, **_: Any) -> Any:
        if name in self.database(database):
            raise Refusal(409, "Table already exists")
        self.database(database)[name] = Table(next(self.numbers))
        return {"database": database, "table": name, "type": kind}

    def table_delete(self, database: str, name: str, **_: Any) -> Any:
        self.table(database, name)
        del self.database(database)[name]
        return {"database": database, "table": name, "type": "log"}

    def table_swap(self, database: str, one: str, other: str, **_: Any) -> Any:
        first, second = self.table(database, one), self.table(database, other)
        self.database(database)[one], self.database(database)[other] = second, first
        return {"database": database, "table1": one, "table2": other}

    def table_rename(self, database: str, old: str, new: str, *, query: dict[str, str], **_: Any) -> Any:
        table = self.table(database, old)
        if new in self.database(database) and query.get("overwrite") != "true":
            raise Refusal(409, "Table already exists")
        del self.database(database)[old]
        self.database(database)[new] = table
        return {"database": database, "table": new, "type": "log"}

    def table_append_schema(self, database: str, name: str, *, headers: Any, body: bytes, **_: Any) -> Any:
        if headers["Content-Type"] != "application/json":
            raise Refusal(400, "JSON expected")
        table = self.table(database, name)
        for column, kind in json.loads(body)["schema"]:
            if column in {"v", "time"} or kind not in {"long", "double", "string"}:
                raise Refusal(422, f"Column {column} {kind} is not allowed")
            if column not in [known[0] for known in table.schema]:
                table.schema.append([column, kind])
        return {"database": database, "table": name, "type": "log"}

    def table_import_with_id(
        self, database: str, name: str, unique: str, kind: str, *, body: bytes, **_: Any
    ) -> Any:
        table = self.table(database, name)
        if kind != "msgpack.gz" or not re.fullmatch(r"[0-9a-f]+", unique):
            raise Refusal(400, "Wrong format or id")
        if unique not in table.imported:
            table.rows += records(body)
            table.imported.add(unique)
        return {"database": database, "table": name, "unique_id": unique, "md5_hex": "", "elapsed_time": 0.0}

    def bulk_import_create(self, name: str, database: str, table: str, **_: Any) -> Any:
        self.table(database, table)
        if name in self.sessions:
            raise Refusal(409, "Session already exists")
        self.sessions[name] = Session(database, table)
        return {"name": name, "bulk_import": name}

    def bulk_import_show(self, name: str, **_: Any) -> Any:
        session = self.session(name)
        session.polls -= 1
        if session.polls < 0 and session.status == "performing":
            session.status = "ready"
        if session.polls < 0 and session.status == "committing":
            self.finish_commit(session)
        done = session.status not in {"uploading", "performing"}
        return {
            "name": name, "database": session.database, "table": session.table, "status": session.status,
            "upload_frozen": session.frozen, "job_id": None,
            "error_parts": session.error_parts if done else None,
            "valid_records": len(session.valid) if done else None,
            "error_records": len(session.errors) if done else None, "valid_parts": None,
        }  # fmt: skip

    def bulk_import_upload_part(self, name: str, part: str, *, body: bytes, **_: Any) -> Any:
        session = self.session(name)
        if session.frozen or session.status != "uploading":
            raise Refusal(422, "Session is frozen")
        session.parts[part] = body
        return {"name": name, "bulk_import": name}

    def bulk_import_freeze(self, name: str, **_: Any) -> Any:
        session = self.session(name)
        if session.frozen:
            raise Refusal(409, "Session is frozen already")
        session.frozen = True
        return {"name": name, "bulk_import": name}

    def bulk_import_perform(self, name: str, **_: Any) -> Any:
        session = self.session(name)
        if not session.frozen or session.status != "uploading":
            raise Refusal(422, "Session is not frozen, or performed already")
        for body in session.parts.values():
            try:
                found = records(body)
            except Exception:
                session.error_parts += 1
                continue
            session.valid += [row for row in found if isinstance(row.get("time"), int)]
            session.errors += [row for row in found if not isinstance(row.get("time"), int)]
        session.status, session.polls = "performing", self.performing_polls
        return {"name": name, "bulk_import": name, "job_id": 1111}

    def bulk_import_commit(self, name: str, **_: Any) -> Any:
        session = self.session(name)
        if session.status != "ready":
            raise Refusal(422, "Session is not ready")
        session.commits += 1
        session.status, session.polls = "committing", self.committing_polls
        return {"name": name, "bulk_import": name}

    def finish_commit(self, session: Session) -> None:
        self.table(session.database, session.table).rows += session.valid
        session.status = "committed"

    def bulk_import_delete(self, name: str, **_: Any) -> Any:
        self.session(name)
        del self.sessions[name]
        return {"name": name, "bulk_import": name}

    def database(self, name: str) -> dict[str, Table]:
        if name not in self.databases:
            raise Refusal(404, f"Database {name} does not exist")
        return self.databases[name]

    def table(self, database: str, name: str) -> Table:
        if name not in self.database(database):
            raise Refusal(404, f"Table {database}.{name} does not exist")
        return self.databases[database][name]

    def session(self, name: str) -> Session:
        if name not in self.sessions:
            raise Refusal(404, f"Session {name} does not exist")
        return self.sessions[name]

    def strike(self, request: str) -> Fault | None:
        with self.lock:
            self.requests.append(request)
            for fault in self.faults:
                seen = not fault.since or any(re.search(fault.since, each) for each in self.requests)
                if seen and fault.times and re.search(fault.pattern, request):
                    fault.times -= 1
                    return fault
        return None


def records(body: bytes) -> list[dict[str, Any]]:
    unpacker = msgpack.Unpacker(max_buffer_size=1 << 31, strict_map_key=True)
    unpacker.feed(gzip.decompress(body))
    rows = list(unpacker)
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("Every record has to be a map")
    return rows


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # headers and body in one packet
    service: StandIn

    def handle_one(self) -> None:
        parts = urlsplit(self.path) if not self.path.startswith("//") else urlsplit("/no" + self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.service.strike(f"{self.command} {self.path}")
        self.service.agents.add(self.headers.get("User-Agent", ""))
        if fault and fault.delay:
            time.sleep(fault.delay)
        if fault and fault.cut == "before":
            return self.cut()
        if fault and fault.status:
            return self.reply(fault.status, {"error": "Fault", "text": "A fault on request"}, fault.headers)
        key = self.headers.get("Authorization", "").removeprefix("TD1 ")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            answer, status = (
                self.service.answer(self.command, parts.path, query, key, self.headers, body),
                200,
            )
        except Refusal as refusal:
            status = refusal.status
            answer = {"error": str(refusal), "text": str(refusal), "severity": "error", "status_code": status}
        return self.cut() if fault and fault.cut else self.reply(status, answer, {})

    do_GET = do_POST = do_PUT = handle_one

    def cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def reply(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[StandIn]:
    service = StandIn()
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
