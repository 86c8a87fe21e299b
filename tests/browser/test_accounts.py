"""Logging in and out, users and their one-time passwords, changing a password, API keys."""

import re
import urllib.request
from urllib.error import HTTPError

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, log_in
from tests.console_process import EMAIL, PASSWORD, ConsoleProcess

NEW_PASSWORD = "a quite long pass phrase"


def test_log_in_says_what_is_wrong_and_log_out_ends_the_session(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/integrations/authentications/")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("2 fields need a change: E-mail, Password.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_text("Enter your e-mail address.")).to_be_visible()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/integrations/authentications/")
    page.get_by_role("button", name="account of").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url("**/login/")
    page.goto("/integrations/authentications/")
    expect(page).to_have_url(re.compile(r"/login/\?next=/integrations/authentications/$"))


def test_a_guesser_is_told_to_wait_and_nobody_else_is(new_page: NewPage) -> None:
    guesser = new_page(expecting=["status of 429"])
    guesser.goto("/login/")
    for _ in range(6):
        guesser.get_by_label("E-mail").fill("victim@example.com")
        guesser.get_by_label("Password").fill("guess")
        guesser.get_by_role("button", name="Log in").click()
        guesser.wait_for_load_state()
    expect(guesser.get_by_role("alert")).to_contain_text(
        re.compile(r"Too many failed log-ins from this address\. Try again in \d+ seconds?\.")
    )
    log_in(new_page())


def test_a_new_user_from_the_one_time_password_to_the_day_of_leaving(
    page: Page, new_page: NewPage, console_process: ConsoleProcess
) -> None:
    password = add_user(page, "kate@example.com", "Kate Tiny")
    row = page.get_by_role("row", name="Kate Tiny")
    expect(row).to_contain_text("kate@example.com")
    expect(row).to_contain_text("Not logged in yet")

    kate = new_page(expecting=["status of 403"])
    log_in(kate, "Kate@Example.com", password)
    kate.wait_for_url("**/settings/password/")
    kate.goto("/integrations/catalog/")
    expect(kate).to_have_url(re.compile("/settings/password/$"))
    change_password(kate, "wrong", "short", "other")
    expect(kate.get_by_role("alert")).to_contain_text("3 fields need a change")
    expect(described(kate, "Present password")).to_contain_text("This is not your present password.")
    expect(described(kate, "New password")).to_contain_text("It must contain at least 10 characters.")
    expect(described(kate, "New password again")).to_contain_text("The two new passwords differ.")
    change_password(kate, password, NEW_PASSWORD, NEW_PASSWORD)
    expect(kate.get_by_text("Password changed. Other sessions of yours have ended.")).to_be_visible()
    expect(kate.get_by_role("link", name="Users")).to_have_count(0)
    assert kate.goto("/settings/users/").status == 403  # type: ignore[union-attr]
    expect(kate.get_by_role("main")).to_contain_text("Only administrators can see and change users.")

    act(page, "Kate Tiny", "Make administrator")
    expect(row).to_contain_text("Administrator")
    kate.goto("/settings/users/")
    expect(kate.get_by_role("heading", name="Users")).to_be_visible()
    act(page, "Kate Tiny", "Make member")

    act(page, "Kate Tiny", "Deactivate")
    question = page.get_by_role("dialog", name="Deactivate Kate Tiny?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(row).to_contain_text("Active")
    act(page, "Kate Tiny", "Deactivate")
    question.get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("Deactivated")
    kate.goto("/integrations/catalog/")
    expect(kate).to_have_url(re.compile("/login/"))


def test_an_administrator_makes_a_new_one_time_password_by_keyboard_alone(page: Page) -> None:
    first = add_user(page, "lena@example.com", "Lena Ott")
    page.get_by_role("button", name="Actions for Lena Ott").focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="Actions for Lena Ott")
    expect(menu.get_by_role("menuitem", name="Make administrator")).to_be_focused()
    page.keyboard.press("n")
    expect(menu.get_by_role("menuitem", name="New one-time password")).to_be_focused()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog", name="New one-time password for Lena Ott?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#one-time")).not_to_have_text(first)
    expect(page.get_by_role("dialog").get_by_role("button", name="Copy")).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_url("**/settings/users/")


def test_a_changed_password_ends_other_sessions(page: Page, new_page: NewPage) -> None:
    password = add_user(page, "noor@example.com", "Noor")
    here, there = new_page(), new_page()
    log_in(here, "noor@example.com", password)
    change_password(here, password, NEW_PASSWORD, NEW_PASSWORD)
    log_in(there, "noor@example.com", NEW_PASSWORD)
    here.goto("/settings/password/")
    change_password(here, NEW_PASSWORD, NEW_PASSWORD + " 2", NEW_PASSWORD + " 2")
    expect(here.get_by_text("Password changed.")).to_be_visible()
    there.goto("/integrations/catalog/")
    expect(there).to_have_url(re.compile("/login/"))


def test_keys_are_masked_until_the_password_is_given_again(
    page: Page, console_process: ConsoleProcess
) -> None:
    page.goto("/settings/api-keys/")
    for kind in ("master", "write_only"):
        expect(page.locator(f"#key-{kind}")).to_have_text(re.compile(r"^1/•{40}$"))
    assert not re.search(r"1/[0-9a-f]{40}", page.content())
    expect(page.get_by_role("button", name="Copy Master key")).to_have_count(0)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Validate access").click()
    expect(described(page, "Password")).to_contain_text("This is not your password.")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Show Master key").click()
    expect(page.locator("#key-master")).to_have_text(re.compile(r"^1/[0-9a-f]{40}$"))
    page.get_by_role("button", name="Hide Master key").click()
    expect(page.locator("#key-master")).to_have_text(re.compile("•"))
    page.get_by_role("button", name="Copy Master key").click()
    expect(page.locator("#announce")).to_have_text("Master key copied")
    master = clipboard(page)
    page.get_by_role("button", name="Copy Write-only key").click()
    expect(page.locator("#announce")).to_have_text("Write-only key copied")
    assert (status(console_process, master), status(console_process, clipboard(page))) == (200, 403)
    page.reload()
    expect(page.get_by_text("last used just now")).to_have_count(2)


def test_a_regenerated_key_is_shown_once_and_the_old_one_stops(
    page: Page, new_page: NewPage, console_process: ConsoleProcess
) -> None:
    password = add_user(page, "omar@example.com", "Omar")
    omar = new_page()
    log_in(omar, "omar@example.com", password)
    change_password(omar, password, NEW_PASSWORD, NEW_PASSWORD)
    omar.goto("/settings/api-keys/")
    omar.get_by_label("Password").fill(NEW_PASSWORD)
    omar.keyboard.press("Enter")
    omar.get_by_role("button", name="Copy Master key").click()
    expect(omar.locator("#announce")).to_have_text("Master key copied")
    old = clipboard(omar)
    omar.get_by_role("button", name="Regenerate Master key").click()
    dialog = omar.get_by_role("dialog", name="Regenerate the master key?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    omar.keyboard.press("Escape")
    expect(omar.get_by_role("button", name="Regenerate Master key")).to_be_focused()
    omar.keyboard.press("Space")
    dialog.get_by_role("button", name="Regenerate key").click()
    expect(omar.get_by_role("dialog")).to_contain_text("The old key has stopped.")
    new = omar.locator("#new-key").inner_text()
    assert (status(console_process, old), status(console_process, new)) == (401, 200)
    omar.get_by_role("dialog").get_by_role("button", name="Close").click()
    omar.wait_for_url("**/settings/api-keys/")
    omar.get_by_role("button", name="Copy Master key").click()
    expect(omar.locator("#announce")).to_have_text("Master key copied")
    assert clipboard(omar) == new


def test_without_javascript_users_and_keys_are_pages(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    log_in(page)
    page.goto("/settings/users/")
    page.get_by_role("button", name="Add user").click()
    page.get_by_label("E-mail").fill("plain@example.com")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One-time password")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("row", name="plain@example.com")).to_be_visible()
    page.goto("/settings/api-keys/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Validate access").click()
    expect(page.locator("noscript code").first).to_have_text(re.compile(r"^1/[0-9a-f]{40}$"))


def add_user(page: Page, email: str, name: str) -> str:
    """By the dialog; its one-time password."""
    page.goto("/settings/users/")
    page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("E-mail")).to_be_focused()
    dialog.get_by_label("E-mail").fill("nonsense")
    page.keyboard.press("Enter")
    expect(described(page, "E-mail")).to_contain_text("Write the address as name@example.com.")
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="One-time password")).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(page.locator("#announce")).to_have_text("Password copied")
    password = page.locator("#one-time").inner_text()
    assert clipboard(page) == password
    dialog.get_by_role("button", name="Close").click()
    page.wait_for_url("**/settings/users/")
    assert password not in page.content()
    return password


def act(page: Page, person: str, verb: str) -> None:
    page.get_by_role("button", name=f"Actions for {person}").click()
    page.get_by_role("menuitem", name=verb).locator("visible=true").click()


def change_password(page: Page, present: str, new: str, again: str) -> None:
    page.get_by_label("Present password").fill(present)
    page.get_by_label(re.compile(r"^New password\*$")).fill(new)
    page.get_by_label("New password again").fill(again)
    page.get_by_role("button", name="Change password").click()
    page.wait_for_load_state()


def described(page: Page, label: str):
    """The error that the field's aria-describedby leads to."""
    field = page.get_by_label(re.compile(rf"^{label}\*?$")).locator("visible=true").first
    expect(field).to_have_attribute("aria-invalid", "true")
    names = (field.get_attribute("aria-describedby") or "").split()
    return page.locator(f"#{next(name for name in names if name.endswith('_error'))}")


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def status(console: ConsoleProcess, key: str) -> int:
    """What the API answers to this key when asked for the databases."""
    request = urllib.request.Request(
        f"{console.url}/v3/database/list", headers={"Authorization": f"TD1 {key}"}
    )
    try:
        with urllib.request.urlopen(request) as reply:
            return int(reply.status)
    except HTTPError as refused:
        return refused.code
