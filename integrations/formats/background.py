"""An iterator that works ahead in a thread of its own."""

import queue
import threading
from collections.abc import Generator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class _Done:
    """The end of the source, and what ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(source: Generator[T], depth: int) -> Generator[T]:
    """The items of `source`, up to `depth` of them made while the caller works on earlier ones.

    An error of the source is raised where its item would have been. Closed early, it closes the source and waits for
    its thread.
    """
    items: queue.Queue[T | _Done] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(source, items, stopped), daemon=True)
    thread.start()
    try:
        while not isinstance(item := items.get(), _Done):
            yield item
        if item.error:
            raise item.error
    finally:
        stopped.set()
        while thread.is_alive():
            with suppress(queue.Empty):
                items.get_nowait()  # it may be waiting for room
            thread.join(0.01)


def _fill(source: Generator[T], items: "queue.Queue[T | _Done]", stopped: threading.Event) -> None:
    done = _Done()
    try:
        for item in source:
            items.put(item)
            if stopped.is_set():
                break
    except BaseException as error:  # it belongs to the thread that waits for the items
        done = _Done(error)
    finally:
        source.close()
        items.put(done)
