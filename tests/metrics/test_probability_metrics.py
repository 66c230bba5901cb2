"""Probabilities, rankings and distributions: agreement with scikit-learn and scipy, binning, wrong rows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.metrics.calibration import reliability
from mien.metrics.distances import ENTRIES, emd
from mien.metrics.selective import risk_coverage

sklearn = pytest.importorskip("sklearn.metrics")
distance = pytest.importorskip("scipy.spatial.distance")
stats = pytest.importorskip("scipy.stats")

RNG = np.random.default_rng(0)
TABLE = RNG.dirichlet(np.ones(4), 60)
OTHER = RNG.dirichlet(np.ones(4), 60)
GOLD = RNG.integers(0, 4, 60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30))
def test_areas_as_scikit_learn(items):
    truth, scores = [int(t) for t, _ in items], [s for _, s in items]
    if len(set(truth)) == 2:
        assert METRICS["roc_auc"](truth, scores) == pytest.approx(sklearn.roc_auc_score(truth, scores))
        raised = [3 * score + 1 for score in scores]
        assert METRICS["roc_auc"](truth, raised) == METRICS["roc_auc"](truth, scores)
    else:
        assert math.isnan(METRICS["roc_auc"](truth, scores))
    if any(truth):
        wanted = sklearn.average_precision_score(truth, scores)
        assert METRICS["average_precision"](truth, scores) == pytest.approx(wanted)


def test_scores_of_one_label_rank_two_classes():
    assert METRICS["roc_auc"](["lie", "truth"], [0.9, 0.1], positive="lie") == 1
    with pytest.raises(RequestError, match="more than two labels"):
        METRICS["roc_auc"]([0, 1, 2], [0.1, 0.2, 0.3])
    with pytest.raises(RequestError, match="positive: found 1"):
        METRICS["roc_auc"](["lie", "truth"], [0.9, 0.1])


def test_classes_against_the_rest_as_scikit_learn():
    wanted = sklearn.roc_auc_score(GOLD, TABLE, multi_class="ovr", average="macro")
    score = evaluate("roc_auc_classes", GOLD, TABLE, rounds=50)
    assert score.value == pytest.approx(wanted)
    assert list(score.per_class) == ["0", "1", "2", "3"]
    assert set(score.per_class_interval) == set(score.per_class)


def test_brier_and_log_loss_as_scikit_learn():
    assert METRICS["log_loss"](GOLD, TABLE) == pytest.approx(sklearn.log_loss(GOLD, TABLE, labels=range(4)))
    hot = np.eye(4)[GOLD]
    assert METRICS["brier"](GOLD, TABLE) == pytest.approx(((hot - TABLE) ** 2).sum(axis=1).mean())
    two, chance = GOLD % 2, TABLE[:, 0]
    assert METRICS["brier"](two, chance) == pytest.approx(sklearn.brier_score_loss(two, chance))
    assert METRICS["log_loss"](two, chance) == pytest.approx(sklearn.log_loss(two, chance))


def test_columns_are_named_or_counted():
    words = np.array(["a", "b", "c", "d"])[GOLD]
    assert METRICS["brier"](words, TABLE) == pytest.approx(METRICS["brier"](GOLD, TABLE))
    turned = METRICS["brier"](words, TABLE[:, ::-1], labels=["d", "c", "b", "a"])
    assert turned == pytest.approx(METRICS["brier"](GOLD, TABLE))
    with pytest.raises(RequestError, match="name the columns"):
        METRICS["brier"](["a"], [[0.5, 0.5]])
    with pytest.raises(RequestError, match=r"truth: 'c' has no column; the columns are a, b"):
        METRICS["brier"](["c"], [[0.5, 0.5]], labels=["a", "b"])


def test_calibration_error_by_hand():
    confidence = [0.95, 0.85, 0.65, 0.62]
    table = [[c, 1 - c] for c in confidence]
    truth = [0, 1, 0, 1]
    # Ten bins: (0.9, 1] 1 right of 1; (0.8, 0.9] 0 of 1; (0.6, 0.7] 1 of 2.
    gaps = np.array([1 - 0.95, 0.85, abs(0.5 - 0.635)])
    shares = np.array([0.25, 0.25, 0.5])
    assert METRICS["ece"](truth, table, bins=10) == pytest.approx(gaps @ shares)
    assert METRICS["ece"](truth, table, bins=10, norm="l2") == pytest.approx(np.sqrt(gaps**2 @ shares))
    assert METRICS["ece"](truth, table, bins=10, norm="max") == pytest.approx(0.85)
    assert [part.count for part in reliability(truth, table, bins=2, binning="mass")] == [2, 2]
    assert sum(part.count for part in reliability(GOLD, TABLE)) == len(GOLD)


@pytest.mark.parametrize("binning", ["width", "mass"])
@pytest.mark.parametrize("bins", [1, 2, 15, 500])
def test_every_item_falls_into_one_bin(binning, bins):
    table = reliability(GOLD, TABLE, bins=bins, binning=binning)
    assert sum(part.count for part in table) == len(GOLD)
    assert all(part.low < part.confidence <= part.high + 1e-12 for part in table)
    assert 0 <= METRICS["ece"](GOLD, TABLE, bins=bins, binning=binning) <= 1


def test_extreme_confidences_have_a_bin():
    assert [part.count for part in reliability([0, 1], [0.0, 1.0], bins=4)] == [1, 1]
    assert METRICS["ece"]([0, 1], [0.0, 1.0]) == 0


def test_risk_falls_with_better_order():
    wrong, sure = [0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6]
    assert METRICS["aurc"](wrong, sure) == pytest.approx((0 + 0 + 1 / 3 + 0.5) / 4)
    assert METRICS["excess_aurc"](wrong, sure) == pytest.approx(0)
    assert METRICS["excess_aurc"](wrong, sure[::-1]) > 0
    coverage, risk = risk_coverage(wrong, [0.5] * 4)
    assert (coverage.tolist(), risk.tolist()) == ([1.0], [0.5])


def test_distances_as_scipy():
    pairs = list(zip(TABLE, OTHER, strict=True))
    wanted = {
        "js_distance": [distance.jensenshannon(a, b, base=2) for a, b in pairs],
        "kl": [stats.entropy(a, b) for a, b in pairs],
        "emd": [stats.wasserstein_distance(range(4), range(4), a, b) for a, b in pairs],
        "cosine": [1 - distance.cosine(a, b) for a, b in pairs],
        "canberra": [distance.canberra(a, b) for a, b in pairs],
        "chebyshev": [distance.chebyshev(a, b) for a, b in pairs],
        "euclidean": [distance.euclidean(a, b) for a, b in pairs],
        "total_variation": [distance.cityblock(a, b) / 2 for a, b in pairs],
        "hellinger": [distance.euclidean(np.sqrt(a), np.sqrt(b)) / np.sqrt(2) for a, b in pairs],
    }
    for name, values in wanted.items():
        assert METRICS[name](TABLE, OTHER) == pytest.approx(np.mean(values), abs=1e-9), name


@pytest.mark.parametrize("name", [entry[0] for entry in ENTRIES])
def test_a_distribution_is_nearest_to_itself(name):
    same, apart = METRICS[name](TABLE, TABLE), METRICS[name](TABLE, OTHER)
    assert same > apart if METRICS[name].better == "higher" else same < apart
    order = np.random.default_rng(1).permutation(len(TABLE))
    assert METRICS[name](TABLE[order], OTHER[order]) == pytest.approx(apart)
    if name not in ("emd", "top_agreement"):
        columns = [2, 0, 3, 1]
        assert METRICS[name](TABLE[:, columns], OTHER[:, columns]) == pytest.approx(apart)


def test_ordered_labels_may_have_places():
    near = emd(np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), positions=[0, 1, 10])
    far = emd(np.array([0, 1.0, 0]), np.array([0, 0, 1.0]), positions=[0, 1, 10])
    assert (near, far) == (1, 9)
    with pytest.raises(RequestError, match="3 ascending numbers"):
        METRICS["emd"]([[1, 0, 0]], [[0, 1, 0]], positions=[0, 2, 1])


def test_a_share_of_zero_where_the_truth_has_some_is_infinite_and_said_so():
    score = evaluate("kl", [[0.5, 0.5], [1, 0]], [[1, 0], [1, 0]])
    assert score.value == math.inf
    assert score.interval is None
    assert score.note.startswith("infinite: ")
    assert METRICS["kl"]([[0.5, 0.5]], [[1, 0]], floor=1e-6) < 10


def test_rows_that_are_no_distributions_are_told():
    with pytest.raises(
        RequestError, match=r"prediction: item 1 is no distribution \(sum 1.5, lowest 0.5; 1 such items\)"
    ):
        METRICS["kl"]([[1, 0], [1, 0]], [[0.5, 0.5], [1.0, 0.5]])
    with pytest.raises(RequestError, match="truth: item 0 is no distribution"):
        METRICS["kl"]([[1.5, -0.5]], [[0.5, 0.5]])
    with pytest.raises(RequestError, match="outside"):
        METRICS["brier"]([1], [1.5])
    rounded = [[0.33, 0.33, 0.33]]
    assert METRICS["kl"](rounded, rounded) == pytest.approx(0)
