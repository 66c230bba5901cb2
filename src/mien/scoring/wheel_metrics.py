"""The open-set scores, the hit rate and the sentiment F1 as metrics by id, each with fast bootstrap intervals.

`truth` and `prediction` are lists of word lists, or `Words` where they were looked up before; `held` chooses the
edition. Values per class are those of the wheels.

>>> from mien.metrics import evaluate
>>> round(evaluate("openset_f", [["happy"], ["sad"]], [["joyful"], ["angry"]], rounds=0).value, 3)
0.5
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.metrics import metric
from mien.metrics.sums import Sums, ratio
from mien.scoring.hits import hit_rate as _hit_rate
from mien.scoring.openset import Overlap, Same, Undefined, Words, looked_up, overlap
from mien.scoring.polarity import sentiment_waf
from mien.scoring.setlevel import SetLevel, set_level
from mien.scoring.wheels import GROUPINGS, LEVEL1, LEVEL2, Tables, tables

Array = NDArray[np.float64]
LEVELS = {"level1": LEVEL1, "level2": LEVEL2, "both": (*LEVEL1, *LEVEL2), "all": GROUPINGS}
_PAPER = "OV-MER, arXiv 2410.01495; AffectGPT, arXiv 2501.16566"
_NOTHING = "no reference word is in the tables (neutral is in none)"


def _openset(truth: Any, prediction: Any, what: int, level: str, held: Tables | None, undefined: Undefined) -> Sums:
    """Totals per grouping: precision, recall, scored; what: 0 F, 1 precision, 2 recall."""
    held = held or tables()
    first, second = looked_up(held, truth, prediction)
    which, rows = _contributions(first, second, held, LEVELS[level])

    def parts(totals: Array) -> Array:
        cells = totals.reshape(*totals.shape[:-1], -1, 3)
        precision, recall = (ratio(cells[..., index], cells[..., 2]) for index in (0, 1))
        if undefined == "zero":
            precision, recall = np.nan_to_num(precision), np.nan_to_num(recall)
        if what:
            return precision if what == 1 else recall
        figure = ratio(2 * precision * recall, precision + recall)
        none = precision + recall == 0
        return figure if undefined == "nan" else np.where(none, 0.0, figure)

    def value(totals: Array) -> Array:
        return _mean(parts(totals), undefined)

    names = tuple(name.removeprefix("case3_").replace("_level1", "").replace("_", " ") for name in LEVELS[level])
    return Sums(which, rows, rows.shape[1], value, parts, names)


def _mean(values: Array, undefined: Undefined) -> Array:
    if undefined != "sound":
        return np.asarray(values.mean(axis=-1))
    there = ~np.isnan(values)
    return ratio(np.where(there, values, 0.0).sum(axis=-1), there.sum(axis=-1).astype(np.float64))


@lru_cache(maxsize=4)
def _contributions(
    truth: Words, prediction: Words | Same, held: Tables, groupings: tuple[str, ...]
) -> tuple[NDArray[np.int64], Array]:
    """(row of each sample, distinct rows): precision, recall and scored of every grouping, one after the other."""
    found = overlap(truth, prediction, held=held, groupings=groupings)
    return _distinct(_columns(found[name]) for name in groupings)


def _columns(one: Overlap) -> list[Array]:
    scored = ~np.isnan(one.sample_precision)
    return [np.where(scored, one.sample_precision, 0), np.where(scored, one.sample_recall, 0), scored.astype(float)]


def _distinct(columns: Any) -> tuple[NDArray[np.int64], Array]:
    rows = np.ascontiguousarray(np.stack([column for group in columns for column in group], axis=1))
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return which.astype(np.int64), rows[first]


def _sums(what: int, level: str) -> Callable[..., Sums]:
    def sums(truth: Any, prediction: Any, *, held: Tables | None = None, undefined: Undefined = "sound") -> Sums:
        return _openset(truth, prediction, what, level, held, undefined)

    return sums


def _enter(id: str, what: int, level: str, definition: str, formula: str) -> Callable[..., float]:
    def compute(truth: Any, prediction: Any, *, held: Tables | None = None, undefined: Undefined = "sound") -> float:
        return _openset(truth, prediction, what, level, held, undefined).whole()

    compute.__doc__ = definition
    entered = metric(
        id,
        kind="openset",
        better="higher",
        formula=formula,
        reference=_PAPER,
        undefined=_NOTHING,
        sums=_sums(what, level),
    )
    return entered(compute)


_F = "mean over groupings of 2PR/(P+R), P and R means over samples"
openset_f = _enter("openset_f", 0, "level1", "F of two sets of emotion words on the inner ring of five wheels.", _F)
openset_precision = _enter(
    "openset_precision", 1, "level1", "Share of the predicted groups that are right, on five wheels.", "mean |G∩P|/|P|"
)
openset_recall = _enter(
    "openset_recall", 2, "level1", "Share of the true groups that were predicted, on five wheels.", "mean |G∩P|/|G|"
)
openset_f_level2 = _enter(
    "openset_f_level2", 0, "level2", "F of two sets of emotion words on the outer groups of five wheels.", _F
)
openset_f_both = _enter(
    "openset_f_both", 0, "both", "Mean of the F on the inner and the outer groups (MER2025 track 2).", _F
)
openset_f_all = _enter("openset_f_all", 0, "all", "Mean of the F of all twelve groupings (M-avg of OV-MER).", _F)


def _hits(truth: Any, prediction: Any, what: str, options: dict[str, Any]) -> Sums:
    undefined = options.get("undefined", "sound")
    found = _hit_rate(truth, prediction, **options)
    columns = []
    for wheel in found.wheels.values():
        values: Array = getattr(wheel, what)
        columns.append([np.nan_to_num(values), (~np.isnan(values)).astype(float)])
    which, rows = _distinct(columns)

    def parts(totals: Array) -> Array:
        cells = totals.reshape(*totals.shape[:-1], -1, 2)
        figure = ratio(cells[..., 0], cells[..., 1])
        return np.nan_to_num(figure) if undefined == "zero" else figure

    return Sums(which, rows, rows.shape[1], lambda totals: _mean(parts(totals), undefined), parts, tuple(found.wheels))


def _hit_sums(truth: Any, prediction: Any, **options: Any) -> Sums:
    return _hits(truth, prediction, "sample_hit", options)


def _mscore_sums(truth: Any, prediction: Any, **options: Any) -> Sums:
    return _hits(truth, prediction, "sample_mscore", options)


@metric(
    "hit_rate", kind="openset", better="higher", formula="mean over wheels of the share of samples with G∩P not empty",
    reference=_PAPER, undefined=_NOTHING, sums=_hit_sums,
)  # fmt: skip
def hit_rate(truth: Any, prediction: Any, **options: Any) -> float:
    """Share of one-label references whose group any predicted word reaches; naming every label reaches 1.

    options: those of `mien.scoring.hits.hit_rate`.
    """
    return _hit_sums(truth, prediction, **options).whole()


@metric(
    "mscore", kind="openset", better="higher", formula="mean of hits / predicted groups that some label of the set has",
    reference=_PAPER, undefined=_NOTHING, sums=_mscore_sums,
)  # fmt: skip
def mscore(truth: Any, prediction: Any, **options: Any) -> float:
    """The hit rate divided by how many groups of the data set's labels were named."""
    return _mscore_sums(truth, prediction, **options).whole()


def _waf_sums(truth: Any, prediction: Any, **options: Any) -> Sums:
    """Totals of the four cells (true side, answered side); unscored samples add nothing."""
    found = sentiment_waf(truth, prediction, **options)
    wanted = np.asarray(truth, dtype=np.float64) > 0
    right = np.nan_to_num(found.right) > 0
    cell = np.where(np.isnan(found.right), 4, 2 * wanted + np.where(right, wanted, ~wanted)).astype(np.int64)
    return Sums(cell, None, 5, _waf)


def _waf(totals: Array) -> Array:
    cells = totals[..., :4].reshape(*totals.shape[:-1], 2, 2)
    true, given = cells.sum(axis=-1), cells.sum(axis=-2)
    size = true + given
    f1 = np.divide(
        2 * np.stack([cells[..., 0, 0], cells[..., 1, 1]], axis=-1), size, out=np.zeros_like(size), where=size > 0
    )
    return ratio((f1 * true).sum(axis=-1), true.sum(axis=-1))


@metric(
    "waf", kind="classification", better="higher", formula="sum over two classes of F1 * share of the truth, sign > 0",
    reference="AffectGPT, arXiv 2501.16566", undefined="every reference score is 0", sums=_waf_sums,
)  # fmt: skip
def waf(truth: Any, prediction: Any, **options: Any) -> float:
    """Weighted F1 of positive against not positive; references of 0 are dropped and neutral answers are not positive.

    truth: signed scores; prediction: positive, negative, neutral; options: those of `sentiment_waf`.
    """
    return _waf_sums(truth, prediction, **options).whole()


def _set_sums(what: int) -> Callable[..., Sums]:
    def sums(truth: Sequence[Any], prediction: Sequence[Any], *, synonyms: Any = None, strip: bool = True) -> Sums:
        found: SetLevel = set_level(truth, prediction, synonyms or [None] * len(truth), strip=strip)
        scored = ~np.isnan(found.sample_accuracy)
        columns = [np.nan_to_num(found.sample_accuracy), np.nan_to_num(found.sample_recall), scored.astype(float)]
        which, rows = _distinct([columns])

        def value(totals: Array) -> Array:
            accuracy, recall = ratio(totals[..., 0], totals[..., 2]), ratio(totals[..., 1], totals[..., 2])
            return np.asarray((accuracy, recall, (accuracy + recall) / 2)[what])

        return Sums(which, rows, 3, value)

    return sums


def _enter_set(id: str, what: int, definition: str, formula: str) -> Callable[..., float]:
    def compute(truth: Any, prediction: Any, **options: Any) -> float:
        return _set_sums(what)(truth, prediction, **options).whole()

    compute.__doc__ = definition
    entered = metric(
        id, kind="openset", better="higher", formula=formula, reference="EMER, arXiv 2306.15401",
        undefined="no reference has a word", sums=_set_sums(what),
    )  # fmt: skip
    return entered(compute)


set_accuracy = _enter_set(
    "set_accuracy", 0, "Share of the predicted groups of synonyms that are true.", "mean |G∩P|/|P|"
)
set_recall = _enter_set("set_recall", 1, "Share of the true groups of synonyms that were predicted.", "mean |G∩P|/|G|")
set_average = _enter_set("set_average", 2, "Mean of set-level accuracy and recall.", "(accuracy_s + recall_s) / 2")
