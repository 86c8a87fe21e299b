"""What the tests of schedules share: queries with schedules that have lived, made beside the console."""

from playwright.sync_api import Page

from tests.browser.workbench import make_query, post
from tests.console_process import EMAIL, ConsoleProcess

# A schedule of the query named argv[2], with the rule argv[3]; prints its id.
SCHEDULE = """
from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Query
owner = User.objects.get(email=sys.argv[1])
query = Query.objects.get(name=sys.argv[2])
print(scheduling.set_rule(query, sys.argv[3], "Asia/Tokyo", int(sys.argv[4]), owner).pk)
"""
# Its last twelve days at midnight in Tokyo: fired (the newest late), and the four older ones missed or skipped.
HISTORY = """
from datetime import timedelta
from zoneinfo import ZoneInfo
from django.utils import timezone
from console.workbench.models import Job, Schedule, Slot
schedule = Schedule.objects.get(pk=sys.argv[1])
midnight = timezone.now().astimezone(ZoneInfo("Asia/Tokyo")).replace(hour=0, minute=0, second=0, microsecond=0)
for day in range(1, 13):
    time = midnight - timedelta(days=day)
    slot = Slot(schedule=schedule, time=time, due_at=time + timedelta(seconds=schedule.delay))
    if day in (3, 7):
        slot.state, slot.reason = "missed", "The scheduler was not running. The newest run was made."
    elif day in (4, 8):
        slot.state, slot.reason = "skipped", "The schedule was paused before this run could start."
    else:
        status = "error" if day == 2 else "success"
        slot.job = Job.objects.create(user=schedule.owner, query=schedule.query, query_name=schedule.query.name,
            database="sample_datasets", sql="SELECT 1", scheduled_time=int(time.timestamp()), status=status,
            stage="done",
            error_message="Table www is not there." if status == "error" else "")
        slot.state, slot.fired_at = "fired", slot.due_at + timedelta(seconds=92 if day == 1 else 0.8)
    slot.save()
    if day == 1:
        Schedule.objects.filter(pk=schedule.pk).update(last_job=slot.job)
"""


def make_schedule(
    page: Page, console: ConsoleProcess, name: str, cron: str = "0 0 1 * 1", delay: int = 0
) -> tuple[str, str]:
    """The addresses of a new query and of its schedule. The rule is Tokyo's."""
    query = make_query(page, name)
    number = console.run(SCHEDULE, EMAIL, name, cron, str(delay)).strip()
    return query, f"/workbench/schedules/{number}/"


def give_history(console: ConsoleProcess, schedule: str) -> None:
    console.run(HISTORY, schedule.rstrip("/").rpartition("/")[2])


def pause(page: Page, schedule: str, reason: str = "") -> None:
    post(page, f"{schedule}pause/", reason=reason)
