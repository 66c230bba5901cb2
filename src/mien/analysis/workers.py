"""Worker processes that do one job at a time: a worker that dies takes nothing but its own job with it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

J = TypeVar("J")
R = TypeVar("R")
PATIENCE = 10.0
"""Seconds that workers have to tidy up when they are told to stop."""


def spread(
    work: Callable[[J], R], jobs: Sequence[J], workers: int, *, patience: float = PATIENCE
) -> Iterator[tuple[J, R | None]]:
    """(job, result) of every job as it is there, done by `workers` processes; None where the worker died over it.

    work: picklable, and it must not raise; patience: seconds that workers have to tidy up. Stopping early (or Ctrl-C)
    stops them.
    """
    waiting = iter(jobs)
    crew: dict[Any, tuple[BaseProcess, J]] = {}  # by our end of the pipe
    try:
        for _, job in zip(range(workers), waiting, strict=False):
            _hire(work, job, crew)
        while crew:
            for link in _ready(crew):
                process, job = crew.pop(link)
                result = _result(link)
                following = next(waiting, None)
                if following is not None and result is not None and _told(link, following):
                    crew[link] = (process, following)
                else:
                    link.close()
                    process.join(PATIENCE)
                    if following is not None:
                        _hire(work, following, crew)
                yield job, result
    finally:
        _dismiss(crew, patience)


def _ready(crew: dict[Any, Any]) -> list[Any]:
    return list(wait(list(crew)))


def _hire(work: Callable[[J], R], job: J, crew: dict[Any, tuple[BaseProcess, J]]) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()  # so that its end tells us that the worker is gone
    _told(ours, job)  # where it is gone already, reading from it says so
    crew[ours] = (process, job)


def _result(link: Any) -> Any:
    try:
        return link.recv()
    except (EOFError, OSError):
        return None


def _told(link: Any, job: Any) -> bool:
    try:
        link.send(job)
    except OSError:
        return False
    return True


def _dismiss(crew: dict[Any, tuple[BaseProcess, J]], patience: float) -> None:
    for process, _ in crew.values():
        process.terminate()
    until = time.monotonic() + patience
    for link, (process, _) in crew.items():
        process.join(max(until - time.monotonic(), 0))
        if process.is_alive():
            process.kill()
            process.join()
        link.close()


def _serve(work: Callable[[Any], Any], link: Connection) -> None:
    """A worker's life: Ctrl-C is the parent's affair, and being told to stop still removes temporary files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            link.send(work(link.recv()))
