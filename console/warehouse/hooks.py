"""What the warehouse tells the page frame. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from console.shell import search


def register() -> None:
    search.register("Databases and tables", _find)


def _find(text: str, user: Any) -> Iterable[search.Hit]:
    """`www`, `sample_datasets` or `sample_datasets.www`; databases before tables."""
    from console.warehouse import storage  # here: it brings pyiceberg with it, which a start can do without
    from console.warehouse.storage.tables import tables_of_all

    text = text.lower()
    for database in storage.databases():
        if text in database.name:
            yield search.Hit(database.name, reverse("database", args=[database.name]), "Database", "database")
    for table in tables_of_all():
        if text in str(table.ref):
            url = reverse("table", args=[table.ref.database, table.ref.table])
            yield search.Hit(table.ref.table, url, f"{table.ref.database} · {table.rows:,} rows", "table")
