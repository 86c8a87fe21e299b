"""`python -m tests.standins.gcs --port 9400`: a Google Cloud Storage to try things with. Ctrl-C ends it.

Prints its address, its bucket and the key file of an account that may write there.
"""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from tests.standins.gcs import BUCKET, running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standins.gcs", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one where it is left out")
    parser.add_argument("--key-file", type=Path, help="where to write the key, besides printing it")
    asked = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running(asked.port) as service:
        key = json.dumps(json.loads(service.key_file()), indent=2)
        if asked.key_file:
            asked.key_file.write_text(key)
        print(f"SENDOFF_GCS_ENDPOINT={service.url}\nBucket: {BUCKET}\n{key}", flush=True)  # noqa: T201
        stop.wait()
    sys.exit(0)


if __name__ == "__main__":
    main()
