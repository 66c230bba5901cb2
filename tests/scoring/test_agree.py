"""Agreement of a rule with a judge or a published reference: bounds, invariances, undefined cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mien.errors import RequestError
from mien.scoring.agree import groups_agree, labels_agree, numbers_agree, words_agree
from mien.scoring.wheels import LEVEL1, tables

WORDS = st.sampled_from(["happy", "sad", "angry", "calm", "worried"])
SETS = st.lists(st.one_of(st.none(), st.lists(WORDS, max_size=4)), max_size=8)


@given(SETS)
def test_a_side_agrees_with_itself(sets):
    found = labels_agree(sets, [None if one is None else list(reversed(one)) for one in sets])
    assert found.n + found.left_out == len(sets) and found.left_out == sets.count(None)
    assert all(value == 1 or math.isnan(value) for value in found.values.values())


@given(st.lists(st.tuples(st.lists(WORDS), st.lists(WORDS)), min_size=1, max_size=8))
def test_label_agreement_is_bounded_and_swaps_precision_and_recall(pairs):
    one, two = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, turned = labels_agree(one, two).values, labels_agree(two, one).values
    assert all(0 <= value <= 1 for value in found.values())
    assert found["precision"] == turned["recall"] and found["f"] == pytest.approx(turned["f"])


def test_labels_may_be_compared_by_group_and_empty_sets_are_defined():
    held = tables()
    found = labels_agree([["joyful"]], [["happy"]], group=lambda word: held.group(word, LEVEL1[1]))
    assert found.values["same"] == 1.0 and labels_agree([["joyful"]], [["happy"]]).values["jaccard"] == 0.0
    assert labels_agree([[], ["sad"]], [[], []]).values == {
        "same": 0.5,
        "jaccard": 0.5,
        "precision": 0.5,
        "recall": 0.5,
        "f": 0.5,
    }
    assert math.isnan(labels_agree([None], [["a"]]).values["same"])


def test_groups_are_compared_pair_by_pair():
    found = groups_agree([[["a", "b"], ["c"]], None], [[["a", "b", "c"]], [["a"]]])
    assert found.n == 3 and found.left_out == 1
    assert found.values["alike"] == pytest.approx(1 / 3) and found.values["recall"] == 1.0
    assert found.values["precision"] == pytest.approx(1 / 3)
    assert groups_agree([[["a", "b"], ["c"]]], [[["C"], ["b ", "A"]]]).values["kappa"] == 1.0
    assert groups_agree([[["a"]]], [[["a"]]]).n == 0


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=30))
def test_kappa_is_cohens(pairs):
    one, two = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    mine = words_agree(one, two).values["kappa"]
    if len({*one, *two}) > 1:
        assert mine == pytest.approx(cohen_kappa_score(one, two))
    else:
        assert math.isnan(mine)


def test_numbers_say_rank_and_distance():
    found = numbers_agree([1, 5, None, 9], [2, 6, 3, 10], step="clues")
    assert found.values == pytest.approx({"spearman": 1.0, "pearson": 1.0, "difference": 1.0, "distance": 1.0})
    assert (found.n, found.left_out) == (3, 1) and str(found).startswith("clues: spearman 1.000")
    assert math.isnan(numbers_agree([1], [2]).values["spearman"])
    with pytest.raises(RequestError):
        numbers_agree([np.nan], [1])
    with pytest.raises(RequestError):
        words_agree(["a"], [])
