"""Emotion-Qwen's evaluations (DFEW, MER2024) and MAFW: one label out of a free answer, and the recalls over it.

Emotion-Qwen, arXiv 2505.06685, scripts @8c52bf3; HumanOmni eval_mafw_dfew.py @26fa491. The published scorers read the
answers in three different ways and call three different quantities UAR; `readers="all"` shows them side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mien.errors import DataError
from mien.metrics import Score
from mien.scoring.closed import Read
from mien.scoring.closed_rules import DEFAULT, READERS, REPLICATE, Rules
from mien.scoring.closed_sets import CLOSED_SETS, ClosedSet, closed_set, guess_set
from mien.scoring.columns import ANSWER, DATASET, TRUTH, pick
from mien.scoring.held import held_rows
from mien.scoring.measure import bare, choice, measure, refuse_judge
from mien.scoring.records import Rows, join
from mien.scoring.result import Options, Part, Reading, ScoreResult

FOLD = ("fold", "set")


@dataclass(frozen=True, slots=True)
class Sample:
    """One clip: its id, the true label, the answer (None where it is missing) and its fold ("" where none is named)."""

    id: str
    truth: str
    answer: str | None
    fold: str = ""


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Accuracy (WAR), UAR, weighted and macro F1 of free answers over a closed label set, per data set and fold.

    predictions: id and answer, besides the label where there is no reference; `edition`: "dfew", "mer2024" or "mafw"
    (None: the first set that knows every reference label, per data set); `replicate`: a published script's rules.
    An answer that names no label or several is wrong (`unreadable="skip"`: left out). Raises RequestError, InputError,
    DataError.
    """
    refuse_judge(options, "emotion-qwen", "labels are read by rule")
    edition = choice(options.edition, tuple(CLOSED_SETS), "data set")
    choice(options.replicate, tuple(REPLICATE), "rule set")
    warnings: list[str] = []
    groups = list(_load(predictions, reference, edition, warnings))
    parts = [
        _parts(name, known, samples, _rules(options.replicate, known), options, warnings)
        for name, known, samples in groups
    ]
    names = "/".join(dict.fromkeys(_rules(options.replicate, known).name for _, known, _ in groups))
    settings = {
        "edition": "/".join(dict.fromkeys(known.name for _, known, _ in groups)),
        "replicate": options.replicate,
    }
    return ScoreResult(
        benchmark="emotion-qwen",
        process=f"rule: labels read by the {names} reader",
        settings={**settings, "unreadable": options.unreadable, "rounds": options.rounds, "seed": options.seed},
        parts=tuple(part for several in parts for part in several),
        overall=parts[0][0].scores if len(parts) == 1 else (),
        warnings=tuple(warnings),
    )


def _rules(replicate: str | None, known: ClosedSet) -> Rules:
    if replicate is None:
        return DEFAULT
    offered = REPLICATE[replicate]
    choice(known.name, tuple(offered), f"data set of the rules {replicate!r}")
    return offered[known.name]


def _load(
    predictions: Path, reference: Path | None, edition: str | None, warnings: list[str]
) -> Iterator[tuple[str, ClosedSet, list[Sample]]]:
    """(name, label set, samples) of each data set in the files."""
    source = reference or predictions
    rows = held_rows(source)
    given = Rows(predictions, rows) if reference is None else predictions
    joined = join(given, Rows(source, rows), answer=ANSWER if reference else None)
    warnings += joined.warnings
    split: dict[str, list[tuple[str, Any, str | None, str, int]]] = {}
    for pair in joined.pairs:
        values, row = pair.reference.values, pair.reference.number
        answer = pick(pair.prediction.values, ANSWER, default=None) if pair.prediction else None
        part = str(pick(values, DATASET, default="") or "")
        fold = str(pick(values, FOLD, default="") or "")
        text = None if answer is None else str(answer)
        split.setdefault(part, []).append((pair.id, pick(values, TRUTH), text, fold, row))
    for part, entries in split.items():
        known = closed_set(edition) if edition else guess_set(entry[1] for entry in entries)
        if known is None:
            raise DataError(source, entries[0][4], f"the labels from here on belong to no label set; {_allowed()}")
        yield part or known.name, known, [_sample(entry, known, source) for entry in entries]


def _sample(entry: tuple[str, Any, str | None, str, int], known: ClosedSet, source: Path) -> Sample:
    key, written, answer, fold, row = entry
    label = known.label(written)
    if label is None:
        raise DataError(source, row, f"{known.name} has no label {str(written)[:40]!r}; {_allowed(known)}")
    return Sample(key, label, answer, fold)


def _allowed(known: ClosedSet | None = None) -> str:
    sets = [known] if known else list(CLOSED_SETS.values())
    return "allowed: " + "; ".join(f"{', '.join(one.labels)} ({one.name})" for one in sets)


def _parts(
    name: str, known: ClosedSet, samples: list[Sample], rules: Rules, options: Options, warnings: list[str]
) -> list[Part]:
    """The data set, its folds and their mean where it has several, and every reader where asked for."""
    parts = [_part(name, known, samples, rules, options, warnings)]
    folds = sorted({sample.fold for sample in samples})
    if len(folds) > 1:
        inside = [[sample for sample in samples if sample.fold == fold] for fold in folds]
        quiet = replace(options, keep=False)
        each = [
            _part(f"{name}, fold {fold}", known, held, rules, quiet, [])
            for fold, held in zip(folds, inside, strict=True)
        ]
        parts += [*each, Part(f"{name}, mean over folds", _mean([part.scores for part in each], len(samples)))]
    elif folds == [""] and known.name == "dfew":
        warnings.append(f"{name}: no column for the fold; say which of the five folds of DFEW this is")
    if options.readers == "all":
        parts += _side_by_side(name, known, samples, options, warnings)
    return parts


def _mean(scores: Sequence[tuple[Score, ...]], items: int) -> tuple[Score, ...]:
    note = f"plain mean over {len(scores)} folds"
    columns = zip(*scores, strict=True)
    return tuple(
        Score(column[0].metric, sum(one.value for one in column) / len(column), n=items, note=note)
        for column in columns
    )


def _part(
    name: str, known: ClosedSet, samples: Sequence[Sample], rules: Rules, options: Options, warnings: list[str]
) -> Part:
    read = [rules.read(one.answer or "", one.truth, known.labels) for one in samples]
    warnings += _told(name, samples, read, "left out" if options.unreadable == "skip" else "counted as wrong")
    kept = [place for place, one in enumerate(read) if options.unreadable != "skip" or one.status == "ok"]
    truth, said = [samples[place].truth for place in kept], [rules.said(read[place]) for place in kept]
    readings = (_reading(sample, one) for sample, one in zip(samples, read, strict=True))
    return Part(
        name=name,
        scores=_scores(truth, said, known, rules, options),
        floors=_floors(truth, known, rules, options),
        readings=tuple(readings) if options.keep else (),
        confusion=_confusion(truth, said, known),
    )


def _scores(
    truth: Sequence[str],
    said: Sequence[str],
    known: ClosedSet,
    rules: Rules,
    options: Options,
    rounds: int | None = None,
) -> tuple[Score, ...]:
    inside = {"labels": known.labels}
    settings = {"uar": inside, "macro_f1": inside, "weighted_f1": inside}
    if not rules.binary:
        found = measure(rules.metrics, truth, said, options, settings=settings, rounds=rounds)
    else:
        ones = [1] * len(truth)
        right = [int(true == answer) for true, answer in zip(truth, said, strict=True)]
        found = measure(rules.metrics, ones, right, options, rounds=rounds)
        found = tuple(map(bare, found))
    noted = (replace(one, note=rules.note) if one.metric == "macro_recall" else one for one in found)
    # Accuracy and weighted F1 have the same values per class as UAR and macro F1.
    twice = ("accuracy", "weighted_f1") if len(found) > 2 else ("accuracy",)
    return tuple(bare(one) if one.metric in twice else one for one in noted)


def _floors(truth: Sequence[str], known: ClosedSet, rules: Rules, options: Options) -> dict[str, tuple[Score, ...]]:
    """What the most frequent label, naming every label, and an empty answer reach, each read by the same reader."""
    if not truth:
        return {}
    answers = {
        "majority": Counter(truth).most_common(1)[0][0],
        "names every label": ", ".join(known.labels),
        "empty": "",
    }
    floors = {}
    for name, answer in answers.items():
        same = {true: rules.said(rules.read(answer, true, known.labels)) for true in set(truth)}
        said = [same[true] for true in truth]
        floors[name] = _scores(truth, said, known, rules, options, rounds=0)
    return floors


def _confusion(
    truth: Sequence[str], said: Sequence[str], known: ClosedSet
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    labels = (*known.labels, *(name for name in dict.fromkeys(said) if name not in known.labels))
    counts = Counter(zip(truth, said, strict=True))
    return labels, tuple(tuple(counts[true, answer] for answer in labels) for true in labels)


def _reading(sample: Sample, read: Read) -> Reading:
    why = ("no answer in the file",) if sample.answer is None else read.why
    named = (read.label,) if read.label is not None else read.named
    return Reading(sample.id, sample.answer or "", (sample.truth,), named, float(read.label == sample.truth), why)


def _told(name: str, samples: Sequence[Sample], read: Sequence[Read], fate: str) -> Iterator[str]:
    for status, what in (("none", "name no label"), ("ambiguous", "name several labels")):
        ids = [one.id for one, found in zip(samples, read, strict=True) if found.status == status and one.answer]
        if ids:
            yield f"{name}: {len(ids)} of {len(samples)} answers {what} ({_some(ids)}); {fate}"
    empty = [one.id for one in samples if one.answer is not None and not one.answer.strip()]
    if empty:
        yield f"{name}: {len(empty)} of {len(samples)} answers are empty ({_some(empty)})"
    stopped = [
        one.id for one, found in zip(samples, read, strict=True) if any("never closed" in why for why in found.why)
    ]
    if stopped:
        yield f"{name}: {len(stopped)} answers have a tag that is never closed ({_some(stopped)})"


def _side_by_side(
    name: str, known: ClosedSet, samples: Sequence[Sample], options: Options, warnings: list[str]
) -> Iterator[Part]:
    """Every reader on the same answers, and how many answers each reads differently from the default."""
    plain = [DEFAULT.said(DEFAULT.read(one.answer or "", one.truth, known.labels)) for one in samples]
    for reader, rules in READERS.items():
        said = [rules.said(rules.read(one.answer or "", one.truth, known.labels)) for one in samples]
        changed = sum(first != second for first, second in zip(plain, said, strict=True))
        if changed:
            warnings.append(f"{name}: the {reader} reader reads {changed} of {len(samples)} answers differently")
        truth = [one.truth for one in samples]
        found = _scores(truth, said, known, rules, options)
        yield Part(f"{name}, reader {reader}", tuple(map(bare, found)))
    yield Part(f"{name}, reader list + wheels", (_list_and_wheels(known, samples),))


def _list_and_wheels(known: ClosedSet, samples: Sequence[Sample]) -> Score:
    """The open benchmarks' reader on the same answers: a list, and a hit where any word reaches the true group."""
    from mien.scoring.hits import hit_rate
    from mien.scoring.lists import tolerant_list

    named = [tolerant_list(one.answer or "") for one in samples]
    found = hit_rate([one.truth for one in samples], named, labels=known.labels)
    note = "mean over five wheels of the share of references that any listed word reaches; neutral is on none"
    return Score("hit_rate", found.hit_rate, n=len(samples), note=note)


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
