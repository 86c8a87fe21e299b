"""Runs one translated SELECT in a process of its own and writes its rows to one Parquet file.

Started by path with `python -I`: a specification comes as JSON on the first line of stdin, answers go to stdout as JSON
lines ({"progress": 0.4}, and last {"done": …} or {"error": …}). Of the site only plain modules are imported.
The process ends with its parent: stdin ends, or the parent's id changes. PR_SET_PDEATHSIG is no substitute, since it
fires when the *thread* that started the process ends.
"""

import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

_SPARE = 1 << 30  # bytes above the engine's own limit: interpreter, code, buffers outside its pool


def main() -> None:
    spec = json.loads(sys.stdin.readline())
    lock = threading.Lock()

    def say(**message: Any) -> None:
        with lock:
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    threading.Thread(target=_die_with_parent, args=(os.getppid(),), daemon=True).start()
    threading.Thread(target=_stop_in_time, args=(spec["seconds"], say), daemon=True).start()
    try:
        _limit_process(spec)
        _run(spec, say)
    except Exception as error:
        say(error=type(error).__name__, message=str(error), details=getattr(error, "details", {}))
    sys.stdout.flush()
    os._exit(0)


def _run(spec: dict[str, Any], say: Any) -> None:
    import duckdb

    from console.warehouse.engine.session import open_session
    from console.warehouse.engine.writing import Failed, write

    try:
        con = open_session(spec)
    except duckdb.Error as error:
        raise Failed(error, spec, "") from None
    threading.Thread(target=_report, args=(con, say), daemon=True).start()
    say(done=write(con, spec))


def _limit_process(spec: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (spec["memory_bytes"] + _SPARE,) * 2)
    if spec.get("file_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (spec["file_bytes"],) * 2)


def _die_with_parent(parent: int) -> None:
    def watch_id() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch_id, daemon=True).start()
    while sys.stdin.read(1):
        pass
    os._exit(1)


def _stop_in_time(seconds: float, say: Any) -> None:
    time.sleep(seconds)
    say(error="TimeLimit", message="", details={})
    os._exit(1)


def _report(con: Any, say: Any) -> None:
    while True:
        time.sleep(0.25)
        percent = con.query_progress()
        if percent is not None and percent >= 0:
            say(progress=round(percent / 100, 3))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    main()
