"""`python -m tests.standins.microsoft --port 8001`: the stand-in by itself, for a look around."""

import argparse
import signal
import sys
import threading

from tests.standins.microsoft.server import running

WORDS = """A stand-in for Microsoft answers at {url}. Start a console with
  SENDOFF_MICROSOFT_AUTHORITY={url} SENDOFF_GRAPH_URL={url} \\
  SENDOFF_MICROSOFT_CLIENT_ID={client} SENDOFF_MICROSOFT_CLIENT_SECRET={secret}
People: {people}. Ctrl-C stops it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    port = parser.parse_args().port
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with running(port) as stand_in:
        stand_in.app.any_redirect = True
        stand_in.graph.page_size = 200
        people = ", ".join(account.address for account in stand_in.world.accounts)
        sys.stdout.write(
            WORDS.format(
                url=stand_in.url, client=stand_in.app.client_id, secret=stand_in.app.secret, people=people
            )
        )
        sys.stdout.flush()
        done.wait()


if __name__ == "__main__":
    main()
