"""Plain text as sentences, line by line: there is no time in it, so sentence i is [i, i + 1) on the clock of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mien.analysis.media.recording import Caption, Clock, Notice

LONGEST = 2000
"""Letters after which a sentence is cut at a blank: text without any full stop is no sentence either."""

_CLOSERS = "\"'”’»›)\\]}」』）"
_END = re.compile(
    rf"(?<![.!?…؟۔।॥])[.!?…؟۔।॥]++[{_CLOSERS}]*+(?=\s)"  # a stop before a blank; a run of stops is looked at once
    rf"|[。！？｡]+[{_CLOSERS}]*",  # scripts that write no blanks
)
_NOT_AN_END = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|ca|bzw|z\.\s?b|d\.\s?h|u\.\s?a|e\.g|i\.e|p\.\s?ej|sra?|"
    r"mme|mlle|sig|dott|т\.е|т\.д)|\b[^\W\d_]|^\s*\d+)\.$",
    re.IGNORECASE,
)


def read_text(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """Sentences of a text in any script."""
    found = [sentence for line in text.split("\n") for sentence in sentences(line)]
    return [Caption(float(i), float(i + 1), said, source="text") for i, said in enumerate(found)], "lines"


def sentences(line: str) -> Iterator[str]:
    """The sentences of one paragraph, outer blanks removed; nothing but blanks is lost."""
    begin = 0
    for stop in _END.finditer(line):
        if stop.group() == "." and _NOT_AN_END.search(line[max(begin, stop.end() - 12) : stop.end()]):
            continue
        yield from _pieces(line[begin : stop.end()])
        begin = stop.end()
    yield from _pieces(line[begin:])


def _pieces(sentence: str) -> Iterator[str]:
    sentence, at = " ".join(sentence.split()), 0
    while len(sentence) - at > LONGEST:
        cut = sentence.rfind(" ", at + 1, at + LONGEST + 1)
        yield sentence[at : cut if cut > 0 else at + LONGEST]
        at = cut + 1 if cut > 0 else at + LONGEST
    if at < len(sentence):
        yield sentence[at:]
