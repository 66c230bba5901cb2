"""Which lines of a transcript belong to a span."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from mien.analysis.media.recording import Caption
from mien.analysis.moments.span import Span

_DOCUMENT = 4_000  # characters of a transcript that its language is guessed from


class Lines:
    """A transcript by speaker, so that the lines of a span are found without walking through all of it."""

    def __init__(self, transcript: Sequence[Caption]) -> None:
        self._by: dict[str | None, list[Caption]] = {}
        for line in sorted(transcript, key=lambda line: line.start):
            self._by.setdefault(line.speaker, []).append(line)
        self._starts = {who: [line.start for line in own] for who, own in self._by.items()}
        self._longest = {who: max(line.end - line.start for line in own) for who, own in self._by.items()}
        self.sample = " ".join(line.text[:200] for line in transcript[:200])[:_DOCUMENT]

    def of(self, span: Span) -> list[Caption]:
        """Lines of the span's person that share at least half of the shorter of the two with it."""
        own, starts = self._by.get(span.person, []), self._starts.get(span.person, [])
        first = bisect_left(starts, span.start - self._longest.get(span.person, 0.0))
        near = own[first : bisect_left(starts, span.end)]
        return [line for line in near if _shared(line, span)]


def _shared(line: Caption, span: Span) -> bool:
    return span.overlap(line.start, line.end) >= max(1e-9, min(line.end - line.start, span.duration) / 2)
