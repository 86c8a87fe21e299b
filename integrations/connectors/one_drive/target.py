"""From the settings to a drive and a folder in it, as Graph knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from integrations.connector import Keys
from integrations.connectors.one_drive.answers import GraphRefusal
from integrations.connectors.one_drive.client import Client
from integrations.connectors.one_drive.export import BUSINESS
from integrations.connectors.one_drive.names import folder_segments
from integrations.errors import SettingsError


@dataclass(frozen=True)
class Folder:
    drive: str
    item: str


@dataclass(frozen=True)
class Start:
    """The top of a drive, or the folder somebody shared; `rest` leads from there to the folder."""

    folder: Folder
    rest: tuple[str, ...]
    quota: Keys  # empty where the drive is somebody else's


def start(client: Client, settings: Keys) -> Start:
    """Raises `SettingsError` where the site or the shared folder is not there."""
    segments = folder_segments(settings["folder_path"])
    if settings["account_type"] == BUSINESS:
        return _in_site(client, settings, segments)
    if settings.get("is_shared_folder"):
        return _shared(client, segments)
    return _top(client, client.my_drive(), segments)


def find(client: Client, settings: Keys) -> Folder | None:
    """None where a folder on the way is missing: the export creates it."""
    begun = start(client, settings)
    folder = begun.folder
    for name in begun.rest:
        child = client.child(folder.drive, folder.item, name)
        if child is None:
            return None
        folder = _entered(child, folder, settings)
    return folder


def ensure(client: Client, settings: Keys) -> Folder:
    """The folder, with whatever was missing on the way to it."""
    begun = start(client, settings)
    folder = begun.folder
    for name in begun.rest:
        child = client.child(folder.drive, folder.item, name) or _made(client, folder, name)
        folder = _entered(child, folder, settings)
    return folder


def folders(client: Client, settings: Keys) -> Iterator[str]:
    """Names of the folders inside the one the settings name, for Browse."""
    shared = settings["account_type"] != BUSINESS and settings.get("is_shared_folder")
    if shared and not folder_segments(settings["folder_path"]):
        yield from (remote["name"] for remote in _remotes(client))
        return
    folder = find(client, settings)
    if folder is None:
        raise SettingsError(
            f"{settings['folder_path']} does not exist yet.",
            action="The export creates it.",
            field="folder_path",
        )
    for item in client.children(folder.drive, folder.item):
        if "folder" in item or "folder" in item.get("remoteItem", {}):
            yield str(item["name"])


def _made(client: Client, folder: Folder, name: str) -> dict[str, Any]:
    """Where another run makes the same folder in the same moment, that one is as good."""
    try:
        return client.create_folder(folder.drive, folder.item, name)
    except GraphRefusal as refused:
        if not refused.problem.has("nameAlreadyExists"):
            raise
        found = client.child(folder.drive, folder.item, name)
        if found is None:
            raise
        return found


def _entered(item: dict[str, Any], inside: Folder, settings: Keys) -> Folder:
    remote = item.get("remoteItem") or {}
    if "folder" in remote:  # a shortcut to somebody else's folder
        return Folder(str(remote["parentReference"]["driveId"]), str(remote["id"]))
    if "folder" not in item:
        raise SettingsError(
            f"{item.get('name')} in {settings['folder_path']} is a file, not a folder.",
            action="Change Folder Path.",
            field="folder_path",
        )
    return Folder(inside.drive, str(item["id"]))


def _top(client: Client, drive: dict[str, Any], segments: list[str]) -> Start:
    identity = str(drive["id"])
    return Start(
        Folder(identity, str(client.root(identity)["id"])), tuple(segments), drive.get("quota") or {}
    )


def _in_site(client: Client, settings: Keys, segments: list[str]) -> Start:
    domain, path = settings["domain_name"], settings["server_relative_path"]
    site = client.site(domain, path)
    if site is None:
        raise SettingsError(
            f"No site {path} on {domain}.",
            action="Open the site in a browser and compare the address.",
            field="server_relative_path",
        )
    identity = str(site["id"])
    if segments:
        for drive in client.site_drives(identity):
            if segments[0].lower() in _names(drive):
                return _top(client, drive, segments[1:])
    return _top(client, client.site_drive(identity), segments)


def _names(drive: dict[str, Any]) -> set[str]:
    """A library is called by its name or by the last part of its address: Documents is also Shared Documents."""
    last = unquote(urlsplit(str(drive.get("webUrl") or "")).path).rstrip("/").rpartition("/")[2]
    return {str(drive.get("name") or "").lower(), last.lower()} - {""}


def _shared(client: Client, segments: list[str]) -> Start:
    if not segments:
        raise SettingsError(
            "Folder Path names no folder.",
            action="Start it at the folder that was shared, for example /f1/f2.",
            field="folder_path",
        )
    for remote in _remotes(client):
        if str(remote["name"]).lower() == segments[0].lower():
            drive = str(remote["parentReference"]["driveId"])
            return Start(Folder(drive, str(remote["id"])), tuple(segments[1:]), {})
    raise SettingsError(
        f"No folder named {segments[0]} is shared with this account.",
        action="Start Folder Path at the folder that was shared.",
        field="folder_path",
    )


def _remotes(client: Client) -> Iterator[dict[str, Any]]:
    """Folders shared with the account; then shortcuts to some in its own files.

    Microsoft stops answering sharedWithMe after November 2027; the shortcuts stay.
    """
    for source in (client.shared_with_me, client.my_root_items):
        for item in source():
            remote = item.get("remoteItem") or {}
            if "folder" in remote:
                yield {**remote, "name": remote.get("name") or item["name"]}
