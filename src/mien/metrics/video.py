"""From frames to videos: three published rules that turn the logits of a video's frames into one label.

>>> frames = [[0.0, 2.0], [0.0, 1.0], [9.0, 0.0]]
>>> video_label(frames, rule="vote"), video_label(frames, rule="logits")
(1, 0)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_matrix
from mien.metrics.classification import accuracy, macro_f1, weighted_f1
from mien.metrics.confusion import confusion, f1s

Rule = Literal["vote", "logits", "probabilities"]
RULES: tuple[Rule, ...] = ("vote", "logits", "probabilities")
SOURCE = "Richet et al. 2024, ECCV workshops, arXiv 2407.12927"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Classes as indices, one an item (a frame or a video): truth and prediction (n,), item names."""

    truth: NDArray[np.int64]
    prediction: NDArray[np.int64]
    items: tuple[str, ...]

    def scores(self, labels: tuple[int, ...] | None = None) -> dict[str, float]:
        """macro_f1, weighted_f1 and accuracy in [0, 1].

        labels: None: the published macro F1, over classes that occur in truth or prediction; else over all of these,
        a class that never occurs counting 0.
        """
        if labels is None:
            macro = macro_f1(self.truth, self.prediction)
        else:
            macro = macro_f1(self.truth, self.prediction, labels=labels, absent="zero")
        return {
            "macro_f1": macro,
            "weighted_f1": weighted_f1(self.truth, self.prediction),
            "accuracy": accuracy(self.truth, self.prediction),
        }

    def per_class(self) -> dict[int, float]:
        """Class -> F1, for the classes that occur in truth or prediction."""
        labels, counts = confusion(self.truth, self.prediction)
        return dict(zip(map(int, labels), f1s(counts.astype(np.float64)).tolist(), strict=True))

    def confusion_rates(self) -> Numbers:
        """Confusion (truth, prediction) over the classes that occur, rows as shares; 0 where a class is no truth."""
        _, counts = confusion(self.truth, self.prediction)
        return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def probabilities(logits: Any, *, as_published: bool = False) -> Numbers:
    """Softmax over classes: logits (frames, classes) -> the same shape, each row summing to 1.

    as_published: without subtracting the row's maximum, so that logits above about 709 overflow to NaN, as in the
    released metrics; only to reproduce them.
    """
    values = as_matrix(logits, name="logits")
    if not as_published:
        values = values - values.max(axis=1, keepdims=True)
    with np.errstate(over="ignore", invalid="ignore"):
        raised = np.exp(values)
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def video_label(logits: Any, *, rule: Rule = "vote", as_published: bool = False) -> int:
    """One class for a video from its frames' logits (frames, classes).

    rule: "vote": the most frequent class of the frames (ties: the one that comes first in time); "logits": the highest
    mean logit; "probabilities": the highest mean probability. as_published: the softmax of `probabilities`.
    """
    values = as_matrix(logits, name="logits")
    if rule == "vote":
        votes = values.argmax(axis=1)
        names, firsts, counts = np.unique(votes, return_index=True, return_counts=True)
        return int(names[np.lexsort((firsts, -counts))[0]])
    if rule == "logits":
        return int(values.mean(axis=0).argmax())
    if rule == "probabilities":
        return int(probabilities(values, as_published=as_published).mean(axis=0).argmax())
    raise RequestError(f"unknown rule {rule!r}; allowed: {', '.join(RULES)}")


def frame_labels(videos: Mapping[str, tuple[int, Any]], *, drop: int | None = None) -> Labelled:
    """Frame level: each frame with its video's label. videos: name -> (label, logits (frames, classes)).

    drop: a class (Other) whose logit is removed and whose videos are left out; class indices stay as they were.
    """
    kept = _kept(videos, drop)
    truth = [np.full(len(logits), label) for _, label, logits, _ in kept]
    answers = [classes[logits.argmax(axis=1)] for _, _, logits, classes in kept]
    items = tuple(f"{name}[{at}]" for name, _, logits, _ in kept for at in range(len(logits)))
    return Labelled(np.concatenate(truth), np.concatenate(answers), items)


def video_labels(
    videos: Mapping[str, tuple[int, Any]], *, rule: Rule = "vote", drop: int | None = None, as_published: bool = False
) -> Labelled:
    """Video level: one label a video by `rule` (see `video_label`); arguments as `frame_labels`."""
    kept = _kept(videos, drop)
    answers = [classes[video_label(logits, rule=rule, as_published=as_published)] for _, _, logits, classes in kept]
    truth = np.array([label for _, label, _, _ in kept], dtype=np.int64)
    return Labelled(truth, np.array(answers, dtype=np.int64), tuple(name for name, *_ in kept))


def _kept(videos: Mapping[str, tuple[int, Any]], drop: int | None) -> list[tuple[str, int, Numbers, NDArray[np.int64]]]:
    """(name, label, logits, class of each column) of the videos that count."""
    kept = []
    for name, (label, given) in videos.items():
        logits = as_matrix(given, name=f"logits of {name}")
        size = logits.shape[1]
        if not 0 <= label < size:
            raise RequestError(f"{name}: label {label}, but its logits have {size} classes (0 to {size - 1})")
        if drop is not None and not 0 <= drop < size:
            raise RequestError(f"drop {drop}: allowed are 0 to {size - 1}")
        classes = np.arange(size)
        if drop is not None:
            logits, classes = np.delete(logits, drop, axis=1), np.delete(classes, drop)
        if label != drop:
            kept.append((name, int(label), logits, classes))
    if not kept:
        raise RequestError("videos: none is left to score")
    return kept
