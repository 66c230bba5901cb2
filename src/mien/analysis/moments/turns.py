"""Who speaks when: pieces of speech to turns of voices.

One emotional speaker taken for two is worse than two taken for one: where the material does not tell, the answer is
one voice, unsure. The bounds below were chosen on speakers that the embedding never heard (`recipes/voice`, the
development part); `benchmarks/voices.py` measures them on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Caption, Notice
from mien.analysis.moments.cluster import Voices, group, mean_cosines
from mien.analysis.moments.span import Turn
from mien.analysis.moments.spans import merge
from mien.analysis.moments.windows import Piece

JOIN = 0.5
"""Seconds: turns of one voice this near are one turn."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When two groups of pieces are two voices.

    same: nearness (see `cluster.nearness`) above which they are one; unsure: the zone under it in which the answer is
    "unsure"; telling: seconds a piece needs to found a group (a shorter one joins the nearest); spoken: seconds a
    voice must have spoken.
    """

    same: float = 0.34
    unsure: float = 0.06
    telling: float = 1.0
    spoken: float = 2.0


BOUNDS = Bounds()
"""Chosen on the development speakers (`recipes/voice/bounds.py`)."""
SPREAD = 0.08
"""Cosine by which a piece must be nearer to one voice than to the next for a certainty of 0.73."""


@dataclass(frozen=True, slots=True)
class Said:
    """turns in time order; notices: whether the number of voices is unsure."""

    turns: tuple[Turn, ...]
    notices: tuple[Notice, ...] = ()


def turns_of(pieces: Sequence[Piece], bounds: Bounds = BOUNDS) -> Said:
    """Turns of voices V1, V2, ... (V1 speaks first) from pieces in time order."""
    if not pieces:
        return Said(())
    voices, doubt = _voices(pieces, bounds)
    if voices is None or doubt is not None:
        sure = 1.0 - (doubt or 0.0)
        notices = () if doubt is None else (Notice("voices-unsure", _UNSURE),)
        return Said(_joined([Turn(piece.start, piece.end, "V1", sure) for piece in pieces]), notices)
    labels, certainty = _placed(pieces, voices)
    names = {label: f"V{n}" for n, label in enumerate(dict.fromkeys(labels), 1)}
    found = zip(pieces, labels, certainty, strict=True)
    return Said(_joined([Turn(piece.start, piece.end, names[label], sure) for piece, label, sure in found]))


def followed(speech: Sequence[tuple[float, float]], named: Sequence[Caption]) -> Said:
    """Turns after lines that name their speaker (a transcript, RTTM): these win over how the voices sound.

    A line's turn is the speech inside it, or the whole line where too little was heard; speech outside all named
    lines is a turn of an unknown voice (None). V1 is the first named.
    """
    lines = sorted((line for line in named if line.speaker and line.end > line.start), key=lambda line: line.start)
    names = {name: f"V{n}" for n, name in enumerate(dict.fromkeys(line.speaker for line in lines), 1)}
    turns = []
    for line in lines:
        heard = [(max(s, line.start), min(e, line.end)) for s, e in speech if s < line.end and e > line.start]
        if sum(e - s for s, e in heard) < 0.3 * (line.end - line.start):
            heard = [(line.start, line.end)]
        turns += [Turn(s, e, names[line.speaker], 1.0) for s, e in heard]
    covered = merge([(line.start, line.end) for line in lines], 0.0)
    turns += [Turn(s, e, None, 0.0) for s, e in _outside(speech, covered) if e - s >= 0.2]
    return Said(_joined(turns))


_UNSURE = (
    "one or more voices, unsure: all speech is shown as one voice; a transcript that names its speakers settles it"
)


def _voices(pieces: Sequence[Piece], bounds: Bounds) -> tuple[Voices | None, float | None]:
    """(the voices, or None for a single one; how much of a doubt there is that it is a single one, None for none)."""
    telling = [piece for piece in pieces if piece.vector is not None and piece.duration >= bounds.telling]
    if len(telling) < 2:
        return None, None
    weights = np.array([piece.duration for piece in telling])
    sums = np.stack([_vector(piece) for piece in telling]) * weights[:, None]
    groups = group(sums, weights, bounds.same)
    large = groups.weights >= bounds.spoken
    if large.sum() < 2:
        return None, None
    voices = Voices(groups.sums[large], groups.weights[large])
    # The two least alike voices decide: if not even they are clearly two people, there may be one.
    apart = bounds.same - float(voices.near().min())
    if apart < bounds.unsure:
        return voices, 0.25 + 0.25 * apart / bounds.unsure
    return voices, None


def _placed(pieces: Sequence[Piece], voices: Voices) -> tuple[list[int], list[float]]:
    """Index of a voice and certainty in [0, 1] for each piece; one too short to tell goes with its neighbour."""
    known = [i for i, piece in enumerate(pieces) if piece.vector is not None]
    vectors = np.stack([_vector(pieces[i]) for i in known])
    alike = mean_cosines(vectors, np.ones(len(known)), voices.sums, voices.weights)
    best = alike.argmax(axis=1)
    ranked = np.sort(alike, axis=1)
    sure = 1.0 / (1.0 + np.exp(-(ranked[:, -1] - ranked[:, -2]) / SPREAD))
    middles = np.array([(pieces[i].start + pieces[i].end) / 2 for i in known])
    labels, certainty = [], []
    for i, piece in enumerate(pieces):
        near = int(np.abs(middles - (piece.start + piece.end) / 2).argmin())
        labels.append(int(best[near]))
        certainty.append(float(sure[near]) * (1.0 if known[near] == i else 0.5))
    return labels, certainty


def _vector(piece: Piece) -> NDArray[np.float64]:
    assert piece.vector is not None
    return piece.vector.astype(np.float64)


def _joined(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns in time order; those of one voice with no other in between and at most JOIN apart made one."""
    joined: list[Turn] = []
    for turn in sorted(turns):
        last = joined[-1] if joined else None
        if last and last.voice == turn.voice and turn.start <= last.end + JOIN:
            spoken = [last.end - last.start, max(turn.end - turn.start, 1e-3)]
            sure = float(np.average([last.certainty, turn.certainty], weights=spoken))
            joined[-1] = Turn(last.start, max(last.end, turn.end), last.voice, sure)
        else:
            joined.append(turn)
    return tuple(joined)


def _outside(
    speech: Sequence[tuple[float, float]], covered: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    left = list(speech)
    for start, end in covered:
        left = [part for s, e in left for part in ((s, min(e, start)), (max(s, end), e)) if part[1] > part[0]]
    return left
