"""What the page says without its script: head, sentences, moments, transcript, persons, how to read."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.analysis.fusion.affect import Affect
from mien.analysis.media.recording import Caption
from mien.analysis.report.beside import account
from mien.analysis.report.notable import CALM, SURE, Notable, by_person, moments, notable, stress_of
from mien.analysis.report.shares import Share, covered, evidence_share, shares
from mien.analysis.report.stamp import length, percent, stamp
from mien.analysis.report.words import MODALITY, headline, person_name, sureness
from mien.analysis.result import Analysis, Facts
from mien.page.colours import colour

THUMBNAIL = 40_000
"""Bytes: a larger thumbnail is left out."""
LISTED = 4
"""Moments named per person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a row: time in seconds and as text, whose, what, how sure, the label's colour."""

    time: float
    stamp: str
    person: int
    name: str
    kind: str
    what: str
    sure: str
    colour: str


@dataclass(frozen=True, slots=True)
class Who:
    """A person as shown: number in the data, id, name, initials, thumbnail (data URI or ""), shares, moments."""

    index: int
    id: str
    name: str
    initials: str
    thumbnail: str
    shares: tuple[Share, ...]
    colours: dict[str, str]
    amounts: tuple[tuple[str, str], ...]
    peaks: tuple[Moment, ...]
    clashes: tuple[Moment, ...]
    clash_count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A transcript line: times, text, speaker, and its strongest confident emotion with colour ("" if none)."""

    start: float
    end: float
    stamp: str
    text: str
    speaker: str
    person: int
    label: str
    colour: str
    doubt: str


def view(analysis: Analysis) -> dict[str, Any]:
    """All values of the template, plain and unescaped (the template escapes)."""
    facts = analysis.recording
    groups = by_person(analysis)
    order = list(groups)
    found = moments(analysis)
    return {
        "title": os.path.basename(facts.path) or facts.path,
        "facts": facts,
        "headline": headline(analysis),
        "length": length(facts.duration, facts.clock),
        "streams": _streams(facts),
        "people": [_who(analysis, order, id, affects, found) for id, affects in groups.items()],
        "senses": _senses(analysis),
        "moments": [_moment(analysis, one, order) for one in sorted(notable(analysis), key=lambda one: one.at)],
        "moment_count": len(found),
        "lines": [_line(analysis, line, order, groups) for line in analysis.transcript],
        "labels": _labels(analysis),
        "hidden": analysis.pictures.faces_hidden,
        "warnings": [(notice, _when(notice.start, notice.end, facts.clock)) for notice in analysis.warnings],
        "versions": analysis.versions,
        "guests": list(zip(analysis.guests, account(analysis), strict=True)),
        "command": analysis.command,
        "has_time": has_time(analysis),
        "solo": facts.clock == "lines" and not has_time(analysis),
        "has_stage": facts.kind in ("video", "audio", "image"),
        "clashes": any(one.kind == "conflict" for one in found),
        "has_tracks": bool(analysis.pictures.tracks),
        "stress": any(stress_of(affect) is not None for affect in analysis.affects),
        "has_plane": any(a.dimensions and a.dimensions.valence is not None for a in analysis.affects),
    }


def has_time(analysis: Analysis) -> bool:
    """Whether there is a course to draw: not for a still or a single line."""
    if analysis.recording.clock == "lines":
        return max((affect.span.end for affect in analysis.affects), default=0) > 1
    return bool(analysis.recording.duration) or any(affect.span.duration > 0 for affect in analysis.affects)


def initials(name: str) -> str:
    """Up to two letters of a name ("Ada Lovelace" -> "AL"), or the id itself."""
    words = [word for word in name.replace("_", " ").split() if word[:1].isalnum()]
    return (words[0][:2] if len(words) == 1 else "".join(word[0] for word in words[:2])).upper() if words else "?"


def thumbnail(analysis: Analysis, faces: Sequence[str]) -> str:
    """The best picture of a person as a data URI; "" where there is none or faces are hidden."""
    if analysis.pictures.faces_hidden:
        return ""
    tracks = [t for t in analysis.pictures.tracks if t.id in faces and t.thumbnail[:3] == b"\xff\xd8\xff"]
    best = max(tracks, key=lambda t: (float(np.mean(t.quality)) if len(t.quality) else 0.0, len(t.times)), default=None)
    if best is None or len(best.thumbnail) > THUMBNAIL:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(best.thumbnail).decode("ascii")


def _who(
    analysis: Analysis,
    order: Sequence[str | None],
    id: str | None,
    affects: Sequence[Affect],
    found: Sequence[Notable],
) -> Who:
    person = next((one for one in analysis.persons if one.id == id), None)
    own = [one for one in found if one.person == id]
    peaks = sorted((one for one in own if one.kind != "conflict"), key=lambda one: -one.score)[:LISTED]
    clashes = sorted((one for one in own if one.kind == "conflict"), key=lambda one: -one.score)
    ranked = shares(affects)
    return Who(
        order.index(id), id or "", person_name(analysis, id),
        initials(person.name if person and person.name else id or "?"),
        thumbnail(analysis, person.faces if person else ()),
        tuple(share for share in ranked if share.value >= 0.005)[:8],
        {share.label: colour(share.label) for share in ranked},
        _amounts(analysis, affects),
        tuple(_moment(analysis, one, order) for one in sorted(peaks, key=lambda one: one.start)),
        tuple(_moment(analysis, one, order) for one in sorted(clashes[:LISTED], key=lambda one: one.start)),
        len(clashes),
    )  # fmt: skip


def _amounts(analysis: Analysis, affects: Sequence[Affect]) -> tuple[tuple[str, str], ...]:
    """How much evidence there was of a person, as rows of words."""
    clock = analysis.recording.clock
    told = [a for a in affects if a.distribution is not None or a.dimensions is not None]
    if not analysis.recording.duration:
        rows = [("answered", f"{len(told)} of {len(affects)}")]
    else:
        total = covered((a.span.start, a.span.end) for a in affects)
        answered = covered((a.span.start, a.span.end) for a in told)
        rows = [("present", length(total, clock)), ("answered", length(answered, clock) or "never")]
    stress = [(a.span.duration or 1.0, found[0]) for a in affects if (found := stress_of(a)) is not None]
    if stress:
        total = sum(seconds for seconds, _ in stress)
        rows.append(("stress, mean", percent(sum(seconds * value for seconds, value in stress) / total)))
        rows.append(("stress above 50 %", percent(sum(s for s, value in stress if value >= SURE) / total) + " of it"))
    for modality, word in MODALITY.items():
        share = evidence_share(affects, modality, analysis.recording.duration)
        if share > 0 and analysis.recording.duration:
            rows.append((word, f"{percent(share)} of the recording"))
    return tuple(rows)


def _senses(analysis: Analysis) -> list[tuple[str, float, str]]:
    """(word, share, text) for each sense: for what share of the recording it had evidence."""
    rows = []
    for modality, word in MODALITY.items():
        share = evidence_share(analysis.affects, modality, analysis.recording.duration)
        if share > 0 or modality not in ("scene", "signal"):
            rows.append((word, share, "none" if share == 0 else "under 1 %" if share < 0.01 else percent(share)))
    return rows


def _moment(analysis: Analysis, one: Notable, order: Sequence[str | None]) -> Moment:
    where = f" in the {MODALITY[one.modality]}" if one.modality in MODALITY else ""
    what = one.words if one.kind == "conflict" else f"{one.label}{where}"
    amount = {"conflict": "disagreement", "stress": "stress"}.get(one.kind)
    sure = f"{amount} {percent(one.score)}" if amount else sureness(one.confidence)
    return Moment(
        one.at, stamp(one.at, analysis.recording.clock), order.index(one.person), person_name(analysis, one.person),
        one.kind, what, sure, colour(one.label) if one.label else colour("other"),
    )  # fmt: skip


def _line(
    analysis: Analysis, line: Caption, order: Sequence[str | None], groups: dict[str | None, list[Affect]]
) -> Line:
    known = line.speaker if line.speaker in groups else None
    best = _best(line, groups.get(known, []))
    fused = best.distribution if best else None
    show = fused is not None and best is not None and best.confidence >= SURE and fused.top not in CALM
    label = fused.top if show and fused is not None else ""
    doubt = f"recognised, {percent(line.confidence)} sure" if line.confidence is not None else ""
    name = person_name(analysis, known) if known else line.speaker or ""
    if analysis.recording.clock == "lines" and len(order) == 1:
        name = ""
    return Line(
        line.start, line.end, stamp(line.start, analysis.recording.clock), line.text, name,
        order.index(known) if known in groups else -1, label, colour(label) if label else "", doubt,
    )  # fmt: skip


def _best(line: Caption, affects: Sequence[Affect]) -> Affect | None:
    """The most certain answer within a line (found by bisection: lines and spans are in time order)."""
    from bisect import bisect_left

    first = bisect_left(affects, line.start, key=lambda affect: affect.span.end)
    best: Affect | None = None
    for affect in affects[first:]:
        if affect.span.start >= line.end:
            break
        inside = affect.span.overlap(line.start, line.end) > 0 and affect.distribution is not None
        if inside and (best is None or affect.confidence > best.confidence):
            best = affect
    return best


def _labels(analysis: Analysis) -> list[tuple[str, str]]:
    """(label, colour) of the legend: the labels of the fused space."""
    fused = next((a.distribution for a in analysis.affects if a.distribution is not None), None)
    labels = list(fused.space.labels) if fused is not None else []
    if not labels and any(affect.dimensions is not None for affect in analysis.affects):
        labels = ["negative", "neutral", "positive"]
    if any(stress_of(affect) is not None for affect in analysis.affects):
        labels.append("stress")
    return [(label, colour(label)) for label in labels]


def _streams(facts: Facts) -> list[str]:
    """Each stream in a few words; the channels of a wearable as their number."""
    signals = sum(stream.kind == "signal" for stream in facts.streams)
    told = [
        _stream("" if one.kind == facts.kind else one.kind, "" if one.codec == one.kind else one.codec, one.facts)
        for one in facts.streams
        if one.kind not in ("signal", "mark")
    ]
    if signals:
        told.append("1 signal" if signals == 1 else f"{signals} signals")
    return [text for text in told if text]


def _stream(kind: str, codec: str, facts: Sequence[tuple[str, str | int | float]]) -> str:
    known = dict(facts)
    parts = [kind, codec]
    if "width" in known and "height" in known:
        parts.append(f"{known['width']} × {known['height']}")
    if "fps" in known:
        parts.append(f"{float(known['fps']):g} fps")
    if "rate" in known:
        parts.append(f"{float(known['rate']):g} Hz")
    return " ".join(str(part) for part in parts if part)


def _when(start: float | None, end: float | None, clock: str) -> str:
    if start is None:
        return ""
    return stamp(start, clock) if end is None else f"{stamp(start, clock)} to {stamp(end, clock)}"
