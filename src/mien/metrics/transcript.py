"""Transcripts with marks of overlap and events, as in EmotionTalk: clean text, and where voices overlapped.

>>> found = clean_transcript("今天[over/]天气[/over]不错。[laughing]")
>>> found.text, found.overlaps, found.events
('今天天气不错。', ((2, 4),), ('laughing',))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mien.errors import RequestError


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a transcript.

    open, close: of overlapped speech; the first is the right one, the others are misspellings that occur in the
    released files; inline: a malformed mark with the overlapped words in place of TEXT, or "" for none; events: names
    that stand in square brackets, in any case.
    """

    open: tuple[str, ...] = ("[over/]",)
    close: tuple[str, ...] = ("[/over]", "[over]", "[[/over]", "[/over/]")
    inline: str = "[over/TEXT]"
    events: tuple[str, ...] = ("interrupted", "laughing", "sobbing", "crying", "screaming")


EMOTIONTALK = Marks()
"""The marks counted in the transcripts of EmotionTalk (Sun et al. 2025, arXiv 2505.23018)."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript without its marks.

    text: clean text; overlaps: character ranges [start, end) of it that overlapped another's speech, in order; events:
    lower case, in order; unbalanced: number of malformed or unpaired marks.
    """

    text: str
    overlaps: tuple[tuple[int, int], ...]
    events: tuple[str, ...]
    unbalanced: int

    @property
    def overlap_share(self) -> float:
        """Share of the characters that overlapped, in [0, 1]; 0 for an empty text."""
        return sum(end - start for start, end in self.overlaps) / len(self.text) if self.text else 0.0

    @property
    def interrupted(self) -> bool:
        """Whether the speaker was interrupted."""
        return "interrupted" in self.events


def clean_transcript(raw: str, *, marks: Marks = EMOTIONTALK) -> Transcript:
    """Take the marks out of a transcript and keep what they say.

    Tolerant, as the released files are not balanced: an opener inside an open span closes that span, a closer without
    opener is dropped, words inside a mark count as overlapped, a span that is open at the end runs to the end; each
    adds 1 to `unbalanced`. Empty spans are dropped. Other brackets are text.
    """
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    events: list[str] = []
    open_at: int | None = None
    length = unbalanced = past = 0
    for found in _pattern(marks).finditer(raw):
        piece = raw[past : found.start()]
        pieces.append(piece)
        length += len(piece)
        past = found.end()
        kind = found.lastgroup
        if kind == "event":
            events.append(found.group().strip("[]").lower())
        elif kind == "inline":
            words = found.group("words")
            pieces.append(words)
            if open_at is None:
                spans.append((length, length + len(words)))
            length += len(words)
            unbalanced += 1
        elif kind == "open":
            if open_at is not None:
                spans.append((open_at, length))
                unbalanced += 1
            open_at = length
        elif open_at is None:
            unbalanced += 1
        else:
            spans.append((open_at, length))
            open_at = None
    pieces.append(raw[past:])
    length += len(raw) - past
    if open_at is not None:
        spans.append((open_at, length))
        unbalanced += 1
    return Transcript("".join(pieces), tuple(span for span in spans if span[1] > span[0]), tuple(events), unbalanced)


@lru_cache(maxsize=8)
def _pattern(marks: Marks) -> re.Pattern[str]:
    """All marks, the longest first, so that one that starts or holds another is read as itself."""
    groups = []
    for kind, forms in (("close", marks.close), ("open", marks.open)):
        if forms:
            groups.append(f"(?P<{kind}>{'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})")
    if marks.events:
        names = "|".join(map(re.escape, marks.events))
        groups.append(rf"(?P<event>\[(?i:{names})\])")
    if marks.inline:
        before, text, after = marks.inline.partition("TEXT")
        if not text:
            raise RequestError(f"inline mark {marks.inline!r}: it must hold TEXT where the words stand")
        groups.append(rf"(?P<inline>{re.escape(before)}(?P<words>[^\[\]]+?){re.escape(after)})")
    return re.compile("|".join(groups)) if groups else re.compile(r"(?!)")
