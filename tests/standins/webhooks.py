"""A webhook's receiver on loopback: checks each signature, and can be told to fail, be slow or send on."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Verify = Callable[[str, str, bytes], bool]
OK: Answer = (200, {}, b"ok")


class Receiver:
    """`told`: every notice that was taken. `answers` are given one after the other, then 200."""

    def __init__(self, secret: str, verify: Verify) -> None:
        self.secret, self.verify = secret, verify
        self.told: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[Answer] = []
        self.requests = 0
        self.hang = threading.Event()  # set: nothing is answered until it is cleared or the receiver ends
        self.released = threading.Event()
        self.url = ""

    def take(self, method: str, headers: dict[str, str], body: bytes) -> Answer:
        self.requests += 1
        self.headers.append(headers)
        if self.hang.is_set():
            self.released.wait(60)
        if method != "POST" or not headers.get("content-type", "").startswith("application/json"):
            return 415, {}, b"not JSON"
        if self.secret and not self.verify(self.secret, headers.get("x-sendoff-signature", ""), body):
            return 401, {}, b"bad signature"
        if self.answers:
            answer = self.answers.pop(0)
            if answer[0] >= 300:
                return answer
        self.told.append(json.loads(body))
        return OK


@contextmanager
def receiver(secret: str, verify: Verify) -> Iterator[Receiver]:
    found = Receiver(secret, verify)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(found.take("POST", {k.lower(): v for k, v in self.headers.items()}, body))

        def do_GET(self) -> None:
            self._answer(found.take("GET", {k.lower(): v for k, v in self.headers.items()}, b""))

        def _answer(self, answer: Answer) -> None:
            status, headers, body = answer
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the other side has stopped waiting
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/services/T000/B000/planted-webhook-path-5ec4e7"
    try:
        yield found
    finally:
        found.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
