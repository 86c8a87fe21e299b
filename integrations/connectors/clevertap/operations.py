"""What may be sent to CleverTap: each operation with its path, its limits and whether it may be repeated."""

from dataclasses import dataclass

from integrations.connector import Keys

BODY_BYTES = 4 << 20  # a request is closed before it grows larger, whatever its number of records


@dataclass(frozen=True)
class Operation:
    key: str
    label: str
    path: str
    records: int  # of one request, at most
    at_once: int  # requests in flight, at most: CleverTap's own limit per account, and ours
    repeatable: bool  # whether a request that may have been processed can be sent again
    noun: str  # what one record is called, in the plural
    head: bytes = b'{"d":[\n'
    between: bytes = b",\n"  # no record holds a line end, so a body can be cut between two records
    tail: bytes = b"\n]}"


_UPLOAD = "/1/upload"
OPERATIONS = (
    Operation("upload_profiles", "Upload User Profiles", _UPLOAD, 1_000, 10, True, "profiles"),
    Operation("upload_device_tokens", "Upload Device Tokens", _UPLOAD, 100, 10, True, "device tokens"),
    Operation(
        "demerge", "Demerge User Profile", "/1/demerge/profiles.json", 100, 3, True, "identities",
        head=b'{"identities":[\n',
    ),
    Operation(
        "update_subscription", "Update Email/Phone Subscription", "/1/subscribe", 1_000, 10, True,
        "subscriptions",
    ),
    Operation(
        "disassociate_phone", "Disassociate a Phone Number", "/1/disassociate", 1_000, 10, True,
        "phone numbers",
    ),
)  # fmt: skip
EVENTS = Operation("user_events", "User Events", _UPLOAD, 1_000, 10, False, "events")
LIST = Operation(  # a chunk is a piece of the one file
    "custom_list", "User Audiences - Custom List", "/get_custom_list_segment_url", 50_000, 1, True, "users",
    head=b"", between=b"\r\n", tail=b"\r\n",
)  # fmt: skip
TARGETS = (
    ("user_profiles", "User Profiles"),
    ("user_events", "User Events"),
    ("custom_list", "User Audiences - Custom List"),
)
_KNOWN = {operation.key: operation for operation in (*OPERATIONS, EVENTS, LIST)}


def chosen(settings: Keys) -> Operation:
    """The operation these settings mean: the entity's own, or the one chosen for profiles."""
    target = str(settings["target"])
    return _KNOWN[str(settings["operation"]) if target == "user_profiles" else target]


def at_once(settings: Keys) -> int:
    """How many requests may be in flight."""
    operation = chosen(settings)
    return min(operation.at_once, int(settings.get("thread_count") or operation.at_once))
