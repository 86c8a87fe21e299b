"""A Chromium whose every console error, policy violation and server error fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

from tests.browser.workbench import FURNISH
from tests.console_process import EMAIL, PASSWORD, ConsoleProcess

# A folder for pictures of what the tests look at; without it none are taken.
ARTEFACTS = os.environ.get("SENDOFF_TEST_ARTEFACTS")
AXE = (Path(__file__).parent / "axe.min.js").read_text()
# Chromium without its own windows and menus where there is one: the tests take two thirds of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
# A form that is refused answers 422, a conflict 409: the browser logs them, the page shows them. And htmx logs
# a request that a newer one took the place of as it logs a failed one, save for htmx:sendError.
EXPECTED = ("status of 422", "status of 409", "htmx:afterRequest", "htmx:sendAbort")
NewPage = Callable[..., Page]
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390)]
WAIT = 60_000  # milliseconds; as long as a busy machine may need to show what is awaited
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "Chromium is missing. `make test` installs it."
    # Playwright's loop runs in this thread; Django would refuse to be used beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser, console_process: ConsoleProcess) -> Iterator[NewPage]:
    """`new_page(theme="dark", width=390)` -> a page in a context of its own; problems fail the test at its end.

    `expecting=["status of 404"]`: words of the errors that the test provokes and the browser logs.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def make(
        *, theme: str = "light", width: int = 1440, expecting: Sequence[str] = (), **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=console_process.url,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",  # a spinner that turns is drawn anew all the time
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        watch(page, problems, (*EXPECTED, *expecting))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def watch(page: Page, problems: list[str], expected: Sequence[str] = EXPECTED) -> None:
    def said(message: Any) -> None:
        if message.type == "error" and not any(words in message.text for words in expected):
            problems.append(f"{page.url}: {message.text}")

    def replied(reply: Response) -> None:
        if reply.status >= 500 and f"status of {reply.status}" not in expected:
            problems.append(f"{reply.url}: {reply.status}")

    page.on("console", said)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("response", replied)


@pytest.fixture(scope="session")
def administrator(browser: Browser, console_process: ConsoleProcess) -> Any:
    """`new_page(storage_state=administrator)` is logged in at once, in one session that such pages share."""
    context = browser.new_context(base_url=console_process.url)
    log_in(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def destination(console_process: ConsoleProcess) -> int:
    """The number of an authentication, "workbench here", by which this console exports to itself."""
    return int(console_process.run(FURNISH, EMAIL, console_process.url))


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def looked(request: pytest.FixtureRequest, new_page: NewPage, administrator: Any) -> Page:
    """The administrator's page in each look."""
    theme, width = request.param
    return new_page(theme=theme, width=width, storage_state=administrator)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page with the administrator logged in, in a session of its own."""
    page = new_page()
    log_in(page)
    return page


def log_in(page: Page, email: str = EMAIL, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def axe(page: Page) -> None:
    """Fails on every violation of WCAG 2.2 A and AA in the page as it now stands."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}})", WCAG
    )
    told = [
        f"{one['id']}: {one['help']}\n  "
        + "\n  ".join(
            f"{node['html'][:200]} | {node['any'][0]['message'] if node['any'] else ''}"
            for node in one["nodes"][:5]
        )
        for one in found["violations"]
    ]
    assert not told, f"{page.url} ({page.viewport_size}):\n" + "\n".join(told)


def picture(page: Page, name: str) -> None:
    if ARTEFACTS:
        Path(ARTEFACTS).mkdir(exist_ok=True)
        page.screenshot(path=Path(ARTEFACTS) / f"{name}.png")


def look(page: Page, name: str) -> None:
    """No violation, and nothing that makes the page itself scroll sideways. Keeps a picture."""
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"
    assert page.viewport_size
    theme = page.evaluate("document.documentElement.dataset.bsTheme")
    picture(page, f"{name}-{theme}-{page.viewport_size['width']}")
