"""Rater quality: planted rogues are found, sound raters are left alone."""

import math

import numpy as np
import pytest

from mien.errors import RequestError
from mien.raters import Votes, rater_quality

CLASSES = list("abcd")


def planted(items=300, seed=0):
    """Ten raters who are right four times in five, one at random, one who always says the same, one who is new."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 4, (items, 1))
    table = np.where(generator.random((items, 13)) < 0.8, truth, generator.integers(0, 4, (items, 13))).astype(object)
    table[:, 10] = generator.integers(0, 4, items)
    table[:, 11] = 2
    table[5:, 12] = None
    return table, truth[:, 0]


def test_planted_rogues_are_named_and_nobody_else():
    table, _ = planted()
    found = rater_quality(Votes.from_matrix(table))
    assert [set(one.flags) for one in found] == [set()] * 10 + [{"random", "apart"}, {"constant", "apart"}, {"few"}]
    assert found[0].ratings == found[0].shared == 300 and found[12].shared == 5


def test_agreement_and_chance_are_what_shuffling_finds():
    table, _ = planted(120)
    votes = Votes.from_matrix(table[:, :6])
    found = rater_quality(votes)[2]
    others = np.delete(table[:, :6], 2, axis=1)
    own = table[:, 2]

    def share(labels):
        return float((others == labels[:, None]).mean())

    generator = np.random.default_rng(0)
    shuffled = [share(generator.permutation(own)) for _ in range(3000)]
    assert found.agreement == pytest.approx(share(own))
    assert found.chance == pytest.approx(np.mean(shuffled), abs=3e-3)
    assert found.z == pytest.approx((share(own) - np.mean(shuffled)) / np.std(shuffled), rel=0.06)


def test_random_answers_are_flagged_about_nineteen_times_in_twenty():
    flags = []
    for seed in range(40):
        table, _ = planted(60, seed)
        flags.append("random" in rater_quality(Votes.from_matrix(table))[10].flags)
    assert sum(flags) >= 33


def test_who_swaps_two_labels_runs_against_the_rest():
    table, truth = planted()
    table[:, 3] = (truth + 1) % 4
    assert "against" in rater_quality(Votes.from_matrix(table))[3].flags


def test_several_labels_a_vote():
    table, _ = planted(100)
    nested = [
        [[CLASSES[cell], "e"] if row % 2 else CLASSES[cell] for cell in cells[:8]] for row, cells in enumerate(table)
    ]
    found = rater_quality(Votes.of(nested))
    assert all(0 <= one.agreement <= 1 and one.z > 5 and not one.flags for one in found)


def test_numbers_have_bias_and_spread():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=200)
    table = truth[:, None] + generator.normal(size=(200, 7)) * 0.3
    table[:, 4] = 2 * table[:, 4] + 1
    table[:, 5] = generator.normal(size=200)
    table[:, 6] = -table[:, 6]
    found = rater_quality(table)
    assert found[4].bias > 0.5 and found[4].spread > 1.8 and found[4].flags == ()
    assert "random" in found[5].flags and "against" in found[6].flags
    assert [one.flags for one in found[:4]] == [()] * 4
    constant = rater_quality(np.column_stack([truth, truth + 0.1, np.ones(200)]))[2]
    assert constant.flags == ("constant",) and math.isnan(constant.agreement)


def test_a_rater_who_shares_nothing_is_not_judged():
    found = rater_quality([[1, 2, None], [2, 3, None], [None, None, 4]])
    assert found[2].shared == 0 and found[2].flags == ("few",) and math.isnan(found[2].agreement)
    votes = Votes.from_table({"item": [1, 1, 2], "rater": ["x", "y", "z"], "label": ["a", "b", "a"]})
    assert rater_quality(votes)[2].shared == 0


def test_who_voted_must_be_known_and_there_must_be_two():
    with pytest.raises(RequestError, match="who voted"):
        rater_quality(Votes.from_counts([[1, 2]], labels=["a", "b"]))
    for one in (Votes.of([["a"]]), [[1], [2]]):
        with pytest.raises(RequestError, match="one rater cannot be compared"):
            rater_quality(one)
