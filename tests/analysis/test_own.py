import numpy as np
import pytest

from mien.affect.distribution import Distribution
from mien.affect.space import space
from mien.analysis.labelled import TOGETHER, Answered, Clip
from mien.analysis.own import figures

LABELS = space("basic7").labels


def answered(truth, said, confidence, group=None, row=2):
    values = np.full(7, 0.05)
    values[LABELS.index(said)] = 0.7
    return Answered(Clip(row, None, truth, group=group), {TOGETHER: Distribution.of("basic7", values)}, confidence)


def many(count, seed=0):
    rng = np.random.default_rng(seed)
    sure = rng.random(count)
    right = rng.random(count) < sure
    return [answered("anger", "anger" if r else "fear", float(c)) for r, c in zip(right, sure, strict=True)]


def test_an_honest_confidence_has_a_small_gap_and_a_useful_threshold():
    found = figures(many(2000), target=0.8, rounds=50)
    assert found.calibration < 0.05
    kept = found.threshold
    assert 0.5 < kept.confidence < 0.75 and kept.accuracy >= 0.8
    again = many(2000, seed=1)
    right = [one.answers[TOGETHER].top == "anger" for one in again if one.confidence >= kept.confidence]
    assert np.mean(right) == pytest.approx(kept.accuracy, abs=0.04)


def test_few_clips_fit_no_threshold():
    assert figures(many(10), rounds=0).threshold is None


def test_groups_widen_the_interval():
    rows = [answered("anger", "anger" if who % 2 else "fear", 0.5, str(who)) for who in range(6) for _ in range(50)]
    alone = [Answered(Clip(2, None, one.clip.label), one.answers, 0.5) for one in rows]
    grouped, single = (figures(found, rounds=300).rows[0].accuracy.interval for found in (rows, alone))
    assert grouped[1] - grouped[0] > 2 * (single[1] - single[0])
