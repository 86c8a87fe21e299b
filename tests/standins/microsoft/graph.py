"""graph.microsoft.com v1.0, strict: me, drives, sites, shares, folders. Uploads are in uploads.py."""

import base64
import json
import re
import time
import uuid
from typing import Any
from urllib.parse import unquote

from tests.standins.microsoft.authority import Authority
from tests.standins.microsoft.quickxor import quickxor
from tests.standins.microsoft.state import Drive, Item, Refusal, Request, Token, Upload, moment
from tests.standins.microsoft.world import World

SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*")
FORBIDDEN = re.compile(r'["*:<>?/\\|]|^\s|\s$|_vti_|^~\$|^$')
RESERVED = re.compile(r"(?i)(\.lock|con|prn|aux|nul|com[0-9]|lpt[0-9]|desktop\.ini)")
BEHAVIOURS = {"replace", "rename", "fail"}


def refusal(status: int, code: str, message: str = "", inner: str = "", **headers: str) -> Refusal:
    detail: dict[str, Any] = {"request-id": str(uuid.uuid4()), "client-request-id": "", "date": moment()}
    if inner:
        detail["code"] = inner
    return Refusal(
        status, {"error": {"code": code, "message": message or code, "innerError": detail}}, headers
    )


class Graph:
    def __init__(self, world: World, authority: Authority, base: str) -> None:
        self.world, self.authority, self.base = world, authority, base
        self.uploads: dict[str, Upload] = {}
        self.cancelled: list[str] = []
        self.page_size = 2  # small, so that nextLink has to be followed
        self.hide_shared = False  # sharedWithMe lists nothing, as Microsoft announces
        self.damages = False  # the next files are kept with a byte changed

    def answer(self, request: Request) -> tuple[int, Any]:
        token = self._bearer(request)
        path = request.path.removeprefix("/v1.0")
        self._check_encoding(path)
        if path == "/me" and request.method == "GET":
            me = token.account
            return 200, {
                "id": me.id, "displayName": me.name, "userPrincipalName": me.address, "mail": me.address,
                "givenName": me.name.split()[0], "surname": me.name.split()[-1],
            }  # fmt: skip
        if not token.has("Files.ReadWrite.All"):
            raise refusal(403, "accessDenied", "Insufficient privileges.")
        if path == "/me/drive/sharedWithMe":
            listed = [] if self.hide_shared else token.account.shared
            shared = [self._remote(item) for item in listed]
            return 200, self._paged(shared, request)
        if path.startswith("/sites/"):
            return 200, self._site(path.removeprefix("/sites/"), token, request)
        if path.startswith("/shares/"):
            return 200, self._shown(self._share(path, token))
        path = re.sub(r"^/me/drive(?=/|$)", f"/drives/{token.account.drive.id}", path)
        found = re.fullmatch(r"/drives/([^/]+)(?:/(root|items/[^/:]+))?(:/[^:]+:?)?(?:/(\w+))?", path)
        if not found:
            raise refusal(400, "invalidRequest", f"No such path {path}")
        drive = self._drive(unquote(found[1]), token)
        if not found[2]:
            return 200, self._drive_shown(drive)
        at = self._at(drive, found[2])
        names = [unquote(each) for each in (found[3] or "").strip(":").split("/") if each]
        return self._item(request, at, names, found[4] or "", token)

    # --- items ------------------------------------------------------------------------------------

    def _item(
        self, request: Request, at: Item, names: list[str], action: str, token: Token
    ) -> tuple[int, Any]:
        from tests.standins.microsoft import uploads

        for name in names:
            check_name(name)
        writing = request.method != "GET"
        if writing and at.drive.read_only:
            raise refusal(403, "accessDenied", "Access denied")
        if (request.method, action) == ("PUT", "content"):
            return uploads.put(self, request, at, names)
        if (request.method, action) == ("POST", "createUploadSession"):
            return uploads.create(self, request, at, names)
        item = at.find("/".join(names)) if names else at
        if item is None:
            raise refusal(404, "itemNotFound", "The resource could not be found.")
        if (request.method, action) == ("POST", "children"):
            return 201, self._shown(self._make_folder(item, request))
        if (request.method, action) == ("GET", "children"):
            return 200, self._paged([self._shown(child) for child in item.children.values()], request)
        if (request.method, action) == ("GET", ""):
            return 200, self._shown(item)
        raise refusal(405, "notAllowed", f"{request.method} {action} is not allowed here")

    def _make_folder(self, parent: Item, request: Request) -> Item:
        body = json.loads(request.body)
        if set(body) != {"name", "folder", "@microsoft.graph.conflictBehavior"} or body["folder"] != {}:
            raise refusal(400, "invalidRequest", "A folder is made of name, folder and conflictBehavior.")
        if body["@microsoft.graph.conflictBehavior"] != "fail":
            raise refusal(400, "invalidRequest", "A folder another run made must not become a second one.")
        check_name(body["name"], folder=True)
        if body["name"].lower() in parent.children:
            raise refusal(409, "nameAlreadyExists", "The name already exists.")
        return parent.add(body["name"])

    def _at(self, drive: Drive, where: str) -> Item:
        item = drive.root if where == "root" else drive.item(unquote(where.removeprefix("items/")))
        if item is None:
            raise refusal(404, "itemNotFound")
        return item

    def _drive(self, identity: str, token: Token) -> Drive:
        for drive in self.world.drives(token.account):
            if drive.id == identity:
                if drive.kind == "documentLibrary" and not token.has("Sites.ReadWrite.All"):
                    raise refusal(403, "accessDenied", "Sites.ReadWrite.All is missing.")
                return drive
        raise refusal(404, "itemNotFound", "No such drive.")

    def _site(self, path: str, token: Token, request: Request) -> Any:
        if token.account.personal or not token.has("Sites.ReadWrite.All"):
            raise refusal(403, "accessDenied", "Sites.ReadWrite.All is missing.")
        by_path = re.fullmatch(r"([^:/]+):(/[^:]+)", path)
        if by_path:
            site = self.world.site(by_path[1], unquote(by_path[2]))
        else:
            site = next((each for each in self.world.sites if each.id == path.partition("/")[0]), None)
        tenant = token.account.tenant
        if site is None or tenant is None or not site.host.startswith(tenant.domain.split(".")[0]):
            raise refusal(404, "itemNotFound", "Requested site could not be found")
        if by_path:
            return {"id": site.id, "displayName": site.path[1:], "webUrl": f"https://{site.host}{site.path}"}
        if not any(drive in self.world.drives(token.account) for drive in site.drives):
            raise refusal(403, "accessDenied", "Access denied")
        if path.endswith("/drives"):
            return self._paged([self._drive_shown(drive) for drive in site.drives], request)
        return self._drive_shown(site.drives[0])

    def _share(self, path: str, token: Token) -> Item:
        found = re.fullmatch(r"/shares/u!([\w-]+)/driveItem", path)
        link = base64.urlsafe_b64decode(found[1] + "===").decode() if found else ""
        for item in token.account.shared:
            if link.endswith(item.id):
                return item
        raise refusal(404, "itemNotFound", "No such share.")

    # --- shapes -----------------------------------------------------------------------------------

    def _shown(self, item: Item) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": item.id, "name": item.name, "size": len(item.content or b""), "eTag": f'"{item.id},{item.writes}"',
            "webUrl": f"{item.drive.url}{item.path}", "createdDateTime": item.created,
            "lastModifiedDateTime": item.modified,
            "parentReference": {"driveId": item.drive.id, "id": item.parent.id if item.parent else ""},
        }  # fmt: skip
        if item.remote:
            shown["remoteItem"] = self._remote(item.remote)["remoteItem"]
        elif item.content is None:
            shown["folder"] = {"childCount": len(item.children)}
        else:
            known = {"quickXorHash": quickxor(item.content), "sha256Hash": _sha256(item.content)}
            shown["file"] = {"hashes": {name: known[name] for name in item.drive.hashes}}
        return shown

    def _remote(self, item: Item) -> dict[str, Any]:
        kind: dict[str, Any] = {"folder": {"childCount": len(item.children)}}
        if item.content is not None:
            kind = {"file": {}}
        where = {"driveId": item.drive.id, "id": item.parent.id if item.parent else ""}
        remote = {"id": item.id, "name": item.name, "size": 0, "parentReference": where, **kind}
        return {"id": f"local-{item.id}", "name": item.name, "remoteItem": remote}

    def _drive_shown(self, drive: Drive) -> dict[str, Any]:
        left = drive.quota - drive.used
        state = "normal" if left > 0 else "exceeded"
        return {
            "id": drive.id, "driveType": drive.kind, "name": drive.name, "webUrl": drive.url,
            "quota": {"total": drive.quota, "used": drive.used, "remaining": left, "deleted": 0, "state": state},
        }  # fmt: skip

    def _paged(self, values: list[Any], request: Request) -> dict[str, Any]:
        start = int(request.query.get("$skiptoken", "0"))
        answer: dict[str, Any] = {"value": values[start : start + self.page_size]}
        if start + self.page_size < len(values):
            answer["@odata.nextLink"] = f"{self.base}{request.path}?$skiptoken={start + self.page_size}"
        return answer

    # --- doors ------------------------------------------------------------------------------------

    def _bearer(self, request: Request) -> Token:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        token = self.authority.access.get(value)
        if kind != "Bearer" or token is None or token.expires <= time.time():
            raise refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not valid.")
        if not request.headers.get("client-request-id"):
            raise refusal(400, "invalidRequest", "client-request-id is expected")
        return token

    def _check_encoding(self, path: str) -> None:
        for segment in path.split("/"):
            if not SEGMENT.fullmatch(segment) or "%2f" in segment.lower():
                raise refusal(
                    400, "invalidRequest", "The path is not encoded segment by segment.", "invalidPath"
                )


def check_name(name: str, *, folder: bool = False) -> None:
    if FORBIDDEN.search(name) or RESERVED.fullmatch(name) or (folder and name.endswith(".")):
        raise refusal(400, "invalidRequest", f"The name {name} is not allowed.", "invalidPath")


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest().upper()
