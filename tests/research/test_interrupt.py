"""A run that is asked to stop finishes its step, leaves a checkpoint, and goes on to the same bits."""

from __future__ import annotations

import dataclasses
import signal
import threading

import pytest

torch = pytest.importorskip("torch")

from mien.research.systems import assemble, system  # noqa: E402
from mien.research.training.interrupt import Interrupts  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402
from mien.research.training.weights import weights  # noqa: E402
from tests.research.made import made  # noqa: E402

DATA = made(n=48, inputs="vector", signal=0.5)
TRAIN, VALID = DATA.samples[:36], DATA.samples[36:]


def run(out, number=None, at=0, **options):
    """A run of four epochs; a signal comes while its loss is computed for the `at`-th time."""
    card = system("concat-mlp")
    method = assemble(card, card.configure({"hidden": 8, "dropout": 0.2}), DATA.shape(), seed=1)
    calls = []

    def losses(*given):
        calls.append(1)
        if len(calls) == at:
            signal.raise_signal(number)
        return method.losses(*given)

    watched = dataclasses.replace(method, losses=losses)
    fit(watched, TRAIN, VALID, Settings(epochs=4, batch=6, device="cpu", quiet=True, out=out, **options))
    return weights(method.model)


@pytest.mark.parametrize("at", [1, 3, 6, 9])
def test_it_stops_after_the_step_and_goes_on_to_the_same_bits(tmp_path, at):
    before = signal.getsignal(signal.SIGINT)
    whole = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", signal.SIGINT, at)
    assert (tmp_path / "cut" / "resume.safetensors").exists() and signal.getsignal(signal.SIGINT) is before
    rest = run(tmp_path / "cut", resume=True)
    assert all(torch.equal(whole[name], rest[name]) for name in whole)


def test_being_told_to_end_is_the_same(tmp_path):
    def leave(*_):
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        with pytest.raises(SystemExit):
            run(tmp_path, signal.SIGTERM, 2)
        assert (tmp_path / "resume.safetensors").exists() and signal.getsignal(signal.SIGTERM) is leave
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_a_folder_nothing_waits():
    with pytest.raises(KeyboardInterrupt):
        run(None, signal.SIGINT, 2)


def test_a_second_signal_acts_at_once():
    with Interrupts() as one:
        signal.raise_signal(signal.SIGINT)
        assert one.asked == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_another_thread_leaves_signals_alone():
    found = []
    thread = threading.Thread(target=lambda: found.append(Interrupts().active))
    thread.start()
    thread.join()
    assert found == [False]
