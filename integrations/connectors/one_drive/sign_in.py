"""What the connect dialog shows of Microsoft, and what the operator registers there."""

from django.conf import settings

from integrations.connectors.one_drive import cloud, token
from integrations.oauth import OAuth, Permission, Plan

PURPOSES = (
    Permission("User.Read", "Sign in and read your profile"),
    Permission("Files.ReadWrite.AppFolder", "The app's own folder"),
    Permission("Files.ReadWrite.All", "Read, create and update files. Files are never deleted."),
    Permission("offline_access", "Lets scheduled exports run while you are away"),
    Permission("Sites.ReadWrite.All", "SharePoint sites and shared folders", only="Business only"),
)


SETTINGS = ("SENDOFF_MICROSOFT_CLIENT_ID", "SENDOFF_MICROSOFT_CLIENT_SECRET")


def missing() -> tuple[str, ...]:
    values = (settings.MICROSOFT_CLIENT_ID, settings.MICROSOFT_CLIENT_SECRET)
    return tuple(name for name, value in zip(SETTINGS, values, strict=True) if not value)


def registration() -> tuple[tuple[str, str], ...]:
    """Beside the redirect cloud, which the console knows. Microsoft Entra admin center, App registrations."""
    return (
        ("Where", "Microsoft Entra admin center, App registrations, New registration"),
        (
            "Supported account types",
            "Accounts in any organizational directory and personal Microsoft accounts",
        ),
        ("Platform", "Web"),
        ("API permissions", "Microsoft Graph, delegated: " + ", ".join(cloud.BUSINESS)),
        ("Certificates & secrets", "One client secret"),
    )


OAUTH = OAuth(
    provider="Microsoft",
    question="How does your Microsoft tenant approve apps?",
    plan_key="account_type",
    plan_label="OneDrive Account Plan",
    plans=(
        Plan("business", "Business", "onedrive-business"),
        Plan("personal", "Personal", "onedrive-personal"),
    ),
    permissions=PURPOSES,
    settings=SETTINGS,
    missing=missing,
    registration=registration,
    renew=token.renew,
    approval_url=cloud.admin_consent,
    approved_plan="business",
)
