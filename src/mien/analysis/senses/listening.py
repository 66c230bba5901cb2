"""Which parts of a recording a voice sense hears for each span, cut from one pass over the sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import AudioBlock
from mien.analysis.media.sound import RATE
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span

LONGEST = 4.0
"""Seconds heard at once."""
SHORT_PART = 1.0
"""Further parts of a span count from this length, seconds."""
MOST_PARTS = 6
"""Parts heard of one long span, evenly spread."""


class Part(NamedTuple):
    """A part to hear, [start, end) seconds, and the stretch in it that belongs to the span itself."""

    start: float
    end: float
    inner_start: float
    inner_end: float


def parts_to_hear(moments: Moments, span: Span) -> tuple[Part, ...]:
    """What to hear for a span: what its person says in it, at most six parts of four seconds.

    A short piece is widened to four seconds inside its own voice turn (what stands around it was said by the same
    voice in the same breath); empty where the person does not speak in the span.
    """
    turns = [t for t in moments.person_turns(span.person) if span.overlap(t.start, t.end) > 0]
    if not turns:
        return ()
    longest = max(turns, key=lambda t: span.overlap(t.start, t.end))
    parts: list[Part] = []
    for turn in turns:
        start, end = max(turn.start, span.start), min(turn.end, span.end)
        if turn is longest:
            parts += _widened(start, end, turn.start, turn.end)
        elif end - start >= SHORT_PART:
            parts += _pieces(start, end)
    chosen = np.unique(np.linspace(0, len(parts) - 1, min(len(parts), MOST_PARTS)).round().astype(int))
    return tuple(parts[i] for i in chosen)


def _widened(start: float, end: float, first: float, last: float) -> list[Part]:
    if end - start >= LONGEST:
        return _pieces(start, end)
    begin = min(max((start + end - LONGEST) / 2, first), max(last - LONGEST, first))
    return [Part(begin, min(begin + LONGEST, last), start, end)]


def _pieces(start: float, end: float) -> list[Part]:
    count = max(int(np.ceil((end - start) / LONGEST - 1e-6)), 1)
    edges = [float(edge) for edge in np.linspace(start, end, count + 1)]
    return [Part(a, b, a, b) for a, b in pairwise(edges)]


def cut(blocks: Iterable[AudioBlock], parts: Sequence[Part]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The samples of each part, as (index of the part, (samples,) float32 at 16 kHz), ordered by their ends.

    Reads the blocks once and keeps only what an open part still needs (about four seconds). Gaps in the stream are
    zeros; a part beyond the end of the sound comes shorter, or empty.
    """
    order = sorted(range(len(parts)), key=lambda i: parts[i], reverse=True)
    waiting: list[int] = []
    held = np.zeros(0, np.float32)
    begin = 0  # sample number of held[0]
    for block in blocks:
        at = round(block.start * RATE)
        if not len(held):
            begin = at
        gap = max(at - begin - len(held), 0)
        held = np.concatenate([held, np.zeros(gap, np.float32), block.samples[max(begin + len(held) - at, 0) :]])
        now = (begin + len(held)) / RATE
        while order and parts[order[-1]].start < now:
            waiting.append(order.pop())
        for index in sorted((i for i in waiting if parts[i].end <= now), key=lambda i: parts[i].end):
            yield index, _between(held, begin, parts[index])
            waiting.remove(index)
        needed = min((parts[i].start for i in waiting), default=now)
        drop = min(max(round(needed * RATE) - begin, 0), len(held))
        held, begin = held[drop:], begin + drop
    for index in [*waiting, *reversed(order)]:
        yield index, _between(held, begin, parts[index])


def _between(held: NDArray[np.float32], begin: int, part: Part) -> NDArray[np.float32]:
    first, last = (max(round(time * RATE) - begin, 0) for time in (part.start, part.end))
    return held[first:last].copy()
