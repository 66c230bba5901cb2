"""Missing data: what stays, whatever the data; curves and their area."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.research.protocols import masks
from mien.research.protocols.curves import RATES, subsets, sweep
from mien.research.protocols.missing import MODES, Missing, only, remove
from mien.research.samples import Sample

RATED = ("rmfm", "rmfm_same", "rmm", "tmfm", "stmfm")
NESTED = ("rmfm", "rmfm_same", "rmm", "tmfm")
STEPS = {"text": 6, "audio": 9, "face": 4}


def sample(id="s", lengths=STEPS, seed=0, target=0):
    rng = np.random.default_rng(seed)
    return Sample(id, "g", {n: rng.normal(size=(steps, 3)).astype(np.float32) for n, steps in lengths.items()}, target)


def many(n=20, aligned=True):
    rng = np.random.default_rng(5)
    found = []
    for place in range(n):
        steps = rng.integers(1, 9, 3)
        if aligned:
            steps[:] = steps[0]
        found.append(
            sample(f"s{place}", dict(zip(("text", "audio", "face"), map(int, steps), strict=True)), place, place % 3)
        )
    return found


def rows(lengths, longest):
    return np.arange(longest) < np.array(lengths)[:, None]


def at_rate(mode, real, rate, seed, ends):
    """The masks of any protocol with one rate."""
    return getattr(masks, mode)(real, rate, np.random.default_rng(seed), ends=ends)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(RATED),
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.floats(0, 1),
    st.integers(0, 2**31),
    st.sampled_from([(), ("text",)]),
)
def test_nothing_but_real_steps_stays(mode, lengths, rate, seed, ends):
    real = {name: rows(lengths, 9) for name in STEPS}
    kept = at_rate(mode, real, rate, seed, ends)
    for name in real:
        assert kept[name].shape == real[name].shape and kept[name].dtype == bool
        assert not (kept[name] & ~real[name]).any()
    for row, length in enumerate(lengths):
        if ends and length:
            assert kept["text"][row, 0] and kept["text"][row, length - 1]


@pytest.mark.parametrize("mode", NESTED)
def test_what_is_missing_at_one_rate_is_missing_at_the_next(mode):
    for item in many():
        before = None
        for rate in RATES:
            kept = Missing(mode, rate, seed=7).kept(item)
            assert before is None or all((kept[name] <= before[name]).all() for name in kept), (item.id, rate)
            before = kept


@pytest.mark.parametrize("mode", RATED)
def test_rate_nought_changes_nothing_and_rate_one_leaves_the_ends(mode):
    samples = many()
    assert all(one is other for one, other in zip(samples, remove(samples, Missing(mode, 0.0)), strict=True))
    for item in remove(samples, Missing(mode, 1.0)):
        assert not item.features
    real = {name: rows([2, 5, 1, 0], 6) for name in STEPS}
    kept = at_rate(mode, real, 1.0, 3, ("text",))
    assert kept["text"].sum(axis=1).tolist() == [2, 2, 1, 0]
    for name in ("audio", "face"):
        assert kept[name].sum() == (5 if mode in ("tmfm", "stmfm") else 0)
    assert (masks.zeroed(real["text"][..., None] * 1.5, real["text"])[..., 0] == real["text"] * 1.5).all()


@pytest.mark.parametrize("mode", RATED)
def test_texts_of_two_one_or_no_tokens_do_not_fail(mode):
    for lengths in ([2], [1], [0], [2, 1, 0, 3]):
        for rate in (0.0, 0.3, 1.0):
            for ends in ((), ("text",)):
                kept = at_rate(mode, {name: rows(lengths, 3) for name in STEPS}, rate, 1, ends)
                if ends:
                    assert kept["text"].sum() >= min(sum(lengths), 1)


def test_masks_depend_on_neither_order_nor_company():
    samples = many(aligned=False)
    missing = Missing("rmfm", 0.5)
    alone = [missing.kept(one) for one in samples]
    for one, item in zip(alone, remove(samples[::-1], missing)[::-1], strict=True):
        assert set(item.features) == {name for name, mask in one.items() if mask.any()}
        for name in item.features:
            assert (item.seen.get(name, np.ones(len(one[name]), bool)) == one[name]).all()
    assert any((Missing("rmfm", 0.5, seed=1).kept(samples[0])[name] != alone[0][name]).any() for name in STEPS)


def test_about_the_rate_is_missing():
    samples = [sample(f"s{place}", {"text": 40, "audio": 60}) for place in range(50)]
    for mode in ("rmfm", "rmfm_same"):
        kept = [Missing(mode, 0.3).kept(one) for one in samples]
        for name in ("text", "audio"):
            assert abs(np.mean([mask[name].mean() for mask in kept]) - 0.7) < 0.03
    kept = [Missing("rmm", 0.3).kept(one) for one in samples]
    whole = np.array([[mask.mean() for mask in one.values()] for one in kept])
    assert set(whole.ravel()) == {0.0, 1.0} and abs(whole.mean() - 0.7) < 0.15


def test_a_block_is_one_block_the_same_for_all():
    real = {name: rows([9, 6], 9) for name in STEPS}
    kept = masks.stmfm(real, 0.5, np.random.default_rng(0), ends=())
    for row, length in ((0, 9), (1, 6)):
        gone = np.flatnonzero(~kept["text"][row, :length])
        assert len(gone) == round(length / 2) and (np.diff(gone) == 1).all()
    assert all((kept[name] == kept["text"]).all() for name in real)


def test_a_rate_for_each_modality():
    item = remove([sample()], Missing("rmfm_same", 0.0, rates={"audio": 1.0}))[0]
    assert set(item.features) == {"text", "face"} and not item.seen
    assert str(Missing("rmfm_same", rates={"text": 0.2})) == "rmfm_same at rate text 0.2, seed 1111"


def test_training_rates_by_position_leave_half():
    real = {"text": np.ones((40, 200), bool), "audio": np.ones((40, 300), bool)}
    kept = masks.rmfm(real, "position", np.random.default_rng(0), ends=())
    shares = kept["audio"].mean(axis=1)
    assert abs(shares.mean() - 0.5) < 0.02 and shares.std() < 0.05


@pytest.mark.parametrize("mode", RATED)
def test_the_counterfactual_text_misses_what_the_text_misses(mode):
    whole = sample(lengths={"text": 9, "audio": 9, "text_counterfactual": 9})
    bare = sample(lengths={"text": 9, "audio": 9})
    kept = Missing(mode, 0.5).kept(whole)
    assert (kept["text"] == kept["text_counterfactual"]).all() and (
        Missing(mode, 0.5).kept(bare)["text"] == kept["text"]
    ).all()
    assert set(only([whole], ["text"])[0].features) == {"text", "text_counterfactual"}
    assert set(only([whole], ["audio"])[0].features) == {"audio"}
    assert list(subsets(lambda given: {"n": len(given)}, [whole])) == [("text",), ("audio",), ("text", "audio")]


def test_whole_modalities():
    assert set(only([sample()], ["audio", "face"])[0].features) == {"audio", "face"}
    with pytest.raises(RequestError, match="no sample has smell; there are: text, audio, face"):
        only([sample()], ["smell"])


@pytest.mark.parametrize("mode", ["tmfm", "stmfm"])
def test_aligned_modalities_of_which_one_lacks_steps_stay_aligned(mode):
    one = sample(lengths={"audio": 10, "face": 10})
    gap = replace(one, seen={"face": np.arange(10) != 4})
    kept, other = Missing(mode, 0.4).kept(gap), Missing(mode, 0.4).kept(one)
    assert (kept["audio"] == other["audio"]).all()
    assert (kept["face"] == (other["face"] & gap.seen["face"])).all()


def test_what_cannot_be_asked():
    with pytest.raises(RequestError, match="unknown protocol 'x'; allowed: rmfm, rmfm_same, rmm, tmfm, stmfm, smm"):
        Missing("x")
    with pytest.raises(RequestError, match="from 0 to 1"):
        Missing("rmfm", 1.5)
    with pytest.raises(RequestError, match="rmfm_same's"):
        Missing("rmfm", rates={"text": 0.5})
    with pytest.raises(RequestError, match=r"sample s: tmfm needs aligned .*text \[6\], audio \[9\]"):
        remove([sample()], Missing("tmfm", 0.5))
    with pytest.raises(RequestError, match="smm has no rate"):
        sweep(lambda samples: {"accuracy": 1.0}, [sample()], "smm")
    with pytest.raises(RequestError, match="ascending"):
        sweep(lambda samples: {"accuracy": 1.0}, [sample()], "rmfm", rates=(0.5, 0.5))


@pytest.mark.parametrize("mode", RATED)
def test_a_constant_answer_has_a_flat_curve_whose_area_is_its_accuracy(mode):
    samples = many()
    accuracy = float(np.mean([one.target == 0 for one in samples]))
    curve = sweep(lambda given: {"accuracy": np.mean([one.target == 0 for one in given])}, samples, mode)
    assert curve.values["accuracy"] == (accuracy,) * 11
    assert curve.auilc["accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert curve.seen["text"][0] == 1 and curve.seen["text"][-1] == 0
    assert curve.describe().startswith(f"{mode}, rates 0, 0.1, 0.2") and "seed 1111, 20 samples" in curve.describe()


def test_needs_no_torch():
    names = "protocols.curves, mien.research.protocols.repartition, mien.research.systems.cider.counterfactual"
    code = f"import sys, mien.research.{names}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_set_of_modalities():
    found = subsets(lambda given: {"steps": sum(len(v) for s in given for v in s.features.values())}, [sample()])
    assert list(found)[:3] == [("text",), ("audio",), ("face",)] and len(found) == 7
    assert found[("text", "audio", "face")]["steps"] == 19 and found[("audio",)]["steps"] == 9
    assert len(MODES) == 6


def test_the_shadow_of_text_is_no_modality_of_its_own():
    from mien.research.protocols.perturb import Perturbations
    from mien.research.protocols.rates import MissingRates, Modalities

    from .made import made

    data = made("class", modalities=("text", "audio"), n=48)
    samples = tuple(
        replace(one, features={**one.features, "text_counterfactual": one.features["text"] + 1}) for one in data.samples
    )
    data = replace(data, samples=samples)
    for plan in (Modalities().plan(data), MissingRates(mode="smm").plan(data)):
        asks = {ask.condition: ask for ask in plan.trials[0].asks}
        assert list(asks) == ["text", "audio", "text+audio"]
        assert [one.name for one in plan.figures] == ["without text minus all", "without audio minus all"]
        heard, read = (asks[name].change(samples[:3])[0].features for name in ("audio", "text"))
        assert set(heard) == {"audio"} and set(read) == {"text", "text_counterfactual"}
    assert not any("counterfactual" in ask.condition for ask in Perturbations().plan(data).trials[0].asks)


class Recorded:
    """Draws that are all the same number."""

    def __init__(self, value):
        self.value = value

    def random(self, size):
        return np.full(size, self.value)


@pytest.mark.parametrize("mode", ["rmfm", "rmfm_same", "rmm", "tmfm"])
def test_a_draw_of_the_rate_itself_is_missing(mode):
    """Kept when draw > rate, as published."""
    real = {name: rows([3, 4], 5) for name in STEPS}
    for value, stays in ((0.5, False), (0.5000001, True)):
        kept = getattr(masks, mode)(real, 0.5, Recorded(value), ends=())
        assert all((kept[name] == (real[name] & stays)).all() for name in real)


def test_marks_stay_in_every_mode_when_asked_for():
    item = sample(lengths=dict.fromkeys(STEPS, 6))
    for mode in MODES:
        rate = {} if mode == "smm" else {"rate": 1.0}
        (left,) = remove([item], Missing(mode, ends=("text",), **rate))
        assert left.seen["text"].tolist() == [True, False, False, False, False, True], mode
        assert not remove([item], Missing(mode, **rate))[0].features
