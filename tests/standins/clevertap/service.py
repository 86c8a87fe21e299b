"""The stand-in's state and its calls: uploads, demerge, subscriptions, phones."""

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.standins.clevertap.lists import Lists
from tests.standins.clevertap.records import E164, EMAIL, Fail, Refusal, check

HOSTS = {
    "in1.api.clevertap.com": "in1", "us1.api.clevertap.com": "us1", "sg1.api.clevertap.com": "sg1",
    "aps3.api.clevertap.com": "aps3", "mec1.api.clevertap.com": "mec1", "api.clevertap.com": "eu1",
}  # fmt: skip
MOST = {"token": 100, "demerge": 100}  # records of one request; 1,000 elsewhere
SLOTS = {
    "/1/demerge/profiles.json": 3,
    "/get_custom_list_segment_url": 3,
    "/upload_custom_list_segment_completed": 3,
}
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Account:
    passcode: str = "AAA-BBB-CCCC"
    region: str = "in1"


@dataclass
class Fault:
    """Strikes the next `times` requests whose "METHOD path" matches `pattern`."""

    pattern: str
    times: int = 1
    status: int = 0  # answer this instead of working
    body: dict[str, Any] | None = None
    text: str = ""  # instead of a body in JSON
    cut: str = ""  # "before" or "after" the work: the connection is closed without an answer
    delay: float = 0  # seconds before the answer
    after: int = 0  # so many matching requests are let through first


@dataclass
class StandIn:
    accounts: dict[str, Account] = field(default_factory=lambda: {"TEST-4KK-444Z": Account()})
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    demerged: list[str] = field(default_factory=list)
    subscriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    disassociated: list[str] = field(default_factory=list)
    discarded_events: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)  # paths this account may not use
    latency: float = 0  # seconds before every answer
    most_bytes: int = 1 << 30  # a larger body is answered 413
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # "POST /1/upload", without the query
    bodies: list[bytes] = field(default_factory=list)  # of uploads that were let in, dry runs left out
    agents: set[str] = field(default_factory=set)
    most_at_once: Counter[str] = field(default_factory=Counter)
    lists_before: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # segments after a reset
    url: str = ""

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.at_once: Counter[str] = Counter()
        self.lists = Lists(self)

    def reset(self) -> None:
        """Forgets what was sent; accounts and faults stay."""
        with self.lock:
            for held in (
                self.profiles,
                self.events,
                self.tokens,
                self.subscriptions,
                self.requests,
                self.bodies,
            ):
                held.clear()
            self.lists = Lists(self, segments=dict(self.lists_before))

    # --- the door ---------------------------------------------------------------------------------

    def admit(self, headers: Any) -> None:
        """Raises the 401 of the real service: a wrong region looks like a wrong account."""
        account = self.accounts.get(headers.get("X-CleverTap-Account-Id", ""))
        region = HOSTS.get(headers.get("Host", ""))
        if account is None or account.region != region:
            raise Refusal(401, "Account ID is not valid", code=401)
        if headers.get("X-CleverTap-Passcode") != account.passcode:
            raise Refusal(401, "Passcode is not valid", code=401)
        if headers.get("Content-Type") != "application/json":
            raise Refusal(400, "Content-Type has to be application/json")

    def enter(self, path: str) -> bool:
        """Takes one of the slots; False where all are taken."""
        with self.lock:
            self.at_once[path] += 1
            self.most_at_once[path] = max(self.most_at_once[path], self.at_once[path])
            return self.at_once[path] <= SLOTS.get(path, 15)

    def leave(self, path: str) -> None:
        with self.lock:
            self.at_once[path] -= 1

    def strike(self, request: str) -> Fault | None:
        with self.lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.times and re.search(fault.pattern, request):
                    if fault.after:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    # --- the API ----------------------------------------------------------------------------------

    def answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
        if path in self.forbidden:
            raise Refusal(403, "Not allowed for this account")
        if len(body) > self.most_bytes:
            raise Refusal(413, "Payload too large")
        calls = {
            "/1/upload": self.upload,
            "/1/demerge/profiles.json": self.demerge,
            "/1/subscribe": self.subscribe,
            "/1/disassociate": self.disassociate,
            "/get_custom_list_segment_url": self.lists.give_url,
            "/upload_custom_list_segment_completed": self.lists.complete,
        }
        if path not in calls:
            raise Refusal(404, "No such path")
        with self.lock:
            return 200, calls[path](body, dry=query.get("dryRun") == "1")

    def upload(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        records = _listed(body, "d")
        limit = min(MOST.get(str(record.get("type")), 1000) for record in records if isinstance(record, dict))
        if len(records) > limit:
            raise Refusal(400, f"At most {limit} records in one request")
        if not dry:
            self.bodies.append(body)
        return _per_record(records, lambda record: self._take(record, dry=dry))

    def demerge(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        identities = _listed(body, "identities")
        if len(identities) > MOST["demerge"]:
            raise Refusal(400, "At most 100 identities in one request")
        if not all(isinstance(each, str) and each for each in identities):
            raise Refusal(400, "Identities are strings")
        self.bodies.append(body)
        self.demerged += identities
        return {"status": "success", "processed": len(identities), "unprocessed": []}

    def subscribe(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        def take(record: dict[str, Any]) -> None:
            if set(record) != {"type", "value", "status"}:
                raise Refusal(400, "type, value and status are needed, and nothing else")
            if record["status"] not in {"Unsubscribe", "Resubscribe"} or record["type"] not in {
                "phone",
                "email",
            }:
                raise Refusal(400, "Unknown type or status")
            shape = E164 if record["type"] == "phone" else EMAIL
            if not shape.fullmatch(record["value"]):
                raise Fail(516 if record["type"] == "phone" else 515, f"{record['type']} is not valid.")
            self.subscriptions[record["type"], record["value"]] = record["status"]

        return self._thousand(body, take)

    def disassociate(self, body: bytes, *, dry: bool) -> dict[str, Any]:
        def take(record: dict[str, Any]) -> None:
            if set(record) != {"type", "value"} or record["type"] != "phone":
                raise Refusal(400, "type phone and a value are needed, and nothing else")
            if not E164.fullmatch(record["value"]):
                raise Fail(516, "Phone number is not valid.")
            self.disassociated.append(record["value"])

        return self._thousand(body, take)

    def _thousand(self, body: bytes, take: Any) -> dict[str, Any]:
        records = _listed(body, "d")
        if len(records) > 1000:
            raise Refusal(400, "At most 1000 records in one request")
        self.bodies.append(body)
        return _per_record(records, take)

    def _take(self, record: dict[str, Any], *, dry: bool) -> None:
        check(record, self.discarded_events)
        if dry:
            return
        if record["type"] == "event":
            self.events.append(record)
        elif record["type"] == "token":
            self.tokens.append(record)
        else:
            key = str(record.get("identity") or record.get("objectId"))
            _merge(self.profiles.setdefault(key, {}), record["profileData"])


def _merge(profile: dict[str, Any], data: dict[str, Any]) -> None:
    for name, value in data.items():
        if not isinstance(value, dict):
            profile[name] = value
            continue
        [(operation, items)] = value.items()
        have = list(profile.get(name, []))
        kept = [] if operation == "$set" else [item for item in have if item not in items]
        profile[name] = kept if operation == "$remove" else kept + items


def _per_record(records: list[Any], take: Any) -> dict[str, Any]:
    """The real answer: 200 whatever happened, each refused record with its number within the request."""
    unprocessed = []
    for number, record in enumerate(records, 1):
        try:
            take(record)
        except Fail as fail:
            words = f"{fail}Skipped record number : {number}"
            unprocessed.append({"status": "fail", "code": fail.code, "error": words, "record": record})
    done = len(records) - len(unprocessed)
    status = "success" if not unprocessed else "partial" if done else "fail"
    return {"status": status, "processed": done, "unprocessed": unprocessed}


def _listed(body: bytes, key: str) -> list[Any]:
    found = read(body)
    if set(found) != {key} or not isinstance(found[key], list) or not found[key]:
        raise Refusal(400, f"The body has to be an object with a list {key} that is not empty")
    return list(found[key])


def read(body: bytes) -> dict[str, Any]:
    """JSON as the standard has it: no NaN, no key twice."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in found}) != len(found):
            raise Refusal(400, "A key is there twice")
        return dict(found)

    def constant(name: str) -> Any:
        raise Refusal(400, f"{name} is not JSON")

    try:
        found = json.loads(body, object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as error:
        raise Refusal(400, f"Malformed request: {error}") from error
    if not isinstance(found, dict):
        raise Refusal(400, "The body has to be an object")
    return found
