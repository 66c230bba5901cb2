"""Where trials run: the same numbers in one process, in several, and on a Dask cluster; a killed worker loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien import __version__  # noqa: E402
from mien.errors import MienError, MissingExtra, RequestError  # noqa: E402
from mien.research.protocols import engine  # noqa: E402
from mien.research.protocols.bench import Line, Work, bench  # noqa: E402
from mien.research.protocols.cluster import _same_mien  # noqa: E402
from mien.research.protocols.seeds import Seeds  # noqa: E402
from mien.research.protocols.trial import How, Job, run  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
MADE = made(n=60, inputs="vector", signal=1.0)
DATA = replace(MADE, samples=tuple(replace(one, speaker=one.group) for one in MADE.samples))
LONG = How(epochs=150)
"""Long enough that a worker is killed with work in hand."""


def jobs(count=3, how=LONG):
    (entrant,) = Line("linear", ("patience=1000",)).entrants()
    (trial,) = Seeds().plan(DATA).trials
    return [Job(entrant, trial, seed, how) for seed in range(count)]


def same(found, wanted):
    assert sorted(found) == sorted(wanted)
    for place, outcome in wanted.items():
        assert not found[place].error
        assert np.array_equal(found[place].answers["complete"], outcome.answers["complete"])


@pytest.fixture(scope="module")
def here():
    return {place: run(job, DATA) for place, job in enumerate(jobs())}


@pytest.mark.slow
def test_a_killed_process_loses_nothing(here):
    found = {}
    for place, outcome in engine.outcomes(jobs(), DATA, workers=2):
        if not found:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        found[place] = outcome
    same(found, here)


@pytest.mark.slow
def test_after_the_third_loss_it_is_said(monkeypatch):
    monkeypatch.setattr(engine, "TRIES", 1)
    with pytest.raises(MienError, match=r"workers were killed .* trials are not done .*--resume and fewer --workers"):
        for _ in engine.outcomes(jobs(), DATA, workers=2):
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGKILL)


@pytest.mark.slow
def test_who_stops_early_leaves_no_process_at_work():
    endless = jobs(2, How(epochs=10**8))
    found = engine.outcomes([*jobs(1, How(epochs=1)), *endless], DATA, workers=2)
    assert next(found)[0] == 0
    found.close()
    assert not multiprocessing.active_children()


@pytest.fixture(scope="module")
def cluster():
    """Two workers for all tests: a killed one is started again by its nanny."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as found:
        yield found


@pytest.mark.slow
def test_a_killed_worker_of_a_cluster_loses_nothing(here, cluster):
    address = cluster.scheduler_address.replace("tcp://", "dask://")
    found, killed = {}, None
    for place, outcome in engine.outcomes(jobs(), DATA, engine=address):
        if killed is None:
            killed = next(iter(cluster.workers.values())).pid
            os.kill(killed, signal.SIGKILL)
        found[place] = outcome
    same(found, here)


@pytest.mark.slow
def test_a_bench_on_a_cluster_has_the_same_rows(cluster):
    work = Work(engine=cluster.scheduler_address.replace("tcp://", "dask://"))
    entrants, how = Line("linear,late-average").entrants(), How(epochs=3)
    there = bench(Seeds(), entrants, DATA, seeds=(0, 1), how=how, rounds=20, work=work)
    assert there.rows == bench(Seeds(), entrants, DATA, seeds=(0, 1), how=how, rounds=20).rows


def test_engines_that_are_not_there(monkeypatch):
    with pytest.raises(RequestError, match="no engine 'ray'; allowed: local, dask://HOST:PORT"):
        engine.outcomes(jobs(1), DATA, engine="ray")
    with pytest.raises(RequestError, match="workers must be 1 or more"):
        engine.outcomes(jobs(1), DATA, workers=0)
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"mien\[distributed\]"):
        list(engine.outcomes(jobs(1), DATA, engine="dask://127.0.0.1:1"))


class Workers:
    """What a client of a cluster says of its workers."""

    def __init__(self, *told):
        self.told = {f"tcp://w{at}": one for at, one in enumerate(told)}
        self.scheduler = type("Scheduler", (), {"address": "tcp://s"})

    def wait_for_workers(self, count, timeout):
        if len(self.told) < count:
            raise TimeoutError

    def run(self, call, on_error):
        assert on_error == "return"
        return self.told


@pytest.mark.parametrize(("told", "why"), [
    ((), "has no worker; start one with `dask worker tcp://s`"),
    ((__version__, ModuleNotFoundError("No module named 'torch'")), r"w1 cannot train \(No module named 'torch'\): pip"),
    (("0.0.1",), rf"w0 has Mien 0.0.1, this is {__version__}: pip install"),
])  # fmt: skip
def test_workers_that_cannot_train_are_named(told, why):
    with pytest.raises(RequestError, match=why):
        _same_mien(Workers(*told))


def test_no_scheduler_there():
    pytest.importorskip("distributed")
    with pytest.raises(RequestError, match=r"no Dask scheduler at 127\.0\.0\.1:9"):
        list(engine.outcomes(jobs(1), DATA, engine="dask://127.0.0.1:9"))
