"""The face sense: what a face shows, as a distribution over the eight FER+ expressions, with quality and cues.

A small residual network over 48 x 48 grey faces (trained by recipes/face; weights/face.json is its card). It reads
the crops that were kept while faces were followed; no frame is decoded or searched a second time. Where the user added
them, points of the face give further cues (`face_points`); they change no answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mien.affect.dimensions import derive
from mien.affect.distribution import Distribution
from mien.affect.space import Space, space
from mien.analysis.moments.addface import added_landmarks, landmarks_there
from mien.analysis.moments.landmarks import Landmarks
from mien.analysis.moments.moments import FaceCrops, Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.adapted import Adapted
from mien.analysis.senses.evidence import Cue, Evidence
from mien.analysis.senses.face_cues import cues
from mien.analysis.senses.face_points import SMALLEST, Marks
from mien.analysis.senses.face_quality import Seen, lights, quality, readable, refusal
from mien.analysis.senses.model import network
from mien.errors import InputError, RequestError

MODEL = "face-3"
SIDE = 48
"""Width and height of the faces that the network reads."""
HIDDEN = 192
"""Width of the last hidden layer."""
WINDOW = slice(5, 53), slice(8, 56)
"""Rows and columns of a stored 64 x 64 crop that are framed as FER+ faces are.

Measured with dlib's detector on 390 FER+ faces: the box is 41.5 of 48 pixels wide and 3.5 below the middle; here it is
40 and 3.
"""

_BATCH = 32
_LONGEST = 60.0  # seconds of crops held at once
_NOTHING = np.zeros((0, SIDE, SIDE), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """What the network answers to n faces.

    probabilities: (n, 8) float64 in the order of ferplus8, calibrated, rows sum to 1; hidden: (n, 192) float32, the
    last hidden layer.
    """

    probabilities: NDArray[np.float64]
    hidden: NDArray[np.float32]


def classify(crops: NDArray[np.uint8]) -> FaceReading:
    """Reads faces (n, 48, 48) uint8 grey, each framed from the forehead to the chin, as they are and mirrored.

    Linear changes of brightness and contrast change nothing. RequestError for another shape or type.
    """
    faces = np.asarray(crops)
    if faces.ndim != 3 or faces.shape[1:] != (SIDE, SIDE) or faces.dtype != np.uint8:
        raise RequestError(f"faces must be (n, {SIDE}, {SIDE}) uint8 grey, got {faces.shape} {faces.dtype}")
    answers = [_both_ways(faces[i : i + _BATCH]) for i in range(0, len(faces), _BATCH)]
    logits = np.concatenate([np.zeros((0, 8)), *(answer[0] for answer in answers)]).astype(np.float64)
    hidden = np.concatenate([np.zeros((0, HIDDEN), np.float32), *(answer[1] for answer in answers)])
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    return FaceReading(power / power.sum(axis=1, keepdims=True), hidden.astype(np.float32))


def _both_ways(faces: NDArray[np.uint8]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Mean logits and hidden vectors of the faces and their mirror images."""
    out = network("face").run(faces=np.concatenate([faces, faces[:, :, ::-1]]))
    half = len(faces)
    logits, hidden = out["logits"], out["hidden"]
    return (logits[:half] + logits[half:]) / 2, (hidden[:half] + hidden[half:]) / 2


class FaceSense:
    """Reads what faces show. A `Sense` with the modality `face` and the space `ferplus8`.

    adapted: a last layer fitted to a person's own clips (`mien adapt`), or None.
    """

    modalities: frozenset[str] = frozenset({"face"})
    model: str = MODEL

    def __init__(self, adapted: Adapted | None = None) -> None:
        self._adapted = adapted

    @property
    def space(self) -> Space:
        """ferplus8: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt."""
        return space("ferplus8")

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """Evidence for each span in which its person's face was seen, in the order of the spans.

        Faces that are too small or flat give evidence with a reason and no distribution.
        """
        marks = _marks(moments, spans)
        for span in spans:
            parts = [_look(crops, self._adapted) for crops in _crops(moments, span)]
            if parts:
                further = marks[span.person].cues(span.start, span.end) if span.person in marks else ()
                yield _evidence(span, _joined(parts), further)


def _marks(moments: Moments, spans: Sequence[Span]) -> dict[str | None, Marks]:
    """What the points of each person's faces measure over all spans; nothing where no points were added."""
    if not landmarks_there():
        return {}
    try:
        landmarks = Landmarks(*added_landmarks())
    except InputError as error:
        moments.recording.warn("face-points-broken", f"{error}; no points of faces were told")
        return {}
    found = {}
    for person in {span.person: None for span in spans}:
        own = [span for span in spans if span.person == person]
        whole = Span(min(span.start for span in own), max(span.end for span in own), person)
        parts = [_mark(crops, landmarks) for crops in _crops(moments, whole)]
        if parts:
            found[person] = Marks.joined(parts)
    return found


def _mark(crops: FaceCrops, landmarks: Landmarks) -> Marks:
    size = crops.size.astype(np.float64)
    return Marks.of(crops.times, size, landmarks.find(crops.images[size >= SMALLEST]))


def _crops(moments: Moments, span: Span) -> Iterator[FaceCrops]:
    """The crops of a span, at most `_LONGEST` seconds at a time."""
    pieces = max(1, math.ceil(span.duration / _LONGEST))
    edges = np.linspace(span.start, span.end, pieces + 1)
    for start, end in pairwise(edges):
        found = moments.faces(Span(float(start), float(end), span.person))
        if found is not None:
            yield found


def _look(crops: FaceCrops, adapted: Adapted | None = None) -> Seen:
    """Measures and classifies crops; only numbers are kept."""
    faces = np.ascontiguousarray(crops.images[:, *WINDOW]) if len(crops) else _NOTHING
    reading = classify(faces)
    return Seen(
        np.asarray(crops.times, np.float64),
        np.clip(crops.quality, 0.02, 1.0).astype(np.float64),
        np.asarray(crops.size, np.float64),
        np.asarray(crops.sharpness, np.float64),
        lights(crops.images),
        faces.astype(np.float32).std(axis=(1, 2)).astype(np.float64),
        np.asarray(crops.pose, np.int8),
        adapted.apply(reading.probabilities, reading.hidden) if adapted else reading.probabilities,
    )


def _joined(parts: Sequence[Seen]) -> Seen:
    """The parts of one span as one."""
    if len(parts) == 1:
        return parts[0]
    return Seen(*(np.concatenate([getattr(part, name) for part in parts]) for name in Seen.__slots__))


def _evidence(span: Span, seen: Seen, further: tuple[Cue, ...] = ()) -> Evidence:
    """Evidence from all looks of a span: logarithms of the answers averaged by the quality of the crops.

    further: cues beside those of the answer.
    """
    reason = refusal(seen)
    if reason is not None:
        return Evidence("face", span, None, 0.0, MODEL, insufficient=reason)
    seen = seen.take(readable(seen))
    distribution = Distribution.of("ferplus8", seen.mean)
    told = (*cues(seen), *further)
    return Evidence("face", span, distribution, quality(seen), MODEL, dimensions=derive(distribution), cues=told)
