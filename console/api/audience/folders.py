"""/audiences/<id>/folders. Folders belong to nobody: everybody may arrange them."""

from typing import Any

from django.db import transaction

from activations import folders
from activations.models import Folder
from console.api.answers import iso
from console.api.audience import fields, finding
from console.api.audience.pages import page
from console.api.call import Call

KNOWN = ("name", "folder")
PRINTED = {"id", "audience", "created_at"}


def listing(call: Call, audience: str) -> dict[str, Any]:
    """All of the tree, whatever they are in."""
    return page(call, "folders", finding.audience(audience).folders.all(), _printed)


def show(call: Call, audience: str, folder: str) -> dict[str, Any]:
    return _printed(finding.folder(audience, folder))


def create(call: Call, audience: str) -> dict[str, Any]:
    of = finding.audience(audience)
    fields.insist(call.body, KNOWN, PRINTED)
    inside = fields.folder(call.body, of)
    return _printed(folders.create(of, fields.text(call.body, "name"), inside=inside))


@transaction.atomic
def update(call: Call, audience: str, folder: str) -> dict[str, Any]:
    found = finding.folder(audience, folder)
    fields.insist(call.body, KNOWN, PRINTED)
    inside = fields.folder(call.body, found.audience, found.folder)
    if inside != found.folder:
        found = folders.move(found, inside)
    if "name" in call.body:
        found = folders.rename(found, fields.text(call.body, "name"))
    return _printed(found)


def delete(call: Call, audience: str, folder: str) -> dict[str, Any]:
    folders.delete(finding.folder(audience, folder))
    return {"id": int(folder), "deleted": True}


def _printed(folder: Folder) -> dict[str, Any]:
    return {
        "id": folder.pk,
        "audience": folder.audience_id,
        "name": folder.name,
        "folder": folder.folder_id,
        "created_at": iso(folder.created_at),
    }
