"""The page frame: what every page has, what htmx gets, hooks, search, theme, error pages."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import path
from django.views.decorators.http import require_safe

from console.shell import search, status
from console.urls import urlpatterns as real_urlpatterns

pytestmark = pytest.mark.django_db
PAGES = [
    "/help/", "/search/", "/search/?q=nothing", "/settings/api-keys/", "/settings/profile/", "/settings/password/",
    "/settings/users/", "/settings/users/new/", "/settings/api-keys/master/regenerate/",
]  # fmt: skip


@require_safe
def broken(request):
    raise RuntimeError("a secret in a message")


@require_safe
def refused(request):
    raise PermissionDenied


@require_safe
def malformed(request):
    raise SuspiciousOperation


urlpatterns = [
    *real_urlpatterns,
    path("broken/", broken),
    path("refused/", refused),
    path("malformed/", malformed),
]
handler400 = "console.shell.views.bad_request"
handler500 = "console.shell.views.server_error"


@pytest.fixture
def browser(client: Client, admin) -> Client:
    client.force_login(admin)
    return client


def html(response) -> str:
    text: str = response.content.decode()
    return text


@pytest.fixture(autouse=True)
def _own_hooks(monkeypatch):
    """A test's hooks end with it, and those of the rooms don't disturb it."""
    monkeypatch.setattr(status, "_workers", [])
    monkeypatch.setattr(status, "_scheduler", [])
    monkeypatch.setattr(status, "_running", [])
    monkeypatch.setattr(status, "_counts", {})
    monkeypatch.setattr(search, "_providers", {})


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_title_one_heading_and_nothing_inline(browser, address):
    response = browser.get(address)
    page = html(response)
    assert response.status_code == 200
    assert re.search(r"<title>[^<]+ · Sendoff</title>", page)
    assert page.count("<h1") == 1
    assert '<main id="main" tabindex="-1">' in page
    assert '<a class="skip" href="#main">' in page
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)|javascript:", page)


@pytest.mark.parametrize("address", ["/login/", "/help/", "/nope/", "/static/none.css"])
def test_every_answer_carries_the_policy_and_a_number(browser, address):
    response = browser.get(address)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.fullmatch(r"[0-9a-f]{12}", response.headers["X-Request-Id"])


def test_a_part_of_a_page_is_never_taken_for_the_page_from_a_cache(browser):
    assert {"HX-Request", "HX-Target"} <= set(browser.get("/help/").headers["Vary"].split(", "))


def test_htmx_gets_the_inside_of_a_dialog_and_a_reload_the_whole_page(browser):
    inside = html(browser.get("/settings/users/new/", headers={"HX-Request": "true", "HX-Target": "dlg"}))
    assert "<html" not in inside
    assert '<h2 class="h2" id="dlg-title"' in inside
    assert 'hx-post="/settings/users/new/"' in inside
    whole = html(browser.get("/settings/users/new/"))
    assert "<html" in whole
    assert 'hx-post="/settings/users/new/"' not in whole
    boosted = html(browser.get("/settings/users/new/", headers={"HX-Request": "true", "HX-Boosted": "true"}))
    assert "<html" in boosted


def test_an_invalid_dialog_is_answered_with_the_dialog_and_422(browser):
    response = browser.post("/settings/users/new/", {"email": "x"}, headers={"HX-Request": "true"})
    page = html(response)
    assert response.status_code == 422
    assert "Write the address as name@example.com." in page
    assert page.index("id_email_error") < page.index('id="div_id_role"')
    assert 'aria-invalid="true"' in page
    assert "2 fields need a change:" in page


def test_the_navigation_shows_where_you_are_and_counts_from_hooks(browser):
    status.register_count("users", lambda: 1234)
    status.register_workers(lambda: (1, 2))
    status.register_running(lambda user: status.Running(3, "/somewhere/"))
    page = html(browser.get("/settings/users/new/"))
    assert re.findall(r'<a class="nv" href="([^"]+)" aria-current="page">', page) == ["/settings/users/"]
    assert '<span class="n">1,234</span>' in page
    assert '<span class="st err">Workers 1 of 2</span>' in page
    assert "3 running" in html(browser.get("/running/"))


@pytest.mark.parametrize(
    ("alive", "foot"),
    [(True, 'ok">Scheduler · Workers 2 of 2'), (False, 'err">Scheduler stopped · Workers 2 of 2')],
)
def test_the_foot_says_whether_scheduler_and_workers_live(browser, alive, foot):
    status.register_workers(lambda: (2, 2))
    status.register_scheduler(lambda: alive)
    assert f'<span class="st {foot}</span>' in html(browser.get("/help/"))


def test_the_running_jobs_chip_sends_nobody_to_the_log_in_page(client):
    response = client.get("/running/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert "HX-Redirect" not in response.headers


def test_without_hooks_the_frame_says_nothing_about_workers_or_jobs(browser):
    page = html(browser.get("/help/"))
    assert "Workers" not in page
    assert 'id="running"' not in page


def test_search_asks_every_room_and_shows_at_most_twenty(browser, admin):
    asked = []

    def find(text, user):
        asked.append((text, user))
        return (search.Hit(f"{text} {n}", f"/q/{n}/", "presto", "file") for n in range(30))

    search.register("Queries", find)
    search.register("Jobs", lambda text, user: [])
    page = html(browser.get("/search/?q= by_code "))
    assert asked == [("by_code", admin)]
    assert page.count('href="/q/') == 20
    assert "Jobs</h2>" not in page


def test_a_search_without_a_hit_keeps_the_text_escaped(browser):
    page = html(browser.get("/search/?q=<b>x"))
    assert "No page matches “&lt;b&gt;x”" in page
    assert 'value="&lt;b&gt;x"' in page


def test_the_theme_is_in_the_first_byte_of_the_next_page(browser):
    assert 'data-theme="system" data-bs-theme="light"' in html(browser.get("/help/"))
    response = browser.post(
        "/settings/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/help/"}
    )
    assert response.headers["Location"] == "http://testserver/help/"
    assert 'data-theme="dark" data-bs-theme="dark"' in html(browser.get("/help/"))
    browser.post("/settings/theme/", {"theme": "<script>"})
    assert 'data-theme="dark"' in html(browser.get("/help/"))
    away = browser.post("/settings/theme/", {"theme": "light"}, headers={"Referer": "https://evil.example/"})
    assert away.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("/nope/", 404, "There is nothing at this address"),
        ("/broken/", 500, "Something broke on this server"),
        ("/refused/", 403, "You are not allowed to do this"),
        ("/malformed/", 400, "This request was not understood"),
    ],
)
@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
def test_error_pages_say_what_to_do_and_carry_the_requests_number(browser, address, code, words):
    browser.raise_request_exception = False
    response = browser.get(address)
    page = html(response)
    assert response.status_code == code
    assert words in page
    assert response.headers["X-Request-Id"] in page
    assert page.count("<h1") == 1
    assert "a secret" not in page


def test_a_form_without_its_token_is_refused_with_a_page(admin):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    response = browser.post("/settings/profile/", {"name": "Mika"})
    assert response.status_code == 403
    assert "This page was out of date" in html(response)


def test_the_static_files_collect_with_the_storage_of_production(tmp_path: Path, settings):
    from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
    from django.core.management import call_command

    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert isinstance(staticfiles_storage, ManifestStaticFilesStorage)
    sheet = (tmp_path / staticfiles_storage.stored_name("console/app.css")).read_text()
    font = re.search(r"inter\.[0-9a-f]{12}\.woff2", sheet)
    assert font
    assert (tmp_path / "vendor" / font[0]).exists()
    assert list(tmp_path.glob("vendor/htmx.min.*.js.gz"))


def test_every_icon_that_a_template_names_is_there(settings):
    from console.shell.drawing import ICONS

    named = set()
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        text = template.read_text()
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', text)) | set(
            re.findall(r'\bwith icon="([a-z0-9-]+)"', text)
        )
    assert named
    assert {name for name in named if not (ICONS / f"{name}.svg").is_file()} == set()


def test_no_template_has_a_style_a_handler_or_a_raw_colour(settings):
    offending = re.compile(r"\sstyle=|<style|\son(click|change|submit|load|input)=|hx-on|#[0-9a-fA-F]{6}\b")
    found = [
        template.name
        for template in (settings.BASE_DIR / "templates").rglob("*.html")
        if offending.search(template.read_text())
    ]
    assert found == []


def test_the_vendored_files_name_no_map_and_no_registry(settings):
    vendor = settings.BASE_DIR / "console" / "static" / "vendor"
    for file in [*vendor.glob("*.js"), *vendor.glob("*.css")]:
        assert "sourceMappingURL" not in file.read_text()
    lock = (settings.BASE_DIR / "scripts" / "vendor" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    for name in (
        "@tabler/core",
        "@tabler/icons",
        "htmx.org",
        "@codemirror/view",
        "@fontsource-variable/inter",
    ):
        assert f"\n{name} " in (vendor / "LICENCES.txt").read_text()


def test_the_state_partials_say_what_to_do():
    empty = render_to_string("_empty.html", {"heading": "No queries yet", "text": "Saved SQL appears here.",
                                             "url": "/new/", "action": "New query"})  # fmt: skip
    assert "<h2>No queries yet</h2>" in empty
    assert '<a class="btn" href="/new/">New query</a>' in empty
    nothing = render_to_string("_no_match.html", {"thing": "query", "q": "x", "clear": "/all/"})
    assert "No query matches “x”" in nothing
    assert "Clear search" in nothing
    assert 'aria-busy="true"' in render_to_string("_loading.html")
