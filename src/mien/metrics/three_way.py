"""Sentiment from three outputs (negative, neutral, positive): what released code prints as Acc-2 and F1.

None of these two-way figures is an accuracy of the usual kind, so none has an id; they are here to be compared with.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import as_labels, as_matrix, same_length
from mien.metrics.classification import accuracy, weighted_f1

Scheme3 = Literal["mmsa", "cider", "sound"]


def three_way_scores(truth: Any, scores: Any, *, scheme: Scheme3 = "sound") -> dict[str, float]:
    """Accuracy and weighted F1 over three classes, and the two-way readings of a code base.

    truth: (n,) 0 negative, 1 neutral, 2 positive; scores: (n, 3) in that order.
    scheme "mmsa": Has0 counts neutral as negative, Non0 compares a two-way arg-max in {0, 1} with truths in {0, 2}, so
    every positive item is wrong; "cider": Has0 counts neutral as positive, Non0 takes the arg-max of all three;
    "sound": Non0 between negative and positive only, no Has0 (where neutral belongs is a choice, not a fact).
    Names: acc3, f1_3, and per scheme has0_acc2, has0_f1, non0_acc2, non0_f1 (NaN where every truth is neutral).
    RequestError: other truths, another number of columns, an unknown scheme.
    """
    gold, table = as_labels(truth, name="truth"), as_matrix(scores, name="scores")
    same_length(gold, table, names=("truth", "scores"))
    if table.shape[1] != 3 or not set(gold.tolist()) <= {0, 1, 2}:
        raise RequestError("three-way scores need three columns and truths 0 (negative), 1 (neutral), 2 (positive)")
    if scheme not in ("mmsa", "cider", "sound"):
        raise RequestError(f"scheme: {scheme!r}; allowed: mmsa, cider, sound")
    three, two, polar = table.argmax(axis=1), table[:, [0, 2]].argmax(axis=1), gold != 1
    found = _both("acc3", "f1_3", gold, three)
    if scheme != "sound":
        side = gold > 1 if scheme == "mmsa" else gold >= 1
        found |= _both("has0_acc2", "has0_f1", side, two)
    answer = {"mmsa": two, "cider": three, "sound": 2 * two}[scheme]
    return found | _both("non0_acc2", "non0_f1", gold[polar], answer[polar])


def _both(first: str, second: str, truth: Any, answer: Any) -> dict[str, float]:
    if not len(truth):
        return {first: float("nan"), second: float("nan")}
    return {first: accuracy(np.asarray(truth), answer), second: weighted_f1(np.asarray(truth), answer)}
