"""Where trials are done: in this process, in local ones, or on a Dask cluster; a killed worker loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from mien.analysis.workers import spread
from mien.errors import MienError, RequestError, fault
from mien.research.protocols.trial import Job, Outcome, run
from mien.research.samples import Data

Done = Iterator[tuple[int, Outcome]]
TRIES = 3


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
    left = dict(enumerate(jobs))
    for _ in range(TRIES):
        for (place, _), outcome in spread(partial(_tried, data), list(left.items()), workers, patience=0.5):
            if isinstance(outcome, MienError):
                raise outcome
            if outcome is not None:
                del left[place]
                yield place, outcome
        if not left:
            return
    raise MienError(lost(len(left)))


def lost(left: int) -> str:
    """What a person reads after the last try."""
    return (
        f"workers were killed {TRIES} times, {left} trials are not done (too little memory?); "
        "what is done is kept: go on with --resume and fewer --workers"
    )


def _tried(data: Data, job: tuple[int, Job]) -> Outcome | MienError:
    """What a worker sends back; not every error of others can travel, its line can."""
    try:
        return run(job[1], data)
    except MienError as error:
        return error
    except Exception as error:
        return MienError(fault("", error))
