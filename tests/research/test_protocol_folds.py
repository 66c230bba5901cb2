"""Cuts: groups never meet, everybody is tested once, what cannot be cut is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import DataError, RequestError
from mien.research.protocols.audited import audited
from mien.research.protocols.folds import folds, held_out
from mien.research.protocols.plan import Ask, Trial, configured
from mien.research.protocols.rates import MissingRates
from mien.research.protocols.speakers import GroupFolds, SpeakersOut
from mien.research.samples import Data, Sample

from .made import made, space


def of_groups(sizes):
    samples, place = [], 0
    for group, size in enumerate(sizes):
        for _ in range(size):
            values = np.random.default_rng(place).normal(size=(1, 40)).astype(np.float32)
            samples.append(Sample(f"s{place}", f"g{group}", {"audio": values}, place % 2, speaker=f"p{group}"))
            place += 1
    return Data("sized", space("class", 2), "class", tuple(samples))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=12), st.integers(2, 4), st.integers(0, 99))
def test_folds_keep_groups_whole_and_test_everybody_once(sizes, count, seed):
    data = of_groups(sizes)
    found = folds(data, f"folds:{count}", seed=seed)
    tested = [row for _, cut in found for row in cut.test]
    assert sorted(tested) == list(range(len(data.samples))) and len(found) == count
    for _, cut in found:
        sides = [{data.samples[row].group for row in part} for part in (cut.train, cut.valid, cut.test)]
        assert not (sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2])
        assert sorted((*cut.train, *cut.valid, *cut.test)) == list(range(len(data.samples)))


def test_each_speaker_is_left_out_in_turn():
    data = of_groups([3, 4, 5, 6])
    found = folds(data, "speakers", valid=0)
    assert [name for name, _ in found] == [f"without p{place}" for place in range(4)]
    for place, (_, cut) in enumerate(found):
        assert {data.samples[row].speaker for row in cut.test} == {f"p{place}"} and not cut.valid


def test_a_speaker_in_two_dialogues_cannot_be_left_out_of_them():
    with pytest.raises(DataError, match=r"group 'g.' is in (train|valid) and in test"):
        folds(replace(made(n=12), samples=tuple(
            replace(one, speaker=f"p{at % 3}") for at, one in enumerate(made(n=12).samples))), "speakers")  # fmt: skip


def test_the_owners_parts_are_used_as_they_are():
    data = replace(of_groups([4, 4, 4, 4]), parts={"train": tuple(range(8)), "dev": (8, 9, 10, 11), "test": (12, 13)})
    ((name, cut),) = folds(data)
    assert name == "owners' parts" and cut.valid == (8, 9, 10, 11) and cut.test == (12, 13)
    without = replace(data, parts={"train": tuple(range(12)), "test": (12, 13, 14, 15)})
    ((_, cut),) = folds(without, valid=0.3)
    assert len(cut.valid) == 4 and len(cut.train) == 8


def test_the_cut_is_the_same_for_the_same_seed():
    data = of_groups([2, 3, 4, 5, 6, 7])
    for how in ("random", "folds:3"):
        assert folds(data, how, seed=3) == folds(data, how, seed=3)
    equal = of_groups([3] * 9)
    assert any(folds(equal, "random", seed=3) != folds(equal, "random", seed=other) for other in range(4, 9))
    assert held_out(data, range(27), 0.0, 0)[1] == ()


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("thirds", "no split 'thirds'; allowed: auto, parts, random, folds:K, speakers"),
        ("folds:1", "allowed: .*K of 2 or more"),
        ("folds:9", "has 4 groups, too few for 9 folds"),
        ("parts", "no parts of its owners' called train and test"),
    ],
)
def test_what_cannot_be_cut_is_said(how, why):
    with pytest.raises(RequestError, match=why):
        folds(of_groups([2, 2, 2, 2]), how)


def test_settings_are_read_from_text_and_unknown_ones_are_named():
    found = configured(MissingRates, {"rates": "0,0.5,1", "mode": "rmfm", "ends": "text, audio", "seed": "7"})
    assert found == MissingRates("rmfm", (0.0, 0.5, 1.0), ("text", "audio"), 7)
    assert configured(GroupFolds, {"k": "3"}).k == 3
    with pytest.raises(RequestError, match="folds: k='x' is no int; the default is 5"):
        configured(GroupFolds, {"k": "x"})
    with pytest.raises(RequestError, match="speakers has no setting 'k'; it has: split_seed, valid"):
        configured(SpeakersOut, {"k": 3})


def trial(train, valid, test):
    return [Trial("cut", train, valid, (Ask("complete", test),))]


def test_the_audit_refuses_and_can_be_told_to_let_be():
    data = of_groups([4, 4, 4])
    assert audited(data, trial((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11))) == []
    with pytest.raises(
        DataError, match=r"the audit refuses: 1 groups are in two parts, such as .g0. .*--allow shared-g"
    ):
        audited(data, trial((0, 1), (4, 5), (2, 3)))
    with pytest.raises(DataError, match="--allow fitted-features"):
        audited(replace(data, fitted=frozenset({"g2"})), trial((0, 1, 2, 3), (), (8, 9)))
    with pytest.raises(DataError, match=r"test has classes that train lacks: l1 .*--allow balance"):
        audited(data, trial((0, 2), (), (8, 9)))
    assert "l1" in audited(data, trial((0, 2), (), (8, 9)), ["balance"])[0]
    with pytest.raises(RequestError, match="--allow 'all'; allowed: shared-groups, "):
        audited(data, trial((0, 1), (), (8,)), ["all"])


def test_an_item_is_named_once_in_a_part():
    data = of_groups([4, 4, 4])
    twice = replace(data, parts={"train": (0, 1, 2, 3, 4), "test": (8, 9, 9, 10)})
    with pytest.raises(DataError, match="'s9' stands more than once in test"):
        folds(twice, "parts")


def test_all_refusals_are_told_at_once():
    data = of_groups([4, 4, 4, 4])
    same = [replace(one, speaker="p", features=data.samples[at % 4].features) for at, one in enumerate(data.samples)]
    plan = GroupFolds(k=4, valid=0.0).plan(data)
    codes = ("shared-people", "repeated-features")
    with pytest.raises(DataError, match=r"go on with --allow shared-people --allow repeated-features$"):
        audited(replace(data, samples=tuple(same)), plan.trials)
    told = audited(replace(data, samples=tuple(same)), plan.trials, codes)
    assert [code for code in codes if any(one.endswith(f"[{code}]") for one in told)] == [*codes]


def test_a_class_that_one_fold_never_trains_on_is_found():
    data = of_groups([4, 4, 4, 4])
    odd = [replace(one, target=0 if one.group != "g3" else 1) for one in data.samples]
    plan = GroupFolds(k=4, valid=0.0).plan(replace(data, samples=tuple(odd)))
    with pytest.raises(DataError, match="tested but never trained on: l1"):
        audited(replace(data, samples=tuple(odd)), plan.trials)


def test_what_repeats_between_two_folds_is_found():
    data = of_groups([4, 4, 4, 4])
    plan = GroupFolds(k=4, valid=0.0).plan(data)
    assert audited(data, plan.trials) == []
    copied = [replace(one, features=data.samples[at % 4].features) for at, one in enumerate(data.samples[4:])]
    with pytest.raises(DataError, match="--allow repeated-features"):
        audited(replace(data, samples=(*data.samples[:4], *copied)), plan.trials)
