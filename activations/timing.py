"""The Schedule panel: when it runs and who hears of it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from activations import activating, telling
from activations.mail_form import MailForm
from activations.models import Activation
from activations.repeat_form import RepeatForm, label
from activations.typed import kept, posted
from console.accounts.models import User
from console.notices.models import Preferences


@dataclass(frozen=True)
class Timing:
    form: RepeatForm
    mail: MailForm
    run_once: bool  # at Create, where it does not repeat

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.mail.is_valid()])


def of(activation: Activation, user: User, data: QueryDict | None = None) -> Timing:
    """What was posted, else the draft, else what is saved. Only the last is unbound."""
    if data is None and activation.draft.get("schedule") is not None:
        data = posted(activation.draft["schedule"])
    stored = Preferences.objects.filter(subject=telling.subject_of(activation)).first()
    if stored is None and not activation.is_draft:
        stored = Preferences(
            **dict.fromkeys(MailForm.sections["When"], False)
        )  # nobody, until somebody is added
    home = activation.zone if activation.created_at else user.time_zone
    form = RepeatForm(data, schedule=activation.schedule, home=home)
    mail = MailForm.of(stored, data=data, email=user.email)
    once = data.get("run_once") == "on" if data is not None else activation.is_draft
    return Timing(form, mail, once)


def bound(activation: Activation, user: User) -> Timing:
    """To be checked: the draft, else what is saved."""
    told = of(activation, user)
    if told.form.is_bound:
        return told
    values = _as_posted(told.form) | _as_posted(told.mail)
    return of(activation, user, posted(values))


def keep(activation: Activation, data: QueryDict, *, version: int | None = None) -> Activation:
    return activating.keep(activation, "schedule", kept(data), version=version)


def words(activation: Activation, timing: Timing) -> str:
    """For the list of steps: "Not set", "Repeat every day"."""
    if activation.is_draft and "schedule" not in activation.draft:
        return "Not set"
    return label(timing.form.text)


def zone_of(timing: Timing) -> str:
    """The zone that is chosen, where it can be used."""
    form = timing.form
    if not form.is_bound:
        return str(form.initial["zone"])
    form.is_valid()
    return str(form.cleaned_data.get("zone") or "UTC") if "zone" not in form.errors else "UTC"


def rule(timing: Timing) -> dict[str, Any]:
    """The fields of `scheduled.set_rule`."""
    return timing.form.rule_fields() | {"zone": zone_of(timing)}


def _as_posted(form: forms.BaseForm) -> dict[str, Any]:
    """What an unbound form shows, as a browser would send it."""
    shown: dict[str, Any] = {}
    for field in form:
        value = field.field.prepare_value(field.value())
        if value in (None, False, ""):
            continue
        shown[field.name] = "on" if value is True else value
    return shown
