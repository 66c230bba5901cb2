"""Classes: agreement with scikit-learn, absent classes, answers outside the labels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.metrics.confusion import confusion

sklearn = pytest.importorskip("sklearn.metrics")

ITEMS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)
CLASS_IDS = ["accuracy", "uar", "weighted_f1", "macro_f1", "micro_f1", "macro_precision", "macro_recall"]


def split(items):
    return [t for t, _ in items], [p for _, p in items]


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None)
@given(ITEMS)
def test_as_scikit_learn(items):
    t, p = split(items)
    wanted = {
        "accuracy": sklearn.accuracy_score(t, p),
        "uar": sklearn.balanced_accuracy_score(t, p),
        "weighted_f1": sklearn.f1_score(t, p, average="weighted", zero_division=0),
        "macro_f1": sklearn.f1_score(t, p, average="macro", zero_division=0),
        "micro_f1": sklearn.f1_score(t, p, average="micro", zero_division=0),
        "macro_precision": sklearn.precision_score(t, p, average="macro", zero_division=0),
        "macro_recall": sklearn.recall_score(t, p, average="macro", zero_division=0),
    }
    for name, value in wanted.items():
        assert METRICS[name](t, p) == pytest.approx(value, abs=1e-12), name
    assert (confusion(t, p)[1] == sklearn.confusion_matrix(t, p)).all()
    kappa = METRICS["cohen_kappa"](t, p)
    assert math.isnan(kappa) or kappa == pytest.approx(sklearn.cohen_kappa_score(t, p), abs=1e-12)
    mcc = METRICS["mcc"](t, p)
    assert (0 if math.isnan(mcc) else mcc) == pytest.approx(sklearn.matthews_corrcoef(t, p), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(ITEMS, st.randoms(use_true_random=False), st.permutations(["a", "b", "c", "d", "e"]))
def test_order_repetition_and_names_change_nothing(items, random, names):
    shuffled = list(items)
    random.shuffle(shuffled)
    for name in [*CLASS_IDS, "cohen_kappa", "mcc"]:
        value = METRICS[name](*split(items))
        renamed = METRICS[name]([names[t] for t, _ in items], [names[p] for _, p in items])
        for other in (METRICS[name](*split(shuffled)), METRICS[name](*split(items * 2)), renamed):
            assert other == pytest.approx(value, abs=1e-12, nan_ok=True), name
        assert math.isnan(value) or (-1 if name in ("cohen_kappa", "mcc") else 0) <= value <= 1 + 1e-12


def test_a_class_without_items_in_the_fold_is_left_out_of_uar_unless_asked():
    truth, prediction = ["a", "a", "b"], ["a", "b", "b"]
    assert METRICS["uar"](truth, prediction, labels=["a", "b", "c"]) == pytest.approx(0.75)
    assert METRICS["uar"](truth, prediction, labels=["a", "b", "c"], absent="zero") == pytest.approx(0.5)
    assert math.isnan(METRICS["uar"](truth, prediction, labels=["a", "b", "c"], absent="nan"))
    with pytest.raises(RequestError, match="allowed: skip, zero, nan"):
        METRICS["uar"](truth, prediction, absent="drop")


def test_a_class_that_is_only_answered_costs_f1_but_not_uar():
    truth, prediction = ["a", "a"], ["a", "c"]
    assert METRICS["uar"](truth, prediction) == 0.5
    assert METRICS["macro_f1"](truth, prediction) == pytest.approx((2 / 3 + 0) / 2)


def test_an_answer_outside_the_labels_is_wrong_and_a_truth_outside_is_an_error():
    assert METRICS["accuracy"](["a", "b"], ["a", "none of these"], labels=["a", "b"]) == 0.5
    assert METRICS["uar"](["a", "b"], ["a", "x"], labels=["b", "a"]) == 0.5
    assert METRICS["micro_f1"](["a", "b"], ["a", "x"], labels=["a", "b"]) == pytest.approx(2 / 3)
    assert confusion(["a", "b"], ["a", "x"], labels=["a", "b"])[1].tolist() == [[1, 0, 0], [0, 0, 1]]
    with pytest.raises(RequestError, match=r"truth: the label at item 1 is none of a, b \(1 such items\)"):
        METRICS["uar"](["a", "c"], ["a", "a"], labels=["a", "b"])


def test_one_class_only():
    assert METRICS["uar"](["a", "a"], ["a", "a"]) == 1
    score = evaluate("mcc", ["a", "a"], ["a", "b"])
    assert math.isnan(score.value)
    assert score.interval is None
    assert score.note == "undefined: truth or prediction holds one class only"


def test_per_class_values_and_intervals():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 400)
    prediction = np.where(rng.random(400) < 0.7, truth, rng.integers(0, 3, 400))
    score = evaluate("uar", truth, prediction)
    recalls = sklearn.recall_score(truth, prediction, average=None)
    assert list(score.per_class) == ["0", "1", "2"]
    np.testing.assert_allclose(list(score.per_class.values()), recalls)
    for name, (low, high) in score.per_class_interval.items():
        assert low < score.per_class[name] < high


def test_detection_of_one_label_among_two():
    truth, prediction = [1, 1, 1, 0, 0], [1, 0, 1, 1, 0]
    assert METRICS["detection_rate"](truth, prediction) == pytest.approx(2 / 3)
    assert METRICS["false_alarm_rate"](truth, prediction) == 0.5
    assert METRICS["f1_positive"](truth, prediction) == pytest.approx(sklearn.f1_score(truth, prediction))
    assert METRICS["precision_positive"](truth, prediction) == pytest.approx(2 / 3)
    assert METRICS["detection_rate"](["lie", "truth"], ["lie", "lie"], positive="lie") == 1
    assert math.isnan(METRICS["detection_rate"]([0, 0], [1, 0]))
    with pytest.raises(RequestError, match="positive: found 1, the labels hold text"):
        METRICS["detection_rate"](["lie", "truth"], ["lie", "lie"])


def test_ordered_classes():
    truth, prediction = [0, 3, 3, 6], [1, 3, 5, 3]
    assert METRICS["accuracy_within_1"](truth, prediction) == 0.5
    assert METRICS["exactly_1_off"](truth, prediction) == 0.25
    assert METRICS["accuracy_within_1"](truth, prediction, distance=2) == 0.75
