"""The stand-in over real HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.standins.gcs.answers import Answer, Refusal, refused
from tests.standins.gcs.service import Fault, StandIn
from tests.standins.gcs.uploads import UNIT


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # headers and body in one packet
    service: StandIn

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        what = f"{self.command} {self.path} {self.headers.get('Content-Range', '')}".strip()
        fault = self.service.strike(what) or Fault("")
        body = self.rfile.read(length)
        if len(body) < length:  # the sender died: what came whole is kept, and nobody waits for an answer
            return self._cut(self._partly(body, len(body)) if "Content-Range" in self.headers else None)
        self.service.agents.add(self.headers.get("User-Agent", ""))
        if fault.then:
            fault.then(self.service)
        if fault.session:
            self._end_uploads(fault.session)
        if fault.cut == "before":
            return self._cut()
        if fault.status:
            told = refused(Refusal(fault.status, fault.message, fault.reason))
            return self._reply(Answer(fault.status, fault.body) if fault.body else told, fault.headers)
        if fault.flip and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        answer = self._partly(body, fault.keep) if fault.keep >= 0 else self._answer(self.headers, body)
        return self._cut() if fault.cut else self._reply(answer, {})

    do_GET = do_POST = do_PUT = do_DELETE = handle_one

    def _answer(self, headers: Any, body: bytes) -> Answer:
        try:
            return self.service.answer(self.command, self.path, headers, body)
        except Refusal as refusal:
            return refused(refusal)

    def _partly(self, body: bytes, keep: int) -> Answer:
        """Stores the first bytes of a chunk only, as a broken connection may leave it."""
        kept = body[: keep // UNIT * UNIT]
        first = int(self.headers["Content-Range"].split()[1].partition("-")[0])
        told = f"bytes {first}-{first + len(kept) - 1}/*" if kept else "bytes */*"
        self.headers.replace_header("Content-Range", told)
        return self._answer(self.headers, kept)

    def _end_uploads(self, state: str) -> None:
        for upload in self.service.uploads.values():
            upload.state = state if upload.state == "open" else upload.state

    def _cut(self, answer: Answer | None = None) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(self, answer: Answer, headers: dict[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


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
