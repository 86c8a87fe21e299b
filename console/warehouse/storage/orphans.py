"""Files in the warehouse's folder that no table names any more."""

import os
from collections.abc import Iterator

from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table

from console.warehouse.storage.catalog import plain_path, warehouse_url
from console.warehouse.storage.tables import load, tables_of_all
from console.warehouse.types import NotFound


def unreferenced() -> set[str]:
    """Absolute paths of files no snapshot of any table names: left by dead writers, expiry, dropped tables.

    The folder is listed before the tables are read, so a file committed meanwhile counts as named. Raises
    where a table can't be read: then nothing is known, and nothing may go.
    """
    present = set(_files_below(plain_path(warehouse_url())))
    return present - referenced()


def referenced() -> set[str]:
    named: set[str] = set()
    for info in tables_of_all():
        try:
            named |= _named_by(load(info.ref))
        except NotFound:  # dropped or renamed since the listing: look at what is there now
            return referenced()
    return named


def _named_by(table: Table) -> set[str]:
    metadata = table.metadata
    named = {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    manifests: dict[str, ManifestFile] = {}
    for snapshot in metadata.snapshots:
        named.add(snapshot.manifest_list)
        manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
    for path, manifest in manifests.items():
        named.add(path)
        named |= {
            entry.data_file.file_path
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False)
        }
    return {plain_path(location) for location in named}


def _files_below(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(parent, name)


def remove(path: str) -> int:
    """Deletes the file, and folders that stand empty without it. Its size in bytes; 0 where it was gone."""
    try:
        size = os.path.getsize(path)
        os.unlink(path)
    except FileNotFoundError:
        return 0
    folder, top = os.path.dirname(path), plain_path(warehouse_url())
    while folder.startswith(top + "/") and not os.listdir(folder):
        try:
            os.rmdir(folder)
        except OSError:  # a writer put a file there just now
            break
        folder = os.path.dirname(folder)
    return size
