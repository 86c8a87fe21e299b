"""What a person sees: pick an account, agree or cancel, approve for everybody. Plain forms, no script."""

from collections.abc import Iterable, Mapping
from html import escape

from tests.standins.microsoft.state import Account

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;background:#eef1f4;margin:0;color:#1b1b1b}"
    "main{max-width:440px;margin:8vh auto;background:#fff;padding:36px 44px;box-shadow:0 2px 6px rgba(0,0,0,.2)}"
    "h1{font-size:24px;line-height:30px;margin:8px 0 16px}"
    "button{font:inherit;padding:7px 16px;border:1px solid #8a8886;"
    "background:#fff;cursor:pointer;margin:0 8px 8px 0}button.main{background:#0b5cad;border-color:#0b5cad;color:#fff}"
    "button.row{display:block;width:100%;text-align:left;margin:0 0 8px}small{color:#4a4a4a;display:block}"
    ".sandbox{background:#5b2d00;color:#fff;padding:6px 16px;font-size:13px;text-align:center}code{font-size:13px}"
)
ANSWERS = (
    '<button name="answer" value="cancel">Cancel</button>'
    '<button class="main" name="answer" value="accept">Accept</button>'
)
PURPOSES = {
    "user.read": "View your basic profile",
    "files.readwrite.appfolder": "Have full access to the application's folder",
    "files.readwrite.all": "Have full access to all files you have access to",
    "sites.readwrite.all": "Edit or delete items in all site collections",
    "offline_access": "Maintain access to data you have given it access to",
}


def page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>"
        '<div class="sandbox" role="note">A stand-in on this machine. Nothing here reaches Microsoft.</div>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _form(query: Mapping[str, str], inner: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in query.items()
    )
    return f'<form method="post">{hidden}{inner}</form>'


def pick(query: Mapping[str, str], accounts: Iterable[Account]) -> str:
    rows = "".join(
        f'<button class="row" name="account" value="{escape(a.address)}">{escape(a.address)}'
        f"<small>{escape(a.name)}{' · personal' if a.personal else ''}{' · administrator' if a.is_admin else ''}"
        "</small></button>"
        for a in accounts
    )
    return page(
        "Pick an account",
        _form(query, rows or "<p>No account of this kind.</p>")
        + _form(query, '<button name="answer" value="cancel">Cancel</button>'),
    )


def consent(query: Mapping[str, str], account: Account, scope: str) -> str:
    asked = "".join(
        f"<li>{escape(PURPOSES[name.lower()])}</li>" for name in scope.split() if name.lower() in PURPOSES
    )
    return page(
        "Permissions requested",
        f"<p><code>{escape(account.address)}</code></p><p>Sendoff wants to:</p><ul>{asked}</ul>"
        + _form(
            {**query, "account": account.address},
            ANSWERS,
        ),
    )


def need_approval(query: Mapping[str, str], account: Account) -> str:
    return page(
        "Need admin approval",
        f"<p><code>{escape(account.address)}</code></p><p>Sendoff needs permission to access resources in your "
        "organization that only an admin can grant.</p>"
        + _form(
            query,
            '<button name="answer" value="cancel">Return to the application without granting consent</button>',
        ),
    )


def approve(query: Mapping[str, str], admins: Iterable[Account], scope: str) -> str:
    rows = "".join(f'<option value="{escape(a.address)}">{escape(a.address)}</option>' for a in admins)
    return page(
        "Permissions requested for your organization",
        f"<p>If you accept, this app gets access for all users: <code>{escape(scope)}</code></p>"
        + _form(
            query,
            f'<p><label>Administrator <select name="account">{rows}</select></label></p>{ANSWERS}',
        ),
    )


def failure(number: int, text: str) -> str:
    return page("Sorry, but we’re having trouble signing you in.", f"<p>AADSTS{number}: {escape(text)}</p>")
