"""/v3/connections"""

from typing import Any

from console.api.answers import ApiError
from console.api.call import Call
from integrations.models import Authentication


def lookup(call: Call) -> dict[str, Any]:
    """The number of a saved authentication, by its name."""
    name = call.text("name")
    found = Authentication.objects.saved().filter(name=name).first()
    if found is None:
        raise ApiError(404, f"There is no authentication named {name[:255]!r}.")
    return {"id": found.pk}
