"""The spans that senses read: each person's presence, cut at turns and lines, no piece longer than asked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Person, Span

JOIN_GAP = 0.35  # two stretches of presence this near (seconds) are one
BODY = 60.0  # seconds: the body answers slowly, a minute is the least that stress is read from
SLACK = 0.25  # a span may be this part longer than asked where that saves cutting a turn into two stubs
SHORTEST = 0.8  # a shorter piece (seconds) joins its neighbour: no sense answers on less


def spans_of(moments: Moments, every: float) -> list[Span]:
    """All spans of all persons, ordered by start then person.

    every: longest span on the recording's clock (seconds), give or take a quarter. A still is one span, so is a line.
    """
    if moments.recording.kind == "wearable":
        wearer = moments.persons[0].id if moments.persons else None
        return grid(moments.recording.duration or 0.0, max(every, BODY), wearer)
    if moments.recording.clock == "lines":
        return sorted({Span(line.start, line.end, line.speaker) for line in moments.transcript})
    found = [span for person in moments.persons for span in _person_spans(moments, person, every)]
    return sorted(found, key=lambda span: (span.start, span.end, span.person or ""))


def grid(duration: float, every: float, person: str | None) -> list[Span]:
    """Equal spans over a whole recording (a wearable trace has no turns)."""
    pieces = max(1, math.ceil(duration / every - 1e-9))
    return [Span(i * every, min((i + 1) * every, duration), person) for i in range(pieces)]


def _person_spans(moments: Moments, person: Person, every: float) -> list[Span]:
    turns = [(turn.start, turn.end) for turn in moments.person_turns(person.id)]
    lines = [(line.start, line.end) for line in moments.transcript if line.speaker == person.id]
    tracks = [(track.start, track.end) for track in moments.tracks if track.id in person.faces]
    if moments.recording.kind == "image":
        return [Span(0.0, 0.0, person.id)] if tracks else []
    edges = sorted({edge for start, end in (turns or lines) for edge in (start, end)})
    spans: list[Span] = []
    for start, end in merge([*turns, *lines, *tracks], JOIN_GAP):
        inner = [edge for edge in edges if start < edge < end]
        for left, right in _without_short([start, *inner, end]):
            pieces = max(1, math.ceil((right - left) / every - SLACK))
            step = (right - left) / pieces
            spans += [Span(left + i * step, left + (i + 1) * step, person.id) for i in range(pieces)]
    return spans


def merge(stretches: Iterable[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Union of stretches (start, end), joined where no more than `gap` lies between."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1] + gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _without_short(edges: list[float]) -> list[tuple[float, float]]:
    kept = [edges[0]]
    for edge in edges[1:-1]:
        if edge - kept[-1] >= SHORTEST and edges[-1] - edge >= SHORTEST:
            kept.append(edge)
    kept.append(edges[-1])
    return list(pairwise(kept))
