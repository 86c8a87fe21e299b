"""A rule that was chosen in the picker becomes a query's schedule, unless somebody else changed it meanwhile."""

from django.db import transaction

from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Query, Schedule
from console.workbench.schedule_form import ScheduleForm, fingerprint


class StaleSchedule(Exception):
    """The rule is no longer the one that was there when the picker was opened. `current` is what is there now."""

    def __init__(self, current: Schedule | None) -> None:
        super().__init__("The schedule was changed in the meantime.")
        self.current = current


@transaction.atomic
def save(query: Query, form: ScheduleForm, user: User) -> Schedule | None:
    """The form is valid. Raises StaleSchedule; nothing is changed then."""
    Query.objects.select_for_update().get(pk=query.pk)
    current = Schedule.objects.filter(query=query).first()
    if fingerprint(current) != form.cleaned_data["seen"]:
        raise StaleSchedule(current)
    return scheduling.set_rule(query, user=user, **form.rule_fields())
