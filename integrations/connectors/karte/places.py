"""Where a file goes: a bucket, and the name of one object in it."""

import re
from dataclasses import dataclass

from integrations.connector import Keys

LONGEST_NAME = 1024  # bytes of UTF-8
CHALLENGE = ".well-known/acme-challenge/"
ONLY_THE_NAME = "Enter the bucket name only, without gs://."
BUCKET_RULE = "A bucket name has 3 to 63 of a-z, 0-9, -, _ and ., and begins and ends with a letter or digit."


@dataclass(frozen=True)
class Place:
    bucket: str
    name: str
    email: str = ""  # of the account that writes there

    @classmethod
    def of(cls, settings: Keys, email: str = "") -> "Place":
        return cls(str(settings["bucket"]), object_name(str(settings["path_prefix"])), email)

    @property
    def address(self) -> str:
        return f"gs://{self.bucket}/{self.name}"

    @property
    def folder(self) -> str:
        """The address up to and with the last slash."""
        return self.address.rpartition("/")[0] + "/"

    @property
    def file(self) -> str:
        return self.name.rpartition("/")[2]


def object_name(path: str) -> str:
    """`/output/test.csv` is stored as `output/test.csv`: leading dots and slashes go, as in the connectors
    whose settings these are. Google would keep a leading slash and show a folder without a name."""
    return re.sub(r"^\.*/*", "", path)


def bucket_error(bucket: str) -> str:
    """What is wrong with a bucket's name, or ""."""
    if "/" in bucket or bucket.lower().startswith("gs:"):
        return ONLY_THE_NAME
    parts = bucket.split(".")
    longest = 222 if len(parts) > 1 else 63
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*[a-z0-9]", bucket) or not 3 <= len(bucket) <= longest:
        return BUCKET_RULE
    if not all(1 <= len(part) <= 63 for part in parts):
        return "Each part of a bucket name between two dots has 1 to 63 characters."
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", bucket):
        return "A bucket name is not an IP address."
    if bucket.startswith("goog") or "google" in bucket:
        return "A bucket name does not begin with goog and does not contain google."
    return ""


def path_error(path: str) -> str:
    """What is wrong with a path, or ""."""
    name = object_name(path)
    if re.search(r"[\x00-\x1f\x7f]", path):
        return "Enter a path without line ends and control characters."
    if path.startswith("gs:"):
        return "Enter the path only, without gs:// and the bucket."
    if not name or name.endswith("/"):
        return "Enter the whole name of the file, such as dir/example.csv."
    if len(name.encode()) > LONGEST_NAME:
        return f"The name has {len(name.encode()):,} bytes; Google Cloud Storage takes {LONGEST_NAME:,}."
    if path.startswith(CHALLENGE):
        return f"Google Cloud Storage takes no name that begins with {CHALLENGE}."
    return ""
