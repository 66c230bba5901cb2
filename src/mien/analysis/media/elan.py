"""ELAN annotation files (.eaf): time slots, tiers as speakers, aligned and dependent annotations.

The XML is read in one pass without any entity, DTD or outside reference: a file that declares one is refused.
Source of the format: the EAF 3.0 schema of the Max Planck Institute for Psycholinguistics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Notice
from mien.errors import InputError

DEPTH = 50
"""Nesting that is read; EAF itself needs 6."""


@dataclass(slots=True)
class _Tier:
    name: str
    speaker: str
    language: str | None
    dependent: bool
    rows: list[tuple[str, str, str]] = field(default_factory=list)  # first slot, last slot, text


def read_elan(data: bytes, named: str, notices: list[Notice]) -> list[Caption]:
    """The annotations of all tiers that stand on their own time, with the participant (or the tier's name) as speaker.

    Tiers that depend on another (translations, glosses, word classes) are used only where no tier on its own time
    holds text; which ones were left out is noted. Raises InputError where the XML is damaged or unsafe.
    """
    document = _parse(data, named)
    slots = _times(document.slots)
    texts = [tier for tier in document.tiers if any(row[2] for row in tier.rows)]
    chosen = [tier for tier in texts if not tier.dependent] or texts
    left = [tier.name for tier in texts if tier.dependent] if len(chosen) < len(texts) else []
    if left:
        note(notices, "tiers", f"tiers that depend on another were left out: {', '.join(left[:8])}")
    captions = []
    for tier in chosen:
        for first, last, text in tier.rows:
            if first not in slots or last not in slots:
                note(notices, "times", f"an annotation of tier {tier.name} has no time and is left out: {text[:40]}")
            elif text:
                captions.append(Caption(slots[first], slots[last], text, tier.speaker, tier.language))
    return sorted(captions, key=lambda caption: (caption.start, caption.end))


@dataclass(slots=True)
class _Document:
    slots: list[tuple[str, float | None]] = field(default_factory=list)
    tiers: list[_Tier] = field(default_factory=list)
    spans: dict[str, tuple[str, str]] = field(default_factory=dict)  # annotation id -> its slots
    scale: float = 0.001
    text: list[str] | None = None
    row: tuple[str, str] = ("", "")
    depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise ValueError(f"is nested deeper than {DEPTH}")
        if name == "HEADER":
            self.scale = {"NTSC-frames": 1001 / 30000, "PAL-frames": 0.04}.get(attributes.get("TIME_UNITS", ""), 0.001)
        elif name == "TIME_SLOT":
            value = attributes.get("TIME_VALUE")
            self.slots.append(
                (attributes.get("TIME_SLOT_ID", ""), None if value is None else float(value) * self.scale)
            )
        elif name == "TIER":
            title = attributes.get("TIER_ID", "")
            speaker = attributes.get("PARTICIPANT", "").strip() or title
            self.tiers.append(_Tier(title, speaker, attributes.get("LANG_REF"), "PARENT_REF" in attributes))
        elif name == "ALIGNABLE_ANNOTATION":
            self.row = attributes.get("TIME_SLOT_REF1", ""), attributes.get("TIME_SLOT_REF2", "")
            self.spans[attributes.get("ANNOTATION_ID", "")] = self.row
        elif name == "REF_ANNOTATION":
            self.row = self.spans.get(attributes.get("ANNOTATION_REF", ""), ("", ""))
            self.spans[attributes.get("ANNOTATION_ID", "")] = self.row
        elif name == "ANNOTATION_VALUE":
            self.text = []

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "ANNOTATION_VALUE" and self.text is not None:
            if self.tiers:
                self.tiers[-1].rows.append((*self.row, " ".join("".join(self.text).split())))
            self.text = None

    def letters(self, piece: str) -> None:
        if self.text is not None:
            self.text.append(piece)


def _parse(data: bytes, named: str) -> _Document:
    document, parser = _Document(), expat.ParserCreate()
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.letters
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(named, f"line {error.lineno}", f"is damaged XML ({expat.ErrorString(error.code)})") from None
    except (ValueError, LookupError, UnicodeError) as error:
        raise InputError(named, f"line {parser.CurrentLineNumber}", f"cannot be read as ELAN: {error}") from None
    return document


def _refuse(*_: object) -> int:
    raise ValueError("declares XML entities, which are not read for safety; save it again from ELAN")


def _times(slots: list[tuple[str, float | None]]) -> dict[str, float]:
    """Seconds of every slot; those without a value lie evenly between their neighbours, as ELAN shows them."""
    known = [index for index, (_, time) in enumerate(slots) if time is not None]
    times: dict[str, float] = {}
    for left, right in zip(known, known[1:] + known[-1:], strict=True):
        begin, finish = slots[left][1], slots[right][1]
        assert begin is not None and finish is not None
        for index in range(left, max(right, left + 1)):
            share = (index - left) / max(1, right - left)
            times[slots[index][0]] = begin + (finish - begin) * share
    return times
