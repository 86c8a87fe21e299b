"""`notifyOn` and `emailRecipients`: who hears how an activation's runs end.

A webhook is set on its page, for its address is a secret, and stays as it is here.
"""

from typing import Any

from activations.errors import Problem
from activations.mail_form import MailForm
from activations.models import Activation
from activations.telling import subject_of
from console.notices.models import Preferences

KNOWN = ("notifyOn", "emailRecipients")
WORDS = {"failure": "on_failure", "rejected": "on_rejected", "success": "on_success", "pause": "on_pause"}


def stored(activation: Activation) -> Preferences | None:
    return Preferences.objects.filter(subject=subject_of(activation)).first()


def to_json(wants: Preferences | None) -> dict[str, Any]:
    """Where nobody set it up, nobody is told."""
    if wants is None:
        return {"notifyOn": [], "emailRecipients": []}
    told = [word for word, name in WORDS.items() if getattr(wants, name)]
    return {"notifyOn": told, "emailRecipients": wants.emails}


def read(body: dict[str, Any], wants: Preferences | None, problems: list[Problem]) -> MailForm | None:
    """None where the body says nothing of it. What is wrong is added to `problems`."""
    given = {name: body[name] or [] for name in KNOWN if name in body}
    if not any(given.values()) and wants is None:
        return None
    told = {**to_json(wants), **given}
    when, emails = told["notifyOn"], told["emailRecipients"]
    wrong = []
    if not isinstance(when, list) or not all(isinstance(word, str) and word in WORDS for word in when):
        wrong.append(Problem("notifyOn", f"Give a list of {', '.join(WORDS)}."))
    if not isinstance(emails, list) or not all(isinstance(one, str) for one in emails):
        wrong.append(Problem("emailRecipients", "Give a list of e-mail addresses."))
    if not given or wrong:
        problems += wrong
        return None
    data = {name: word in when for word, name in WORDS.items()} | {"emails": "\n".join(emails)}
    form = MailForm.of(wants, data=data)
    if not form.is_valid():
        problems += [
            Problem("emailRecipients", " ".join(map(str, errors))) for errors in form.errors.values()
        ]
    return form
