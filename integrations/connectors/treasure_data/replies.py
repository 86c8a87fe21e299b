"""The service's JSON, as the small classes the rest of the connector works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KeyIdentity:
    kind: str  # "master" or "write-only"
    account: str  # "10843", or "unknown"

    @property
    def master(self) -> bool:
        return self.kind == "master"


@dataclass(frozen=True)
class Session:
    """A bulk import session, as the service describes it."""

    status: str  # uploading, performing, ready, committing, committed
    frozen: bool
    valid: int | None  # records
    errors: int | None
    error_parts: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Session":
        number = {
            k: None if answer.get(k) is None else int(answer[k]) for k in ("valid_records", "error_records")
        }
        return cls(
            status=str(answer["status"]),
            frozen=bool(answer.get("upload_frozen")),
            valid=number["valid_records"],
            errors=number["error_records"],
            error_parts=int(answer.get("error_parts") or 0),
        )
