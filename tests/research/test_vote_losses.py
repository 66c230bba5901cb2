"""Losses on votes in torch: the numbers of their NumPy twins, and gradients that fit."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien import raters  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.raters.losses import LOSSES  # noqa: E402
from mien.raters.penalty import FORMS  # noqa: E402
from mien.research.layers import votes  # noqa: E402

RNG = np.random.default_rng(0)
COUNTS = RNG.integers(0, 4, (9, 5)) + np.eye(9, 5, dtype=int)
TARGET = raters.shares(COUNTS)
LOGITS = RNG.normal(0, 3, (9, 5))
REDUCTIONS = ("none", "mean", "sum")


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_soft_losses(loss, reduction, weighted):
    weights = raters.class_balanced_weights(TARGET) if weighted else None
    wanted = raters.soft_loss(LOGITS, TARGET, loss, weights=weights, reduction=reduction)
    given = None if weights is None else tensor(weights)
    found = votes.soft_loss(tensor(LOGITS), tensor(TARGET), loss, weights=given, reduction=reduction)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_penalised_losses(loss, form, alpha):
    penalty = raters.penalty_matrix(COUNTS)
    for reduction in REDUCTIONS:
        options = {"alpha": alpha, "beta": 0.5, "form": form, "reduction": reduction}
        wanted = raters.penalised_loss(LOGITS, TARGET, penalty, loss, **options)
        found = votes.penalised_loss(tensor(LOGITS), tensor(TARGET), tensor(penalty), loss, **options)
        np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)


def test_heads_per_rater():
    logits, ratings = RNG.normal(0, 3, (7, 4, 3)), RNG.integers(-1, 3, (7, 4))
    ratings[:, 2] = -1
    wanted = raters.rater_loss(logits, ratings)
    given = (tensor(logits), torch.tensor(ratings))
    assert votes.rater_loss(*given).item() == pytest.approx(wanted.over_ratings, rel=1e-12)
    assert votes.rater_loss(*given, over="raters").item() == pytest.approx(wanted.over_raters, rel=1e-12)
    silent = tensor(logits).requires_grad_()
    loss = votes.rater_loss(silent, torch.full((7, 4), -1))
    loss.backward()
    assert loss.item() == 0 and not silent.grad.any()


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_those_of_the_numbers(loss):
    penalty, target = tensor(raters.penalty_matrix(COUNTS)), tensor(TARGET)
    for make in (
        lambda x: votes.soft_loss(x, target, loss),
        *(lambda x, form=form: votes.penalised_loss(x, target, penalty, loss, form=form) for form in FORMS),
    ):
        assert torch.autograd.gradcheck(make, (tensor(LOGITS).requires_grad_(),))


def test_far_logits_and_hard_targets_stay_finite():
    far = torch.tensor([[900.0, -900.0, 0.0]], requires_grad=True)
    for loss in LOSSES:
        value = votes.soft_loss(far, torch.tensor([[0.0, 1.0, 0.0]]), loss)
        (gradient,) = torch.autograd.grad(value, far)
        assert torch.isfinite(value) and torch.isfinite(gradient).all()


def test_wrong_requests():
    x = torch.zeros(2, 3)
    for call, words in (
        (lambda: votes.soft_loss(x, x, "mse"), "unknown loss 'mse'; allowed: ce, bce, kld"),
        (lambda: votes.soft_loss(x, x[:1]), r"logits have shape \(2, 3\), targets \(1, 3\)"),
        (lambda: votes.soft_loss(x, x, reduction="max"), "unknown reduction 'max'"),
        (lambda: votes.penalised_loss(x, x, x, form="x"), "unknown form 'x'"),
        (lambda: votes.penalised_loss(x, x, x), r"the penalty must be \(3, 3\), got \(2, 3\)"),
        (lambda: votes.rater_loss(x[None], torch.zeros(2, 2)), r"logits are for \(1, 2\)"),
        (lambda: votes.rater_loss(x[None], torch.zeros(1, 2), over="x"), "unknown mean over 'x'"),
    ):
        with pytest.raises(RequestError, match=words):
            call()
