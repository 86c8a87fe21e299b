"""docs/audience-api.md: its examples are run, with curl against a real server, and its tables say what there is."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from activations import measuring, parents
from activations.models import Measurement, ParentSegment
from activations.rules import MEASURES, operators_for
from activations.rules.operators import operators_of_measure
from activations.string_builder import StringType
from console.api.audience.routes import AUDIENCE_ROUTES
from console.warehouse import storage
from console.warehouse.sample import DATABASE, TABLES
from console.warehouse.types import TableRef
from console.workbench import worker
from console.workbench.models import Job
from tests.api.conftest import Console, rows_of
from tests.factories import make_authentication

DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "audience-api.md").read_text()
SECONDS = 300  # only ends a script that would hang


@pytest.fixture
def sample(console: Console, tmp_path: Path) -> None:
    storage.create_database(DATABASE)
    for name in ("cdnow_customers", "cdnow_transactions"):
        path = tmp_path / f"{name}.parquet"
        TABLES[name](str(path))
        storage.append(TableRef(DATABASE, name), [path], operation_id=f"sample/{name}", create=True)


def work() -> None:
    """What a worker of the console would do now."""
    for pk in Measurement.objects.filter(state=Measurement.State.WAITING).values_list("pk", flat=True):
        measuring.work(pk)
    for pk in Job.objects.unfinished().filter(kind=Job.Kind.QUERY).values_list("pk", flat=True):
        worker.run_job(pk)


@pytest.mark.usefixtures("sample")
def test_the_examples_work(console: Console, tmp_path: Path) -> None:
    storage.create_database("reports")
    make_authentication(name="reports", keys={"endpoint": console.url}, secrets={"apikey": console.key})
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    script = "set -euo pipefail\n" + "\necho\n".join(blocks)
    before, kept = script.split('call PUT "$A"')  # what is deleted at the end is looked at before
    environment = os.environ | {"SENDOFF": console.url, "KEY": console.key}
    pause = f'touch "{tmp_path}/ran"; until [ -e "{tmp_path}/seen" ]; do sleep 0.1; done\n'
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            ["bash", "-c", f'{before}{pause}call PUT "$A"{kept}'], env=environment, stdout=said, stderr=said
        )
        until = time.monotonic() + SECONDS
        while process.poll() is None and not (tmp_path / "ran").exists() and time.monotonic() < until:
            work()
            time.sleep(0.05)
    said_now = (tmp_path / "said").read_text()
    assert (tmp_path / "ran").exists(), said_now
    arrived = rows_of("loyal_buyers", "reports")
    assert len(arrived) > 10
    assert {(row["segment"], row["channel"]) for row in arrived} == {("Loyal buyers", "api")}
    assert all(row["spent"] >= 3000 for row in arrived)
    assert f'"size": {len(arrived)}' in said_now
    parents.refresh(ParentSegment.objects.get())
    assert ParentSegment.objects.get().customers == 23_570
    (tmp_path / "seen").touch()
    assert process.wait(SECONDS) == 0, (tmp_path / "said").read_text()
    assert not ParentSegment.objects.exists()


def test_every_call_is_listed() -> None:
    table = DOCUMENT.partition("## All calls")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = set()
    for row in rows:
        words = re.findall(r"`([^`]+)`", row)
        methods = [word for word in words if word.isupper()]
        paths = [word for word in words if not word.isupper()]
        listed |= {(method, path.rpartition("…/")[2]) for method in methods for path in paths}
    there = set()
    for route in AUDIENCE_ROUTES:
        path = re.sub(r"<\w+>", "<id>", route.pattern)
        short = {path} | {path[at + 1 :] for at, sign in enumerate(path) if sign == "/"}
        found = [(route.methods[0], one) for one in short if (route.methods[0], one) in listed]
        assert found, f"{route.methods[0]} {path} is not in the document"
        there |= set(found)
    assert listed - there == {("GET", "connections/lookup?name=…")}


def test_every_word_of_rules_is_explained() -> None:
    kinds = ("text", "number", "boolean", "date", "timestamp", "other")
    keys = {operator.key for kind in kinds for operator in operators_for(kind)}
    keys |= {operator.key for operator in operators_of_measure("count", "number")}
    for key in (*keys, *(measure.key for measure in MEASURES), *kinds, *StringType):
        assert f"`{key}`" in DOCUMENT, key
