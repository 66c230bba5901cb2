"""Praat TextGrids, long and short form: tiers as speakers, phones left out, words joined into what was said.

Source: Praat's manual, "TextGrid file formats": only free-standing numbers, quoted strings and <flags> count, so that
both forms are the same sequence of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Clock, Notice
from mien.errors import InputError

_TOKEN = re.compile(r'"((?:[^"]|"")*+)"|<(\w+)>|![^\n]*|([^\s"!]+)')  # ! begins a comment
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d+)?%?")
_PHONES = re.compile(r"\b(phones?|phonemes?|segments?|mau|kan|sampa|ipa)\b", re.IGNORECASE)
_WORDS = re.compile(r"[\s\-_:]*\b(words?|ort(?:ho(?:graphy)?)?)\b", re.IGNORECASE)
_PLAIN = frozenset(
    {"", "text", "utterance", "utterances", "transcript", "transcription", "sentence", "sentences", "speech", "tier"}
)
_SILENT = frozenset({"", "<p:>", "sil", "sp", "spn", "<sil>", "<unk>", "#", "_"})
PAUSE, LONGEST = 0.4, 12.0
"""Words are joined until a pause of so many seconds, or until the line lasts so long."""


def read_textgrid(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """The intervals that hold text, in time order; the tier's name is the speaker unless it names a kind of text."""
    values = _Values(text, named)
    if values.text() != "ooTextFile" or values.text() != "TextGrid":
        raise InputError(named, "", "is no text TextGrid; in Praat, use Save as text file")
    values.number(), values.number()
    tiers = [_tier(values, named) for _ in range(values.count())] if values.exists() else []
    captions: list[Caption] = []
    some_words = any(not _PHONES.search(name) and rows for name, rows in tiers)
    for name, rows in tiers:
        if _PHONES.search(name) and some_words:
            note(notices, "tiers", f"tier {name} holds phones, not text, and is left out")
        elif _WORDS.search(name):
            captions += _joined(_named(rows, _WORDS.sub("", name).strip(" -_:")))
        else:
            captions += _named(rows, name)
    return sorted(captions, key=lambda caption: (caption.start, caption.end)), "seconds"


def _tier(values: _Values, named: str) -> tuple[str, list[Caption]]:
    kind, name = values.text(), values.text()
    values.number(), values.number()
    rows = []
    for _ in range(values.count()):
        if kind == "IntervalTier":
            start, end = values.number(), values.number()
        elif kind == "TextTier":
            start = end = values.number()
        else:
            raise InputError(named, values.where, f"has a tier of kind {kind!r}; allowed: IntervalTier, TextTier")
        said = " ".join(values.text().split())
        if said.lower() not in _SILENT:
            rows.append(Caption(start, end, said))
    return name.strip(), rows


def _named(rows: list[Caption], name: str) -> list[Caption]:
    speaker = None if name.lower() in _PLAIN else name
    return [replace(row, speaker=speaker) for row in rows]


def _joined(words: list[Caption]) -> list[Caption]:
    lines: list[list[Caption]] = []
    for word in words:
        if lines and word.start - lines[-1][-1].end < PAUSE and word.end - lines[-1][0].start <= LONGEST:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [replace(line[0], end=line[-1].end, text=" ".join(word.text for word in line)) for line in lines]


class _Values:
    """The values of the file one after the other, each asked for by its kind."""

    def __init__(self, text: str, named: str) -> None:
        self._named, self._text = named, text
        self._tokens = self._read()
        self._at = 0

    @property
    def where(self) -> str:
        """The line that was read last."""
        return f"line {self._text.count(chr(10), 0, self._at) + 1}"

    def text(self) -> str:
        """The next string."""
        return self._next("string").replace('""', '"')

    def number(self) -> float:
        """The next number."""
        return float(self._next("number").rstrip("%"))

    def count(self) -> int:
        """The next number as a count of at most a million."""
        value = self.number()
        if not (0 <= value <= 1e6 and value == int(value)):
            raise InputError(self._named, self.where, f"says {value:g} where a count belongs")
        return int(value)

    def exists(self) -> bool:
        """Whether the next flag says that there are tiers."""
        return self._next("flag") == "exists"

    def _next(self, kind: str) -> str:
        for found, value in self._tokens:
            if found == kind:
                return value
            raise InputError(self._named, self.where, f"has a {found} where a {kind} belongs")
        raise InputError(self._named, self.where, f"ends where a {kind} belongs; the file is cut off")

    def _read(self) -> Iterator[tuple[str, str]]:
        for token in _TOKEN.finditer(self._text):
            self._at = token.start()
            string, flag, other = token.groups()
            if string is not None:
                yield "string", string
            elif flag is not None:
                yield "flag", flag
            elif other is not None and _NUMBER.fullmatch(other):
                yield "number", other
