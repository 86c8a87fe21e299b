"""A CleverTap that takes every profile, and 20 ms for each answer. Prints its address; ends with a signal."""

import asyncio
import sys

LATENCY = 0.020  # seconds from the end of a request to its answer
ONE = b'"type":"profile"'


class Connection(asyncio.Protocol):
    """Requests of one connection, one after another."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.pieces: list[bytes] = []
        self.missing = -1  # bytes of the body; -1 while the head is read

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        if self.missing < 0:
            head, end, body = b"".join(self.pieces).partition(b"\r\n\r\n")
            if not end:
                return
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            self.pieces, self.missing = [body], int(length[15:]) - len(body)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            records = b"".join(self.pieces).count(ONE)
            asyncio.get_running_loop().call_later(LATENCY, self.answer, records)
            self.pieces, self.missing = [], -1

    def answer(self, records: int) -> None:
        body = b'{"status":"success","processed":%d,"unprocessed":[]}' % records
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
