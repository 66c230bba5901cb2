"""Trials on a Dask cluster: each worker takes the data once, what a killed worker had in hand goes to another."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mien.errors import MienError, MissingExtra, RequestError
from mien.research.protocols.engine import TRIES, Done, lost
from mien.research.protocols.trial import Job, Outcome, run
from mien.research.samples import Data


def on_cluster(jobs: Sequence[Job], data: Data, address: str) -> Done:
    """(place, outcome) as they come from the scheduler at HOST:PORT.

    MissingExtra without Dask, RequestError where no scheduler answers or no worker has Mien, MienError where workers
    died too often.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise MissingExtra("distributed", "the engine dask:// needs Dask") from None
    try:
        client = dask.Client(f"tcp://{address}", timeout=5)
    except (OSError, ValueError) as error:
        raise RequestError(
            f"no Dask scheduler at {address or 'HOST:PORT'} ({type(error).__name__}); start one with `dask scheduler`"
        ) from None
    with client:
        _same_mien(client)
        yield from _all(dask, client, jobs, data)


def _all(dask: Any, client: Any, jobs: Sequence[Job], data: Data) -> Done:
    left = dict(enumerate(jobs))
    for _ in range(TRIES):
        held = client.scatter(data, broadcast=True, hash=False)  # on every worker, so that one may go
        futures = {client.submit(run, job, held, pure=False, retries=TRIES): place for place, job in left.items()}
        for future in dask.as_completed(list(futures)):
            if future.status == "finished":
                outcome: Outcome = future.result()
                del left[futures[future]]
                yield futures[future], outcome
                continue
            error = future.exception() if future.status == "error" else None
            if isinstance(error, MienError) or (error is not None and type(error).__name__ != "KilledWorker"):
                raise error
        if not left:
            return
    raise MienError(lost(len(left)))


def _same_mien(client: Any) -> None:
    """RequestError where there is no worker, or one without PyTorch, without Mien or with another version of it."""
    from mien import __version__

    try:
        client.wait_for_workers(1, timeout=20)
    except TimeoutError:
        address = client.scheduler.address
        raise RequestError(f"the Dask scheduler has no worker; start one with `dask worker {address}`") from None
    install = f'pip install "mien[train,distributed]=={__version__}" there'
    for worker, version in client.run(_version, on_error="return").items():
        if isinstance(version, BaseException):
            raise RequestError(f"worker {worker} cannot train ({version}): {install}")
        if version != __version__:
            raise RequestError(f"worker {worker} has Mien {version}, this is {__version__}: {install}")


def _version() -> str:
    import torch  # noqa: F401

    from mien import __version__

    return __version__
