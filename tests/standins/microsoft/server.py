"""The HTTP of it: every request is recorded, faults strike, the rest goes to the authority or to Graph."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standins.microsoft import authority as authorities
from tests.standins.microsoft import graph as graphs
from tests.standins.microsoft import uploads
from tests.standins.microsoft.authority import Authority, Page, Redirect
from tests.standins.microsoft.graph import Graph
from tests.standins.microsoft.state import App, Fault, Refusal, Request
from tests.standins.microsoft.world import World


class StandIn:
    def __init__(self, url: str) -> None:
        self.url = url
        self.lock = threading.RLock()
        self.world, self.app = World(), App()
        self.authority = Authority(self.world, self.app)
        self.graph = Graph(self.world, self.authority, url)
        self.faults: list[Fault] = []
        self.requests: list[Request] = []

    @property
    def calls(self) -> list[str]:
        return [request.line for request in self.requests]

    def count(self, pattern: str) -> int:
        return sum(bool(re.search(pattern, line)) for line in self.calls)

    def strike(self, request: Request) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                due = not fault.since or self.count(fault.since)
                if fault.times > 0 and due and re.search(fault.pattern, request.line):
                    fault.times -= 1
                    return fault
        return None

    def work(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        if fault and fault.act == "race":
            self.graph.answer(request)  # another writer's, a moment earlier
        if fault and fault.act == "expire":
            self.graph.uploads.clear()
        if fault and fault.status:
            if request.path.startswith(("/v1.0/", "/up/")):
                raise graphs.refusal(fault.status, fault.code, "", fault.inner, **fault.headers)
            failed = authorities.wrong(fault.status, fault.code, fault.number, "Told to fail.")
            failed.headers = fault.headers
            raise failed
        if request.path.startswith("/up/"):
            return uploads.session(self.graph, request)
        if request.path.startswith("/v1.0/"):
            return self.graph.answer(request)
        return 200, self.authority.answer(request)


@contextmanager
def running(port: int = 0) -> Iterator[StandIn]:
    """The stand-in on a free port of the loopback address, or on this one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    stand_in = StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    server.stand_in = stand_in  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side

    def _serve(self) -> None:
        stand_in: StandIn = self.server.stand_in  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, b"")
        fault = stand_in.strike(request)
        if fault and fault.cut == "middle":
            self.rfile.read(length // 2)
        else:
            request.body = self.rfile.read(length)
        if len(request.body) < length and not fault:
            return self._hang_up()  # the other side is gone; half a body is no request
        with stand_in.lock:
            stand_in.requests.append(request)
            if fault and fault.cut in {"before", "middle"}:
                return self._hang_up()
            answer = self._answer(stand_in, request, fault)
        if fault and fault.cut == "after":
            return self._hang_up()
        return self._send(*answer)

    def _answer(
        self, stand_in: StandIn, request: Request, fault: Fault | None
    ) -> tuple[int, str, bytes, dict[str, str]]:
        try:
            status, body = stand_in.work(request, fault)
        except Page as shown:
            return shown.status, "text/html; charset=utf-8", shown.html.encode(), {}
        except Redirect as redirect:
            return 302, "text/plain", b"", {"Location": redirect.url}
        except Refusal as refused:
            return refused.status, "application/json", json.dumps(refused.body).encode(), refused.headers
        data = b"" if body is None else json.dumps(body).encode()
        return status, "application/json", data, {}

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have been killed
            self._write(status, kind, body, headers)

    def _write(self, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def log_message(self, format: str, *args: Any) -> None:
        pass
