"""MVEI and MVEI_PLUS: is this statement about the emotions of an image correct?

Customizing Visual Emotion Evaluation for MLLMs, arXiv 2509.21950, and its follow-up arXiv 2607.21061. The predictions
file holds the labels itself (an MVEI file with `predict` added, an MVEI_PLUS record file, or a flat table), or a
reference is joined by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mien.errors import DataError
from mien.metrics import Score
from mien.scoring.held import held_rows
from mien.scoring.measure import bare, choice, constants, measure, refuse_judge
from mien.scoring.mvei_items import FAMILIES, VERDICTS, Judgment, is_plus, read_judgments, with_reference
from mien.scoring.mvei_readers import READERS, Verdict, reader
from mien.scoring.mvei_tables import HUMAN, MAKERS
from mien.scoring.result import Options, Part, Reading, ScoreResult

EDITIONS = ("mvei", "mvei-plus")
REPLICATE = {"mvei": "official", "mvei-plus": "official-plus"}
"""Name of a published rule set -> its reader; an abstention is wrong in both."""

PUBLISHED = ("accuracy", "positive_ratio", "give_up_ratio")
SOUND = ("accuracy", "uar", "sensitivity", "specificity", "answered_accuracy", "positive_ratio", "give_up_ratio")
ALL = "all statements"
NO_FAMILY = "(no family)"
SETTINGS = {"uar": {"labels": VERDICTS}}


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement with the verdict that a reader took from its answer."""

    item: Judgment
    verdict: Verdict
    why: str


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Accuracy per family and over all statements, balanced, with give-ups, constant answers and the human line.

    Default reader: `tolerant` (negation, yes/no, true/false, A/B); `replicate`: "mvei" or "mvei-plus" for the published
    rules. `unreadable="skip"` leaves statements without a readable answer out. Raises RequestError, InputError,
    DataError.
    """
    refuse_judge(options, "mvei", "verdicts are read by rule")
    name = REPLICATE.get(choice(options.replicate, tuple(REPLICATE), "rule set") or "", "tolerant")
    items, edition, warnings = _load(predictions, reference)
    edition = choice(options.edition, EDITIONS, "edition") or edition
    judged = [Judged(item, *reader(name)(item.answer or "")) for item in items]
    warnings += _told(judged, name, edition)
    scored = [one for one in judged if options.unreadable != "skip" or one.verdict != "abstain"]
    metrics = SOUND if options.replicate is None else PUBLISHED
    parts = [_part(title, chosen, metrics, options) for title, chosen in _groups(scored)]
    if options.readers == "all":
        parts += [_reader_part(other, items, options) for other in READERS]
    settings = {"edition": edition, "replicate": options.replicate, "reader": name, "unreadable": options.unreadable}
    return ScoreResult(
        benchmark="mvei",
        process=f"rule: verdicts read by the {name} reader",
        settings={**settings, "rounds": options.rounds, "seed": options.seed},
        parts=tuple(parts),
        overall=measure(metrics[:2], *_columns(scored), options, groups=_images(scored), settings=SETTINGS),
        warnings=tuple(warnings),
    )


def _load(predictions: Path, reference: Path | None) -> tuple[list[Judgment], str, list[str]]:
    rows = held_rows(predictions)
    edition = "mvei-plus" if is_plus(rows[0][1]) else "mvei"
    given = read_judgments(rows, predictions, labelled=reference is None)
    if not given:
        raise DataError(predictions, None, "holds no statements")
    if reference is None:
        return given, edition, []
    wanted = read_judgments(held_rows(reference), reference, labelled=True)
    if not wanted:
        raise DataError(reference, None, "holds no statements")
    items, warnings = with_reference(given, wanted, predictions)
    return items, edition, warnings


def _groups(judged: Sequence[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    """All statements, each family (the four first, others as they come), each subclass of a family."""
    yield ALL, list(judged)
    families = dict.fromkeys(one.item.family for one in judged)
    ordered = [family for family in FAMILIES if family in families]
    for family in (*ordered, *(name for name in families if name not in FAMILIES)):
        inside = [one for one in judged if one.item.family == family]
        yield family or NO_FAMILY, inside
        for subclass in sorted({one.item.subclass for one in inside} - {""}):
            yield f"{family or NO_FAMILY}: {subclass}", [one for one in inside if one.item.subclass == subclass]


def _columns(judged: Sequence[Judged]) -> tuple[list[str], list[str]]:
    return [one.item.label for one in judged], [one.verdict for one in judged]


def _images(judged: Sequence[Judged]) -> list[str]:
    return [one.item.image for one in judged]


def _part(title: str, judged: list[Judged], metrics: tuple[str, ...], options: Options) -> Part:
    truth, said = _columns(judged)
    if ": " in title:
        metrics = ("accuracy", "give_up_ratio")
    floors = constants(metrics, truth, {f"always {word}": word for word in VERDICTS}, options, SETTINGS)
    human = HUMAN.get("overall" if title == ALL else title)
    if human is not None:
        floors["humans on MVEI (published)"] = (Score("accuracy", human),)
    keep = options.keep and title == ALL
    return Part(
        name=title,
        scores=_plain(measure(metrics, truth, said, options, groups=_images(judged), settings=SETTINGS)),
        floors=floors,
        readings=tuple(_reading(one) for one in judged) if keep else (),
        confusion=_confusion(truth, said),
    )


def _plain(scores: tuple[Score, ...]) -> tuple[Score, ...]:
    """Without values per verdict, which sensitivity and specificity name already; with the note on circularity."""
    note = f"models of the families {', '.join(MAKERS)} wrote MVEI's statements: their own scores on it are circular"
    plain = map(bare, scores)
    return tuple(replace(one, note=one.note or note) if one.metric == "accuracy" else one for one in plain)


def _reader_part(name: str, items: Sequence[Judgment], options: Options) -> Part:
    read: Callable[[str], tuple[Verdict, str]] = reader(name)
    judged = [Judged(item, *read(item.answer or "")) for item in items]
    scores = measure(PUBLISHED, *_columns(judged), options, groups=_images(judged))
    return Part(f"reader {name}", scores)


def _confusion(truth: Sequence[str], said: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    labels = (*VERDICTS, "abstain")
    pairs = list(zip(truth, said, strict=True))
    return labels, tuple(tuple(pairs.count((true, word)) for word in labels) for true in labels)


def _reading(one: Judged) -> Reading:
    published, _ = READERS["official"](one.item.answer or "")
    why = [
        f"{one.item.family or 'no family'}: {one.item.statement}" if one.item.statement else one.item.family,
        one.why,
    ]
    if one.item.answer is None:
        why.append("no answer in the file")
    if published != one.verdict:
        why.append(f"the published rule reads {published}")
    read = () if one.verdict == "abstain" else (one.verdict,)
    credit = float(one.verdict == one.item.label)
    return Reading(one.item.id, one.item.answer or "", (one.item.label,), read, credit, tuple(filter(None, why)))


def _told(judged: Sequence[Judged], name: str, edition: str) -> list[str]:
    """The counted facts: answers that are missing, empty, unreadable or read differently; strange families."""
    told = []
    total = len(judged)
    missing = [one.item.id for one in judged if one.item.answer is None]
    empty = [one.item.id for one in judged if one.item.answer is not None and not one.item.answer.strip()]
    lost = sum(one.verdict == "abstain" for one in judged) - len(missing) - len(empty)
    for ids, what in ((missing, "have no answer"), (empty, "have an empty answer (an error of the model's run?)")):
        if ids:
            told.append(f"{len(ids)} of {total} statements {what}: {_some(ids)}; they count as giving up")
    if lost:
        told.append(f"{lost} of {total} answers could not be read by the {name} reader; they count as giving up")
    other = "official-plus" if edition == "mvei-plus" else "official"
    other = "tolerant" if other == name else other
    changed = [one.item.id for one in judged if READERS[other](one.item.answer or "")[0] != one.verdict]
    if changed:
        told.append(f"{len(changed)} of {total} answers are read differently by the {other} reader: {_some(changed)}")
    strange = [one.item.family for one in judged if one.item.family not in FAMILIES]
    if strange:
        names = ", ".join(sorted({family or "(none)" for family in strange}))
        told.append(f"{len(strange)} statements belong to none of the four families ({names}); they count in the total")
    return told


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f", ... ({len(ids) - 5} more)" if len(ids) > 5 else "")
