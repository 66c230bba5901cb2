"""What the mapping engine promises of every mapping there is."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.affect.distribution import Distribution
from mien.affect.mapping import MAPPINGS, goals, mapping
from mien.affect.space import SPACES
from mien.affect.translate import translate
from mien.errors import RequestError

from .answers import answers

EVERY = list(MAPPINGS.values())
ALL_PAIRS = [(start, goal) for start in SPACES for goal in goals(start)]


def ids(one):
    return one.id


@pytest.mark.parametrize("one", EVERY, ids=ids)
def test_a_mapping_says_where_it_comes_from_and_what_it_loses(one):
    assert one.id and len(one.source) > 3 and len(one.loses) > 3
    assert one.start in SPACES and one.goal in SPACES and one.start != one.goal


@pytest.mark.parametrize("one", EVERY, ids=ids)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_mapping_is_total_and_keeps_the_mass(one, data):
    start, goal = SPACES[one.start], SPACES[one.goal]
    values = data.draw(answers(start))
    found = one.apply(values)
    assert found.shape == (len(values), len(goal.labels))
    lost = one.lost(values)
    assert ((lost >= 0) & (lost <= 1 + 1e-9)).all()
    left = ~np.isnan(found).any(axis=1)
    assert (left | (lost > 0.99)).all() or one.goal.startswith("sentiment2")
    for row in found[left]:
        assert np.allclose(Distribution(goal, row).values, row)


@pytest.mark.parametrize("one", EVERY, ids=ids)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_rows_do_not_know_each_other(one, data):
    values = data.draw(answers(SPACES[one.start], rows=3))
    whole = one.apply(values)
    assert np.allclose(one.apply(values[::-1])[::-1], whole, equal_nan=True)
    assert np.allclose(one.apply(values[1]), whole[1], equal_nan=True)


@pytest.mark.parametrize("start", list(SPACES))
def test_every_reachable_space_is_reached_by_an_answer(start):
    own = SPACES[start]
    middle = np.full((1, len(own.labels)), 1 / len(own.labels) if own.exclusive else (own.low + own.high) / 2)
    for goal in goals(start):
        found = translate(middle, start, goal, max_lost=1.0)
        assert found.mapping.source and found.mapping.loses and start in found.report()
        assert found.kept.all() == np.isfinite(found.values).all()


@settings(max_examples=60, deadline=None)
@given(pair=st.sampled_from(ALL_PAIRS), data=st.data())
def test_one_answer_and_a_table_of_answers_agree(pair, data):
    start, goal = pair
    values = data.draw(answers(SPACES[start], rows=2))
    table = translate(values, start, goal)
    one = Distribution(SPACES[start], values[0])
    if table.kept[0]:
        found = one.to(goal)
        assert np.allclose(found.values, table.values[0]) and found.space.name == goal
    else:
        with pytest.raises(RequestError, match=r"would lose|leaves this answer out"):
            one.to(goal)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_order_and_spelling_of_labels_change_nothing(data):
    sevens = ["basic7", "meld7", "meld7-conversation", "emotiontalk7", "dfew7", "rafdb7", "ferv39k7", "fer2013-7"]
    first, second, goal = (
        data.draw(st.sampled_from(names)) for names in (sevens, sevens, ["sentiment3", "vad", "mer6"])
    )
    values = data.draw(answers(SPACES[first], rows=3))
    there = translate(values, first, second)
    assert there.mapping.exact or first == second
    assert np.allclose(translate(there.values, second, first).values, values)
    one, other = translate(values, first, goal), translate(there.values, second, goal)
    assert np.allclose(one.values, other.values, equal_nan=True) and np.array_equal(one.kept, other.kept)


def test_two_lossy_mappings_never_compose_by_themselves_and_warn_by_hand():
    fine = Distribution.of("goemotions28", {"surprise": 0.9})
    with pytest.raises(RequestError, match=r"no mapping from goemotions28 to cexpr7.*two lossy mappings.*basic7"):
        fine.to("cexpr7")
    basic = fine.to("basic7")
    assert basic.via == ("goemotions28-basic7/1",)
    with pytest.warns(UserWarning, match="goemotions28-basic7/1 and then basic7-sentiment3/1"):
        twice = basic.to("sentiment3")
    assert twice != fine.to("sentiment3")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert basic.to("meld7").to("rafdb7").to("basic7") == basic


@pytest.mark.parametrize("start", ["academic5", "daisee4", "wesad4", "stress2", "mdpe2", "maha10", "quadrants4"])
def test_states_that_are_no_emotions_reach_none(start):
    with pytest.raises(RequestError, match=f"no mapping from {start} to basic7 .*it can go to: none"):
        mapping(start, "basic7")
    with pytest.raises(RequestError, match=f"no mapping from basic7 to {start}"):
        mapping("basic7", start)


def test_loose_labels_can_be_left_out():
    worried = Distribution.of("mer6", {"worried": 0.5, "sad": 0.5})
    assert worried.to("basic7")["fear"] == 0.5
    with pytest.raises(RequestError, match=r"mer6-basic7-strict/1 would lose 50%.*worried"):
        worried.to("basic7", strict=True)
    assert worried.to("basic7", strict=True, max_lost=0.5)["sadness"] == 1
    joined = translate([[0, 0, 0, 0, 0, 0.9, 0.1]], "ckplus7", "meld7", strict=True)
    assert joined.kept.all() and joined.lost[0] == 0
    with pytest.raises(RequestError, match="loose mapping as a whole"):
        mapping("emonet40", "basic7", strict=True)


def test_what_has_no_counterpart_is_refused_beyond_the_stated_loss():
    with pytest.raises(RequestError, match=r"lose 100% of the probability .calm"):
        Distribution.of("ravdess8", {"calm": 1}).to("basic7")
    kept = Distribution.of("ravdess8", {"calm": 0.1, "happy": 0.9}).to("basic7")
    assert kept["happiness"] == pytest.approx(1) and kept["neutral"] == 0
