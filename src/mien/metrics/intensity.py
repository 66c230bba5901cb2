"""Rated intensities of many emotions: errors and correlations per emotion, macro and pooled, with refusals counted.

Protocol of EmoNet-Voice (arXiv 2506.09827): expert levels 0, 1, 2 become 0, 5, 10; predictions lie on 0..10 and are not
clipped; a clip is rated for its target emotion only, so all other cells are unknown (NaN), never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels, same_length
from mien.metrics.bootstrap import Rng
from mien.metrics.regression import mae, pearson, rmse, spearman
from mien.metrics.score import Score, evaluate

MEASURES = {"mae": mae, "rmse": rmse, "pearson": pearson, "spearman": spearman}
SCALE = (0.0, 10.0)
Mode = Literal["drop", "worst"]


@dataclass(frozen=True, slots=True)
class IntensityScores:
    """What `intensity_scores` found.

    per_emotion: name -> mae, rmse, pearson, spearman (NaN where undefined); n, refused: rated cells scored and refused
    of each emotion; macro: means over the emotions where the measure is defined; pooled: over all cells at once;
    refusal_rate: refused / rated cells; undefined: emotions without a correlation (constant truth or prediction).
    """

    per_emotion: dict[str, dict[str, float]]
    n: dict[str, int]
    refused: dict[str, int]
    macro: dict[str, float]
    pooled: dict[str, float]
    refusal_rate: float
    undefined: tuple[str, ...]


def intensity_scores(
    levels: Any,
    prediction: Any,
    *,
    names: Sequence[str],
    refused: Any = None,
    mode: Mode = "drop",
    step: float = 5.0,
) -> IntensityScores:
    """Compare rated levels (n, k) with predicted intensities (n, k).

    levels: expert levels (also means of several experts), NaN where the cell was not rated; times `step` they are on
    the scale of the predictions; refused: (n, k) of bool, cells the model would not answer (its prediction there may be
    NaN). mode "drop" leaves them out as published (a model that refuses hard clips then looks better), "worst" counts
    the end of the scale that is farther from the truth. RequestError: shapes that differ, NaN in a cell to be scored.
    """
    truth, answers, away, used = _cells(levels, prediction, refused, step, names, mode)
    rated = ~np.isnan(truth)
    columns = {name: used[:, i] for i, name in enumerate(names)}
    values = {name: _measures(truth[keep, i], answers[keep, i]) for i, (name, keep) in enumerate(columns.items())}
    return IntensityScores(
        per_emotion=values,
        n={name: int(keep.sum()) for name, keep in columns.items()},
        refused={name: int(away[:, i].sum()) for i, name in enumerate(names)},
        macro={measure: _mean([one[measure] for one in values.values()]) for measure in MEASURES},
        pooled=_measures(truth[used], answers[used]),
        refusal_rate=float(away.sum() / rated.sum()) if rated.any() else float("nan"),
        undefined=tuple(name for name, one in values.items() if np.isnan(one["pearson"])),
    )


def intensity_intervals(
    levels: Any,
    prediction: Any,
    *,
    names: Sequence[str],
    refused: Any = None,
    mode: Mode = "drop",
    step: float = 5.0,
    groups: Any = None,
    rounds: int = 1000,
    rng: Rng = 0,
) -> dict[str, dict[str, Score]]:
    """The measures of `intensity_scores` with bootstrap intervals: emotion (and "pooled") -> measure -> score.

    Whole clips (rows) are drawn, or whole groups (n,) of clips: cells of one clip are not independent. An emotion
    without cells is left out. Arguments and errors as `intensity_scores` and `evaluate`.
    """
    truth, answers, _, used = _cells(levels, prediction, refused, step, names, mode)
    clips = np.arange(len(truth)) if groups is None else as_labels(groups, name="groups")
    same_length(truth, clips, names=("levels", "groups"))
    rows = np.broadcast_to(clips[:, None], truth.shape)
    masks = {name: used & (np.arange(len(names)) == i) for i, name in enumerate(names)} | {"pooled": used}

    def score(measure: str, keep: NDArray[np.bool_]) -> Score:
        several = len(set(rows[keep].tolist())) > 1
        drawn = rows[keep] if several else None
        return evaluate(measure, truth[keep], answers[keep], groups=drawn, rounds=rounds * several, rng=rng)

    return {name: {one: score(one, keep) for one in MEASURES} for name, keep in masks.items() if keep.any()}


def _cells(
    levels: Any, prediction: Any, refused: Any, step: float, names: Sequence[str], mode: Mode
) -> tuple[Numbers, Numbers, NDArray[np.bool_], NDArray[np.bool_]]:
    """Truth and answers on one scale, which rated cells were refused, and which cells count, each (n, k)."""
    truth, answers, away = _tables(levels, prediction, refused, step)
    if len(names) != truth.shape[1]:
        raise RequestError(f"names: {len(names)} for {truth.shape[1]} columns")
    if mode not in ("drop", "worst"):
        raise RequestError(f"mode: {mode!r}; allowed: drop, worst")
    rated = ~np.isnan(truth)
    away &= rated
    if mode == "worst":
        answers = np.where(away, np.where(truth - SCALE[0] > SCALE[1] - truth, *SCALE), answers)
    used = rated & ~away if mode == "drop" else rated
    _refuse_gaps(answers, used, names)
    return truth, answers, away, used


def _tables(levels: Any, prediction: Any, refused: Any, step: float) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    truth, answers = np.array(levels, dtype=np.float64) * step, np.array(prediction, dtype=np.float64)
    away = np.zeros(truth.shape, dtype=bool) if refused is None else np.array(refused, dtype=bool)
    if truth.ndim != 2 or answers.shape != truth.shape or away.shape != truth.shape:
        raise RequestError(
            f"levels {truth.shape}, prediction {answers.shape} and refused {away.shape} must be one (n, k)"
        )
    return truth, answers, away


def _refuse_gaps(answers: Numbers, used: NDArray[np.bool_], names: Sequence[str]) -> None:
    gaps = np.argwhere(used & ~np.isfinite(answers))
    if len(gaps):
        row, column = gaps[0]
        raise RequestError(
            f"prediction: no number at item {row}, {names[column]!r}; mark the cell in `refused` or fill it"
        )


def _measures(truth: Numbers, answers: Numbers) -> dict[str, float]:
    if not len(truth):
        return dict.fromkeys(MEASURES, float("nan"))
    return {name: measure(truth, answers) for name, measure in MEASURES.items()}


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
