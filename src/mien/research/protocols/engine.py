"""Where trials are done: in this process, in local ones, or on a Dask cluster; a killed worker loses nothing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from mien.errors import MienError, RequestError
from mien.research.protocols.trial import Job, Outcome, run
from mien.research.samples import Data

Done = Iterator[tuple[int, Outcome]]
TRIES = 3
_held: list[Data] = []


def outcomes(jobs: Sequence[Job], data: Data, *, engine: str = "local", workers: int = 1) -> Done:
    """(place, outcome) of every job as it is done, in any order.

    engine: "local" or "dask://HOST:PORT" of a scheduler; workers: local processes, 1 for this one. What a killed worker
    had in hand is done again; MienError after the third such loss, RequestError for another engine.
    """
    if engine.startswith("dask://"):
        from mien.research.protocols.cluster import on_cluster

        return on_cluster(jobs, data, engine.removeprefix("dask://"))
    if engine != "local":
        raise RequestError(f"no engine {engine!r}; allowed: local, dask://HOST:PORT")
    if workers < 1:
        raise RequestError(f"workers must be 1 or more, got {workers}")
    return _here(jobs, data) if workers == 1 or len(jobs) < 2 else _processes(jobs, data, workers)


def _here(jobs: Sequence[Job], data: Data) -> Done:
    for place, job in enumerate(jobs):
        yield place, run(job, data)


def _processes(jobs: Sequence[Job], data: Data, workers: int) -> Done:
    left, losses = dict(enumerate(jobs)), 0
    start = multiprocessing.get_context("spawn")  # a forked copy of a process that has run torch can hang
    while left:
        with ProcessPoolExecutor(min(workers, len(left)), start, _hold, (data,)) as pool:
            futures = {pool.submit(_run_held, job): place for place, job in left.items()}
            try:
                for future in as_completed(futures):
                    outcome = future.result()
                    del left[futures[future]]
                    yield futures[future], outcome
            except BrokenProcessPool:
                losses += 1
                if losses >= TRIES:
                    raise MienError(lost(len(left))) from None
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def lost(left: int) -> str:
    """What a person reads after the last try."""
    return (
        f"workers were killed {TRIES} times, {left} trials are not done (too little memory?); "
        "what is done is kept: go on with --resume and fewer --workers"
    )


def _hold(data: Data) -> None:
    _held[:] = [data]


def _run_held(job: Job) -> Outcome:
    return run(job, _held[0])
