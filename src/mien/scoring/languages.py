"""`mien score languages`: one task in several languages, the gap of each to a reference language, what closes it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.bootstrap import checked, group_codes, index_draws, interval
from mien.metrics.confusion import class_mean, f1s
from mien.metrics.gaps import gap_reduction, language_gaps
from mien.metrics.score import Score
from mien.scoring.parallel import Parallel, read_parallel
from mien.scoring.result import Options, Part, Reading, ScoreResult

ENGLISH = ("en", "eng", "english", "en-us", "en-gb")
"""Names of the reference language; else it is the first language of the file."""

BASE = ("text", "text-only", "text_only")
"""Names of the system that others are compared with; else it is the first of the file."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """Macro F1 of one system: by language, and by bootstrap round and language (rounds, languages)."""

    scores: dict[str, float]
    drawn: Numbers

    def gaps(self, at: int) -> Numbers:
        """Gap of each language by round, the reference's column being 0."""
        return self.drawn[:, [at]] - self.drawn


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Macro F1 by language, gaps to the reference language, and how far a second system (with images) narrows them.

    predictions: rows of id, language, prediction (and label, system; or one column prediction_<language> each), see
    `read_parallel`; reference: id and label, where the predictions hold none. The same items are needed in every
    language; `unreadable="skip"` keeps those that all have. Macro F1 is over the labels of the reference; gaps are
    reference minus language. Intervals draw items (or their groups), the same in all languages and systems.
    Raises RequestError, InputError, DataError.
    """
    _check(options)
    data = read_parallel(predictions, reference, skip=options.unreadable == "skip")
    base = _base(data.languages, predictions)
    measured = _measure(data, options)
    parts = [_part(name, one, base, data, options) for name, one in measured.items()]
    settings = {
        "reference": base,
        "languages": list(data.languages),
        "items": len(data.ids),
        "labels": len(data.labels),
        "rounds": options.rounds,
        "seed": options.seed,
    }
    warnings = [*data.warnings, *_one_answer(data)]
    process = "rule: macro F1 over the labels of the reference; gap = reference language minus language"
    return ScoreResult("languages", process, settings, tuple(parts), _reductions(measured, base, data), tuple(warnings))


def _check(options: Options) -> None:
    if options.judge != "none":
        raise RequestError("languages asks no judge: labels are compared; leave --judge out")
    for name in ("edition", "replicate"):
        if getattr(options, name) is not None:
            raise RequestError(f"languages has no {name}; leave --{name} out")


def _base(languages: Sequence[str], path: Path) -> str:
    if len(languages) < 2:
        raise RequestError(f"{path}: one language only ({languages[0]}); a gap needs two or more")
    return next((name for name in languages if name.lower() in ENGLISH), languages[0])


def _measure(data: Parallel, options: Options) -> dict[str, _Measured]:
    """Macro F1 of every system and language, on all items and on the same resamples."""
    size = len(data.labels)
    cells = {
        system: np.stack([data.truth * (size + 1) + answers[name] for name in data.languages])
        for system, answers in data.answers.items()
    }
    weights = list(_draws(data, options))
    measured = {}
    for system, table in cells.items():
        whole = [_macro(row, None, size) for row in table]
        drawn = np.array([[_macro(row, weight, size) for row in table] for weight in weights])
        measured[system] = _Measured(
            dict(zip(data.languages, whole, strict=True)), drawn.reshape(len(weights), len(data.languages))
        )
    return measured


def _draws(data: Parallel, options: Options) -> list[NDArray[np.int64]]:
    """How often each item stands in each resample."""
    if not options.rounds:
        return []
    count = len(data.ids)
    groups = group_codes(data.groups, count) if data.groups is not None and len(set(data.groups)) > 1 else None
    draws = index_draws(count, groups, options.rounds, checked(options.rounds, options.seed))
    return [np.bincount(draw, minlength=count) for draw in draws]


def _macro(cells: NDArray[np.int64], weights: NDArray[np.int64] | None, size: int) -> float:
    """Macro F1 from (truth, answer) cells; a label that a resample lacks on both sides is left out."""
    counts = np.bincount(cells, weights=weights, minlength=size * (size + 1)).reshape(size, size + 1)
    return float(class_mean(f1s(counts.astype(np.float64)), "skip"))


def _part(system: str, one: _Measured, base: str, data: Parallel, options: Options) -> Part:
    found = language_gaps(one.scores, reference=base)
    at, count = data.languages.index(base), len(data.ids)
    gaps = one.gaps(at)
    others = [place for place in range(len(data.languages)) if place != at]
    names = [data.languages[place] for place in others]
    scores = (
        Score(
            "macro_f1", found.others, _span(one.drawn[:, others].mean(axis=1)), count, dict(one.scores),
            f"value: mean without {base}; worst language {found.worst}", _spans(data.languages, one.drawn),
        ),
        Score(
            "language_gap", found.mean, _span(gaps[:, others].mean(axis=1)), count, dict(found.gap), "",
            _spans(names, gaps[:, others]),
        ),
        Score("relative_gap", _mean(found.relative), None, count, dict(found.relative)),
        Score("absolute_gap", found.mean_abs, _span(np.abs(gaps[:, others]).mean(axis=1)), count),
        Score("spread", found.std, _span(one.drawn.std(axis=1)), count, note="standard deviation over all languages"),
    )  # fmt: skip
    majority = int(np.bincount(data.truth, minlength=len(data.labels)).argmax())
    floor = _macro(data.truth * (len(data.labels) + 1) + majority, None, len(data.labels))
    readings = _readings(system, data) if options.keep else ()
    return Part(system, scores, {"majority": (Score("macro_f1", floor, None, count),)}, readings)


def _reductions(measured: Mapping[str, _Measured], base: str, data: Parallel) -> tuple[Score, ...]:
    """How much of the base system's mean gap each other system removes."""
    if len(measured) < 2:
        return ()
    first = next((name for name in measured if name.lower() in BASE), next(iter(measured)))
    at = data.languages.index(base)
    others = [place for place in range(len(data.languages)) if place != at]
    before = language_gaps(measured[first].scores, reference=base).mean
    rounds = measured[first].gaps(at)[:, others].mean(axis=1)
    reduced: dict[str, float] = {}
    spans: dict[str, tuple[float, float]] = {}
    drawn: Numbers = np.empty(0)
    for name, one in measured.items():
        if name == first:
            continue
        after = language_gaps(one.scores, reference=base).mean
        reduced[name] = gap_reduction(before, after)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = 1 - one.gaps(at)[:, others].mean(axis=1) / rounds
        if span := _span(drawn[np.isfinite(drawn)]):
            spans[name] = span
    last = list(reduced)[-1]
    note = f"share of the mean gap of {first} that {last} removes; 100 % means little where the text is ignored"
    return (Score("gap_reduction", reduced[last], spans.get(last), len(data.ids), reduced, note, spans),)


def _one_answer(data: Parallel) -> list[str]:
    """Languages whose model gives every item the same answer."""
    return [
        f"{system}, {name}: one answer ({_label(data, int(answers[name][0]))}) for all {len(data.ids)} items: a "
        "collapsed model, its gap says nothing of the language"
        for system, answers in data.answers.items()
        for name in data.languages
        if (answers[name] == answers[name][0]).all()
    ]


def _readings(system: str, data: Parallel) -> tuple[Reading, ...]:
    """Each item with the answer in every language."""
    readings = []
    for at, key in enumerate(data.ids):
        answers = {name: _label(data, int(data.answers[system][name][at])) for name in data.languages}
        right = [int(data.answers[system][name][at]) == int(data.truth[at]) for name in data.languages]
        why = tuple(f"{name}: {label}" for name, label in answers.items())
        truth = (_label(data, int(data.truth[at])),)
        readings.append(Reading(key, "", truth, tuple(dict.fromkeys(answers.values())), float(np.mean(right)), why))
    return tuple(readings)


def _label(data: Parallel, code: int) -> str:
    return data.labels[code] if code < len(data.labels) else "no label of the reference"


def _spans(names: Sequence[str], drawn: Numbers) -> dict[str, tuple[float, float]]:
    spans = {name: _span(column) for name, column in zip(names, drawn.T, strict=True)}
    return {name: span for name, span in spans.items() if span is not None}


def _span(values: Numbers) -> tuple[float, float] | None:
    return interval(values) if values.size else None


def _mean(values: Mapping[str, Any]) -> float:
    return float(np.mean(list(values.values()))) if values else math.nan
