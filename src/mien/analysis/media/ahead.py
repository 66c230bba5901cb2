"""Decoding ahead: the next pictures are decoded in a thread of their own while somebody looks at the last one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")

COUNT = 3
"""Items that wait at most: enough to even out pictures that take long, little to hold (12 MB each at 4K)."""
_PATIENCE = 0.1  # seconds between looks at whether anybody still listens


def ahead(source: Generator[Item, None, None], count: int = COUNT) -> Iterator[Item]:
    """The items of `source` in their order, made up to `count` in advance.

    An error comes where the source raised it. When the iterator is left, the source is closed and the thread ends.
    """
    waiting: queue.Queue[tuple[Item | None, BaseException | None, bool]] = queue.Queue(count)
    left = threading.Event()
    worker = threading.Thread(target=_work, args=(source, waiting, left), name="mien-decoding", daemon=True)
    worker.start()
    try:
        while True:
            item, error, last = waiting.get()
            if error is not None:
                raise error
            if last:
                return
            yield item  # type: ignore[misc]
            item = None  # so that a picture does not outlive its use while the next one is awaited
    finally:
        left.set()
        if threading.current_thread() is not worker:  # a collected iterator may be finished by any thread
            worker.join()


def _work(source: Generator[Any, None, None], waiting: queue.Queue[Any], left: threading.Event) -> None:
    try:
        for item in source:
            if not _hand_over((item, None, False), waiting, left):
                return
            del item
        _hand_over((None, None, True), waiting, left)
    except BaseException as error:
        _hand_over((None, error, True), waiting, left)
    finally:
        source.close()


def _hand_over(entry: Any, waiting: queue.Queue[Any], left: threading.Event) -> bool:
    while not left.is_set():
        try:
            waiting.put(entry, timeout=_PATIENCE)
            return True
        except queue.Full:
            continue
    return False
