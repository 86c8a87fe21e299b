"""/audiences/<id>/segments, with their size and their SQL."""

from typing import Any

from django.db import transaction

from activations import queries, segments, sizing
from activations.errors import Refused, Stale
from activations.models import Segment
from activations.permissions import require_edit
from activations.sql import Lost
from activations.sql.writing import TYPE
from console.api.answers import iso
from console.api.audience import fields, finding
from console.api.audience.pages import page
from console.api.call import Call

KNOWN = ("name", "folder", "rules")
PRINTED = {
    "id",
    "audience",
    "version",
    "size",
    "size_at",
    "size_is_current",
    "owner",
    "created_at",
    "updated_at",
}


def listing(call: Call, audience: str) -> dict[str, Any]:
    """Without their rules."""
    of = finding.audience(audience)
    found = of.segments.select_related("owner").defer("rules", "previous_rules", "sample")
    return page(call, "segments", found, _summary)


def show(call: Call, audience: str, segment: str) -> dict[str, Any]:
    return _printed(finding.segment(audience, segment))


def create(call: Call, audience: str) -> dict[str, Any]:
    of = finding.audience(audience)
    fields.insist(call.body, KNOWN, PRINTED)
    folder, name = fields.folder(call.body, of), fields.text(call.body, "name")
    return _printed(segments.create(of, name, call.body.get("rules"), call.user, folder=folder))


@transaction.atomic
def update(call: Call, audience: str, segment: str) -> dict[str, Any]:
    """All that the body has, or nothing of it."""
    found = finding.segment(audience, segment)
    require_edit(call.user, found)
    fields.insist(call.body, KNOWN, PRINTED)
    version = fields.version(call.body, found.version)
    if "rules" in call.body:
        found = segments.save(found, call.body["rules"], call.user, version=version)
    elif version != found.version:
        raise Stale(found)
    folder = fields.folder(call.body, found.audience, found.folder)
    if folder != found.folder:
        found = segments.move(found, folder, call.user)
    if (name := fields.text(call.body, "name", found.name)) != found.name:
        found = segments.rename(found, name, call.user)
    return _printed(found)


def delete(call: Call, audience: str, segment: str) -> dict[str, Any]:
    found = finding.segment(audience, segment)
    require_edit(call.user, found)
    segments.delete(found)
    return {"id": int(segment), "deleted": True}


def sql(call: Call, audience: str, segment: str) -> dict[str, Any]:
    """The statements that are run: of a size, and of its profiles with every attribute, the key last."""
    found = finding.segment(audience, segment)
    try:
        selection = queries.select_segment(found)
        count, profiles = selection.count_sql(), selection.profiles_sql(selection.everything())
    except Lost as lost:
        raise Refused(str(lost)) from lost
    return {"type": TYPE, "database": found.audience.master_database, "sql": profiles, "count_sql": count}


def ask_size(call: Call, audience: str, segment: str) -> dict[str, Any]:
    """A worker counts; ask `size` until its state is no longer waiting or running."""
    found = finding.segment(audience, segment)
    sizing.measure_segment(found, call.user)
    return _size(found)


def size(call: Call, audience: str, segment: str) -> dict[str, Any]:
    return _size(finding.segment(audience, segment))


def _size(segment: Segment) -> dict[str, Any]:
    """The size as it is kept, and how the last count stands. `state` is none where none is remembered."""
    asked = (
        segment.measurements.exclude(segment_version=None)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    last = sizing.look(asked) if asked else None
    segment.refresh_from_db()
    return {
        "size": segment.size,
        "size_at": iso(segment.size_at),
        "size_is_current": segment.size_is_current,
        "sample": segment.sample,
        "state": last.state if last else "none",
        "error": f"{last.error_message} {last.error_action}".strip() if last else "",
        "sql": last.sql if last else "",
    }


def _printed(segment: Segment) -> dict[str, Any]:
    return {**_summary(segment), "rules": segment.rules}


def _summary(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.pk,
        "audience": segment.audience_id,
        "name": segment.name,
        "folder": segment.folder_id,
        "version": segment.version,
        "size": segment.size,
        "size_at": iso(segment.size_at),
        "size_is_current": segment.size_is_current,
        "owner": segment.owner.email,
        "created_at": iso(segment.created_at),
        "updated_at": iso(segment.updated_at),
    }
