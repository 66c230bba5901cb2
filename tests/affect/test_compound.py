import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.affect.compound import compound_pairs, compound_scores, compound_shares, non_neutral_mass
from mien.affect.space import SPACES
from mien.errors import RequestError

BASIC = SPACES["basic7"].labels


@given(st.permutations([*BASIC, "other"]), st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_compounds_do_not_depend_on_the_order_of_the_basics(order, values):
    by_name = dict(zip(order, values, strict=True))
    ours = compound_scores(np.array([by_name[label] for label in BASIC]), BASIC)
    assert np.allclose(compound_scores(np.array(values), order), ours)


def test_joy_is_happiness_and_a_missing_basic_is_named():
    assert compound_pairs(["joy", "surprise", "anger", "fear", "sadness", "disgust"])[1] == (0, 1)
    with pytest.raises(RequestError, match="disgust"):
        compound_pairs(["joy", "surprise", "anger", "fear", "sadness"])


def test_a_neutral_answer_has_no_mass_for_compounds():
    assert non_neutral_mass(np.array([1.0, 0, 0, 0, 0, 0, 0]), BASIC) == 0
    assert non_neutral_mass(np.array([0.0, 1, 0, 0, 0, 0, 0]), BASIC) == 1


def test_ties_go_to_the_lower_index():
    assert int(np.argmax(compound_scores(np.full(7, 1 / 7), BASIC))) == 0


def test_shares_sum_to_one_and_of_nothing_there_is_no_share():
    scores = compound_scores(np.array([[0.1, 0.3, 0, 0.2, 0.4, 0, 0], [1.0, 0, 0, 0, 0, 0, 0]]), BASIC)
    shares = compound_shares(scores)
    assert np.allclose(shares.sum(axis=1), [1, 0])
    assert shares[0].argmax() == scores[0].argmax()
