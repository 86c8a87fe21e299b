"""The sample data as a ready parent segment, made the way a person makes one."""

from django.db import transaction

from activations import checking, definitions, parents
from activations.models import MadeSample, ParentSegment
from console.accounts.models import User

KEY = "cdnow"
CDNOW = {
    "name": "CDNOW customers",
    "master": "sample_datasets.cdnow_customers",
    "key_column": "customer_id",
    "attributes": [
        {"column": "customer_id", "name": "customer_id", "kind": "text", "group": "Customer"},
        {"column": "first_purchase", "name": "first_purchase", "kind": "date", "group": "Purchases"},
        {"column": "last_purchase", "name": "last_purchase", "kind": "date", "group": "Purchases"},
        {"column": "purchases", "name": "purchases", "kind": "number", "group": "Purchases"},
        {"column": "quantity", "name": "quantity", "kind": "number", "group": "Purchases"},
        {"column": "amount", "name": "amount", "kind": "number", "group": "Purchases"},
    ],
    "behavior_tables": [
        {
            "name": "Purchases",
            "table": "sample_datasets.cdnow_transactions",
            "key_column": "customer_id",
            "time_column": "time",
            "columns": [
                {"column": "date", "kind": "date"},
                {"column": "quantity", "kind": "number"},
                {"column": "amount", "kind": "number"},
            ],
        }
    ],
}


def make_sample() -> ParentSegment | None:
    """Makes it, once: what a person deletes isn't made again. None where there is nothing to make."""
    if MadeSample.objects.filter(key=KEY).exists():
        return None
    owner = User.objects.filter(role=User.Role.ADMINISTRATOR).order_by("pk").first()
    made = definitions.read(CDNOW)
    if owner is None or any(problem.stops for problem in checking.check(made)):
        return None  # nobody to own it yet, or the sample tables were dropped
    with transaction.atomic():
        MadeSample.objects.create(key=KEY)
        if ParentSegment.objects.filter(name=made.name).exists():
            return None
        parent = parents.create(made, owner)
    parents.refresh(parent)
    return parent
