"""`make sandbox`: a console for a look around, with stand-ins in the place of the outside services.

Nothing leaves this machine and nothing is kept: data and stand-ins go when it stops. A banner says so on every page.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import run  # beside this file; puts the project on the path

from tests.standins import clevertap, gcs, microsoft

EMAIL, PASSWORD = "admin@example.com", "a sandbox to play in"


def main() -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sendoff-sandbox-")))
        words = [
            *stack.enter_context(_microsoft()),
            *stack.enter_context(_google(folder)),
            *stack.enter_context(_clevertap()),
        ]
        os.environ |= {
            "SENDOFF_SANDBOX": "1",
            "SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1",  # where the stand-ins are
            "SENDOFF_DATA_DIR": str(folder / "data"),
            "SENDOFF_ADMIN_EMAIL": EMAIL,
            "SENDOFF_ADMIN_PASSWORD": PASSWORD,
        }
        print("\n".join(["", "  A sandbox. What it takes to try each integration:", *words]), flush=True)
        print(f"  Log in as {EMAIL} with the password: {PASSWORD}\n", flush=True)
        return run.main()


@contextmanager
def _microsoft() -> Iterator[list[str]]:
    with microsoft.running(0) as service:
        service.app.any_redirect = True
        service.graph.page_size = 200
        os.environ |= {
            "SENDOFF_MICROSOFT_AUTHORITY": service.url,
            "SENDOFF_GRAPH_URL": service.url,
            "SENDOFF_MICROSOFT_CLIENT_ID": service.app.client_id,
            "SENDOFF_MICROSOFT_CLIENT_SECRET": service.app.secret,
        }
        people = ", ".join(account.address for account in service.world.accounts)
        yield [f"  OneDrive: sign in as one of {people}"]


@contextmanager
def _google(folder: Path) -> Iterator[list[str]]:
    with gcs.running(0) as service:
        os.environ["SENDOFF_GCS_ENDPOINT"] = service.url
        key = folder / "karte-credential.json"
        key.write_text(service.key_file())
        yield [f"  KARTE: upload {key} as the JSON Credential; the bucket is {gcs.BUCKET}"]


@contextmanager
def _clevertap() -> Iterator[list[str]]:
    with clevertap.running() as service:
        os.environ["SENDOFF_CLEVERTAP_URL"] = service.url
        [(account, known)] = service.accounts.items()
        yield [f"  CleverTap: Account ID {account}, Account Passcode {known.passcode}, Region India"]


if __name__ == "__main__":
    sys.exit(main())
