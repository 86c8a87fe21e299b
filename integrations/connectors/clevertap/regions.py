"""CleverTap's data centres: what each is called and where its API answers.

https://developer.clevertap.com/docs/idc
"""

from django.conf import settings

REGIONS = (
    ("in1", "India", "in1.api.clevertap.com"),
    ("us1", "United States", "us1.api.clevertap.com"),
    ("sg1", "Singapore", "sg1.api.clevertap.com"),
    ("aps3", "Indonesia", "aps3.api.clevertap.com"),
    ("mec1", "Middle East (UAE)", "mec1.api.clevertap.com"),
    ("eu1", "Europe", "api.clevertap.com"),
)
NAMES = {code: name for code, name, _ in REGIONS}
HOSTS = {code: host for code, _, host in REGIONS}


def address(region: str) -> str:
    """Where the region's API is asked: an operator may lead all regions to one address."""
    return str(settings.CLEVERTAP_URL) or f"https://{HOSTS[region]}"
