"""What the templates of Audience Studio need: {% load audience %}."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def get(found: Mapping[str, Any], key: str) -> Any:
    """What a mapping has under a key that a template can't write with a dot."""
    return found.get(key, "")
