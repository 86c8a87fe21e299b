"""/metrics, read as strictly as Prometheus reads it (text format 0.0.4)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from console.operations.models import Heartbeat
from console.workbench.models import Job
from integrations.models import Export
from tests.factories import make_authentication, make_job

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)")


def parsed(text: str) -> dict[tuple[str, str], float]:
    """(name, labels) -> value. Each metric has its HELP, then its TYPE, then all its samples, once each."""
    assert text.endswith("\n")
    found: dict[tuple[str, str], float] = {}
    current, stage = "", ""
    seen: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current, stage = line.split(" ", 3)[2], "help"
            assert current not in seen
            seen.add(current)
        elif line.startswith("# TYPE "):
            assert (line.split(" ")[2:], stage) == ([current, "gauge"], "help")
            stage = "type"
        else:
            matched = SAMPLE.fullmatch(line)
            assert matched, line
            assert (matched[1], stage) == (current, "type")
            assert (matched[1], matched[2] or "") not in found
            found[matched[1], matched[2] or ""] = float(matched[3])
    return found


@pytest.mark.django_db
def test_an_empty_console_has_every_number(client: Client, data_dir: Path) -> None:
    found = parsed(client.get("/metrics").content.decode())
    assert set(found.values()) <= {0.0, 2.0}
    assert {name for name, _ in found} == {
        "sendoff_jobs", "sendoff_queue_depth", "sendoff_queue_oldest_seconds", "sendoff_exports",
        "sendoff_exported_rows", "sendoff_notices", "sendoff_schedule_lateness_seconds", "sendoff_workers_alive",
        "sendoff_workers_expected",
    }  # fmt: skip
    assert {labels for name, labels in found if name == "sendoff_jobs"} == {
        f'status="{status}"' for status in Job.Status.values
    }


@pytest.mark.django_db
def test_it_counts_exactly(client: Client) -> None:
    waiting = make_job()
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(hours=1))
    for status in ("success", "success", "error", "killed"):
        make_job(status=status)
    for delivered, rejected in ((123_456_789_012, 1), (1, 2)):
        Export.objects.create(
            authentication=make_authentication(), connector="treasure_data", default_time=0, status="success",
            rows_delivered=delivered, rows_rejected=rejected,
        )  # fmt: skip
    Heartbeat.objects.create(process="host:1", kind="worker", at=timezone.now())
    found = parsed(client.get("/metrics").content.decode())
    assert found["sendoff_jobs", 'status="success"'] == 2
    assert found["sendoff_jobs", 'status="queued"'] == found["sendoff_queue_depth", ""] == 1
    assert found["sendoff_queue_oldest_seconds", ""] >= 3600
    assert found["sendoff_exports", 'status="success"'] == 2
    assert found["sendoff_exported_rows", 'outcome="delivered"'] == 123_456_789_013
    assert found["sendoff_exported_rows", 'outcome="rejected"'] == 3
    assert found["sendoff_workers_alive", ""] == 1
