"""Whatever is handed in: an answer or one clear line, in any usual container, and never a traceback."""

import math
import warnings

import numpy as np
import pytest

from mien import raters
from mien.errors import MienError
from mien.raters import RULES, Votes

ODD = [
    None, "abc", 5, [], [[]], [1, 2], [[1, 2], [3]], [["a", "b"]], [[None, None]], [[math.inf, 1]], np.zeros((0, 3)),
    np.zeros((3, 0)), np.zeros((2, 2, 2)), np.array("x"), {}, {"a": [1]}, set(), [[1 + 2j]], [[True, False]], object(),
    [[[1]]], iter([[1, 2]]), b"x", [None], np.array([["a", None]], dtype=object), [["a", ["b"]]], math.nan,
]  # fmt: skip
THIN = {
    "nobody voted": Votes.of([[], [None]], labels=["a"]),
    "one vote": Votes.of([["a"]]),
    "one label": Votes.of([["a", "a"], ["a", "a"]]),
    "several labels": Votes.of([["a", "b"], [["a", "b"], "b"]]),
    "empty counts": Votes.from_counts([[0, 0]], labels=["a", "b"]),
    "counts": Votes.from_counts([[0, 3]], labels=["a", "b"]),
    "only outside": Votes.of([["o", "o"], ["o"]], labels=["a"], outside="any"),
}
CALLS = {
    "fleiss": raters.fleiss_kappa,
    "randolph": raters.randolph_kappa,
    "cohen": lambda x: raters.cohen_kappa(x, x),
    "alpha": raters.krippendorff_alpha,
    "ordinal": lambda x: raters.krippendorff_alpha(x, "ordinal"),
    "interval": lambda x: raters.krippendorff_alpha(x, "interval"),
    "ratio": lambda x: raters.krippendorff_alpha(x, "ratio"),
    "masi": lambda x: raters.krippendorff_alpha(x, "masi"),
    "icc": raters.icc,
    "one way": raters.icc_one_way,
    "cronbach": raters.cronbach_alpha,
    "weighted": raters.evaluator_weighted,
    "quality": raters.rater_quality,
    "ceiling": lambda x: raters.human_ceiling(x, lambda _truth, _prediction: 0.0, rounds=3),
    "of": Votes.of,
    "table": Votes.from_table,
    "matrix": Votes.from_matrix,
    "counts": lambda x: Votes.from_counts(x, labels=["a", "b"]),
    "named counts": Votes.from_counts,
    "shares": raters.shares,
    "prior": raters.with_prior,
    "smooth": raters.smooth,
    "multihot": raters.multihot,
    "levels": raters.level_summary,
    "pairs": raters.pair_agreement,
    "loss": lambda x: raters.soft_loss(x, x),
    "penalty": raters.penalty_matrix,
    "penalised": lambda x: raters.penalised_loss(x, x, x),
    "balanced": raters.class_balanced_weights,
    "heads": lambda x: raters.rater_loss(x, x),
    "fused": raters.fused,
}


@pytest.mark.parametrize("name", CALLS)
def test_odd_input_gives_an_answer_or_one_line(name):
    for odd in (*ODD, *THIN.values()):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                CALLS[name](odd)
            except MienError as error:
                assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize("votes", THIN.values(), ids=THIN)
def test_thin_votes_go_through_every_rule_and_statistic(votes):
    for rule in RULES:
        found = votes.targets(rule)
        assert found.hard(np.random.default_rng(0)).shape == (len(votes),)
        assert len(found.named_sets()) == len(found.names()) == len(votes)
    for one in votes.agreement(rounds=5).values():
        assert math.isfinite(one.value) or one.note


@pytest.mark.parametrize("library", ["list", "numpy", "pandas", "polars", "torch"])
def test_ratings_in_any_container_give_the_same_numbers(library):
    rows = [[1.0, 2.0, math.nan], [2.0, 2.0, 3.0], [1.0, 1.0, 1.0], [3.0, 3.0, 2.0]]
    if library == "list":
        table = [[None if math.isnan(cell) else cell for cell in row] for row in rows]
    elif library == "numpy":
        table = np.array(rows, dtype=np.float32)
    elif library == "torch":
        table = pytest.importorskip("torch").tensor(rows, requires_grad=True)
    else:
        frame = pytest.importorskip(library).DataFrame
        table = frame({f"r{place}": [row[place] for row in rows] for place in range(3)})
    wanted = np.array(rows)
    assert raters.krippendorff_alpha(table, "ordinal") == raters.krippendorff_alpha(wanted, "ordinal")
    assert raters.icc(table) == raters.icc(wanted)
    assert raters.level_summary(table).mean.tolist() == raters.level_summary(wanted).mean.tolist()
