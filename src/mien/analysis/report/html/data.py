"""The compact data a report draws from: columns of small whole numbers, texts said once."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.affect.distribution import Distribution
from mien.affect.space import Space
from mien.analysis.fusion.affect import Affect, Conflict
from mien.analysis.fusion.pool import BASIC, basic, maps
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.report.notable import by_person, moments, notable
from mien.analysis.report.words import MODALITY, person_name
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Cue, Evidence
from mien.page.colours import colour

BOXES = 24_000
"""At most this many face boxes in a file; between kept ones the page draws straight lines."""
READINGS = 4
"""Labels kept of a reading in a further space."""
LEAST = 0.1
"""A label of a further reading below this probability is not shown."""
TITLES = {"goemotions28": "GoEmotions", "brighter6": "BRIGHTER", "ferplus8": "FER+", "sentiment3": "sentiment"}
"""Space -> how it is called beside its labels."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Texts:
    """Numbers each different text once."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self._at: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Number of a text."""
        if text not in self._at:
            self._at[text] = len(self.items)
            self.items.append(text)
        return self._at[text]


class _Book:
    """What spans refer to by number: spaces, reasons, models, patterns of cues."""

    def __init__(self) -> None:
        self.spaces: list[Space] = []
        self.texts, self.cues = Texts(), Texts()

    def space(self, space: Space) -> int:
        if space not in self.spaces:
            self.spaces.append(space)
        return self.spaces.index(space)

    def cue(self, cue: Cue) -> list[Any]:
        """[pattern, numbers ...]: the numbers of a text apart, so that equal sentences are stored once."""
        text = (cue.text or f"{cue.name} {cue.value} {cue.unit}").replace("\0", "")
        return [self.cues(_NUMBER.sub("\0", text)), *map(_plain, _NUMBER.findall(text))]


def report_data(analysis: Analysis) -> dict[str, Any]:
    """Everything the page's script needs, as plain JSON values; times in hundredths, shares in per cent."""
    book = _Book()
    groups = by_person(analysis)
    order = list(groups)
    people = [_person(analysis, id, affects, book) for id, affects in groups.items()]
    best = notable(analysis)
    chosen = {(one.kind, one.person, one.at) for one in best}
    first = max(best, key=lambda one: (one.kind == "conflict", one.score), default=None)
    marks = [
        [order.index(one.person), _centi(one.at), _centi(one.start), _centi(one.end), one.kind == "conflict",
         (one.kind, one.person, one.at) in chosen, one.words or one.label]
        for one in moments(analysis)
    ]  # fmt: skip
    return {
        "clock": analysis.recording.clock,
        "kind": analysis.recording.kind,
        "end": _centi(end_of(analysis)),
        "size": picture_size(analysis),
        "fps": _fps(analysis),
        "people": people,
        "marks": marks,
        "first": None if first is None else [order.index(first.person), _centi(first.at)],
        "tracks": _tracks(analysis, order),
        "envelope": _envelope(analysis),
        "spaces": [
            {
                "name": TITLES.get(one.name, one.name),
                "kind": one.kind,
                "labels": one.labels,
                "colours": [colour(label) for label in one.labels],
            }
            for one in book.spaces
        ],
        "texts": book.texts.items,
        "cues": book.cues.items,
    }


def as_script(data: dict[str, Any]) -> str:
    """JSON that is safe inside a script element whatever the texts hold: no "<", ">" or "&" is left in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def end_of(analysis: Analysis) -> float:
    """Where the time axis ends: the stated duration, or the last thing read."""
    ends = [affect.span.end for affect in analysis.affects] + [line.end for line in analysis.transcript]
    return max([analysis.recording.duration or 0.0, *ends])


def picture_size(analysis: Analysis) -> list[int] | None:
    """[width, height] of the upright picture, or None."""
    for stream in analysis.recording.streams:
        facts = dict(stream.facts)
        if stream.kind in ("video", "image") and "width" in facts and "height" in facts:
            return [int(facts["width"]), int(facts["height"])]
    return None


def _fps(analysis: Analysis) -> float:
    rates = [dict(stream.facts).get("fps") for stream in analysis.recording.streams if stream.kind == "video"]
    return next((round(float(rate), 3) for rate in rates if rate and float(rate) > 0), 25.0)


def _person(analysis: Analysis, id: str | None, affects: Sequence[Affect], book: _Book) -> dict[str, Any]:
    return {
        "id": id or "",
        "name": person_name(analysis, id),
        "start": [_centi(affect.span.start) for affect in affects],
        "end": [_centi(affect.span.end) for affect in affects],
        "fused": _fused(affects, book),
        "sure": [round(100 * affect.confidence) for affect in affects],
        "clash": [round(100 * affect.conflict.score) for affect in affects],
        "clashWords": [book.texts(_sides(affect.conflict)) for affect in affects],
        "why": [book.texts(affect.insufficient or "") for affect in affects],
        "valence": [_signed(affect.dimensions, "valence") for affect in affects],
        "arousal": [_signed(affect.dimensions, "arousal") for affect in affects],
        "derived": any(affect.dimensions is not None and affect.dimensions.derived for affect in affects),
        "lanes": _lanes(affects, book) + _guests(analysis, affects, book),
    }


def _sides(conflict: Conflict) -> str:
    """Who says what, and whose side the answer took."""
    return f"{conflict.words}; the answer follows {conflict.follows}" if conflict.words else ""


def _fused(affects: Sequence[Affect], book: _Book) -> dict[str, Any]:
    known = next((affect.distribution for affect in affects if affect.distribution is not None), None)
    if known is None:
        return {"space": -1, "p": []}
    return {"space": book.space(known.space), "p": _percent([affect.distribution for affect in affects], known.space)}


def _lanes(affects: Sequence[Affect], book: _Book) -> list[dict[str, Any]]:
    """One lane per modality, and stress on its own whichever sense tells it."""
    lanes = []
    for modality, word in MODALITY.items():
        found = [
            (at, item, weight)
            for at, affect in enumerate(affects)
            for item, weight in zip(affect.evidence, affect.weights, strict=True)
            if item.modality == modality
        ]
        spaces = list(dict.fromkeys(space for _, item, _ in found if (space := _space(item)) is not None))
        for number, space in enumerate(spaces or [None] if found else []):
            # what could not be read has no space: it stands in the modality's first lane
            rows = [row for row in found if _space(row[1]) == space or (number == 0 and row[1].distribution is None)]
            lanes.append(_lane(modality, word, space, rows, book))
    return lanes + _stress_readings(affects, book)


def _guests(analysis: Analysis, affects: Sequence[Affect], book: _Book) -> list[dict[str, Any]]:
    """A lane for each trained system that answered beside."""
    lanes = []
    for guest in analysis.guests:
        rows = [
            (at, item, 0.0) for at, affect in enumerate(affects) for item in affect.beside if item.model == guest.model
        ]
        if rows:
            space = next((found for _, item, _ in rows if (found := _space(item)) is not None), None)
            lanes.append(_lane("guest", "system", space, rows, book))
    return lanes


def _lane(
    modality: str, word: str, space: Space | None, rows: Sequence[tuple[int, Evidence, float]], book: _Book
) -> dict[str, Any]:
    stress = space is not None and space.name == "stress2"
    items = [item for _, item, _ in rows]
    return {
        "modality": modality,
        "word": "stress" if stress else word,
        "stress": stress,
        "guest": modality == "guest",
        "space": -1 if space is None else book.space(space),
        "at": [at for at, _, _ in rows],
        "p": [] if space is None else _percent([item.distribution for item in items], space),
        "quality": [round(100 * item.quality) for item in items],
        "weight": [round(100 * weight) for _, _, weight in rows],
        "why": [book.texts(item.insufficient or "") for item in items],
        "model": [book.texts(item.model) for item in items],
        "cues": [[book.cue(cue) for cue in sorted(item.cues, key=_last)] for item in items],
        "basic": _basic(items, space, book),
        "more": [_readings(item.readings, book) for item in items],
    }


def _basic(items: Sequence[Evidence], space: Space | None, book: _Book) -> dict[str, Any] | None:
    """What a sense with finer labels says in basic7, so that it can stand beside the others."""
    if space is None or space.kind != "multilabel" or not maps(space, BASIC):
        return None
    rows = [basic(item) if item.distribution is not None else None for item in items]
    return {"space": book.space(BASIC), "p": _percent(rows, BASIC)}


def _last(cue: Cue) -> bool:
    """Words that moved an answer are said before facts about the text."""
    return not cue.name.startswith("word ")


def _stress_readings(affects: Sequence[Affect], book: _Book) -> list[dict[str, Any]]:
    """Stress that a sense told beside its own answer, as a lane."""
    rows = [
        (at, Evidence(item.modality, item.span, reading, item.quality, item.model), 0.0)
        for at, affect in enumerate(affects)
        for item in affect.evidence
        for reading in item.readings
        if reading.space.name == "stress2"
    ]
    return [_lane(rows[0][1].modality, "stress", _space(rows[0][1]), rows, book)] if rows else []


def _space(item: Evidence) -> Space | None:
    return item.distribution.space if item.distribution is not None else None


def _readings(readings: Sequence[Distribution], book: _Book) -> list[list[int]]:
    """[space, label, per cent, label, per cent, ...] of each further reading: its strongest labels only."""
    told = []
    for reading in readings:
        if reading.space.name == "stress2":
            continue
        order = np.argsort(-reading.values, kind="stable")[:READINGS]
        pairs = [(int(at), round(100 * float(reading.values[at]))) for at in order if reading.values[at] >= LEAST]
        told.append([book.space(reading.space), *(number for pair in pairs for number in pair)])
    return told


def _tracks(analysis: Analysis, order: Sequence[str | None]) -> list[dict[str, Any]]:
    owner = {track: order.index(person.id) for person in analysis.persons for track in person.faces}
    total = sum(len(track.times) for track in analysis.pictures.tracks)
    step = -(-total // BOXES) if total else 1
    return [_track(track, owner.get(track.id, -1), step) for track in analysis.pictures.tracks if len(track.times)]


def _track(track: FaceTrack, person: int, step: int) -> dict[str, Any]:
    keep = np.unique(np.append(np.arange(0, len(track.times), step), len(track.times) - 1))
    return {
        "person": person,
        "t": [_centi(time) for time in track.times[keep].tolist()],
        "box": np.rint(track.boxes[keep]).astype(int).ravel().tolist(),
    }


def _envelope(analysis: Analysis) -> str:
    """Peaks as base64 of bytes 0 to 255."""
    peaks = np.nan_to_num(analysis.pictures.envelope, nan=0.0).clip(0, 1)
    return base64.b64encode(np.rint(peaks * 255).astype(np.uint8).tobytes()).decode("ascii")


def _percent(rows: Sequence[Distribution | None], space: Space) -> list[int]:
    """Flat per cents of all rows; -1 stands for a whole row without an answer."""
    flat: list[int] = []
    for row in rows:
        flat += [-1] if row is None else np.rint(row.values * 100).astype(int).tolist()
    return flat


def _centi(time: float) -> int:
    return round(time * 100)


def _signed(dimensions: Any, name: str) -> int | None:
    value = getattr(dimensions, name, None)
    return None if value is None else round(100 * value)


def _plain(text: str) -> float | int | str:
    """A number as JSON where that gives the same text back, else the text."""
    value = float(text) if "." in text else int(text) if len(text) < 16 else text
    return value if str(value) == text else text
