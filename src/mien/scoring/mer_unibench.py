"""MER-UniBench: hit rate of basic emotions, sentiment F1, open-vocabulary F, one figure a data set and their mean.

AffectGPT, arXiv 2501.16566 (sections 4, E, J-L); OV-MER, arXiv 2410.01495. Answers are label lists or free text; the
steps that the papers leave to a language model (labels out of text, sentiment of labels) are functions that can be
replaced (`mien.scoring.steps`): offline rules by default, a judge where one is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.metrics import Score
from mien.metrics.bootstrap import bootstrap_values, interval
from mien.scoring.free_text import Sample, by_corpus, load
from mien.scoring.judge import open_judge, told
from mien.scoring.measure import choice
from mien.scoring.result import Options, Part, ScoreResult
from mien.scoring.steps import Extract, Polarity
from mien.scoring.unibench_parts import TASKS, task_of
from mien.scoring.unibench_readers import side_by_side
from mien.scoring.unibench_rules import REPLICATE, Rules, rules_of
from mien.scoring.unibench_sets import PRIMARY, SETS
from mien.scoring.unibench_work import Work
from mien.scoring.wheels import EDITIONS


def score(
    predictions: Path, reference: Path | None, options: Options, *,
    extract: Extract | None = None, polarity: Polarity | None = None,
) -> ScoreResult:  # fmt: skip
    """Scores per data set with floors, and the mean of the primary figures.

    predictions: id and answer (label list, free text, or the sentiment itself); reference: id and label list, label or
    signed score, a column `dataset` where there are several; None where the predictions hold it. `edition`: word tables
    2025 or 2026; `replicate`: a published rule set; `readers="all"`: every published reader beside the default.
    `unreadable="skip"` leaves answers without a readable word out. Raises RequestError, InputError, DataError.
    """
    choice(options.edition, EDITIONS, "edition")
    choice(options.replicate, tuple(REPLICATE), "rule set")
    rules = rules_of(options.replicate, options.edition)
    judge = open_judge(options)
    if judge is not None:
        from mien.scoring.assisted import extract_by, polarity_by

        extract, polarity = extract or extract_by(judge), polarity or polarity_by(judge)
    samples, warnings = load(predictions, reference)
    work = Work(rules, options, extract, polarity, warnings, reference or predictions)
    others: list[Part] = []
    found = [_make(name, held, work, others) for name, held in by_corpus(samples, work.path).items()]
    warnings += told(judge)
    return ScoreResult(
        benchmark="mer-unibench",
        process=_process(rules, extract, judge.process if judge else None),
        settings=_settings(rules, options) | (dict(judge.settings) if judge else {}),
        parts=(*(one.part for one in found), *others),
        overall=_overall(found, options),
        warnings=tuple(warnings),
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A data set's part, its primary metric, and what that was computed from, so that the mean can be resampled."""

    part: Part
    metric: str
    columns: tuple[Any, Any, dict[str, Any]]


def _make(name: str, samples: Sequence[Sample], work: Work, extra: list[Part]) -> Made:
    """One data set; parts of other readers go to `extra`."""
    task, known = task_of(name, samples, work.path)
    part, columns = TASKS[task](name, samples, known, work)
    if work.options.readers == "all":
        extra += side_by_side(name, samples, task, known, work)
    return Made(part, work.rules.primary if task == "openset" else PRIMARY[task], columns)


def _overall(found: Sequence[Made], options: Options) -> tuple[Score, ...]:
    """The mean of the primary figures; its interval resamples every data set on its own."""
    values = {one.part.name: float(one.part.scores[0].value) for one in found}
    held = [one for one in found if not np.isnan(values[one.part.name])]
    if not held:
        return (Score("mean_figure", float("nan"), note="no data set has a figure"),)
    per_set = {one.part.name: values[one.part.name] for one in held}
    span = None
    if options.rounds:
        span = interval(np.mean([_drawn(one, options, index) for index, one in enumerate(held)], axis=0))
    missing = [one.name for one in SETS if one.name not in per_set]
    note = f"plain mean over {len(held)} data sets"
    if 0 < len(missing) < len(SETS):
        note += f"; not the published mean of nine: {', '.join(missing)} missing"
    return (Score("mean_figure", float(np.mean(list(per_set.values()))), span, len(held), per_set, note),)


def _drawn(one: Made, options: Options, index: int) -> Any:
    truth, given, settings = one.columns
    return bootstrap_values(one.metric, truth, given, rounds=options.rounds, rng=options.seed + index, **settings)


def _process(rules: Rules, extract: Extract | None, judge: str | None) -> str:
    if judge:
        return f"{judge}: labels and sentiment"
    if extract is not None:
        return "model: labels read by the function that was passed in"
    what = (
        "emotion words read offline by word forms and negation" if rules.reader == "lexicon" else "published list rule"
    )
    return f"rule: {what} (reader {rules.reader})"


def _settings(rules: Rules, options: Options) -> dict[str, Any]:
    return {
        "edition": rules.edition,
        "replicate": rules.replicate,
        "reader": rules.reader,
        "unreadable": options.unreadable,
        "neutral": "in no group: such references are not scored",
        "figure": rules.primary,
        "undefined": rules.undefined,
        "rounds": options.rounds,
        "seed": options.seed,
    }
