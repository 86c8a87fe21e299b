"""Hooks through which rooms tell the page frame numbers. The frame imports no room."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Running(NamedTuple):
    """Jobs that are queued or running, and the page that lists them."""

    jobs: int
    url: str


Workers = Callable[[], tuple[int, int]]  # alive, expected
_workers: list[Workers] = []
Scheduler = Callable[[], bool]  # whether it is alive
_scheduler: list[Scheduler] = []
_running: list[Callable[[Any], Running]] = []
_counts: dict[str, Callable[[], int]] = {}


def register_workers(find: Workers) -> None:
    """`find()` -> (alive, expected), for the foot of the side bar."""
    _workers[:] = [find]


def register_scheduler(find: Scheduler) -> None:
    """`find()` says whether what starts due runs is alive, for the same place."""
    _scheduler[:] = [find]


def register_running(find: Callable[[Any], Running]) -> None:
    """`find(user)` -> Running, for the chip in the top bar."""
    _running[:] = [find]


def register_count(url_name: str, find: Callable[[], int]) -> None:
    """`find()` -> the number beside the navigation entry whose page is `url_name`."""
    _counts[url_name] = find


def workers() -> tuple[int, int] | None:
    return _workers[0]() if _workers else None


def scheduler() -> bool | None:
    return _scheduler[0]() if _scheduler else None


def running(user: Any) -> Running | None:
    return _running[0](user) if _running else None


def count_for(url_name: str) -> int | None:
    find = _counts.get(url_name)
    return find() if find else None
