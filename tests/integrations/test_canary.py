"""Secrets are planted in a running console, by its own pages; then everything it shows and writes is searched."""

import base64
import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

import pytest

from tests.console_process import EMAIL, PASSWORD, ConsoleProcess

KEY = "1/" + "5ec4e7ca9a57" * 3 + "cafe"  # shaped like a key, and opens nothing
TYPED = {
    "a wrong password": "planted-Wr0ng-password",
    "a new password": "planted-N3w-password",
    "a mistyped key": "planted-m1styped-key",
    "a webhook's address": "https://127.0.0.1:9/services/T000/planted-webhook-t0ken",
    "a webhook's signing secret": "planted-signing-secret-0f-ours",
    "a mistyped webhook": "hooks.example.com/planted-m1styped-webhook",
}
KEYS = """
from console.accounts import keys
from console.accounts.models import ApiKey
for key in ApiKey.objects.all():
    print(keys.reveal(key))
"""
EXPORT = """
from console.accounts.models import User
from console.workbench import jobs
from console.workbench.models import Query
from integrations.models import Authentication
user = User.objects.get(email=sys.argv[1])
query = Query.objects.create(
    name="planted", database="sample_datasets", sql="SELECT 1 AS n", owner=user, saved_by=user,
    export_authentication=Authentication.objects.get(name="planted"),
    export_settings={"user_database_name": "sample_datasets", "user_table_name": "planted", "mode": "append"},
)
print(jobs.submit(query, user).pk)
"""
TRACEBACK = """
import logging
os.dup2(1, 2)
from integrations.models import Authentication
secret = Authentication.objects.get(name="planted").credentials()["apikey"]
try:
    raise RuntimeError(f"could not send {secret}")
except RuntimeError:
    logging.getLogger("integrations").exception("failed with %s", secret)
"""
UNFINISHED = {"queued", "booting", "running"}


@dataclass
class Visitor:
    """A browser without JavaScript that keeps every page it is shown."""

    url: str
    pages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, address: str, **headers: str) -> str:
        return self._ask(urllib.request.Request(self.url + address, headers=headers))

    def post(self, form_at: str, address: str = "", **values: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(form_at))
        assert token, form_at
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        request = urllib.request.Request(
            self.url + (address or form_at), data, {"Referer": self.url + form_at}
        )
        return self._ask(request)

    def log_in(self, email: str, password: str) -> str:
        return self.post("/login/", username=email, password=password)

    def crawl(self) -> None:
        """Every page that a link leads to, whole and as htmx gets it."""
        todo, seen = ["/", "/settings/api-keys/"], set[str]()
        while todo:
            address = todo.pop()
            if address in seen:
                continue
            seen.add(address)
            page = self.get(address) + self.get(address, **{"HX-Request": "true", "HX-Target": "dlg"})
            found = re.findall(r'(?:href|hx-get)="(/(?!static/)[^"#]*)', page)
            todo += [link.replace("&amp;", "&") for link in found]
        assert len(seen) > 25, seen

    def _ask(self, request: urllib.request.Request) -> str:
        try:
            with self.opener.open(request) as reply:
                text: str = reply.read().decode(errors="replace")
        except urllib.error.HTTPError as refused:
            text = f"{refused.headers}\n{refused.read().decode(errors='replace')}"
        self.pages[f"{request.get_method()} {request.full_url} {len(self.pages)}"] = text
        return text


@pytest.fixture(scope="module")
def planted(console_process: ConsoleProcess) -> tuple[Visitor, dict[str, str]]:
    """What the console showed meanwhile, and every secret by its name."""
    visitor, console = Visitor(console_process.url), console_process
    visitor.log_in(EMAIL, TYPED["a wrong password"])
    visitor.log_in(EMAIL, PASSWORD)
    new = "/settings/users/new/"
    one_time = re.search(
        r'id="one-time">([^<]+)<', visitor.post(new, email="canary@example.com", role="member")
    )
    assert one_time
    visitor.pages.popitem()  # the one page that has to show it
    change_password(Visitor(console.url, visitor.pages), one_time[1])
    create_authentication(visitor, console.url)

    job = console.run(EXPORT, EMAIL).strip()
    master = console.run(KEYS).split()
    until_finished(visitor, job, master)
    notify(visitor)
    secrets = {**TYPED, "the first password": PASSWORD, "the one-time password": one_time[1], "the key": KEY}
    secrets |= {f"API key {number}": key for number, key in enumerate(master)}
    visitor.crawl()
    return visitor, secrets


def change_password(someone: Visitor, one_time: str) -> None:
    someone.log_in("canary@example.com", one_time)
    new = {"new_password1": TYPED["a new password"], "new_password2": TYPED["a new password"]}
    someone.post("/settings/password/", old_password=TYPED["a wrong password"], **new)
    someone.post("/settings/password/", old_password=one_time, **new)
    assert "Log in" not in someone.get("/help/")


def create_authentication(visitor: Visitor, url: str) -> None:
    new = "/integrations/authentications/new/?connector=treasure_data"
    visitor.post(new, apikey=TYPED["a mistyped key"], endpoint=url, action="test")
    refused = visitor.post(new, apikey=KEY, endpoint=url, action="test")
    draft = re.search(r'action="(/integrations/authentications/\d+/credentials/)', refused)
    assert draft
    visitor.post(draft[1], apikey="", endpoint=url, action="anyway")
    visitor.post(draft[1].replace("credentials", "name"), name="planted")
    assert "planted" in visitor.get("/integrations/authentications/")


def notify(visitor: Visitor) -> None:
    """A webhook at which nobody listens: refused, tested, saved."""
    query = re.search(r'href="(/workbench/queries/\d+/)"', visitor.get("/workbench/queries/?q=planted"))
    assert query
    address = f"{query[1]}notifications/"
    typed = {
        "on_failure": "on",
        "emails": "canary@example.com",
        "webhook_secret": TYPED["a webhook's signing secret"],
    }
    visitor.post(address, action="save", webhook_url=TYPED["a mistyped webhook"], **typed)
    typed["webhook_url"] = TYPED["a webhook's address"]
    assert "127.0.0.1 refused the connection" in visitor.post(address, action="test", **typed)
    visitor.post(address, action="save", **typed)
    assert "Unchanged: https://127.0.0.1:9/…" in visitor.get(address)


def until_finished(visitor: Visitor, job: str, keys: list[str]) -> None:
    """Asks the API, with the key that opens it and with the planted one."""
    key = next(
        key
        for key in keys
        if "sample_datasets" in visitor.get("/v3/database/list", Authorization=f"TD1 {key}")
    )
    addresses = [f"/v3/job/show/{job}", "/v3/job/list", "/v3/user/list", "/v3/user/show", "/v3/account/show"]
    deadline = time.monotonic() + 120
    while any(f'"status":"{word}"' in visitor.get(addresses[0], Authorization=f"TD1 {key}").replace(" ", "")
              for word in UNFINISHED):  # fmt: skip
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for address in addresses:
        visitor.get(address, Authorization=f"TD1 {key}")
        assert "<html" not in visitor.get(address, Authorization=f"TD1 {KEY}")
    assert "rejected the API key" in visitor.get(f"/workbench/jobs/{job}/")


def forms(secret: str) -> set[str]:
    """The secret as it is, the part of a key that opens, and how the two are written in addresses and headers."""
    plain = {secret, secret.rpartition("/")[2]}
    encoded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in plain}
    return plain | encoded | {urllib.parse.quote(text, safe="") for text in plain}


def test_no_page_and_no_answer_of_the_api_shows_a_secret(planted: tuple[Visitor, dict[str, str]]) -> None:
    visitor, secrets = planted
    assert len(visitor.pages) > 60
    for place, text in visitor.pages.items():
        for name, secret in secrets.items():
            assert not any(form in text for form in forms(secret)), f"{name} is in {place}"


def test_no_log_line_holds_a_secret(
    planted: tuple[Visitor, dict[str, str]], console_process: ConsoleProcess
) -> None:
    _, secrets = planted
    logs = {path.name: path.read_text() for path in (console_process.data_dir / "logs").glob("*.log*")}
    logs["printed"] = console_process.text
    assert "canary" in logs["web.log"] or "POST /login/" in logs["web.log"]
    for place, text in logs.items():
        for name, secret in secrets.items():
            assert not any(form in text for form in forms(secret)), f"{name} is in {place}"


def test_a_traceback_with_a_secret_in_its_message_is_masked(
    planted: tuple[Visitor, dict[str, str]], console_process: ConsoleProcess
) -> None:
    told = console_process.run(TRACEBACK)
    assert "Traceback" in told
    assert "could not send [secret]" in told
    assert KEY.partition("/")[2] not in told


def test_no_file_of_the_console_holds_a_secret(
    planted: tuple[Visitor, dict[str, str]], console_process: ConsoleProcess
) -> None:
    """The database with its journal, results, spool, tables: all that a thief of the disk would have."""
    _, secrets = planted
    searched = [path for path in console_process.data_dir.rglob("*") if path.is_file()]
    assert any(path.name.startswith("sendoff.sqlite3") for path in searched)
    for path in searched:
        content = path.read_bytes()
        for name, secret in secrets.items():
            found = any(form.encode() in content for form in forms(secret))
            assert not found, f"{name} is in {path.relative_to(console_process.data_dir)}"
