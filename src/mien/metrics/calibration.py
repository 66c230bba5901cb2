"""Whether probabilities mean what they say: ECE, Brier score, log loss, the reliability table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.metric import metric
from mien.metrics.probabilities import probabilities_of
from mien.metrics.sums import Sums, mean_of

LabelList = Iterable[Any] | None
Binning = Literal["width", "mass"]
Norm = Literal["l1", "l2", "max"]


@dataclass(frozen=True, slots=True)
class Bin:
    """Items whose confidence lies in (low, high]: their mean confidence, the share that is right, their number."""

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


def reliability(
    truth: Any,
    prediction: Any,
    *,
    bins: int = 15,
    binning: Binning = "width",
    labels: LabelList = None,
    positive: Any = 1,
) -> tuple[Bin, ...]:
    """The reliability table of the top answer's confidence: one entry for each bin that has items.

    truth: (n,) labels; prediction: (n, k) probabilities with `labels` as columns, or (n,) probabilities of `positive`,
    where the bins hold these and how often `positive` is true. binning "width": equal intervals of [0, 1]; "mass": as
    equal numbers of items as ties allow. RequestError: no distributions, bins < 1, an unknown binning.

    >>> [round(part.accuracy, 2) for part in reliability([1, 1, 0], [0.9, 0.8, 0.2], bins=2)]
    [0.0, 1.0]
    """
    confidence, right = _answers(truth, prediction, labels, positive)
    edges = _edges(confidence, bins, binning)
    which = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, len(edges) - 2)
    counts = np.bincount(which, minlength=len(edges) - 1)
    held = np.bincount(which, weights=confidence, minlength=len(counts))
    good = np.bincount(which, weights=right, minlength=len(counts))
    return tuple(
        Bin(
            float(edges[i]), float(edges[i + 1]), float(held[i] / counts[i]), float(good[i] / counts[i]), int(counts[i])
        )
        for i in np.flatnonzero(counts)
    )


@metric(
    "ece",
    kind="probability",
    better="lower",
    formula="sum over bins of count_b / n x |accuracy_b - confidence_b|",
    reference="Naeini et al. 2015; Guo et al. 2017 (15 equal-width bins)",
)
def ece(
    truth: Any,
    prediction: Any,
    *,
    bins: int = 15,
    binning: Binning = "width",
    norm: Norm = "l1",
    labels: LabelList = None,
    positive: Any = 1,
) -> float:
    """Expected calibration error of the top answer: mean gap between confidence and share right over bins.

    truth: (n,) labels; prediction: (n, k) probabilities, or (n,) of `positive`; bins and binning as in `reliability`;
    norm "l1" (usual), "l2" (root mean square gap) or "max" (largest gap, MCE). In [0, 1]; few items per bin bias it up.
    """
    table = reliability(truth, prediction, bins=bins, binning=binning, labels=labels, positive=positive)
    gaps = np.array([abs(part.accuracy - part.confidence) for part in table])
    shares = np.array([part.count for part in table], dtype=np.float64)
    shares /= shares.sum()
    if norm == "l1":
        return float((shares * gaps).sum())
    if norm == "l2":
        return float(np.sqrt((shares * gaps**2).sum()))
    if norm == "max":
        return float(gaps.max())
    raise RequestError(f"norm: {norm!r}; allowed: l1, l2, max")


def _brier(truth: Any, prediction: Any, *, labels: LabelList = None, positive: Any = 1) -> Sums:
    read = probabilities_of(truth, prediction, labels, positive)
    squares = (read.table - np.eye(read.table.shape[1])[read.columns]) ** 2
    # Two columns made of one probability would count every error twice.
    return mean_of(squares[:, 1] if read.single else squares.sum(axis=1))


@metric(
    "brier",
    kind="probability",
    better="lower",
    formula="mean over items of sum_c (p_c - [c true])^2; for one probability (p - y)^2",
    reference="Brier 1950; scikit-learn brier_score_loss",
    sums=_brier,
)
def brier(truth: Any, prediction: Any, *, labels: LabelList = None, positive: Any = 1) -> float:
    """Squared distance of the probabilities from the truth.

    truth: (n,) labels; prediction: (n, k) probabilities (score in [0, 2]) or (n,) of `positive` (score in [0, 1]).
    """
    return _brier(truth, prediction, labels=labels, positive=positive).whole()


def _log_loss(
    truth: Any, prediction: Any, *, labels: LabelList = None, positive: Any = 1, floor: float = 1e-15
) -> Sums:
    read = probabilities_of(truth, prediction, labels, positive)
    return mean_of(-np.log(np.maximum(read.table[np.arange(len(read.table)), read.columns], floor)))


@metric(
    "log_loss",
    kind="probability",
    better="lower",
    formula="mean -ln p(true label)",
    reference="Good 1952; scikit-learn log_loss",
    sums=_log_loss,
)
def log_loss(
    truth: Any, prediction: Any, *, labels: LabelList = None, positive: Any = 1, floor: float = 1e-15
) -> float:
    """Negative log-likelihood of the true labels, in nats (cross-entropy).

    truth: (n,) labels; prediction: (n, k) probabilities or (n,) of `positive`; probabilities below `floor` count as it.
    """
    return _log_loss(truth, prediction, labels=labels, positive=positive, floor=floor).whole()


def _answers(truth: Any, prediction: Any, labels: LabelList, positive: Any) -> tuple[Numbers, Numbers]:
    """Confidence and whether it is right, each (n,)."""
    read = probabilities_of(truth, prediction, labels, positive)
    if read.single:
        return read.table[:, 1], read.columns.astype(np.float64)
    return read.table.max(axis=1), (read.table.argmax(axis=1) == read.columns).astype(np.float64)


def _edges(confidence: Numbers, bins: int, binning: Binning) -> NDArray[np.float64]:
    if bins < 1:
        raise RequestError(f"bins: found {bins}; at least 1 is needed")
    if binning == "width":
        return np.linspace(0, 1, bins + 1)
    if binning == "mass":
        inner = np.quantile(confidence, np.arange(1, bins) / bins, method="inverted_cdf")
        return np.concatenate([[0.0], np.unique(inner[inner < confidence.max()]), [1.0]])
    raise RequestError(f"binning: {binning!r}; allowed: width, mass")
