"""Agreement on labels: textbook values, maintained libraries, invariances, intervals, and what is not defined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.errors import RequestError
from mien.raters import (
    Votes,
    agreement,
    alpha_per_label,
    best_answer,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    pair_agreement,
    randolph_kappa,
)

_ = math.nan
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", part C: four observers, twelve units.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
# Fleiss 1971's measure on the much-printed table of ten subjects, fourteen raters, five categories: kappa 0.210.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
SCALES = ("nominal", "ordinal", "interval", "ratio")

ratings = arrays(
    np.float64,
    st.tuples(st.integers(2, 12), st.integers(2, 5)),
    elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan]),
)


@pytest.mark.parametrize(
    ("scale", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_own_example(scale, value):
    assert krippendorff_alpha(KRIPPENDORFF, scale).value == pytest.approx(value, abs=5e-4)
    assert krippendorff_alpha(KRIPPENDORFF, scale).items == 11


def test_fleiss_example():
    found = fleiss_kappa(Votes.from_counts(FLEISS, labels=list("abcde")))
    assert found.value == pytest.approx(0.210, abs=5e-4) and found.items == 10


def test_the_same_numbers_as_statsmodels():
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    table = np.random.default_rng(0).multinomial(7, [0.5, 0.2, 0.2, 0.1], 200)
    votes = Votes.from_counts(table, labels=list("abcd"))
    assert fleiss_kappa(votes, rounds=0).value == pytest.approx(inter_rater.fleiss_kappa(table))
    assert randolph_kappa(votes, rounds=0).value == pytest.approx(inter_rater.fleiss_kappa(table, method="randolph"))


@pytest.mark.parametrize("scale", SCALES)
def test_the_same_numbers_as_the_krippendorff_package(scale):
    package = pytest.importorskip("krippendorff")
    generator = np.random.default_rng(1)
    table = generator.integers(1, 6, (300, 6)).astype(float) + (generator.random((300, 1)) > 0.5)
    table[generator.random(table.shape) < 0.4] = math.nan
    wanted = package.alpha(table.T, level_of_measurement=scale)
    assert krippendorff_alpha(table, scale, rounds=0).value == pytest.approx(wanted)


@pytest.mark.parametrize("scale", ["jaccard", "masi"])
def test_the_same_numbers_as_nltk_for_sets(scale):
    nltk = pytest.importorskip("nltk.metrics")
    generator = np.random.default_rng(2)
    rows = [
        (f"r{rater}", f"i{item}", frozenset(generator.choice(list("abcd"), generator.integers(1, 4), replace=False)))
        for item in range(40)
        for rater in range(3)
    ]
    distance = nltk.distance.masi_distance if scale == "masi" else nltk.distance.jaccard_distance
    wanted = nltk.agreement.AnnotationTask(rows, distance=distance).alpha()
    votes = Votes.from_table(
        [{"item": item, "rater": rater, "label": label} for rater, item, labels in rows for label in sorted(labels)]
    )
    # nltk's MASI steps are 0.67 and 0.33, Passonneau's are thirds.
    assert krippendorff_alpha(votes, scale, rounds=0).value == pytest.approx(
        wanted, abs=0.01 if scale == "masi" else 1e-9
    )


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@given(table=ratings)
def test_cohen_is_scikit_learns(weights, table):
    sklearn = pytest.importorskip("sklearn.metrics")
    pair = table[:, :2][np.isfinite(table[:, :2]).all(axis=1)]
    found = cohen_kappa(table[:, 0], table[:, 1], weights=weights, rounds=0).value
    if len(np.unique(pair)) < 2:
        assert math.isnan(found)
    else:
        wanted = sklearn.cohen_kappa_score(pair[:, 0].astype(int), pair[:, 1].astype(int), weights=weights)
        assert found == pytest.approx(wanted)


def test_cohen_takes_words_and_gaps():
    assert cohen_kappa(["a", "b", None, "a"], ["a", "b", "b", "b"], rounds=0).items == 3
    with pytest.raises(RequestError, match="mix text with numbers"):
        cohen_kappa(["a", 1], ["a", "b"])
    with pytest.raises(RequestError, match="2 and 1 ratings"):
        cohen_kappa(["a", "b"], ["a"])
    with pytest.raises(RequestError, match="allowed: None, linear, quadratic"):
        cohen_kappa([1, 2], [1, 2], weights="cubic")


@given(ratings, st.randoms())
def test_order_and_names_do_not_matter(table, random):
    items, raters = list(range(len(table))), list(range(table.shape[1]))
    random.shuffle(items)
    random.shuffle(raters)
    other = table[items][:, raters]
    for scale in SCALES:
        one, two = (krippendorff_alpha(each, scale, rounds=0).value for each in (table, other))
        assert one == pytest.approx(two, nan_ok=True)
    renamed = np.array([7.0, 3.0, 11.0, 5.0, math.nan])[np.nan_to_num(other, nan=4).astype(int)]
    for statistic in (fleiss_kappa, krippendorff_alpha):
        assert statistic(table, rounds=0).value == pytest.approx(statistic(renamed, rounds=0).value, nan_ok=True)


@given(ratings)
def test_bounds_and_the_meaning_of_a_single_rating(table):
    alone = np.full((1, table.shape[1]), math.nan)
    alone[0, 0] = 3.0
    for scale in SCALES:
        found = krippendorff_alpha(table, scale, rounds=0)
        assert math.isnan(found.value) or found.value <= 1 + 1e-12
        assert bool(found.note) == math.isnan(found.value)
        more = krippendorff_alpha(np.concatenate([table, alone]), scale, rounds=0)
        assert more.value == pytest.approx(found.value, nan_ok=True) and more.items == found.items


@given(ratings)
def test_interval_alpha_is_free_of_scale_and_shift(table):
    found = krippendorff_alpha(table, "interval", rounds=0).value
    for other in (table * 1e-7, table * 1e7 + 3, 5 - table):
        assert krippendorff_alpha(other, "interval", rounds=0).value == pytest.approx(found, nan_ok=True, abs=1e-6)


def test_perfect_agreement_is_one_and_random_answers_are_about_zero():
    same = np.repeat(np.random.default_rng(0).integers(0, 4, (500, 1)), 3, axis=1)
    noise = np.random.default_rng(1).integers(0, 4, (3000, 3))
    for scale in SCALES:
        assert krippendorff_alpha(same, scale, rounds=0).value == pytest.approx(1)
        found = krippendorff_alpha(noise, scale, rounds=200)
        assert abs(found.value) < 0.05 and found.interval[0] < 0 < found.interval[1]


@pytest.mark.parametrize("statistic", [fleiss_kappa, krippendorff_alpha])
@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([[1, 1], [1, 1]], "every rating is the same"),
        ([[1, None], [None, 2]], "no item has two ratings"),
        ([[None, None]], "no item has two ratings"),
        ([[1], [2]], "no item has two ratings"),
    ],
)
def test_what_is_not_defined_is_nan_with_a_reason(statistic, table, why):
    found = statistic(table)
    assert math.isnan(found.value) and found.interval is None and why in found.note and why in str(found)


def test_votes_and_tables_are_one():
    generator = np.random.default_rng(4)
    table = generator.integers(0, 3, (50, 4)).astype(float)
    table[generator.random(table.shape) < 0.2] = math.nan
    votes = Votes.from_matrix(table)
    counts = Votes.from_counts(votes.counts, labels=votes.labels)
    for scale in SCALES:
        values = {level: float(level) for level in votes.labels}
        wanted = krippendorff_alpha(table, scale)
        for each in (votes, counts):
            assert krippendorff_alpha(each, scale, values=values).value == pytest.approx(wanted.value)
        assert krippendorff_alpha(votes, scale, values=values).interval == pytest.approx(wanted.interval)
    assert fleiss_kappa(votes).interval == pytest.approx(fleiss_kappa(table).interval)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Fleiss' kappa of simulated raters, whose expected value is known: 95 % intervals cover it in 90 to 99 %."""
    generator = np.random.default_rng(5)
    # Two classes alike; each rater copies the truth with probability 0.8: chance-corrected agreement is 0.6 squared.
    hits = 0
    for _round in range(200):
        truth = generator.integers(0, 2, (150, 1))
        table = np.where(generator.random((150, 4)) < 0.8, truth, 1 - truth)
        low, high = fleiss_kappa(table, rounds=300, rng=_round).interval
        hits += low <= 0.36 <= high
    assert 180 <= hits <= 198


def test_intervals_repeat_by_seed_widen_with_groups_and_may_be_left_out():
    generator = np.random.default_rng(6)
    table = np.repeat(generator.integers(0, 3, (30, 3)), 10, axis=0)
    plain = krippendorff_alpha(table, rng=3)
    assert plain == krippendorff_alpha(table, rng=3) != krippendorff_alpha(table, rng=4)
    grouped = krippendorff_alpha(table, groups=np.repeat(np.arange(30), 10).tolist())
    assert grouped.interval[1] - grouped.interval[0] > 2 * (plain.interval[1] - plain.interval[0])
    assert krippendorff_alpha(table, rounds=0).interval is None
    with pytest.raises(RequestError, match="one group for each of the 300 items"):
        krippendorff_alpha(table, groups=[1])
    with pytest.raises(RequestError, match="between 0 and 1"):
        fleiss_kappa(table, level=95)


def test_a_summary_holds_what_the_votes_allow():
    single = agreement(Votes.of([["a", "b"], ["b", "b"], ["a", "a"]]), rounds=50)
    assert list(single) == ["fleiss_kappa", "randolph_kappa", "alpha_nominal", "best_answer"]
    assert single["best_answer"].value == pytest.approx(2.5 / 3)
    rated = agreement(Votes.of([["1", "2"], ["2", "3"], ["1", "1"]]), values={"1": 1, "2": 2, "3": 3}, rounds=0)
    assert {"alpha_ordinal", "alpha_interval", "ICC1", "ICC3k"} < set(rated)
    several = Votes.of([[["a", "c"], "a"], ["b", "b"], [["a", "b"], "a"]])
    found = several.agreement(rounds=0)
    assert {"alpha_masi", "alpha_jaccard", *(f"alpha_nominal:{x}" for x in "abc"), "best_answer"} == set(found)
    assert found["alpha_nominal:a"].value == pytest.approx(1)
    assert alpha_per_label(several, rounds=0)["c"].value == pytest.approx(
        krippendorff_alpha([[1, 0], [0, 0], [0, 0]], rounds=0).value
    )


def test_no_votes_at_all_is_not_an_error_but_not_a_number():
    found = agreement(Votes.of([[], []], labels=["a", "b"]))
    assert all(
        math.isnan(one.value) and "no item" in one.note for one in found.values() if one.statistic != "best_answer"
    )
    assert math.isnan(best_answer(Votes.of([[]], labels=["a"])).value)


def test_pairs_of_raters():
    found = pair_agreement([[0, 0, 1, None], [None, None, 1, 1], [1, 0, 1, None]])
    assert found[0] == (0, 1, 2, 0.5) and found[2][:3] == (0, 3, 0) and math.isnan(found[2][3])
    assert pair_agreement(Votes.of([["a", "a"], ["a", "b"]])) == [(0, 1, 2, 0.5)]


def test_senseless_requests_say_what_is_allowed():
    with pytest.raises(RequestError, match="allowed: nominal, ordinal, interval, ratio, jaccard, masi"):
        krippendorff_alpha(KRIPPENDORFF, "cardinal")
    with pytest.raises(RequestError, match="give Votes"):
        krippendorff_alpha(KRIPPENDORFF, "masi")
    with pytest.raises(RequestError, match="values of 0 or more"):
        krippendorff_alpha([[-1, 1], [1, 1]], "ratio")
    with pytest.raises(RequestError, match="classes is 2, but 5"):
        randolph_kappa(KRIPPENDORFF, 2)
    with pytest.raises(RequestError, match="no number for: b"):
        krippendorff_alpha(Votes.of([["a", "b"]]), "interval", values={"a": 1})
    with pytest.raises(RequestError, match="use the interval scale"):
        krippendorff_alpha(np.random.default_rng(0).random((1500, 2)), "ordinal")
    assert krippendorff_alpha(np.random.default_rng(0).random((1500, 2)), "interval", rounds=0).items == 1500
