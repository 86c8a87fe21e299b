"""A small shop in the warehouse, its parent segment, and a worker that is here and now."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pytest_django.fixtures import Settings

from activations import activating, definitions, finishing, parents, runs, segments
from activations.activating import Content
from activations.models import Activation, ActivationRun, ParentSegment, Segment
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import worker
from integrations.models import Authentication
from tests.factories import make_authentication
from tests.standins import clevertap
from tests.standins.clevertap import StandIn

CUSTOMERS = """SELECT i::BIGINT AS id, 'u' || i AS login, CASE WHEN i % 3 = 0 THEN 'EMEA' ELSE 'APAC' END AS region,
    CASE WHEN i = 5 THEN NULL ELSE i * 10 END::BIGINT AS age FROM range(1, 11) t(i)"""
EXTRA = "SELECT i::BIGINT AS cid, 'City ' || i AS city FROM range(1, 6) t(i)"
ORDERS = """SELECT (1 + i % 4)::BIGINT AS cid, (1767225600 + i * 86400)::BIGINT AS time, i::BIGINT AS quantity
    FROM range(20) t(i)"""
DEFINITION: dict[str, Any] = {
    "name": "Retail customers", "master": "shop.customers", "key_column": "id",
    "attribute_tables": [{"table": "shop.extra", "key_column": "cid"}],
    "attributes": [
        {"column": "login", "kind": "text", "group": "Customer"}, {"column": "region", "kind": "text"},
        {"column": "age", "kind": "number"}, {"column": "city", "name": "City", "kind": "text", "table": 0},
    ],
    "behavior_tables": [
        {"name": "Orders", "table": "shop.orders", "key_column": "cid", "time_column": "time",
         "columns": [{"column": "quantity", "kind": "number"}]},
    ],
}  # fmt: skip
EMEA = {"type": "group", "match": "all", "rules": [
    {"type": "attribute", "attribute": "region", "operator": "equals", "value": "EMEA"},
]}  # fmt: skip
Write = Callable[[str, str], None]
SETTINGS = {"target": "user_profiles", "operation": "upload_profiles", "retry_count": 1,
            "retry_initial_wait_millis": 1, "max_retry_wait_millis": 2}  # fmt: skip
MAPPING = {
    "all_columns": False,
    "columns": [{"source": "login", "name": "identity"}, {"source": "City", "name": "City"}],
    "strings": [{"type": "segment_id", "name": "segment"}, {"type": "timestamp", "name": "sent"}],
}
Run = Callable[[], ActivationRun]


@pytest.fixture
def write(db: None, data_dir: Path) -> Write:
    """Makes a table of the database `shop` of what a SELECT gives, in the place of what it held."""

    def replace(table: str, select: str) -> None:
        path = data_dir / f"{uuid.uuid4().hex}.parquet"
        duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        ref = TableRef("shop", table)
        if ref in {one.ref for one in storage.tables("shop")}:
            storage.drop_table(ref)
        storage.append(ref, [path], operation_id=path.name, create=True)

    storage.create_database("shop")
    return replace


@pytest.fixture
def shop(write: Write) -> Write:
    for table, select in (("customers", CUSTOMERS), ("extra", EXTRA), ("orders", ORDERS)):
        write(table, select)
    return write


@pytest.fixture
def audience(shop: Write, user: User) -> ParentSegment:
    return parents.create(definitions.read(DEFINITION), user)


@pytest.fixture
def service(settings: Settings, data_dir: Path) -> Iterator[StandIn]:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with clevertap.running() as running:
        settings.CLEVERTAP_URL = running.url
        yield running


@pytest.fixture
def authentication(service: StandIn) -> Authentication:
    return make_authentication(
        connector="clevertap", name="clevertap-test", keys={"account_id": "TEST-4KK-444Z", "region": "in1"},
        secrets={"passcode": "AAA-BBB-CCCC"},
    )  # fmt: skip


@pytest.fixture
def gold(audience: ParentSegment, user: User) -> Segment:
    return segments.create(audience, "Gold", EMEA, user)


@pytest.fixture
def content(authentication: Authentication) -> Content:
    return Content("Gold to CleverTap", authentication, SETTINGS, MAPPING, zone="Asia/Tokyo")


@pytest.fixture
def activation(gold: Segment, content: Content, user: User) -> Activation:
    return activating.create(activating.begin(gold, user), content, user)


@pytest.fixture
def run(activation: Activation, user: User) -> Run:
    def once() -> ActivationRun:
        made = runs.run(Activation.objects.get(pk=activation.pk), user)
        worker.run_job(made.job_id)
        return ActivationRun.objects.select_related("job__export").get(pk=made.pk)

    return once


def kept_keys() -> list[str]:
    """Key files beside the results."""
    return sorted(path.name for path in finishing.keys_dir().glob("*"))
