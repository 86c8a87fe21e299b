"""`python -m tests.standins.clevertap --port 9500`: the stand-in by itself, for a look around. Ctrl-C ends it."""

import argparse
import signal
import sys
import threading

from tests.standins.clevertap.server import running

WORDS = """A stand-in for CleverTap answers at {url}. Start a console with
  SENDOFF_CLEVERTAP_URL={url} SENDOFF_ALLOW_PRIVATE_HOSTS=127.0.0.1
Account ID {account}, Account Passcode {passcode}, Region India. Ctrl-C stops it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standins.clevertap", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    port = parser.parse_args().port
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with running(port) as stand_in:
        [(account, known)] = stand_in.accounts.items()
        sys.stdout.write(WORDS.format(url=stand_in.url, account=account, passcode=known.passcode))
        sys.stdout.flush()
        done.wait()


if __name__ == "__main__":
    main()
