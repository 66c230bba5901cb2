"""Whether probabilities mean what they say: ECE, Brier score, log loss, the reliability table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.metric import metric
from mien.metrics.probabilities import probabilities_of
from mien.metrics.sums import Sums, mean_of
from mien.metrics.weighted import weighted

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
    table = _Table(confidence, right, bins, binning)
    edges, counts, held, good = table.read(np.ones(len(confidence)))
    return tuple(
        Bin(
            float(edges[i]), float(edges[i + 1]), float(held[i] / counts[i]), float(good[i] / counts[i]), int(counts[i])
        )
        for i in np.flatnonzero(counts)
    )


class _Table:
    """The bins of confidences, read for items that count with any weights."""

    def __init__(self, confidence: Numbers, right: Numbers, bins: int, binning: Binning) -> None:
        if bins < 1:
            raise RequestError(f"bins: found {bins}; at least 1 is needed")
        if binning not in ("width", "mass"):
            raise RequestError(f"binning: {binning!r}; allowed: width, mass")
        self.order = np.argsort(confidence, kind="stable")
        self.confidence, self.right = confidence[self.order], right[self.order]
        self.bins, self.binning = bins, binning

    def read(self, weights: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Edges (m + 1,), and for each bin its weight, summed confidence and summed right answers (m,)."""
        weights = weights[self.order]
        edges = self._edges(weights)
        # Items are sorted: each bin is a run between two places, and sums of runs are differences of running sums.
        ends = np.searchsorted(self.confidence, edges[1:-1], side="right")
        runs = np.concatenate([[0], ends, [len(weights)]])
        sums = (weights, weights * self.confidence, weights * self.right)
        counts, held, good = (np.diff(np.concatenate([[0.0], np.cumsum(each)])[runs]) for each in sums)
        return edges, counts, held, good

    def _edges(self, weights: Numbers) -> Numbers:
        if self.binning == "width":
            return np.linspace(0, 1, self.bins + 1)
        so_far = np.cumsum(weights)
        wanted = so_far[-1] * np.arange(1, self.bins) / self.bins
        inner = self.confidence[np.searchsorted(so_far, wanted - 1e-9, side="left")]
        highest = self.confidence[np.flatnonzero(weights)[-1]]
        return np.concatenate([[0.0], np.unique(inner[inner < highest]), [1.0]])


def _ece(
    truth: Any,
    prediction: Any,
    *,
    bins: int = 15,
    binning: Binning = "width",
    norm: Norm = "l1",
    labels: LabelList = None,
    positive: Any = 1,
) -> Sums:
    if norm not in ("l1", "l2", "max"):
        raise RequestError(f"norm: {norm!r}; allowed: l1, l2, max")
    table = _Table(*_answers(truth, prediction, labels, positive), bins, binning)

    def value(weights: Numbers) -> float:
        _, counts, held, good = table.read(weights)
        used = counts > 0
        gaps, shares = np.abs(good[used] - held[used]) / counts[used], counts[used] / counts.sum()
        if norm == "max":
            return float(gaps.max())
        return float(shares @ gaps if norm == "l1" else np.sqrt(shares @ gaps**2))

    return weighted(len(table.order), value)


@metric(
    "ece",
    kind="probability",
    better="lower",
    formula="sum over bins of count_b / n x |accuracy_b - confidence_b|",
    reference="Naeini et al. 2015; Guo et al. 2017 (15 equal-width bins)",
    sums=_ece,
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
    given: dict[str, Any] = {"bins": bins, "binning": binning, "norm": norm, "labels": labels, "positive": positive}
    return _ece(truth, prediction, **given).whole()


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
