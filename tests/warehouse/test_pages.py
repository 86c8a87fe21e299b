"""Data Workbench > Databases in a browser session."""

from pathlib import Path

import duckdb
import pytest
from django.test import Client

from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef

SALES = TableRef("shop", "sales")
ROOT = "/workbench/databases/"


@pytest.fixture
def shop(data_dir: Path) -> TableRef:
    """A database with one table of two rows."""
    storage.create_database("shop")
    source = data_dir / "sales.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 9007199254740993::BIGINT AS id, '' AS note, [1, 2] AS list UNION ALL"
            f" SELECT 2, NULL, NULL) TO '{source}' (FORMAT parquet)"
        )
    storage.append(SALES, [source], operation_id="1", create=True)
    return SALES


@pytest.fixture
def client(client_logged_in: Client) -> Client:
    return client_logged_in


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_tables_and_rows_and_is_searched(client: Client, shop: TableRef) -> None:
    storage.create_database("logs")
    page = text(client, ROOT)
    assert f'href="{ROOT}shop/"' in page
    assert "2 databases" in page
    found = text(client, ROOT + "?q=sho")
    assert f'href="{ROOT}logs/"' not in found
    assert "1 of 2 databases" in found
    assert "No database matches" in text(client, ROOT + "?q=zzz")


def test_the_search_field_gets_the_list_alone(client: Client, shop: TableRef) -> None:
    response = client.get(ROOT + "?q=shop", headers={"HX-Request": "true", "HX-Target": "warehouse-list"})
    assert b"<!doctype" not in response.content
    assert b'id="warehouse-list"' in response.content


def test_an_empty_console_offers_to_make_a_database(client: Client, data_dir: Path) -> None:
    assert "No databases yet" in text(client, ROOT)


def test_a_database_is_made_by_a_form(client: Client, data_dir: Path) -> None:
    response = client.post(ROOT + "new-database/", {"name": "exports"})
    assert response["Location"] == ROOT + "exports/"
    assert [d.name for d in storage.databases()] == ["exports"]
    assert "No tables yet" in text(client, ROOT + "exports/")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Give the database a name."),
        ("ab", "Use 3 to 255 of the characters a-z, 0-9 and _."),
        ("Shop!", "is not allowed as a name"),
        ("shop", "Database shop already exists. Choose another name."),
    ],
)
def test_a_name_that_will_not_do_is_refused_beside_the_field(
    client: Client, shop: TableRef, name: str, reason: str
) -> None:
    response = client.post(ROOT + "new-database/", {"name": name})
    assert response.status_code == 422
    form = response.context["form"]
    assert reason in form.errors["name"][0]
    assert "is-invalid" in response.content.decode()


def test_a_table_is_made_by_a_form(client: Client, shop: TableRef) -> None:
    response = client.post(ROOT + "shop/new-table/", {"name": "orders"})
    assert response["Location"] == ROOT + "shop/orders/"
    page = text(client, ROOT + "shop/orders/")
    assert "The table has no rows yet." in page
    assert client.post(ROOT + "shop/new-table/", {"name": "orders"}).status_code == 422
    assert client.post(ROOT + "nowhere/new-table/", {"name": "orders"}).status_code == 404


def test_a_table_shows_exact_numbers_and_null_apart_from_empty(client: Client, shop: TableRef) -> None:
    page = text(client, ROOT + "shop/sales/")
    assert "<td>9007199254740993</td><td></td><td>[1,2]</td>" in page
    assert '<td>2</td><td class="null">NULL</td><td class="null">NULL</td>' in page
    assert '<th scope="col">list<small>array&lt;int&gt;</small></th>' in page
    assert "2 rows in 1 file" in page


def test_what_is_missing_is_a_404(client: Client, shop: TableRef) -> None:
    for address in ("nowhere/", "shop/nothing/", "nowhere/nothing/", "shop/nothing/delete-table/"):
        assert client.get(ROOT + address).status_code == 404


def test_a_table_is_deleted_after_a_question(client: Client, shop: TableRef) -> None:
    assert "Its 2 rows go." in text(client, ROOT + "shop/sales/delete-table/")
    assert storage.table(SALES).rows == 2
    assert client.post(ROOT + "shop/sales/delete-table/")["Location"] == ROOT + "shop/"
    assert storage.tables("shop") == []


def test_a_database_is_deleted_by_an_administrator_who_saw_its_tables(
    client: Client, admin: User, shop: TableRef
) -> None:
    assert client.post(ROOT + "shop/delete-database/").status_code == 403
    client.force_login(admin)
    page = text(client, ROOT + "shop/delete-database/")
    assert "<li>sales" in page
    assert client.post(ROOT + "shop/delete-database/")["Location"] == ROOT
    assert storage.databases() == []


def test_pages_need_a_log_in(data_dir: Path, db: None) -> None:
    assert Client().get(ROOT).status_code == 302
