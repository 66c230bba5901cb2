"""Losses on soft targets, the co-occurrence penalty, heads per rater: identities that networks rely on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.errors import RequestError
from mien.raters import (
    class_balanced_weights,
    cooccurrence,
    fused,
    penalised_loss,
    penalty_matrix,
    rater_accuracy,
    rater_loss,
    rater_targets,
    shares,
    soft_loss,
)
from mien.raters.losses import LOSSES

logits = arrays(np.float64, (5, 4), elements=st.floats(-700, 700))
counts = arrays(np.int64, (5, 4), elements=st.integers(0, 4)).filter(lambda table: (table.sum(axis=1) > 0).all())


@given(logits, counts)
def test_cross_entropy_and_divergence_differ_by_the_targets_entropy(scores, votes):
    target = shares(votes)
    logs = np.log(np.where(target > 0, target, 1))
    entropy = -(target * logs).sum(axis=1)
    cross, divergence = (soft_loss(scores, target, loss, reduction="none") for loss in ("ce", "kld"))
    np.testing.assert_allclose(cross - divergence, entropy, atol=1e-9)
    assert (divergence >= -1e-9).all() and np.isfinite(soft_loss(scores, target, "bce"))


@given(logits, counts)
def test_the_divergence_is_nothing_where_the_answer_is_the_target(scores, votes):
    target = shares(votes)
    found = soft_loss(np.log(np.maximum(target, 1e-300)), target, "kld", reduction="none")
    np.testing.assert_allclose(found, 0, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
@given(scores=logits, votes=counts)
def test_no_penalty_is_the_plain_loss_bit_for_bit(loss, scores, votes):
    penalty = penalty_matrix(votes)
    for reduction in ("none", "mean", "sum"):
        plain = soft_loss(scores, shares(votes), loss, reduction=reduction)
        found = penalised_loss(scores, shares(votes), penalty, loss, alpha=0, reduction=reduction)
        np.testing.assert_array_equal(found, plain)


@given(counts)
def test_the_penalty_has_a_zero_diagonal_and_lies_between_0_and_1(votes):
    for count in ("utterance", "pairs"):
        penalty = penalty_matrix(votes, count=count)
        assert (np.diagonal(penalty) == 0).all() and (penalty >= 0).all() and (penalty <= 1).all()
        frequency = cooccurrence(votes, count=count)
        np.testing.assert_array_equal(frequency, frequency.T)


def test_the_penalty_is_not_symmetric_where_counts_differ():
    """Class 0 in every item, class 1 in one of four: 1 always comes with 0, 0 rarely with 1."""
    penalty = penalty_matrix([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]])
    assert penalty.tolist() == [[0, 0, 1], [0.75, 0, 1], [1, 1, 0]]
    assert cooccurrence([[2, 1], [0, 3]], count="pairs").tolist() == [[4, 2], [2, 10]]


def test_the_pairwise_form_looks_at_what_is_predicted_together():
    penalty = np.array([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    target = [[1.0, 0, 0]]
    together, apart = [[3.0, 3.0, -9.0]], [[3.0, -9.0, 3.0]]
    published = [float(penalised_loss(each, target, penalty)) for each in (together, apart)]
    pairwise = [float(penalised_loss(each, target, penalty, form="pairwise")) for each in (together, apart)]
    assert published[0] == pytest.approx(published[1]) and pairwise[0] > pairwise[1] + 0.1


def test_rare_classes_weigh_more():
    train = np.eye(3)[[0] * 20 + [1] * 5 + [2]]
    weights = class_balanced_weights(train)
    assert weights[0] < weights[1] < weights[2] and weights.sum() == pytest.approx(3)
    assert class_balanced_weights(np.eye(3)[[0, 0, 1]])[2] == 0


def test_missing_ratings_count_nowhere():
    scores = np.random.default_rng(0).normal(size=(4, 3, 2))
    ratings = np.array([[0, 1, -1], [1, -1, -1], [-1, -1, -1], [0, 0, -1]])
    base = rater_loss(scores, ratings)
    moved = np.where((ratings < 0)[:, :, None], scores + 5, scores)
    moved[:, :, 0] += np.where(ratings < 0, 3, 0)
    assert rater_loss(moved, ratings).over_ratings == base.over_ratings
    assert math.isnan(base.per_rater[2]) and base.over_raters == pytest.approx(np.nanmean(base.per_rater))
    assert math.isnan(rater_loss(scores, np.full((4, 3), -1)).over_ratings)
    assert math.isnan(rater_accuracy(scores, ratings)[2])
    assert np.isnan(rater_targets(ratings, 2)[2]).all()
    np.testing.assert_allclose(fused(scores).sum(axis=1), 1)
    np.testing.assert_allclose(fused(scores, ratings).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: soft_loss([[1.0, 2]], [[1.0, 0]], "mse"), "allowed: ce, bce, kld"),
        (lambda: soft_loss([[1.0, 2]], [[1.0, 0, 0]]), "must be alike"),
        (lambda: soft_loss([[1.0, 2]], [[math.nan, 0]]), "leave items without a target out"),
        (lambda: soft_loss([[1.0, 2]], [[1.0, 0]], reduction="max"), "allowed: none, mean, sum"),
        (lambda: soft_loss([[1.0, 2]], [[1.0, 0]], weights=[1]), r"weights must have shape \(2,\)"),
        (lambda: penalised_loss([[1.0, 2]], [[1.0, 0]], [[0]]), "the penalty has 1 classes, the logits 2"),
        (lambda: penalised_loss([[1.0, 2]], [[1.0, 0]], [[0, 1]]), "one row and one column per class"),
        (lambda: penalised_loss([[1.0]], [[1.0]], [[0]], form="x"), "allowed: published_rowsum, pairwise"),
        (lambda: cooccurrence([[1]], count="votes"), "allowed: utterance, pairs"),
        (lambda: cooccurrence([[-1]]), "0 or more"),
        (lambda: class_balanced_weights([[0.5, 0.5]]), "nothing to balance"),
        (lambda: class_balanced_weights([[1.0, 0]], beta=1), r"beta must be in \[0, 1\)"),
        (lambda: rater_loss(np.zeros((1, 2, 2)), [[0]]), "logits are for"),
        (lambda: rater_loss(np.zeros((1, 1, 2)), [[2]]), "a rating is 2, but there are 2 classes"),
        (lambda: rater_loss(np.zeros((1, 2)), [[0]]), r"shape \(items, raters, classes\)"),
        (lambda: rater_targets([[0.5]], 2), "class numbers from 0 on"),
        (lambda: fused(np.zeros((1, 2, 2)), [[-1, -1]]), "at least one rating"),
    ],
)
def test_senseless_requests_say_what_is_allowed(call, why):
    with pytest.raises(RequestError, match=why):
        call()
