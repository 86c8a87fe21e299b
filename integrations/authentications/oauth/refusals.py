"""One sentence for each way a sign-in can end without an account, and what to do about it."""

from dataclasses import dataclass

from integrations.models import SignIn
from integrations.oauth import OAuth, Refusal


@dataclass(frozen=True)
class Told:
    title: str
    text: str
    words: str  # the other side's own
    offers_approval: bool  # an administrator's link may be the way on
    is_operators: bool  # shows what has to be registered


_SENTENCES: dict[Refusal, tuple[str, str]] = {
    Refusal.DECLINED: (
        "{provider} sent you back without access.",
        "If you cancelled, connect again and accept the permissions. If {provider} asked for an administrator, "
        "an administrator of your organization has to approve the app first.",
    ),
    Refusal.APPROVAL: (
        "An administrator has to approve the app first.",
        "Send an administrator of your organization the approval link. After that you can connect without "
        "a consent screen.",
    ),
    Refusal.EXPIRED: (
        "The sign-in took too long, or its code was used before.",
        "Connect again. A code is good for one use and for a few minutes.",
    ),
    Refusal.STATE: (
        "This sign-in was not begun here, or was answered before.",
        "Nothing was stored. Begin again with the connect button.",
    ),
    Refusal.TENANT: (
        "This account is not of a tenant the app serves.",
        "Sign in with another account, or choose the other account plan.",
    ),
    Refusal.REGISTRATION: (
        "{provider} does not accept this console's app registration.",
        "An operator of this console has to correct it. This is what has to be registered:",
    ),
    Refusal.SECRET: (
        "{provider} does not accept this console's client secret.",
        "It is wrong or has expired. An operator of this console makes a new one and sets it:",
    ),
    Refusal.TEMPORARY: (
        "{provider} had a failure of its own.",
        "Nothing was stored. Wait a moment, then connect again.",
    ),
    Refusal.OTHER_ACCOUNT: (
        "You signed in with another account than before.",
        "This authentication belongs to {words}, and what uses it would send its files elsewhere. Sign in as {words}, "
        "or create a new authentication.",
    ),
    Refusal.SIGNED_OUT: (
        "You are no longer logged in to Sendoff in this browser.",
        "Log in again, then connect. Nothing was stored.",
    ),
    Refusal.STOPPED: (
        "You stopped waiting for this sign-in.",
        "Nothing was stored. Connect again when you are ready.",
    ),
}


def tell(refusal: str, words: str, oauth: OAuth) -> Told:
    kind = Refusal(refusal)
    title, text = (part.format(provider=oauth.provider, words=words) for part in _SENTENCES[kind])
    return Told(
        title=title,
        text=text,
        words="" if kind == Refusal.OTHER_ACCOUNT else words,
        offers_approval=kind in {Refusal.DECLINED, Refusal.APPROVAL},
        is_operators=kind in {Refusal.REGISTRATION, Refusal.SECRET},
    )


def of(sign_in: SignIn, oauth: OAuth) -> Told | None:
    if sign_in.outcome != SignIn.Outcome.REFUSED or sign_in.refusal == Refusal.STOPPED:
        return None
    return tell(sign_in.refusal, sign_in.words, oauth)
