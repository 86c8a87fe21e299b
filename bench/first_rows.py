"""One small query from Run to its first rows on the page, and where the time goes."""

import re
import statistics
import time
from collections.abc import Iterator

import requests

from bench.rig import Console, manage

RUNS = 21
SQL = "SELECT code, COUNT(1) FROM www_access GROUP BY code"
PASSWORD = "a password for the bench"
STEPS = ("Run to first rows", "wait for a worker", "SQL and its result", "see it on the page")


def run(console: Console) -> None:
    from console.accounts.models import User

    manage("load_sample_data")
    User.objects.create_user("first@example.com", PASSWORD)
    page = Page(console.url)
    page.run_query()  # warms the web server
    figures = [page.run_query() for _ in range(RUNS)]
    for name, values in zip(STEPS, zip(*figures, strict=True), strict=True):
        print(f"  {name:20} {statistics.median(values) * 1000:6.0f} ms (median of {RUNS})")
    print(f"  peak memory: web {console.peak_mb('web'):.0f} MB, worker {console.peak_mb('queue'):.0f} MB")


class Page:
    """The editor as the browser uses it: Run, then the result pane asks for itself as often as it says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Referer"] = url
        self.session.get(f"{url}/login/").raise_for_status()
        self._post("/login/", username="first@example.com", password=PASSWORD)
        self.session.headers["HX-Request"] = "true"

    def run_query(self) -> Iterator[float]:
        """Seconds of each of `STEPS`."""
        from console.workbench.models import Job

        start = time.time()
        pane = self._post("/workbench/queries/new/run/", database="sample_datasets", type="presto", sql=SQL)
        while "<td" not in pane:
            wait, address = _next_look(pane)
            time.sleep(wait)
            answer = self.session.get(self.url + address)
            answer.raise_for_status()
            pane = answer.text
        end = time.time()
        job = Job.objects.get(pk=int(re.findall(r'data-job="(\d+)"', pane)[0]))
        assert job.started_at
        assert job.sql_finished_at
        begun, done = job.started_at.timestamp(), job.sql_finished_at.timestamp()
        return iter((end - start, begun - start, done - begun, end - done))

    def _post(self, path: str, **data: str) -> str:
        token = self.session.cookies["csrftoken"]
        answer = self.session.post(self.url + path, data={**data, "csrfmiddlewaretoken": token})
        answer.raise_for_status()
        return answer.text


def _next_look(pane: str) -> tuple[float, str]:
    """Seconds until the pane's next look, and its address."""
    address = re.findall(r'data-poll[^>]*hx-get="([^"]+)"', pane)[0].replace("&amp;", "&")
    milliseconds = re.findall(r'data-poll[^>]*hx-trigger="\D*(\d+)ms', pane)[0]
    return int(milliseconds) / 1000, address
