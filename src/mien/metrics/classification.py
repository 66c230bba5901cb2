"""One label an item: accuracy, unweighted recall, F1 in its three means, precision, kappa, MCC.

Classes absent from a fold: a class without items in the truth has no recall and is left out of UAR; a class that is in
neither truth nor prediction has no F1 or precision and is left out; a class that is only answered has F1 and precision
0 and counts. `labels` with `absent="zero"` or `absent="nan"` give the other published readings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers
from mien.metrics.confusion import (
    Absent,
    answers,
    class_mean,
    f1s,
    hits,
    precisions,
    recalls,
    seen,
    support,
    table_sums,
    weighted_mean,
)
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, ratio

LabelList = Iterable[Any] | None
RULE = "no class has a value (skip), or a class of `labels` is absent (nan)"


def _accuracy(truth: Any, prediction: Any, *, labels: LabelList = None) -> Sums:
    def value(counts: Numbers) -> Numbers:
        return ratio(hits(counts).sum(axis=-1), counts.sum(axis=(-2, -1)))

    return table_sums(truth, prediction, value, recalls, labels=labels)


@metric(
    "accuracy",
    kind="classification",
    better="higher",
    formula="right answers / items",
    reference="weighted accuracy (WA, WAR) of the speech and video emotion literature",
    sums=_accuracy,
)
def accuracy(truth: Any, prediction: Any, *, labels: LabelList = None) -> float:
    """Share of items whose answer is the true label (WA, WAR, weighted recall).

    truth, prediction: (n,) labels, text or whole numbers; an answer outside `labels` is wrong. In [0, 1].

    >>> accuracy(["joy", "fear", "joy"], ["joy", "joy", "joy"])
    0.6666666666666666
    """
    return _accuracy(truth, prediction, labels=labels).whole()


def _uar(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> Sums:
    return table_sums(truth, prediction, lambda counts: class_mean(recalls(counts), absent), recalls, labels=labels)


@metric(
    "uar",
    kind="classification",
    better="higher",
    formula="mean over classes of hits_c / support_c",
    reference="Schuller et al., INTERSPEECH Emotion Challenge 2009; balanced accuracy",
    undefined=RULE,
    sums=_uar,
)
def uar(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> float:
    """Unweighted average recall: the mean over the classes of the truth of the share found (UA, balanced accuracy).

    truth, prediction: (n,) labels. Classes of `labels` without items are left out ("skip"), count as 0 ("zero") or
    make the value NaN ("nan", some released training loops). In [0, 1].

    >>> uar(["joy", "fear", "joy"], ["joy", "joy", "joy"])
    0.5
    """
    return _uar(truth, prediction, labels=labels, absent=absent).whole()


def _weighted_f1(truth: Any, prediction: Any, *, labels: LabelList = None) -> Sums:
    return table_sums(truth, prediction, lambda counts: weighted_mean(f1s(counts), counts), f1s, labels=labels)


@metric(
    "weighted_f1",
    kind="classification",
    better="higher",
    formula="sum over classes of support_c / n x 2 hits_c / (support_c + answers_c)",
    reference="scikit-learn f1_score(average='weighted'); MELD and IEMOCAP tables (WF1, WAF)",
    sums=_weighted_f1,
)
def weighted_f1(truth: Any, prediction: Any, *, labels: LabelList = None) -> float:
    """F1 per class, averaged with the classes' shares of the truth as weights (WF1, WAF).

    truth, prediction: (n,) labels. In [0, 1].
    """
    return _weighted_f1(truth, prediction, labels=labels).whole()


def _macro_f1(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> Sums:
    return table_sums(truth, prediction, lambda counts: class_mean(f1s(counts), absent), f1s, labels=labels)


@metric(
    "macro_f1",
    kind="classification",
    better="higher",
    formula="mean over classes of 2 hits_c / (support_c + answers_c)",
    reference="scikit-learn f1_score(average='macro', zero_division=0)",
    undefined=RULE,
    sums=_macro_f1,
)
def macro_f1(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> float:
    """F1 per class, averaged over the classes that occur in the truth or among the answers.

    truth, prediction: (n,) labels; `absent`: what classes of `labels` that occur on neither side count. In [0, 1].
    """
    return _macro_f1(truth, prediction, labels=labels, absent=absent).whole()


def _micro_f1(truth: Any, prediction: Any, *, labels: LabelList = None) -> Sums:
    def value(counts: Numbers) -> Numbers:
        return ratio(2 * hits(counts).sum(axis=-1), (support(counts) + answers(counts)).sum(axis=-1))

    return table_sums(truth, prediction, value, f1s, labels=labels)


@metric(
    "micro_f1",
    kind="classification",
    better="higher",
    formula="2 sum hits_c / sum (support_c + answers_c)",
    reference="scikit-learn f1_score(average='micro')",
    sums=_micro_f1,
)
def micro_f1(truth: Any, prediction: Any, *, labels: LabelList = None) -> float:
    """F1 of all classes' hits and misses pooled; equals accuracy unless answers stand outside `labels`.

    truth, prediction: (n,) labels; an answer outside `labels` costs recall but not precision. In [0, 1].
    """
    return _micro_f1(truth, prediction, labels=labels).whole()


def _macro_precision(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> Sums:
    return table_sums(
        truth, prediction, lambda counts: class_mean(precisions(counts), absent), precisions, labels=labels
    )


@metric(
    "macro_precision",
    kind="classification",
    better="higher",
    formula="mean over classes of hits_c / answers_c",
    reference="scikit-learn precision_score(average='macro', zero_division=0)",
    undefined=RULE,
    sums=_macro_precision,
)
def macro_precision(truth: Any, prediction: Any, *, labels: LabelList = None, absent: Absent = "skip") -> float:
    """Precision per class (0 for a class of the truth that is never answered), averaged over the classes that occur.

    truth, prediction: (n,) labels. In [0, 1].
    """
    return _macro_precision(truth, prediction, labels=labels, absent=absent).whole()


def _macro_recall(truth: Any, prediction: Any, *, labels: LabelList = None) -> Sums:
    def parts(counts: Numbers) -> Numbers:
        return np.where(seen(counts), np.nan_to_num(recalls(counts)), np.nan)

    return table_sums(truth, prediction, lambda counts: class_mean(parts(counts), "skip"), parts, labels=labels)


@metric(
    "macro_recall",
    kind="classification",
    better="higher",
    formula="mean over classes of hits_c / support_c, 0 for a class that is only answered",
    reference="scikit-learn recall_score(average='macro', zero_division=0)",
    sums=_macro_recall,
)
def macro_recall(truth: Any, prediction: Any, *, labels: LabelList = None) -> float:
    """Recall per class averaged over all classes that occur on either side; below UAR where one is only answered.

    truth, prediction: (n,) labels. In [0, 1].
    """
    return _macro_recall(truth, prediction, labels=labels).whole()


def _kappa(truth: Any, prediction: Any) -> Sums:
    def value(counts: Numbers) -> Numbers:
        items = counts.sum(axis=(-2, -1))
        chance = ratio((support(counts) * answers(counts)).sum(axis=-1), items**2)
        return ratio(ratio(hits(counts).sum(axis=-1), items) - chance, 1 - chance)

    return table_sums(truth, prediction, value)


@metric(
    "cohen_kappa",
    kind="classification",
    better="higher",
    formula="(accuracy - chance) / (1 - chance), chance = sum support_c answers_c / n^2",
    reference="Cohen 1960",
    undefined="truth and prediction are one and the same single class",
    sums=_kappa,
)
def cohen_kappa(truth: Any, prediction: Any) -> float:
    """Agreement beyond what the two sides' class shares give by chance.

    truth, prediction: (n,) labels. In [-1, 1]; NaN where both hold one and the same class only.
    """
    return _kappa(truth, prediction).whole()


def _mcc(truth: Any, prediction: Any) -> Sums:
    def value(counts: Numbers) -> Numbers:
        true, said, items = support(counts), answers(counts), counts.sum(axis=(-2, -1))
        cross = hits(counts).sum(axis=-1) * items - (true * said).sum(axis=-1)
        spread = (items**2 - (true**2).sum(axis=-1)) * (items**2 - (said**2).sum(axis=-1))
        return ratio(cross, np.sqrt(spread))

    return table_sums(truth, prediction, value)


@metric(
    "mcc",
    kind="classification",
    better="higher",
    formula="(n hits - sum support_c answers_c) / sqrt((n^2 - sum support_c^2)(n^2 - sum answers_c^2))",
    reference="Gorodkin 2004; scikit-learn matthews_corrcoef (which gives 0 where this gives NaN)",
    undefined="truth or prediction holds one class only",
    sums=_mcc,
)
def mcc(truth: Any, prediction: Any) -> float:
    """Matthews' correlation of two labellings with any number of classes.

    truth, prediction: (n,) labels. In [-1, 1]; NaN where either side holds one class only.
    """
    return _mcc(truth, prediction).whole()
