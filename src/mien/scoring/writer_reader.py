"""`mien score writer-reader`: what writers put into their texts beside what readers saw, and what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.perspective import Perspective, perspective
from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.bootstrap import group_codes, interval, resampled
from mien.metrics.score import Score, evaluate
from mien.metrics.sums import Sums
from mien.scoring.expressions import Corpus, Expression
from mien.scoring.result import Options, Part, Reading, ScoreResult
from mien.scoring.views import View, Views, read_scores, read_views

REPLICATES = {"hidden-anger": "gap_gt1_rounded", "lstm-study": "agreeing_readers"}
"""Published code -> its rule."""

WORDS = {
    "gap_gt1_exact": "hidden: writer more than 1 above the readers' mean; over-read: more than 1 below",
    "gap_gt1_rounded": "hidden: writer more than 1 above the readers' rounded mean; over-read: more than 1 below",
    "agreeing_readers": "hidden, over-read: writer more than 1 above, below the readers' mean where readers agree",
}
"""Rules of `mien.affect.perspective`, as the result tells them."""

LEAST_TEXTS = 20
"""Hidden texts that an emotion needs before its expressions are looked for."""
SHOWN, EXPLAINED = 10, 50
"""Expressions that are told of each emotion, and with the readings."""

_FIRST = "writers and readers"


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Gap tables per emotion, typical expressions, and (with a detector's scores) ROC AUC and average precision.

    predictions: a detector's scores per text, higher where hidden, and `reference` the table of writers and readers;
    or that table alone, with or without scores. Files and columns: `read_views`, `read_scores`.
    replicate: "hidden-anger" (readers' averages rounded, as released) or "lstm-study" (only where readers agree).
    Intervals draw whole writers where the table names them. Raises RequestError, InputError, DataError.
    """
    rule = _rule(options)
    views = read_views(reference or predictions)
    scores, warnings = dict(views.scores), list(views.warnings)
    if reference is not None:
        scores, further = read_scores(predictions, tuple(view.name for view in views.views), views)
        warnings += further
    found = {view.name: _compare(view, rule, views) for view in views.views}
    parts = [_gap_part(views, found, scores, options)]
    for name, values in scores.items():
        part, told = _detector(name, found[name], values, views, options)
        parts += [part] if part is not None else []
        warnings += told
    typical, told = _expression_parts(views, found, scores, options)
    parts, warnings = parts + typical, warnings + told
    return ScoreResult("writer-reader", f"rule: {WORDS[rule]}", _settings(views, rule, scores, options),
                       tuple(parts), (), tuple(warnings))  # fmt: skip


def _rule(options: Options) -> str:
    if options.judge != "none":
        raise RequestError("writer-reader asks no judge: the rule is a comparison of numbers; leave --judge out")
    if options.edition is not None:
        raise RequestError("writer-reader has no editions; leave --edition out")
    if options.replicate is None:
        return "gap_gt1_exact"
    if options.replicate not in REPLICATES:
        raise RequestError(f"unknown replicate {options.replicate!r}; allowed: {', '.join(REPLICATES)}")
    return REPLICATES[options.replicate]


def _settings(views: Views, rule: str, scores: Mapping[str, Numbers], options: Options) -> dict[str, Any]:
    return {
        "rule": rule,
        "replicate": options.replicate,
        "table": views.edition,
        "texts": len(views.ids),
        views.grouping: len(set(views.writers)) if views.writers is not None else None,
        "split": [f"{name} {count}" for name, count in views.splits.items()],
        "expressions": (f"of {'detected' if scores else 'hidden'} texts, by z of the log-odds")
        if views.texts is not None
        else None,
        "rounds": options.rounds,
        "seed": options.seed,
    }


def _compare(view: View, rule: str, views: Views) -> Perspective:
    if rule == "agreeing_readers" and view.readers.shape[1] < 2:
        raise RequestError(f"{views.path}: --replicate lstm-study needs each reader's own column for {view.name}")
    averages = view.average if rule == "gap_gt1_rounded" else None
    return perspective(view.writer, view.readers, rule=rule, averages=averages)


def _gap_part(views: Views, found: Mapping[str, Perspective], scores: Mapping[str, Numbers], options: Options) -> Part:
    """One row per emotion: means, gap, and the shares that add up to 1."""
    columns: dict[str, list[Any]] = {
        "hidden": [one.hidden for one in found.values()],
        "over_read": [one.over_read for one in found.values()],
        "agreed": [one.agreed for one in found.values()],
        "disputed": [one.disputed for one in found.values()],
        "writer": [view.writer for view in views.views],
        "readers": [view.readers.mean(axis=1) for view in views.views],
        "gap": [one.gap for one in found.values()],
    }
    if not any(one.disputed.any() for one in found.values()):
        del columns["disputed"]
    names = tuple(found)
    told = tuple(
        _means(metric, np.stack(values, axis=1).astype(np.float64), names, views, options)
        for metric, values in columns.items()
    )
    return Part(_FIRST, told, readings=_readings(views, found, scores) if options.keep else ())


def _means(metric: str, values: Numbers, names: tuple[str, ...], views: Views, options: Options) -> Score:
    """Mean of each column, and their mean, with intervals over writers."""
    rows = np.column_stack([np.ones(len(values)), values])

    def parts(totals: Numbers) -> Numbers:
        return np.asarray(totals[..., 1:] / totals[..., :1])

    sums = Sums(np.arange(len(values)), rows, rows.shape[1], lambda totals: parts(totals).mean(axis=-1), parts, names)
    means = values.mean(axis=0)
    per_class = dict(zip(names, means.tolist(), strict=True))
    if not options.rounds or len(values) < 2:
        return Score(metric, float(means.mean()), None, len(values), per_class)
    drawn = np.concatenate([parts(t) for t in resampled(sums, _writers(views), options.rounds, options.seed)])
    spans = {name: interval(column) for name, column in zip(names, drawn.T, strict=True)}
    shown = {name: span for name, span in spans.items() if span is not None}
    whole = interval(drawn.mean(axis=1))
    return Score(metric, float(means.mean()), whole, len(values), per_class, per_class_interval=shown)


def _writers(views: Views, kept: NDArray[np.bool_] | None = None) -> NDArray[np.int64] | None:
    names = _names(views, kept)
    return None if names is None else group_codes(names, len(names))


def _names(views: Views, kept: NDArray[np.bool_] | None = None) -> list[str] | None:
    """Writers of the (kept) texts, None where they are not known or all the same."""
    if views.writers is None:
        return None
    names = [name for at, name in enumerate(views.writers) if kept is None or kept[at]]
    return names if len(set(names)) > 1 else None


def _detector(
    name: str, found: Perspective, values: Numbers, views: Views, options: Options
) -> tuple[Part | None, list[str]]:
    """How well a detector's scores rank hidden texts above the others."""
    kept = ~np.isnan(values)
    warnings = [] if kept.all() else [f"{name}: {int((~kept).sum())} of {len(kept)} texts have no score; left out"]
    if not kept.any():
        return None, warnings
    truth, given = found.hidden[kept].astype(np.int64), values[kept]
    share = float(truth.mean())
    names = _names(views, kept)
    scores = [
        evaluate(metric, truth, given, groups=names, rounds=options.rounds, rng=options.seed)
        for metric in ("roc_auc", "average_precision")
    ]
    note = (
        f"{share:.1%} of the texts are hidden; AUC does not show how rare that is, average precision does; the scores "
        "should come from a model that was not trained on these texts"
    )
    scores.append(Score("prevalence", share, None, len(truth), note=note))
    chance = (Score("roc_auc", 0.5), Score("average_precision", share))
    if not 0 < share < 1:
        warnings.append(f"{name}: {'no text' if share == 0 else 'every text'} is hidden; AUC is not defined")
    return Part(f"{name}: detector", tuple(scores), {"by chance": chance}), warnings


def _expression_parts(
    views: Views, found: Mapping[str, Perspective], scores: Mapping[str, Numbers], options: Options
) -> tuple[list[Part], list[str]]:
    """Typical expressions of each emotion with enough hidden (or detected) texts; and of which there are none."""
    if views.texts is None:
        return [], []
    groups = {name: _detected(scores[name]) for name in scores} or {name: one.hidden for name, one in found.items()}
    large = {name: group for name, group in groups.items() if group.sum() >= LEAST_TEXTS}
    corpus = Corpus(views.texts, views.writers) if large else None
    limit = EXPLAINED if options.keep else SHOWN
    told = {name: corpus.typical(group, limit=limit) for name, group in large.items()} if corpus is not None else {}
    parts = [_expression_part(name, large[name], found) for name, found in told.items() if found]
    none = [name for name in groups if not told.get(name)]
    why = f"no typical expressions of {', '.join(none)}: fewer than {LEAST_TEXTS} texts, or no word stands out"
    return parts, [why] if none else []


def _expression_part(name: str, group: NDArray[np.bool_], told: Sequence[Expression]) -> Part:
    """z, and the shares of texts that hold it, of each expression; the part's own values are those of the first."""
    inside, outside = int(group.sum()), int((~group).sum())
    z = {one.text: one.z for one in told}
    share = {one.text: one.detected / inside for one in told}
    others = {one.text: one.rest / outside for one in told}
    first = told[0]
    return Part(
        f"{name}: expressions",
        (
            Score("z", first.z, None, len(group), z),
            Score("share", first.detected / inside, None, inside, share),
            Score("share_others", first.rest / outside, None, outside, others),
        ),
    )


def _detected(values: Numbers) -> NDArray[np.bool_]:
    """Texts that a detector points out: probability 0.5 or more; for scores beyond 0 to 1, above 0."""
    known = values[~np.isnan(values)]
    within = bool(((known >= 0) & (known <= 1)).all())
    with np.errstate(invalid="ignore"):
        return values >= 0.5 if within else values > 0


def _readings(views: Views, found: Mapping[str, Perspective], scores: Mapping[str, Numbers]) -> tuple[Reading, ...]:
    """The texts in which writer and readers differ, the widest gap first, and what a detector pointed out."""
    detected = {name: _detected(values) for name, values in scores.items()}
    widest = np.max([np.where(one.hidden | one.over_read, np.abs(one.gap), 0.0) for one in found.values()], axis=0)
    return tuple(
        _reading(views, found, detected, int(at)) for at in np.argsort(-widest, kind="stable") if widest[at] > 0
    )


def _reading(
    views: Views, found: Mapping[str, Perspective], detected: Mapping[str, NDArray[np.bool_]], at: int
) -> Reading:
    told, why = [], []
    for view in views.views:
        one = found[view.name]
        if one.hidden[at] or one.over_read[at]:
            told.append(f"{'hidden' if one.hidden[at] else 'over-read'} {view.name}")
            readers = " ".join(f"{value:g}" for value in view.readers[at])
            why.append(f"{view.name}: writer {view.writer[at]:g}, readers {readers}, gap {one.gap[at]:+.2f}")
    read = tuple(f"hidden {name}" for name, flags in detected.items() if flags[at])
    text = views.texts[at] if views.texts is not None else ""
    return Reading(views.ids[at], text, tuple(told), read, None, tuple(why))
