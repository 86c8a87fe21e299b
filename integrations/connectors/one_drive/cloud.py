"""Where Microsoft answers, and what it is asked for. The operator's settings decide the cloud.

https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud
"""

from urllib.parse import urlencode

from django.conf import settings

PERSONAL = ("offline_access", "User.Read", "Files.ReadWrite.AppFolder", "Files.ReadWrite.All")
BUSINESS = (*PERSONAL, "Sites.ReadWrite.All")
# Scopes without a host mean the global Graph; elsewhere they carry the host of their own.
OTHER_CLOUDS = ("graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn")
PROTOCOL_SCOPES = {"offline_access", "openid", "profile", "email"}


def authorize(tenant: str) -> str:
    return f"{settings.MICROSOFT_AUTHORITY}/{tenant}/oauth2/v2.0/authorize"


def token(tenant: str) -> str:
    return f"{settings.MICROSOFT_AUTHORITY}/{tenant}/oauth2/v2.0/token"


def graph(path: str) -> str:
    return f"{settings.GRAPH_URL}/v1.0{path}"


def scopes(names: tuple[str, ...]) -> list[str]:
    prefix = f"{settings.GRAPH_URL}/" if settings.GRAPH_URL.endswith(OTHER_CLOUDS) else ""
    return [name if name in PROTOCOL_SCOPES else f"{prefix}{name}" for name in names]


def admin_consent(return_to: str, state: str) -> str:
    """The v2.0 endpoint wants full permission cloud, and a tenant that is not `common`."""
    host = settings.GRAPH_URL if settings.GRAPH_URL.endswith(OTHER_CLOUDS) else "https://graph.microsoft.com"
    asked = [f"{host}/{name}" for name in BUSINESS if name not in PROTOCOL_SCOPES]
    query = {
        "client_id": settings.MICROSOFT_CLIENT_ID,
        "scope": " ".join(asked),
        "redirect_uri": return_to,
        "state": state,
    }
    return f"{settings.MICROSOFT_AUTHORITY}/organizations/v2.0/adminconsent?{urlencode(query)}"
