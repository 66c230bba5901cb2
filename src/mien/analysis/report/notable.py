"""The few moments worth looking at: confident emotions and contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mien.analysis.fusion.affect import Affect
from mien.analysis.fusion.pool import BASIC, basic, maps
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Evidence

SURE = 0.5
"""From this confidence on, a reading is called confident."""
CALM = frozenset({"neutral", "calm"})
"""Labels that are no event."""
JOIN = 1.5
"""Seconds (or lines): runs of one kind closer than this are one moment."""
MOST = 12
"""A longer list is no longer a few."""


@dataclass(frozen=True, slots=True)
class Notable:
    """One moment: person or None, start to end on the recording's clock, its clearest span `at`.

    kind: "peak" (a confident emotion, `label`, carried most by `modality`), "conflict" (`words` says between what) or
    "stress" (signals that look like stress, on a lane of its own);
    score in [0, 1] ranks moments of one kind; confidence is that of the clearest span.
    """

    kind: str
    person: str | None
    start: float
    end: float
    at: float
    label: str
    words: str
    modality: str | None
    score: float
    confidence: float


def moments(analysis: Analysis) -> tuple[Notable, ...]:
    """All peaks and conflicts in time order; neighbouring spans of one kind are one moment."""
    found: list[Notable] = []
    for affects in by_person(analysis).values():
        found += _runs(_peaks(affects))
        found += _runs(_conflicts(affects))
        found += _runs(_stressed(affects))
    return tuple(sorted(found, key=lambda one: (one.start, one.kind, one.person or "")))


def notable(analysis: Analysis, most: int = MOST) -> tuple[Notable, ...]:
    """At most `most` of `moments`, the strongest of both kinds, in time order."""
    found = moments(analysis)
    ranks = {"peak": 0, "conflict": 0, "stress": 0}
    ranked = []
    for one in sorted(found, key=lambda item: (-item.score, item.start)):
        ranked.append((ranks[one.kind], one))
        ranks[one.kind] += 1
    ranked.sort(key=lambda pair: pair[0])  # alternate: the best peak, the best conflict, the second best ...
    chosen = {id(one) for _, one in ranked[:most]}
    return tuple(one for one in found if id(one) in chosen)


def by_person(analysis: Analysis) -> dict[str | None, list[Affect]]:
    """Affects of each person in time order: known persons first, in their order; None (nobody known) last."""
    groups: dict[str | None, list[Affect]] = {person.id: [] for person in analysis.persons}
    nobody: list[Affect] = []
    for affect in analysis.affects:
        (nobody if affect.span.person is None else groups.setdefault(affect.span.person, [])).append(affect)
    if nobody:
        groups[None] = nobody
    for group in groups.values():
        group.sort(key=lambda affect: (affect.span.start, affect.span.end))
    return groups


def strongest(affect: Affect, label: str) -> str | None:
    """The modality whose weighted probability for `label` is highest, or None."""
    best, modality = 0.0, None
    for evidence, weight in zip(affect.evidence, affect.weights, strict=True):
        share = weight * _probability(evidence, label)
        if share > best:
            best, modality = share, evidence.modality
    return modality


def _probability(evidence: Evidence, label: str) -> float:
    """Of a label in what a sense answered, or in its basic relatives where the sense speaks of finer ones."""
    if evidence.distribution is None:
        return 0.0
    if label in evidence.distribution.space.labels:
        return evidence.distribution[label]
    return basic(evidence)[label] if label in BASIC.labels and maps(evidence.distribution.space, BASIC) else 0.0


def stress_of(affect: Affect) -> tuple[float, Evidence] | None:
    """Probability of stress in a span and the evidence that tells it; None where none does."""
    for item in affect.evidence:
        for reading in (item.distribution, *item.readings):
            if reading is not None and reading.space.name == "stress2":
                return reading["stress"], item
    return None


def _stressed(affects: list[Affect]) -> Iterator[Notable]:
    for affect in affects:
        told = stress_of(affect)
        if told is not None and told[0] >= SURE:
            span, (value, item) = affect.span, told
            at = (span.start + span.end) / 2
            yield Notable("stress", span.person, span.start, span.end, at, "stress", "", item.modality, value, value)


def _peaks(affects: list[Affect]) -> Iterator[Notable]:
    for affect in affects:
        fused = affect.distribution
        if fused is None or fused.top in CALM or affect.confidence < SURE:
            continue
        yield _moment(affect, "peak", fused.top, "", affect.confidence * float(fused.values.max()))


def _conflicts(affects: list[Affect]) -> Iterator[Notable]:
    for affect in affects:
        if affect.conflict.words:
            label = affect.distribution.top if affect.distribution else ""
            yield _moment(affect, "conflict", label, affect.conflict.words, affect.conflict.score)


def _moment(affect: Affect, kind: str, label: str, words: str, score: float) -> Notable:
    span = affect.span
    modality = strongest(affect, label)
    at = (span.start + span.end) / 2
    return Notable(kind, span.person, span.start, span.end, at, label, words, modality, score, affect.confidence)


def _runs(items: Iterator[Notable]) -> list[Notable]:
    runs: list[Notable] = []
    for item in items:
        last = runs[-1] if runs else None
        if last and (item.kind == "conflict" or last.label == item.label) and item.start - last.end <= JOIN:
            best = item if item.score > last.score else last
            runs[-1] = Notable(
                best.kind, best.person, last.start, max(last.end, item.end), best.at, best.label, best.words,
                best.modality, best.score, best.confidence,
            )  # fmt: skip
        else:
            runs.append(item)
    return runs
