"""The stand-in over real HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standins.clevertap.records import Refusal
from tests.standins.clevertap.service import Fault, StandIn


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # headers and body in one packet
    service: StandIn

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.service.agents.add(self.headers.get("User-Agent", ""))
        fault = self.service.strike(f"{self.command} {path}") or Fault("")
        free = self.service.enter(path)
        try:
            if wait := fault.delay or self.service.latency:
                time.sleep(wait)
            if fault.cut == "before":
                return self._cut()
            status, answer = self._answer(path, body, free=free) if not fault.status else _faulty(fault)
        finally:
            self.service.leave(path)
        return self._cut() if fault.cut else self._reply(status, answer)

    do_GET = do_POST = do_PUT = do_DELETE = handle_one

    def _answer(self, path: str, body: bytes, *, free: bool) -> tuple[int, Any]:
        query = dict(parse_qsl(urlsplit(self.path).query))
        if path.startswith("/segments/"):
            return (
                self.service.lists.put(path, query, self.headers, body)
                if self.command == "PUT"
                else (405, "")
            )
        try:
            if self.command != "POST":
                raise Refusal(405, "POST only")
            self.service.admit(self.headers)
            if not free:
                raise Refusal(429, "Too many concurrent requests")
            return self.service.answer(path, query, body)
        except Refusal as refusal:
            return refusal.status, {"status": "fail", "error": str(refusal), **refusal.more}

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(self, status: int, answer: Any) -> None:
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _faulty(fault: Fault) -> tuple[int, Any]:
    return fault.status, fault.text or fault.body or {
        "status": "fail",
        "error": "A fault on request",
        "code": fault.status,
    }


@contextmanager
def running(port: int = 0) -> Iterator[StandIn]:
    service = StandIn()
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
