"""Worker processes that do one job at a time: a worker that dies takes nothing but its own job with it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from mien.analysis.heap import steady

J = TypeVar("J")
R = TypeVar("R")
PATIENCE = 10.0
"""Seconds that a worker has to tidy up when it is told to stop."""


def spread(work: Callable[[J], R], jobs: Sequence[J], workers: int) -> Iterator[tuple[J, R | None]]:
    """(job, result) of every job as it is there, done by `workers` processes; None where the worker died over it.

    work: picklable, and it must not raise. Stopping early (or Ctrl-C) stops the workers.
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
        _dismiss(crew)


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


def _dismiss(crew: dict[Any, tuple[BaseProcess, J]]) -> None:
    for process, _ in crew.values():
        process.terminate()
    for link, (process, _) in crew.items():
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
        link.close()


def _serve(work: Callable[[Any], Any], link: Connection) -> None:
    """A worker's life: Ctrl-C is the parent's affair, and being told to stop still removes temporary files."""
    steady()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            link.send(work(link.recv()))
