"""The address of a folder that is open in a browser, taken apart into the settings.

SharePoint shows a folder in three ways: as its plain path, inside `id=` of a list's page, and as a sharing link,
which starts with `/:f:/r/` where it still holds the path. OneDrive Personal shows none of it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError

DOMAIN = re.compile(r"[a-z0-9-]+(-my)?\.sharepoint\.(com|us|cn)")
ROOT = re.compile(r"/(sites|teams|personal)/[^/]+", re.IGNORECASE)
PERSONAL_LIBRARY = "documents"  # what OneDrive for Business calls a person's own files
LINK = "This link hides the folder's path. Open the folder in the browser and copy the address from there."
PERSONAL_HOSTS = ("onedrive.live.com", "1drv.ms")


def taken_apart(text: str) -> Mapping[str, Any]:
    """The settings an address stands for. Raises `ValidationError`."""
    parts = urlsplit(text.strip())
    domain = (parts.hostname or "").lower()
    if domain in PERSONAL_HOSTS:
        raise ValidationError(
            "The address of a OneDrive Personal folder does not hold its path. Choose Personal and enter Folder Path."
        )
    if parts.scheme != "https" or not DOMAIN.fullmatch(domain):
        raise ValidationError("Paste the whole address of a SharePoint or OneDrive folder, from https:// on.")
    path = _path(parts.path, parts.query)
    root = ROOT.match(path)
    if root is None:
        raise ValidationError("Only /sites, /teams and /personal paths are supported.")
    folder = path[root.end() :].strip("/")
    first, _, rest = folder.partition("/")
    if root[1].lower() == "personal" and first.lower() == PERSONAL_LIBRARY:
        folder = rest
    return {
        "account_type": "business",
        "domain_name": domain,
        "server_relative_path": root[0],
        "folder_path": f"/{folder}",
    }


def _path(path: str, query: str) -> str:
    inside = parse_qs(query)
    for name in ("id", "RootFolder"):
        if inside.get(name, [""])[0].startswith("/"):
            return inside[name][0]
    shared = re.match(r"/:[a-z]:/(\w)/", path)
    if shared and shared[1] != "r":
        raise ValidationError(LINK)
    plain = unquote(path[shared.end() - 1 :] if shared else path)
    # A list's own page: .../Shared Documents/Forms/AllItems.aspx, .../_layouts/15/onedrive.aspx
    return re.sub(r"/(_layouts/.*|(?:Forms/)?[^/]+\.aspx)$", "", plain)
