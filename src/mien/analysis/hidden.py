"""What the voice or the face answers to labelled clips, with its last hidden vector: the material of `mien adapt`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space, space
from mien.analysis.labelled import Clip
from mien.analysis.media.reader import open_recording
from mien.analysis.media.sound import RATE
from mien.analysis.moments.compose import compose
from mien.analysis.moments.span import Span
from mien.errors import MienError, RequestError

Array = NDArray[np.float64]
SPACES = {"audio": "basic7", "face": "ferplus8"}
"""The space in which each sense that can be adapted answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the sense says of the clips that it answers: probabilities (n, k), hidden (n, d), truth (n,), groups (n,).

    skipped: (clip, why) for the others.
    """

    probabilities: Array
    hidden: Array
    truth: NDArray[np.int64]
    groups: NDArray[np.int64]
    skipped: tuple[tuple[Clip, str], ...]


def listen(clips: Sequence[Clip], progress: Callable[[str], None] | None = None) -> Material:
    """What the voice says in each clip, heard as a whole."""
    from mien.analysis.senses.speech import classify

    def read(clip: Clip) -> tuple[Array, Array]:
        sound = np.concatenate(
            [np.zeros(0, np.float32), *(block.samples for block in open_recording(str(clip.path)).audio(RATE))]
        )
        start = round((clip.start or 0.0) * RATE)
        part = sound[start : len(sound) if clip.end is None else round(clip.end * RATE)]
        reading = classify([part])
        return reading.probabilities[0], reading.hidden[0].astype(np.float64)

    return _material(clips, read, space(SPACES["audio"]), progress)


def look(clips: Sequence[Clip], progress: Callable[[str], None] | None = None) -> Material:
    """What the face shows in each clip: of the person seen longest, the looks averaged by their quality."""
    from mien.analysis.senses.face import WINDOW, classify

    def read(clip: Clip) -> tuple[Array, Array]:
        recording = open_recording(str(clip.path))
        moments = compose(
            recording, modalities=("face",), fps=5.0, language=None, asr="", progress=lambda step, share: None
        )
        try:
            end = clip.end if clip.end is not None else (recording.duration or 0.0) + 1.0
            spans = [Span(clip.start or 0.0, end, person.id) for person in moments.persons]
            crops = max(filter(None, map(moments.faces, spans)), key=len, default=None)
            if crops is None:
                raise RequestError("no face was seen")
            reading = classify(np.ascontiguousarray(crops.images[:, *WINDOW]))
            share = np.clip(crops.quality, 0.02, 1.0).astype(np.float64)
            share /= share.sum()
            power = np.exp(share @ np.log(reading.probabilities.clip(1e-9)))
            return power / power.sum(), share @ reading.hidden.astype(np.float64)
        finally:
            if moments.store is not None:
                moments.store.close()
            recording.close()

    return _material(clips, read, space(SPACES["face"]), progress)


def _material(
    clips: Sequence[Clip],
    read: Callable[[Clip], tuple[Array, Array]],
    goal: Space,
    progress: Callable[[str], None] | None,
) -> Material:
    found: list[tuple[Clip, Array, Array]] = []
    skipped = []
    for clip in clips:
        try:
            found.append((clip, *read(clip)))
        except MienError as error:
            skipped.append((clip, str(error)))
        if progress:
            progress(str(clip.path))
    names: dict[str, int] = {}
    for row, (clip, _, _) in enumerate(found):
        names.setdefault(clip.group or f"clip {row}", len(names))
    groups = [names[clip.group or f"clip {row}"] for row, (clip, _, _) in enumerate(found)]
    wide = len(found[0][2]) if found else 0
    return Material(
        np.array([p for _, p, _ in found]).reshape(-1, len(goal.labels)),
        np.array([h for _, _, h in found]).reshape(-1, wide),
        np.array([goal.index(clip.label) for clip, _, _ in found], int),
        np.array(groups, int),
        tuple(skipped),
    )
