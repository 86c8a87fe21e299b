"""social-auth's view of Microsoft: two kinds of account, which differ in authority and permissions alone.

https://python-social-auth.readthedocs.io/en/latest/backends/implementation.html
"""

from typing import Any, ClassVar

from django.conf import settings
from social_core.backends.oauth import BaseOAuth2PKCE

from integrations.connectors.one_drive import cloud, token
from integrations.connectors.one_drive.client import Client
from integrations.connectors.one_drive.refusals import AuthorityError
from integrations.errors import DeliveryError
from integrations.oauth import Refusal, Refused


class _Microsoft(BaseOAuth2PKCE):  # type: ignore[type-arg]
    """Attaches an account to whoever is logged in to the console. Signs nobody in, and edits no profile."""

    ASSOCIATION_ONLY = True
    REQUIRES_USER_ID = True
    ID_KEY = "id"
    REDIRECT_STATE = False  # the redirect address must equal the registered one
    TENANT: ClassVar[str]
    PERMISSIONS: ClassVar[tuple[str, ...]]

    def authorization_url(self) -> str:
        return cloud.authorize(self.TENANT)

    def access_token_url(self) -> str:
        return cloud.token(self.TENANT)

    def get_key_and_secret(self) -> tuple[str, str]:
        return settings.MICROSOFT_CLIENT_ID, settings.MICROSOFT_CLIENT_SECRET

    def get_scope(self) -> list[str]:
        return cloud.scopes(self.PERMISSIONS)

    def auth_extra_arguments(self) -> dict[str, str]:
        return {"prompt": "select_account"}  # one user may connect several accounts

    def process_error(self, data: Any, **_: Any) -> None:
        """The query Microsoft sent the browser back with."""
        if data.get("error"):
            raise AuthorityError.of(data).at_sign_in()

    def request_access_token(self, url: str, *args: Any, data: Any = None, **_: Any) -> dict[Any, Any]:
        """Through our own door to the network, with our own reading of the errors."""
        return token.exchange(url, data)

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return Client({"access_token": access_token}).me()
        except DeliveryError as error:
            raise Refused(Refusal.TEMPORARY, str(error)) from error

    def get_user_details(self, response: Any) -> dict[str, Any]:
        address = response.get("mail") or response.get("userPrincipalName") or ""
        return {"username": address, "email": address, "fullname": response.get("displayName") or ""}


class Business(_Microsoft):
    name = "onedrive-business"
    TENANT = token.TENANTS["business"]
    PERMISSIONS = cloud.BUSINESS


class Personal(_Microsoft):
    name = "onedrive-personal"
    TENANT = token.TENANTS["personal"]
    PERMISSIONS = cloud.PERSONAL
