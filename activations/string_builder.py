"""The String Builder: texts that are the same on every row of an export. Plain Python."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class StringType(StrEnum):
    STRING = "string"
    TIMESTAMP = "timestamp"
    SEGMENT_ID = "segment_id"
    SEGMENT_NAME = "segment_name"
    AUDIENCE_ID = "audience_id"


# As the menu of "+ Add string" shows them.
WORDS = {
    StringType.STRING: ("String", "Any value you type"),
    StringType.TIMESTAMP: ("Timestamp", "The date and time of the export"),
    StringType.SEGMENT_ID: ("Segment Id", "The segment ID number"),
    StringType.SEGMENT_NAME: ("Segment Name", "The segment name"),
    StringType.AUDIENCE_ID: ("Audience Id", "The parent segment number"),
}


@dataclass(frozen=True)
class Facts:
    """What a run is of, and when. `exported_at` is in the zone of the activation's schedule."""

    segment_id: int
    segment_name: str
    audience_id: int
    exported_at: datetime


def text(type: StringType, value: str, facts: Facts) -> str:
    match type:
        case StringType.STRING:
            return value
        case StringType.TIMESTAMP:
            return timestamp(facts.exported_at)
        case StringType.SEGMENT_ID:
            return str(facts.segment_id)
        case StringType.SEGMENT_NAME:
            return facts.segment_name
    return str(facts.audience_id)


def timestamp(moment: datetime) -> str:
    """ISO 8601 to the second: `2026-11-23T00:00:00Z` in UTC, `2026-11-23T01:00:00+01:00` elsewhere."""
    if moment.utcoffset() == UTC.utcoffset(None) and str(moment.tzinfo) == "UTC":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat(timespec="seconds")
