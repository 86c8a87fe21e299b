"""One record of an upload: whether CleverTap takes it, and the code and words with which it does not."""

import re
from collections.abc import Callable
from typing import Any

E164 = re.compile(r"\+[1-9][0-9]{1,14}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FORBIDDEN = set('&$",%><!')
IDS = ("identity", "objectId", "FBID", "GPID")
SYSTEM_EVENTS = {"App Launched", "App Uninstalled", "Notification Sent", "Notification Viewed", "UTM Visited"}
TOKEN_TYPES = {"apns", "fcm", "gcm"}
MOST_PROPERTIES = 256


class Refusal(Exception):
    """The whole request is refused, with this status."""

    def __init__(self, status: int, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status, self.more = status, more


class Fail(Exception):
    """One record is refused."""

    def __init__(self, code: int, error: str) -> None:
        super().__init__(error)
        self.code = code


def check(record: Any, discarded: set[str]) -> None:
    """Raises Fail for what the service answers per record, Refusal for what no client may send."""
    if not isinstance(record, dict):
        raise Refusal(400, "Each record has to be an object")
    checks: dict[Any, Callable[[dict[str, Any]], None]] = {
        "profile": _profile,
        "event": lambda event: _event(event, discarded),
        "token": _token,
    }
    if record.get("type") not in checks:
        raise Fail(524, "Type should be either 'event' or 'profile'.")
    checks[record["type"]](record)


def _profile(record: dict[str, Any]) -> None:
    _only(record, {*IDS, "ts", "type", "profileData"})
    _identity(record, "Profile data is incorrect. ")
    data = record.get("profileData")
    if not isinstance(data, dict):
        raise Refusal(400, "profileData has to be an object")
    for name, value in data.items():
        _name(name)
        if isinstance(value, dict):
            _operation(value)
        else:
            _scalar(value)
    for name, (code, words, allowed) in _KNOWN.items():
        if name in data and not allowed(data[name]):
            raise Fail(code, f"Profile data is incorrect. {words}")


def _event(record: dict[str, Any], discarded: set[str]) -> None:
    _only(record, {*IDS, "ts", "type", "evtName", "evtData"})
    name = record.get("evtName")
    if not isinstance(name, str) or not name:
        raise Fail(509, "Event name is mandatory.")
    if name in SYSTEM_EVENTS:
        raise Fail(513, f"Event name {name} is restricted.")
    if name in discarded:
        raise Fail(528, "This event is discarded in the dashboard.")
    _identity(record, "")
    data = record.get("evtData")
    if not isinstance(data, dict):
        raise Fail(512, "Invalid event structure.")
    if len(data) > MOST_PROPERTIES:
        raise Fail(522, "Too many event properties.")
    for key, value in data.items():
        _name(key)
        if key == "Items" and name == "Charged":
            _items(value)
        elif isinstance(value, dict | list):
            raise Fail(512, "Event property values have to be primitive.")
        else:
            _scalar(value)


def _items(items: Any) -> None:
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) and item for item in items):
        raise Fail(512, "Items has to be a list of objects.")
    for item in items:
        for key, value in item.items():
            _name(key)
            _scalar(value)


def _token(record: dict[str, Any]) -> None:
    _only(record, {"type", "objectId", "tokenData"})
    if not isinstance(record.get("objectId"), str) or not record["objectId"]:
        raise Fail(530, "Object ID is not valid.")
    data = record.get("tokenData")
    if not isinstance(data, dict):
        raise Fail(531, "Token data is not valid.")
    _only(data, {"id", "type"})
    if not isinstance(data.get("id"), str) or not data["id"]:
        raise Fail(532, "Token ID is missing.")
    if "type" not in data:
        raise Fail(533, "Token type is missing.")
    if data["type"] not in TOKEN_TYPES:
        raise Fail(534, "Token type is not valid for this object ID.")


def _identity(record: dict[str, Any], lead: str) -> None:
    given = [record[name] for name in IDS if name in record]
    if len(given) > 1:
        raise Refusal(400, "Give one identity")
    if not given or not isinstance(given[0], str) or not given[0].strip():
        raise Fail(523, f"{lead}Identity is missing.")
    if len(given[0]) > 512:
        raise Refusal(400, "An identity is longer than 512 characters")
    if record.get("objectId") == "__bad__":
        raise Fail(526, f"{lead}Object ID is not valid.")
    ts = record.get("ts")
    if ts is not None and (isinstance(ts, bool) or not isinstance(ts, int) or not 0 < ts <= 10**11):
        raise Fail(525, "Timestamp should be present in the Unix Epoch format. Example: 1440763300.")


def _operation(value: dict[str, Any]) -> None:
    names = list(value)
    if len(names) != 1 or names[0] not in {"$set", "$add", "$remove"}:
        raise Refusal(400, "An array property takes one of $set, $add and $remove")
    items = value[names[0]]
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Refusal(400, "Array properties hold strings")
    for item in items:
        _scalar(item)


def _scalar(value: Any) -> None:
    if value is None or isinstance(value, dict | list):
        raise Refusal(400, "A property value has to be a scalar and not null")
    if isinstance(value, str) and len(value) > 512:
        raise Refusal(400, "A property value is longer than 512 characters")
    if isinstance(value, str) and value.startswith("$D_") and not re.fullmatch(r"\$D_-?\d+", value):
        raise Refusal(400, "A date has to be $D_ and epoch seconds")


def _name(name: str) -> None:
    if not name or len(name) > 120 or set(name) & FORBIDDEN:
        raise Refusal(400, f"Property name {name!r} is not allowed")


def _only(record: dict[str, Any], known: set[str]) -> None:
    if unknown := set(record) - known:
        raise Refusal(400, f"Unknown keys: {sorted(unknown)}")


def _is_phone(value: Any) -> bool:
    return isinstance(value, str) and bool(E164.fullmatch(value))


def _is_age(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 121


_SCHOOLS = {"School", "College", "Graduate"}
_KNOWN: dict[str, tuple[int, str, Callable[[Any], bool]]] = {
    "Gender": (514, "Gender needs to be M/F.", {"M", "F"}.__contains__),
    "Email": (515, "Email is not valid.", lambda value: bool(EMAIL.fullmatch(str(value)))),
    "Phone": (516, "Phone number is not valid.", _is_phone),
    "Employed": (517, "Employed needs to be Y/N.", {"Y", "N"}.__contains__),
    "Education": (518, "Education needs to be School/College/Graduate.", _SCHOOLS.__contains__),
    "Married": (519, "Married needs to be Y/N.", {"Y", "N"}.__contains__),
    "Age": (520, "Age is not valid.", _is_age),
}
