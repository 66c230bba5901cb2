"""Several labels an item: agreement with scikit-learn, empty items and labels, wrong tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.metrics.tags import values_of_tags
from mien.metrics.zeros_ones import binarised

sklearn = pytest.importorskip("sklearn.metrics")

BITS = hnp.arrays(np.int64, (6, 4), elements=st.integers(0, 1))
SCORES = hnp.arrays(np.float64, (6, 4), elements=st.integers(0, 4).map(lambda value: value / 4))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None)
@given(BITS, BITS)
def test_sets_as_scikit_learn(t, p):
    wanted = {
        "multilabel_micro_f1": sklearn.f1_score(t, p, average="micro", zero_division=0),
        "multilabel_weighted_f1": sklearn.f1_score(t, p, average="weighted", zero_division=0),
        "samples_f1": sklearn.f1_score(t, p, average="samples", zero_division=1),
        "jaccard_samples": sklearn.jaccard_score(t, p, average="samples", zero_division=1),
        "subset_accuracy": sklearn.accuracy_score(t, p),
        "hamming_loss": sklearn.hamming_loss(t, p),
    }
    for name, value in wanted.items():
        assert np.nan_to_num(METRICS[name](t, p)) == pytest.approx(value, abs=1e-12), name
    zero = METRICS["multilabel_macro_f1"](t, p, absent="zero")
    assert zero == pytest.approx(sklearn.f1_score(t, p, average="macro", zero_division=0), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(BITS, SCORES)
def test_rankings_as_scikit_learn(t, s):
    assert METRICS["ranking_loss"](t, s) == pytest.approx(sklearn.label_ranking_loss(t, s), abs=1e-12)
    assert METRICS["coverage_error"](t, s) == pytest.approx(sklearn.coverage_error(t, s), abs=1e-12)
    wanted = sklearn.label_ranking_average_precision_score(t, s)
    assert METRICS["label_ranking_precision"](t, s) == pytest.approx(wanted, abs=1e-12)


def test_labels_that_occur_nowhere_are_left_out_or_count_as_zero():
    t, p = [[1, 0], [1, 0]], [[1, 0], [0, 0]]
    assert METRICS["multilabel_macro_f1"](t, p) == pytest.approx(2 / 3)
    assert METRICS["multilabel_macro_f1"](t, p, absent="zero") == pytest.approx(1 / 3)


def test_weighted_accuracy_is_balanced_accuracy_per_label():
    rng = np.random.default_rng(0)
    t, p = rng.integers(0, 2, (50, 3)), rng.integers(0, 2, (50, 3))
    each = [sklearn.balanced_accuracy_score(a, b) for a, b in zip(t.T, p.T, strict=True)]
    score = evaluate("multilabel_weighted_accuracy", t, p, labels=["joy", "fear", "anger"], rounds=50)
    assert score.value == pytest.approx(np.mean(each))
    assert dict(score.per_class) == pytest.approx(dict(zip(["joy", "fear", "anger"], each, strict=True)))


def test_undefined_tags_are_skipped_or_count_as_the_library_does():
    tags = [[0, 1, 1], [0, 1, 0], [0, 1, 1]]
    scores = [[0.1, 0.2, 0.9], [0.2, 0.1, 0.1], [0.3, 0.3, 0.8]]
    assert METRICS["roc_auc_macro"](tags, scores) == 1
    assert METRICS["roc_auc_macro"](tags, scores, undefined="library") == pytest.approx(1 / 3)
    assert METRICS["average_precision_macro"](tags, scores) == 1
    assert METRICS["average_precision_macro"](tags, scores, undefined="library") == pytest.approx(2 / 3)


def test_a_uniform_row_names_no_label_under_the_share_threshold():
    assert binarised([[0.25] * 4, [0.4, 0.3, 0.3, 0.0]], "1/C").tolist() == [[0] * 4, [1, 1, 1, 0]]


def test_tag_values():
    found = values_of_tags([[1, 1], [0, 1], [0, 0]], [[2.0, 4.0], [4.0, 8.0]])
    np.testing.assert_array_equal(found, [[3, 6], [4, 8], [np.nan, np.nan]])
    with pytest.raises(RequestError, match="2 columns, values for 1 tags"):
        values_of_tags([[1, 1]], [[1.0, 2.0]])


def test_wrong_tables_are_told():
    with pytest.raises(RequestError, match=r"prediction: found 0.5 at item 0, column 1; allowed: 0 and 1"):
        METRICS["hamming_loss"]([[1, 0]], [[1, 0.5]])
    with pytest.raises(RequestError, match=r"shape \(1, 2\), prediction \(1, 3\)"):
        METRICS["hamming_loss"]([[1, 0]], [[1, 0, 1]])
    with pytest.raises(RequestError, match="labels: 1 names for 2 columns"):
        METRICS["multilabel_macro_f1"]([[1, 0]], [[1, 0]], labels=["joy"])
