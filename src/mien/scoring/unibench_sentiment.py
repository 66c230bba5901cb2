"""The sentiment sets of MER-UniBench: positive against not positive, out of words, numbers, labels or free text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import DataError
from mien.metrics import Score, evaluate
from mien.scoring.free_text import SCORES, Sample, truth_cell
from mien.scoring.polarity import TOKENS, Sentiment, offline, read_token, sentiment_waf
from mien.scoring.result import Part, Reading
from mien.scoring.unibench_sets import CorpusSet, is_number
from mien.scoring.unibench_work import Work, clusters, read_all, text_of, told_size, with_note

WORDS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Said:
    """What one answer says: its sentiment word (None = not readable), the labels behind it, and why."""

    word: str | None
    labels: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


def sentiment_part(
    name: str, samples: Sequence[Sample], known: CorpusSet | None, work: Work
) -> tuple[Part, tuple[Any, Any, dict[str, Any]]]:
    """Weighted F1 of positive against not positive, and accuracy; floors: the majority and the best constant word."""
    told_size(name, samples, known, work)
    truth = [_number(one, work) for one in samples]
    said = _said(samples, truth, work)
    words = [one.word for one in said]
    settings: dict[str, Any] = {"exact": work.rules.exact, "unreadable": work.options.unreadable}
    found = sentiment_waf(truth, words, **settings)
    options = work.options
    first = evaluate("waf", truth, words, groups=clusters(samples), rounds=options.rounds, rng=options.seed, **settings)
    note = f"{found.scored} of {len(samples)} scored, {sum(value == 0 for value in truth)} references are 0 and dropped"
    scores = (with_note(first, note), Score("accuracy", found.accuracy, n=found.scored, note=note))
    _unreadable_told(name, found, work)
    readings = _readings(samples, truth, said, found) if options.keep else ()
    return Part(name, scores, _floors(truth), readings, _confusion(truth, words)), (truth, words, settings)


def _confusion(
    truth: Sequence[float], words: Sequence[str | None]
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Counts of the sign of the reference (rows) against the word answered (columns)."""
    labels = (*WORDS, "not readable")
    counts = np.zeros((4, 4), dtype=np.int64)
    for value, word in zip(truth, words, strict=True):
        counts[int(np.sign(value)) + 1, labels.index(word) if word in WORDS else 3] += 1
    return labels, tuple(tuple(row) for row in counts.tolist())


def _floors(truth: Sequence[float]) -> dict[str, tuple[Score, ...]]:
    constant = {word: sentiment_waf(truth, [word] * len(truth)) for word in TOKENS}
    best = max(constant, key=lambda word: float(np.nan_to_num(constant[word].waf)))
    positive = sum(value > 0 for value in truth)
    majority = "positive" if 2 * positive > sum(value != 0 for value in truth) else "negative"
    floors: dict[str, tuple[Score, ...]] = {}
    for title, word in (("majority", majority), ("constant", best)):
        reached, note = constant[word], f"always {word}"
        accuracy = Score("accuracy", reached.accuracy, n=reached.scored, note=note)
        floors[title] = (Score("waf", reached.waf, n=reached.scored, note=note), accuracy)
    return floors


def _said(samples: Sequence[Sample], truth: Sequence[float], work: Work) -> list[Said]:
    """The sentiment of every answer: the word itself, the sign of a number, or the sign of the emotions it names."""
    said = [_plain(one, value, work) for one, value in zip(samples, truth, strict=True)]
    left = [place for place, one in enumerate(said) if one is None]
    read = read_all([samples[place] for place in left], work)
    words = (work.polarity or offline)([one.labels for one in read])
    for place, answer, word in zip(left, read, words, strict=True):
        # With a judge an empty list is neutral, as published; offline an answer without a word is not readable.
        readable = answer.status == "ok" or (work.polarity is not None and answer.status != "failed")
        told = f"{', '.join(answer.labels)}: {word}" if answer.labels else "no emotion word"
        said[place] = Said(word if readable else None, answer.labels, (*answer.why, told))
    return [one for one in said if one is not None]


def _plain(one: Sample, truth: float, work: Work) -> Said | None:
    """The sentiment where it stands there as such; a missing answer is the wrong word."""
    if one.answer is None:
        return Said("negative" if truth > 0 else "positive", (), ("no prediction in the file: counted as wrong",))
    if work.rules.exact and work.polarity is None:
        return Said(str(one.answer), (), ("the answer as it stands",))
    if is_number(one.answer):
        value = float(one.answer)
        return Said(WORDS[int(np.sign(value)) + 1] if np.isfinite(value) else None, (), ("the sign of the number",))
    if isinstance(one.answer, str) and (word := read_token(one.answer)) is not None:
        return Said(word)
    return None


def _number(one: Sample, work: Work) -> float:
    cell = truth_cell(one.truth, SCORES, work.path, one.id)
    if isinstance(cell, str) and (word := read_token(cell)) is not None:
        return float(TOKENS[word])
    if not is_number(cell) or not np.isfinite(float(cell)):
        why = f"sample {one.id!r}: the sentiment {cell!r} is no number; allowed: a signed score"
        raise DataError(work.path, None, why)
    return float(cell)


def _unreadable_told(name: str, found: Sentiment, work: Work) -> None:
    if found.unreadable:
        fate = "left out" if work.options.unreadable == "skip" else "counted as wrong"
        fate = "neutral (hence negative), as published" if work.rules.exact else fate
        work.warnings.append(f"{name}: {found.unreadable} answers are none of positive, negative, neutral; {fate}")


def _readings(
    samples: Sequence[Sample], truth: Sequence[float], said: Sequence[Said], found: Sentiment
) -> tuple[Reading, ...]:
    readings = []
    for one, value, answer, right in zip(samples, truth, said, found.right.tolist(), strict=True):
        credit = None if np.isnan(right) else right
        why = answer.why if credit is not None or value else (*answer.why, "not scored: the reference is 0")
        read = (answer.word or "not readable", *answer.labels)
        readings.append(Reading(one.id, text_of(one.answer), (f"{value:g}",), read, credit, why))
    return tuple(readings)
