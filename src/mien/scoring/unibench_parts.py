"""One data set of MER-UniBench as a `Part`, by task: scores, floors, what was read from every answer."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.metrics import Score, evaluate
from mien.scoring import wheel_metrics as _metrics  # noqa: F401  (enters its metrics)
from mien.scoring.constants import FIVE_WORDS, best_constant, most_frequent
from mien.scoring.free_text import DISCRETE, LISTS, SCORES, Sample, truth_cell
from mien.scoring.hits import hit_rate
from mien.scoring.openset import Overlap, Words, overlap, same_of, words_of
from mien.scoring.result import Part
from mien.scoring.unibench_sentiment import sentiment_part
from mien.scoring.unibench_sets import CorpusSet, Task, guess_task, known_set
from mien.scoring.unibench_work import Work, length, measured, noted, read_lists, readings_of, told_words
from mien.scoring.wheels import LEVEL1, Tables

Columns = tuple[Any, Any, dict[str, Any]]
"""What the primary figure was computed from: truth, prediction, options of the metric."""

Maker = Callable[[str, Sequence[Sample], "CorpusSet | None", Work], tuple[Part, Columns]]


def task_of(name: str, samples: Sequence[Sample], path: object) -> tuple[Task, CorpusSet | None]:
    """The task of a data set: by its published name, else by what its references look like."""
    known = known_set(name)
    if known is not None:
        return known.task, known
    return guess_task(truth_cell(one.truth, (*LISTS, *DISCRETE, *SCORES), path, one.id) for one in samples), None


def openset_part(name: str, samples: Sequence[Sample], known: CorpusSet | None, work: Work) -> tuple[Part, Columns]:
    """Open-vocabulary F, precision, recall on five wheels; floors: one word, five words, the best words, all words."""
    held = work.rules.held
    lists = read_lists(name, samples, "openset", known, work)
    truth, given = words_of(held, lists.truth), words_of(held, [one.labels for one in lists.read])
    settings: dict[str, Any] = {"held": held, "undefined": work.rules.undefined}
    metrics = tuple(
        dict.fromkeys((work.rules.primary, "openset_f", "openset_precision", "openset_recall", "openset_f_level2"))
    )
    scores = measured(metrics, truth, given, lists, work.options, settings)
    found = overlap(truth, given, held=held, groupings=LEVEL1, undefined=work.rules.undefined)
    scores[0] = noted(scores[0], [found[one].scored for one in LEVEL1], len(lists.kept), work, name)
    told_words(name, lists, held, work)
    frequent = most_frequent(lists.truth, held)
    best = best_constant(truth, frequent, held) if truth.samples else ()
    answers = {
        "majority": frequent[:1],
        "five basic words": FIVE_WORDS,
        "constant": best,
        "names every label": frequent,
    }
    floors = _floors(metrics, answers, truth, held, settings)
    if best:
        work.warnings.append(f"{name}: the best constant answer found is {', '.join(best)}")
    readings = readings_of(lists, _mean([_halves(found[one]) for one in LEVEL1]), held) if work.options.keep else ()
    return Part(name, (*scores, length(lists)), floors, readings), (truth, given, settings)


def hit_part(name: str, samples: Sequence[Sample], known: CorpusSet | None, work: Work) -> tuple[Part, Columns]:
    """Hit rate and mscore; floors: the most frequent label, the best one by mscore, every label named."""
    held = work.rules.held
    lists = read_lists(name, samples, "hit-rate", known, work)
    flat = [label for labels in lists.truth for label in labels]
    labels = known.labels if known else tuple(sorted(set(flat)))
    truth, given = words_of(held, lists.truth), words_of(held, [one.labels for one in lists.read])
    settings: dict[str, Any] = {"held": held, "undefined": work.rules.undefined, "labels": labels}
    settings |= {"clip": work.rules.clip, "fold_candidates": work.rules.fold}
    metrics = ("hit_rate", "mscore")
    scores = measured(metrics, truth, given, lists, work.options, settings)
    wheels = hit_rate(truth, given, **settings).wheels
    scores[0] = noted(scores[0], [one.scored for one in wheels.values()], len(lists.kept), work, name)
    told_words(name, lists, held, work)
    singles = _floors(("mscore",), {label: (label,) for label in labels}, truth, held, settings)
    best = max(singles, key=lambda label: float(np.nan_to_num(singles[label][0].value)), default="")
    common = [label for label, _ in Counter(flat).most_common(1)]
    answers = {"majority": common, "constant": [best] if best else [], "names every label": labels}
    floors = _floors(metrics, answers, truth, held, settings)
    credit = _mean([one.sample_hit for one in wheels.values()])
    readings = readings_of(lists, credit, held) if work.options.keep else ()
    return Part(name, (*scores, length(lists)), floors, readings), (truth, given, settings)


TASKS: Mapping[Task, Maker] = {"openset": openset_part, "hit-rate": hit_part, "sentiment": sentiment_part}


def _floors(
    metrics: Sequence[str], answers: Mapping[str, Sequence[str]], truth: Words, held: Tables, settings: dict[str, Any]
) -> dict[str, tuple[Score, ...]]:
    """What naming the same words for every sample reaches."""
    floors = {}
    for title, words in answers.items():
        if words and truth.samples:
            same = same_of(held, words, truth.samples)
            floors[title] = tuple(evaluate(metric, truth, same, rounds=0, **settings) for metric in metrics)
    return floors


def _halves(found: Overlap) -> NDArray[np.float64]:
    """F of each sample, NaN where it is not scored."""
    total = found.sample_precision + found.sample_recall
    shared = 2 * found.sample_precision * found.sample_recall
    return np.where(total == 0, 0.0, shared / np.where(total == 0, 1.0, total))


def _mean(columns: Sequence[NDArray[np.float64]]) -> list[float]:
    """Mean over wheels of each sample's value, NaN where no wheel scores it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return [float(value) for value in np.nanmean(np.stack(columns), axis=0)]
