import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from mien.errors import RequestError
from mien.metrics.label_sets import pooled, set_scores

TABLES = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=n, max_size=n)] * 2)
)


@settings(deadline=None)
@given(TABLES)
def test_means_are_those_of_scikit_learn(tables):
    truth, answer = (np.array(table, dtype=int) for table in tables)
    found = set_scores(truth, answer)
    for average, values in found.items():
        if truth.sum() == 0 and average == "weighted":
            continue
        wanted = precision_recall_fscore_support(truth, answer, average=average, zero_division=0)[:3]
        assert np.allclose([values["precision"], values["recall"], values["f1"]], wanted)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12))
def test_a_union_hits_at_least_as_often_as_an_intersection(rows):
    truth, one, two = (np.eye(4)[list(codes)] for codes in zip(*rows, strict=True))
    found = pooled(truth, np.maximum(one, two), one * two)
    assert found.accuracy_over_all <= min(found.hit_rate, found.coverage) and found.n == len(rows)
    assert np.isnan(found.accuracy) == (found.coverage == 0)


def test_labels_that_never_occur_count_as_zero_or_not_at_all():
    truth, answer = [[1, 0], [1, 0]], [[1, 0], [1, 0]]
    assert set_scores(truth, answer)["macro"]["f1"] == 0.5
    assert set_scores(truth, answer, absent="skip")["macro"]["f1"] == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: set_scores([[1, 0]], [[1]]),
        lambda: set_scores([[2, 0]], [[1, 0]]),
        lambda: pooled([[1, 1]], [[1, 0]], [[1, 0]]),
        lambda: pooled([[1, 0]], [[1, 0]], [[1]]),
    ],
)
def test_tables_that_do_not_fit_are_refused(call):
    with pytest.raises(RequestError):
        call()
