"""Human ceilings: one rater held out against the rest, and a model beside it."""

import math

import numpy as np
import pytest

from mien.errors import RequestError
from mien.metrics import METRICS
from mien.raters import Votes, human_ceiling

ACCURACY = METRICS["accuracy"]


def simulated(items=400, raters=5, right=0.8, classes=4, seed=0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, classes, (items, 1))
    noise = generator.integers(0, classes, (items, raters))
    return truth[:, 0], np.where(generator.random((items, raters)) < right, truth, noise)


def by_hand(table):
    """The definition, written out."""
    truth, own, ties = [], [], 0
    for row in table.tolist():
        for place, answer in enumerate(row):
            counts = np.bincount(row[:place] + row[place + 1 :], minlength=10)
            if (counts == counts.max()).sum() > 1:
                ties += 1
                continue
            truth.append(counts.argmax())
            own.append(answer)
    return np.array(truth), np.array(own), ties


@pytest.mark.parametrize("metric", ["accuracy", "uar", "macro_f1"])
def test_the_ceiling_is_what_its_definition_says(metric):
    _, table = simulated(60)
    truth, own, ties = by_hand(table)
    found = human_ceiling(Votes.from_matrix(table), METRICS[metric], rounds=20)
    assert found.pooled == pytest.approx(METRICS[metric](truth, own))
    assert (found.votes, found.ties, found.alone) == (len(own), ties, 0)
    assert list(found.per_rater) == ["1", "2", "3", "4", "5"]
    assert found.mean == pytest.approx(np.mean(list(found.per_rater.values())))
    assert found.interval[0] < found.pooled < found.interval[1]


def test_counts_give_the_same_pooled_ceiling_as_votes():
    _, table = simulated()
    votes = Votes.from_matrix(table)
    counts = Votes.from_counts(votes.counts, labels=votes.labels)
    one, two = (human_ceiling(each, ACCURACY, rounds=50) for each in (votes, counts))
    assert one.pooled == two.pooled and one.interval == two.interval
    assert two.per_rater == {} and "held out on its own" in two.note and math.isnan(two.mean)


def test_a_model_stands_beside_the_raters():
    truth, table = simulated(right=0.7)
    votes = Votes.from_matrix(table)
    perfect = human_ceiling(votes, ACCURACY, predictions=truth, rounds=0)
    guess = human_ceiling(votes, ACCURACY, predictions=[votes.labels[0]] * len(votes), rounds=0)
    assert perfect.model > perfect.pooled > guess.model
    assert perfect.model_to_rater > guess.model_to_rater
    assert perfect.rest_to_rater == guess.rest_to_rater == pytest.approx(perfect.pooled)
    with pytest.raises(RequestError, match="one for each of the 400 items, got 1"):
        human_ceiling(votes, ACCURACY, predictions=[0])
    with pytest.raises(RequestError, match="a prediction is 'joy'; allowed: 0, 1, 2, 3"):
        human_ceiling(votes, ACCURACY, predictions=["joy"] * 400)


def test_numbers_are_compared_with_the_mean_of_the_rest():
    generator = np.random.default_rng(0)
    table = generator.normal(size=(200, 3)) * 0.5 + generator.normal(size=(200, 1))
    found = human_ceiling(table, METRICS["pearson"], predictions=table.mean(axis=1))
    wanted = [np.corrcoef(table[:, j], np.delete(table, j, 1).mean(1))[0, 1] for j in range(3)]
    assert list(found.per_rater.values()) == pytest.approx(wanted)
    assert found.model > found.pooled and found.interval is not None
    table[5, 0] = table[6, 0] = table[6, 1] = math.nan
    assert human_ceiling(table, METRICS["ccc"], rounds=0).alone == 1


def test_distributions_of_the_rest():
    votes = Votes.of([["a", "b", "b"], [["a", "b"], "a", "a"]])
    seen = {}

    def keep(truth, prediction):
        seen.setdefault("pooled", (truth.tolist(), prediction.tolist()))
        return 0.0

    human_ceiling(votes, keep, form="distribution", rounds=0)
    assert seen["pooled"][0] == [[0, 1], [0.5, 0.5], [0.5, 0.5], [1, 0], [2 / 3, 1 / 3], [2 / 3, 1 / 3]]
    assert seen["pooled"][1] == [[1, 0], [0, 1], [0, 1], [0.5, 0.5], [1, 0], [1, 0]]


@pytest.mark.parametrize(
    ("votes", "why"),
    [
        (Votes.of([["a"], ["b"]]), "no item has two ratings"),
        (Votes.of([[], []], labels=["a"]), "no item has two ratings"),
        (Votes.of([["a", "b", "c"]]), "tied on every item"),
        (np.array([[1.0, math.nan]]), "no item has two ratings"),
    ],
)
def test_without_a_rest_there_is_no_ceiling(votes, why):
    with pytest.raises(RequestError, match=why):
        human_ceiling(votes, ACCURACY)


def test_an_unknown_form_lists_those_there_are():
    with pytest.raises(RequestError, match="allowed: labels, distribution"):
        human_ceiling(Votes.of([["a", "a"]]), ACCURACY, form="soft")


def test_real_votes_have_a_ceiling_that_grows_with_what_is_shown(shared):
    """CREMA-D: people agree more when they see a face than when they only hear a voice, most when both."""
    pandas = pytest.importorskip("pandas")
    table = pandas.read_parquet(shared / "data" / "crema-d-votes" / "votes.parquet")
    found = []
    for modality in ("voice", "face", "audiovisual"):
        rows = table[table["modality"] == modality]
        votes = Votes.from_counts(rows[list("ADFHNS")], items=rows["clip"])
        assert len(votes) == 7442 and votes.counts.sum() == rows["n"].sum()
        top = votes.targets("plurality", outside_can_win=False)
        assert (top.top.sum(axis=1) > 1).sum() == rows["vote"].str.contains(":").sum()
        found.append(human_ceiling(votes, METRICS["uar"], rounds=0).pooled)
    assert found == sorted(found)
