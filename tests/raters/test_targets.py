"""Rules from votes to targets: the worked example of the source, nothing lost without being counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.raters import RULES, Votes, multihot, nested, per_rater, shares, smooth, targets, with_prior

LABELS = ["n", "h", "a", "s"]
OPTIONS = [*LABELS, "other", "unclear"]

tables = st.lists(
    st.lists(st.none() | st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=3, unique=True), max_size=6),
    min_size=1,
    max_size=12,
)


def votes_of(table):
    return Votes.of(table, labels=LABELS, outside=["other", "unclear"])


def test_the_worked_example_of_the_source():
    """Chou 2025 (arXiv 2510.05934), section 1.2.4: N,N,A,A,S over (N, H, A, S)."""
    votes = Votes.of([list("nnaas"), list("nnhas"), list("nnnas")], labels=LABELS)
    found = targets(votes, "all")
    assert found.distribution[0].tolist() == [0.4, 0, 0.4, 0.2]
    assert found.top[0].tolist() == [True, False, True, False]
    drawn = {int(found.hard(np.random.default_rng(seed))[0]) for seed in range(20)}
    assert drawn == {0, 2} and found.hard(np.random.default_rng(0))[1:].tolist() == [0, 0]
    assert targets(votes, "majority").names() == [None, None, "n"]
    assert targets(votes, "plurality").names() == [None, "n", "n"]


def test_an_outside_answer_on_top_drops_the_item_unless_told_otherwise():
    votes = Votes.of(
        [["h", "h", "other", "other", "other"], ["h", "h", "other", "unclear"]], labels=LABELS, outside="any"
    )
    assert targets(votes, "plurality").names() == [None, "h"]
    assert targets(votes, "plurality", outside_can_win=False).names() == ["h", "h"]
    assert targets(votes, "majority").names() == [None, None]


def test_union_intersection_and_at_least():
    votes = Votes.of([[["a", "s"], "a", "a"], ["n", "h"], ["n", ["n", "h"]]], labels=LABELS)
    assert targets(votes, "union").named_sets() == [("a", "s"), ("n", "h"), ("n", "h")]
    assert targets(votes, "intersection").named_sets() == [("a",), (), ("n",)]
    assert targets(votes, "at-least").named_sets() == [("a",), (), ("n",)]
    assert targets(votes, "at-least", least=3).named_sets() == [("a",), (), ()]
    assert targets(votes, "intersection").kept.tolist() == [True, False, True]


def test_an_unknown_rule_lists_those_there_are():
    with pytest.raises(RequestError, match="allowed: majority, plurality, all, union, intersection, at-least"):
        targets(Votes.of([["a"]]), "mean")


def test_the_published_majority_target_of_ferplus(shared):
    """Its counts under the majority rule, single votes ignored: those of the owners' code on the same table."""
    pandas = pytest.importorskip("pandas")
    labels = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
    columns = [f"n_{name}" for name in [*labels, "unknown", "NF"]]
    path = shared / "data" / "ferplus.parquet"
    table = pandas.read_parquet(path, columns=[*columns, "usage"])
    counts = table[columns].to_numpy()
    votes = Votes.from_counts(counts, labels="ferplus8", outside=["unknown", "nf"])
    kept = targets(votes, "majority", ignore_below=2).kept
    assert [int(kept[table["usage"] == usage].sum()) for usage in ("Training", "PublicTest")] == [25054, 3199]


@given(tables)
def test_the_report_adds_up_to_the_selections(table):
    votes = votes_of(table)
    for rule in RULES:
        report = targets(votes, rule, ignore_below=1 + len(table) % 2).report
        assert report.used + report.outside + report.other + report.dropped == report.selections == len(votes.item)
        assert report.missing == sum(answer is None for answers in table for answer in answers)
        assert report.items == len(table) and 0 <= report.data_loss <= 1
        assert str(report.kept) in str(report)


@given(tables)
def test_test_sets_are_nested(table):
    masks = nested(votes_of(table))
    assert not (masks["MR"] & ~masks["PR"]).any() and not (masks["PR"] & ~masks["AR"]).any()
    assert ((masks["AR-PR"] | masks["PR"]) == masks["AR"]).all() and not (masks["AR-PR"] & masks["PR"]).any()
    assert ((masks["PR-MR"] | masks["MR"]) == masks["PR"]).all()


@given(tables)
def test_the_distribution_is_the_same_under_every_rule_and_sums_to_one(table):
    votes = votes_of(table)
    everything = targets(votes, "all")
    for rule in RULES:
        np.testing.assert_array_equal(targets(votes, rule).distribution, everything.distribution)
    there = everything.kept
    np.testing.assert_allclose(everything.distribution[there].sum(axis=1), 1)
    assert np.isnan(everything.distribution[~there]).all()
    for smoothing in ("uniform", "complement"):
        np.testing.assert_allclose(everything.smoothed(smoothing=smoothing)[there].sum(axis=1), 1)


@given(tables, st.permutations(range(4)), st.randoms())
def test_the_order_of_labels_items_and_raters_does_not_matter(table, order, random):
    labels = [LABELS[place] for place in order]
    items = list(range(len(table)))
    random.shuffle(items)
    mixed = [random.sample(table[row], len(table[row])) for row in items]
    other = Votes.of(mixed, labels=labels, outside=["unclear", "other"])
    for rule in RULES:
        one, two = targets(votes_of(table), rule), targets(other, rule)
        assert [one.names()[row] for row in items] == two.names()
        assert [set(one.named_sets()[row]) for row in items] == [set(names) for names in two.named_sets()]
        assert one.report == two.report


def test_targets_are_distributions_of_their_space():
    votes = Votes.of([["anger", "anger", "fear"], ["other"]], labels="basic7", outside=["other"])
    first, second = targets(votes, "all").answers()
    assert first.top == "anger" and first["fear"] == pytest.approx(1 / 3) and second is None
    assert first.to("sentiment3")["negative"] == pytest.approx(1)


def test_one_rater_stands_alone():
    """Each rater's targets are its own votes; together they are all of them."""
    votes = Votes.of([["a", "s"], [None, "n"], [["a", "h"], None]], labels=LABELS)
    own = per_rater(votes)
    assert own["1"].kept.tolist() == [True, False, True] and own["2"].names() == ["s", "n", None]
    assert own["1"].distribution[2].tolist() == [0, 0.5, 0.5, 0]
    assert sum(one.report.selections for one in own.values()) == len(votes.item)
    with pytest.raises(RequestError, match="who voted"):
        per_rater(Votes.from_counts([[1, 2]], labels=["a", "b"]))


def test_an_even_vote_has_no_multi_label_target_and_is_counted():
    votes = Votes.of([LABELS, list("nnas")], labels=LABELS)
    found = targets(votes, "all")
    assert found.named_sets() == [(), ("n",)] and found.report.without_labels == 1


@pytest.mark.parametrize("classes", range(2, 40))
def test_a_share_of_exactly_one_over_c_is_out_whatever_the_rounding(classes):
    counts = np.ones((1, classes))
    assert not multihot(counts).any() and not multihot(shares(counts)).any()
    counts[0, 0] += 1
    assert multihot(counts).tolist() == multihot(shares(counts)).tolist() == [[True] + [False] * (classes - 1)]


def test_smoothing_and_prior_as_published():
    """The released EMO-SUPERB label files of IEMOCAP: nine classes, epsilon 0.05."""
    one = smooth(np.eye(9)[:1], 0.05, smoothing="complement")[0]
    np.testing.assert_allclose([one[0], one[1]], [0.95, 0.00625])
    two = smooth([[1 / 3, 2 / 3, *[0] * 7]], 0.05, smoothing="complement")[0]
    np.testing.assert_allclose(two[:2], [0.320833, 0.635417], atol=1e-6)
    np.testing.assert_allclose(with_prior([[0, 0, 0, 5]])[0], [0.09375] * 3 + [0.71875])


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: smooth([[1.0]], 1.0), r"epsilon must be in \[0, 1\)"),
        (lambda: smooth([[1.0]], smoothing="other"), "allowed: uniform, complement"),
        (lambda: with_prior([[1.0]], 0), "above 0"),
        (lambda: shares([[-1, 2]]), "0 or more"),
        (lambda: shares([[float("nan"), 2]]), "0 or more"),
        (lambda: shares([1, 2]), "table of shape"),
    ],
)
def test_senseless_requests_say_what_is_allowed(call, why):
    with pytest.raises(RequestError, match=why):
        call()
