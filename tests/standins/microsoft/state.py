"""What the stand-in holds: apps, people, tokens, drives with their files, upload sessions, faults."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_numbers = itertools.count(1)


def moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Refusal(Exception):
    """An answer that is not the work: Graph's or the authority's error, with its status."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class Fault:
    """Strikes the next `times` requests whose "METHOD path" matches the pattern."""

    pattern: str
    times: int = 1
    status: int = 0  # answer this instead of working
    code: str = "generalException"  # Graph's error code, or the authority's `error`
    inner: str = ""  # a more specific code in innerError
    number: int = 0  # the authority's AADSTS number
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""  # "before", "middle" (of the body) or "after" the work: no answer comes
    act: str = ""  # "race": another writer is first; "expire": the upload session is gone
    since: str = ""  # only once a request has met this pattern


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class App:
    client_id: str = "5d1c7a52-0000-4000-8000-0000000000aa"
    secret: str = "stand-in-secret-Ab3~"
    redirect_uris: set[str] = field(default_factory=set)
    any_redirect: bool = False  # for a look around: whatever loopback address the console has


@dataclass
class Tenant:
    id: str
    domain: str
    needs_admin: bool = False
    approved: bool = False


@dataclass
class Account:
    id: str
    name: str
    address: str
    tenant: Tenant | None = None  # None: a personal account
    is_admin: bool = False
    consented: bool = False
    drive: "Drive" = None  # type: ignore[assignment]
    drives: list["Drive"] = field(
        default_factory=list
    )  # of sites and of other people, that they may write to
    shared: list["Item"] = field(default_factory=list)  # items others shared with them

    @property
    def personal(self) -> bool:
        return self.tenant is None


@dataclass
class Item:
    name: str
    drive: "Drive"
    parent: "Item | None" = None
    content: bytes | None = None  # None: a folder
    children: dict[str, "Item"] = field(default_factory=dict)  # by lower-cased name
    remote: "Item | None" = None  # a shortcut to somebody else's folder
    locked: bool = False
    writes: int = 0
    id: str = field(default_factory=lambda: f"01ITEM{next(_numbers):08d}")
    created: str = field(default_factory=moment)
    modified: str = field(default_factory=moment)

    @property
    def path(self) -> str:
        return "" if self.parent is None else f"{self.parent.path}/{self.name}"

    def add(self, name: str, content: bytes | None = None, *, remote: "Item | None" = None) -> "Item":
        item = Item(name, self.drive, self, content, remote=remote)
        self.children[name.lower()] = item
        return item

    def find(self, path: str) -> "Item | None":
        item: Item | None = self
        for name in filter(None, path.split("/")):
            item = item.children.get(name.lower()) if item else None
        return item


@dataclass
class Drive:
    name: str
    kind: str  # "personal", "business", "documentLibrary"
    url: str
    id: str = field(default_factory=lambda: f"b!drive{next(_numbers):06d}")
    quota: int = 1 << 40
    read_only: bool = False
    hashes: tuple[str, ...] = ("quickXorHash",)
    root: Item = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.root = Item("root", self)

    @property
    def used(self) -> int:
        def size(item: Item) -> int:
            return len(item.content or b"") + sum(size(child) for child in item.children.values())

        return size(self.root)

    def item(self, identity: str) -> Item | None:
        todo = [self.root]
        while todo:
            item = todo.pop()
            if item.id == identity:
                return item
            todo += item.children.values()
        return None


@dataclass
class Site:
    host: str
    path: str  # "/sites/Marketing"
    drives: list[Drive]
    id: str = ""


@dataclass
class Code:
    account: Account
    redirect_uri: str
    scope: str
    challenge: str
    issued: float
    used: bool = False


@dataclass
class Token:
    account: Account
    scope: str
    expires: float = 0.0  # of an access token
    revoked: int = 0  # the AADSTS number a refresh is refused with
    value: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def has(self, permission: str) -> bool:
        return permission.lower() in self.scope.lower().split()


@dataclass
class Upload:
    parent: Item
    name: str
    behaviour: str
    received: bytearray = field(default_factory=bytearray)
    total: int | None = None
    fragments: list[int] = field(default_factory=list)
