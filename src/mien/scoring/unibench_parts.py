"""One data set of MER-UniBench as a `Part`, by task: scores, floors, what was read from every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.errors import DataError
from mien.metrics import Score, evaluate
from mien.scoring import wheel_metrics as _metrics  # noqa: F401  (enters its metrics)
from mien.scoring.answers import Answer, read_answer, reader
from mien.scoring.closed import CLOSED_READERS, reference_substring
from mien.scoring.constants import FIVE_WORDS, best_constant, most_frequent
from mien.scoring.free_text import DISCRETE, LISTS, SCORES, Sample, truth_cell
from mien.scoring.hits import hit_rate
from mien.scoring.lists import list_rule
from mien.scoring.openset import overlap, same_of, words_of
from mien.scoring.polarity import TOKENS, offline, read_token, sentiment_waf
from mien.scoring.result import Part, Reading
from mien.scoring.steps import Labels
from mien.scoring.unibench_sets import Task, TestSet, guess_task, is_number, known_set
from mien.scoring.wheels import LEVEL1, Tables

if TYPE_CHECKING:
    from mien.scoring.mer_unibench import Work

Columns = tuple[Any, Any, dict[str, Any]]
_COLUMNS: dict[Task, tuple[str, ...]] = {"openset": LISTS, "hit-rate": DISCRETE, "sentiment": SCORES}
MOST_WORDS = 20


def task_of(name: str, samples: Sequence[Sample], path: object) -> tuple[Task, TestSet | None]:
    """The task of a data set: by its published name, else by what its references look like."""
    known = known_set(name)
    if known is not None:
        return known.task, known
    return guess_task(truth_cell(one.truth, (*LISTS, *DISCRETE, *SCORES), path, one.id) for one in samples), None


@dataclass(frozen=True, slots=True)
class Lists:
    """A data set with its answers read. kept: the samples that are scored."""

    kept: list[Sample]
    truth: list[list[str]]
    read: list[Answer]


def openset_part(name: str, samples: Sequence[Sample], known: TestSet | None, work: Work) -> tuple[Part, Columns]:
    """Open-vocabulary F, precision, recall on five wheels; floors: one word, five words, the best words, all words."""
    rules, options = work.rules, work.options
    held = rules.held
    lists = _lists(name, samples, "openset", known, work)
    truth, given = words_of(held, lists.truth), words_of(held, [one.labels for one in lists.read])
    settings: dict[str, Any] = {"held": held, "undefined": rules.undefined}
    names = dict.fromkeys((rules.primary, "openset_f", "openset_precision", "openset_recall", "openset_f_level2"))
    groups = _groups(lists.kept)
    scores = [
        evaluate(one, truth, given, groups=groups, rounds=options.rounds, rng=options.seed, **settings) for one in names
    ]
    found = overlap(truth, given, held=held, groupings=LEVEL1, undefined=rules.undefined)
    scores[0] = _noted(scores[0], [found[one].scored for one in LEVEL1], len(lists.kept), work, name)
    frequent = most_frequent(lists.truth, held)
    floors = {
        "majority": frequent[:1],
        "five basic words": FIVE_WORDS,
        "constant": best_constant(truth, frequent, held),
        "names every label": frequent,
    }
    reached = {
        title: tuple(evaluate(one, truth, same_of(held, words, truth.samples), rounds=0, **settings) for one in names)
        for title, words in floors.items()
        if words
    }
    _told_words(name, lists, held, work, floors["constant"])
    credit = (
        np.nanmean([[_half(found[one], place) for one in LEVEL1] for place in range(len(lists.kept))], axis=1)
        if options.keep and lists.kept
        else None
    )
    readings = _readings(lists, credit, held) if options.keep else ()
    return Part(name, (*scores, _length(lists)), reached, readings), (truth, given, settings)


def hit_part(name: str, samples: Sequence[Sample], known: TestSet | None, work: Work) -> tuple[Part, Columns]:
    """Hit rate and mscore; floors: the most frequent label, the best by mscore, every label named."""
    rules, options = work.rules, work.options
    held = rules.held
    lists = _lists(name, samples, "hit-rate", known, work)
    flat = [label for labels in lists.truth for label in labels]
    labels = known.labels if known else tuple(sorted(set(flat)))
    truth, given = words_of(held, lists.truth), words_of(held, [one.labels for one in lists.read])
    settings: dict[str, Any] = {"held": held, "undefined": rules.undefined, "labels": labels}
    settings |= {"clip": rules.clip, "fold_candidates": rules.fold}
    groups = _groups(lists.kept)
    scores = [
        evaluate(one, truth, given, groups=groups, rounds=options.rounds, rng=options.seed, **settings)
        for one in ("hit_rate", "mscore")
    ]
    wheels = hit_rate(truth, given, **settings).wheels
    scores[0] = _noted(scores[0], [one.scored for one in wheels.values()], len(lists.kept), work, name)
    common = [label for label, _ in Counter(flat).most_common()]
    singles = {
        label: evaluate("mscore", truth, same_of(held, [label], truth.samples), rounds=0, **settings).value
        for label in labels
    }
    best = max(singles, key=lambda label: (np.nan_to_num(singles[label]), label), default=None)
    answers = {"majority": common[:1], "constant": [best] if best else [], "names every label": list(labels)}
    floors = {
        title: tuple(
            evaluate(one, truth, same_of(held, words, truth.samples), rounds=0, **settings)
            for one in ("hit_rate", "mscore")
        )
        for title, words in answers.items()
        if words
    }
    _told_words(name, lists, held, work, None)
    credit = np.nanmean([one.sample_hit for one in wheels.values()], axis=0) if options.keep and lists.kept else None
    readings = _readings(lists, credit, held) if options.keep else ()
    return Part(name, (*scores, _length(lists)), floors, readings), (truth, given, settings)


def sentiment_part(name: str, samples: Sequence[Sample], known: TestSet | None, work: Work) -> tuple[Part, Columns]:
    """Weighted F1 of positive against not positive, and accuracy; floors: each of the three constant answers."""
    rules, options = work.rules, work.options
    _told_size(name, samples, known, work)
    truth = [_number(one, work) for one in samples]
    words, read, why = _sentiments(samples, work)
    settings = {"exact": rules.exact, "unreadable": options.unreadable}
    found = sentiment_waf(truth, words, exact=rules.exact, unreadable=options.unreadable)
    first = evaluate("waf", truth, words, groups=_groups(samples), rounds=options.rounds, rng=options.seed, **settings)
    zeros = sum(value == 0 for value in truth)
    note = f"{found.scored} of {len(samples)} scored, {zeros} references are 0 and dropped"
    scores = (_with(first, note), Score("accuracy", found.accuracy, n=found.scored, note=note))
    if found.unreadable:
        fate = (
            "neutral (hence negative), as published"
            if rules.exact
            else "left out"
            if options.unreadable == "skip"
            else "counted as wrong"
        )
        work.warnings.append(f"{name}: {found.unreadable} answers are none of positive, negative, neutral; {fate}")
    constant = {word: sentiment_waf(truth, [word] * len(truth)) for word in TOKENS}
    majority = "positive" if sum(value > 0 for value in truth) * 2 > found.scored else "negative"
    best = max(constant, key=lambda word: float(np.nan_to_num(constant[word].waf)))
    floors = {
        title: (
            Score("waf", constant[word].waf, n=found.scored, note=f"always {word}"),
            Score("accuracy", constant[word].accuracy, n=found.scored),
        )
        for title, word in (("majority", majority), ("constant", best))
    }
    readings = ()
    if options.keep:
        readings = tuple(
            Reading(
                one.id,
                _text(one.answer),
                (str(value),),
                (word or "not readable",),
                None if np.isnan(right) else float(right),
                (*reasons, *labels),
            )
            for one, value, word, right, reasons, labels in zip(
                samples, truth, words, found.right, why, read, strict=True
            )
        )
    return Part(name, scores, floors, readings), (truth, words, settings)


Maker = Callable[[str, Sequence[Sample], "TestSet | None", "Work"], tuple[Part, Columns]]
TASKS: Mapping[Task, Maker] = {"openset": openset_part, "hit-rate": hit_part, "sentiment": sentiment_part}


def closed(name: str, samples: Sequence[Sample], known: TestSet | None, work: Work) -> list[Part]:
    """The readers of closed label sets on the same answers, scored by the same hit rate."""
    held, parts = work.rules.held, []
    truth = [_truth(one, "hit-rate", work) for one in samples]
    labels = list(known.labels if known else dict.fromkeys(label for one in truth for label in one))
    settings: dict[str, Any] = {"held": held, "labels": labels, "undefined": work.rules.undefined}
    plain = [read_answer(one.answer).labels for one in samples]
    for title in (*CLOSED_READERS, "reference-substring"):
        read = []
        for one, true in zip(samples, truth, strict=True):
            text = _text(one.answer)
            found = (
                reference_substring(text, labels, true[0] if true else "\0")
                if title.startswith("reference")
                else CLOSED_READERS[title](text, labels)
            )
            read.append(() if found.label is None else (found.label,))
        note = _changed_note(plain, read)
        scores = [evaluate(metric, truth, read, rounds=0, **settings) for metric in ("hit_rate", "mscore")]
        right = [bool(given) and given[0] in true for given, true in zip(read, truth, strict=True)]
        scores.append(Score("accuracy", float(np.mean(right)) if right else float("nan"), n=len(right)))
        parts.append(Part(f"{name}, one-label reader {title}", tuple(_with(score, note) for score in scores)))
    return parts


def changed(samples: Sequence[Sample], first: str, second: str) -> str:
    """How many answers two readers read differently, in words."""
    sides = [[reader(name)(one.answer, False).labels for one in samples] for name in (first, second)]
    return _changed_note(sides[0], sides[1])


def _changed_note(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]) -> str:
    count = sum(
        {word.lower() for word in a} != {word.lower() for word in b} for a, b in zip(first, second, strict=True)
    )
    return f"reads {count} of {len(first)} answers differently from the default"


def _lists(name: str, samples: Sequence[Sample], task: Task, known: TestSet | None, work: Work) -> Lists:
    _told_size(name, samples, known, work)
    read = read_all(samples, work)
    unread = [
        one.id for one, found in zip(samples, read, strict=True) if found.status == "none" and one.answer is not None
    ]
    fate = "left out" if work.options.unreadable == "skip" else "counted as naming nothing"
    if unread:
        some = ", ".join(unread[:3]) + (", ..." if len(unread) > 3 else "")
        work.warnings.append(
            f"{name}: no emotion word could be read from {len(unread)} of {len(samples)} answers ({some}); {fate}"
        )
    keep = [place for place, found in enumerate(read) if work.options.unreadable != "skip" or found.status == "ok"]
    kept = [samples[place] for place in keep]
    return Lists(kept, [_truth(one, task, work) for one in kept], [read[place] for place in keep])


def read_all(samples: Sequence[Sample], work: Work) -> list[Answer]:
    """Every answer's labels, by the replaced step where there is one, else by the rule's reader."""
    if work.extract is None:
        read = reader(work.rules.reader)
        return [
            Answer((), "none", ("no prediction in the file",))
            if one.answer is None
            else read(one.answer, work.options.keep)
            for one in samples
        ]
    texts = [place for place, one in enumerate(samples) if isinstance(one.answer, str)]
    found = dict(zip(texts, work.extract([str(samples[place].answer) for place in texts]), strict=True))
    return [
        _from_judge(found[place]) if place in found else read_answer(one.answer) for place, one in enumerate(samples)
    ]


def _from_judge(labels: Labels | None) -> Answer:
    if labels is None:
        return Answer((), "none", ("the judge gave no usable reply",))
    held = read_answer(list(labels))
    return Answer(held.labels, held.status, ("labels read by the judge", *held.why))


def _truth(one: Sample, task: Task, work: Work) -> list[str]:
    cell = truth_cell(one.truth, _COLUMNS[task], work.path, one.id)
    return (
        list(read_answer(cell).labels) if work.rules.list_rule == "tolerant" else list_rule(work.rules.list_rule)(cell)
    )


def _number(one: Sample, work: Work) -> float:
    cell = truth_cell(one.truth, SCORES, work.path, one.id)
    if isinstance(cell, str) and (word := read_token(cell)) is not None:
        return float(TOKENS[word])
    if not is_number(cell) or not np.isfinite(float(cell)):
        raise DataError(
            work.path, None, f"sample {one.id!r}: the sentiment {cell!r} is no number; allowed: a signed score"
        )
    return float(cell)


def _sentiments(
    samples: Sequence[Sample], work: Work
) -> tuple[list[str | None], list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The sentiment word of every sample, the labels behind it, and why."""
    words: list[str | None] = [None] * len(samples)
    labels: list[tuple[str, ...]] = [()] * len(samples)
    why: list[tuple[str, ...]] = [()] * len(samples)
    open_: list[int] = []
    for place, one in enumerate(samples):
        if one.answer is None:
            why[place] = ("no prediction in the file",)
        elif work.rules.exact:
            words[place] = str(one.answer)
        elif is_number(one.answer):
            words[place] = (
                ("negative", "neutral", "positive")[int(np.sign(float(one.answer))) + 1]
                if np.isfinite(float(one.answer))
                else None
            )
            why[place] = ("the sign of the number",)
        elif isinstance(one.answer, str) and (word := read_token(one.answer)) is not None:
            words[place] = word
        else:
            open_.append(place)
    read = read_all([samples[place] for place in open_], work)
    said = (work.polarity or offline)([one.labels for one in read])
    for place, answer, word in zip(open_, read, said, strict=True):
        readable = answer.status == "ok" or work.polarity is not None
        words[place], labels[place] = word if readable else None, answer.labels
        why[place] = (*answer.why, f"{', '.join(answer.labels)}: {word}" if answer.labels else "no emotion word")
    return words, labels, why


def _groups(samples: Sequence[Sample]) -> list[str] | None:
    names = [one.group for one in samples]
    if any(name is None for name in names) or not 1 < len(set(names)) < len(names):
        return None
    return [str(name) for name in names]


def _noted(score: Score, scored: Sequence[int], total: int, work: Work, name: str) -> Score:
    """The score with how many samples each wheel scores, and a warning where nothing can be scored."""
    counts = ", ".join(f"{number}: {count}" for number, count in enumerate(scored, start=1))
    if not any(scored):
        work.warnings.append(f"{name}: no figure, as no reference is in the word tables (neutral is in none)")
    return _with(score, f"scored of {total} per wheel {counts}")


def _with(score: Score, note: str) -> Score:
    return Score(
        score.metric,
        score.value,
        score.interval,
        score.n,
        score.per_class,
        "; ".join(filter(None, (note, score.note))),
        score.per_class_interval,
    )


def _length(lists: Lists) -> Score:
    count = [len({label.lower() for label in one.labels}) for one in lists.read]
    return Score(
        "labels_per_answer",
        float(np.mean(count)) if count else float("nan"),
        n=len(count),
        note="how many words an answer names",
    )


def _told_size(name: str, samples: Sequence[Sample], known: TestSet | None, work: Work) -> None:
    if known and known.samples and known.samples != len(samples):
        work.warnings.append(f"{name}: {len(samples)} samples, while the published split has {known.samples}")


def _told_words(name: str, lists: Lists, held: Tables, work: Work, constant: Sequence[str] | None) -> None:
    for what, sides in (("references", lists.truth), ("answers", [one.labels for one in lists.read])):
        dropped = Counter(word.lower().strip() for labels in sides for word in labels if held.row(word) < 0)
        if dropped:
            total = sum(len(labels) for labels in sides)
            some = ", ".join(f"{word} {count}" for word, count in dropped.most_common(MOST_WORDS))
            work.warnings.append(
                f"{name}: {sum(dropped.values())} of {total} words of the {what} are in no table and dropped ({some})"
            )
    if constant:
        work.warnings.append(f"{name}: the best constant answer found is {', '.join(constant)}")


def _half(found: Any, place: int) -> float:
    precision, recall = float(found.sample_precision[place]), float(found.sample_recall[place])
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def _readings(lists: Lists, credit: Any, held: Tables) -> tuple[Reading, ...]:
    readings = []
    for place, (one, truth, read) in enumerate(zip(lists.kept, lists.truth, lists.read, strict=True)):
        value = None if credit is None or np.isnan(credit[place]) else float(min(1.0, credit[place]))
        why = (*read.why, *(f"read {held.explain(word)}" for word in read.labels), *_merged(read.labels, held))
        reference = tuple(f"true {held.explain(word)}" for word in truth)
        if value is None:
            reference = (*reference, "not scored: no wheel knows a reference word")
        readings.append(Reading(one.id, _text(one.answer), tuple(truth), read.labels, value, (*why, *reference)))
    return tuple(readings)


def _merged(labels: Sequence[str], held: Tables) -> list[str]:
    """Which words of one answer fall into one group on the first wheel and hence count once."""
    sets: dict[str, list[str]] = {}
    for label in labels:
        if group := held.group(label, LEVEL1[0]):
            sets.setdefault(group, []).append(label)
    return [f"merged on wheel 1: {', '.join(words)} are all {group}" for group, words in sets.items() if len(words) > 1]


def _text(answer: Any) -> str:
    return "" if answer is None else answer if isinstance(answer, str) else str(answer)
