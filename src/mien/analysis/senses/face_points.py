"""Cues from points of a face: how open, high and wide its parts are, told in distances between the eyes.

They are geometry, like an action unit at most: no coder looked, and none of them is a verdict. What each is worth on
real faces, and what failed: recipes/face/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.landmarks import EYES, Points
from mien.analysis.senses.evidence import Cue

Array = NDArray[np.float64]

SMALLEST = 28.0
"""Side of the face's box in source pixels below which no point is told (at 24 the cues still tell, at 20 they fade)."""
TURNED = 30.0
"""Degrees to a side beyond which no point is told: half of the mouth is guessed there."""
ENOUGH = 40
"""Looks at a person (8 s at five a second) that make "usual for this person"; a span holds half of them at most."""
CLOSED = 0.15
"""Opening of the eyes, in widths of the eye, below which they count as closed."""
_SURE = 0.5

_NOSE, _UPPER, _LOWER = 2, 13, 14
_CORNERS = (61, 291)
_GAPS = ((82, 87), (13, 14), (312, 317))
_BROWS = np.array([(105, 334), (66, 296), (63, 293), (52, 282), (65, 295), (53, 283)])
_UNDER, _OVER, _OUTER, _INNER = [3, 4, 5], [11, 12, 13], 0, 8


@dataclass(frozen=True, slots=True)
class _Part:
    """One measure in words. low, high: what 5 and 95 of 100 neutral faces stay under; spread: their deviation (FER+
    Training, recipes/face/points.py); like: the action unit of more and of less, "" where real faces do not bear it
    out."""

    name: str
    plain: str
    noun: str
    more: str
    less: str
    low: float
    high: float
    spread: float
    like: tuple[str, str]
    unit: str = "eye distances"


# Brows have no limits: at rest they differ among people as much as one person moves them.
_PARTS = (
    _Part("mouth opening", "lips {} apart", "mouth", "wider open", "less open", 0.01, 0.10, 0.03, ("AU 25/26", "")),
    _Part("lip corners", "lip corners {} above the mouth's middle", "lip corners", "higher", "lower",
          0.02, 0.08, 0.02, ("AU 12", "")),
    _Part("mouth width", "mouth {} wide", "mouth", "wider", "narrower", 0.67, 0.86, 0.06, ("AU 12 or 20", "")),
    _Part("brows", "brows {} above the eyes", "brows", "higher", "lower", -np.inf, np.inf, 0.04, ("AU 1/2", "AU 4")),
    _Part("eye opening", "eyes {} open", "eyes", "wider open", "less open",
          0.22, 0.40, 0.06, ("AU 5", ""), "eye widths"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What the points of one person's faces measure over a recording, one row a look in time order.

    times (n,) seconds; values (n, 5), see `measured`, NaN where withheld; size (n,) pixels of the box; turn (n,)
    degrees.
    """

    times: Array
    values: Array
    size: Array
    turn: Array

    @classmethod
    def of(cls, times: Array, size: Array, points: Points) -> Marks:
        """times, size (n,): of all looks; points: of those that are at least `SMALLEST`, the others are withheld."""
        large = size >= SMALLEST
        values, turn = np.full((len(size), 5), np.nan), np.full(len(size), np.nan)
        turn[large] = turned(points)
        values[large] = measured(points)
        values[large & ~(np.abs(turn) <= TURNED)] = np.nan
        values[np.flatnonzero(large)[points.sure < _SURE]] = np.nan
        return cls(times, values, size, turn)

    @classmethod
    def joined(cls, parts: Sequence[Marks]) -> Marks:
        """Parts in time order as one."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))

    def cues(self, start: float, end: float) -> tuple[Cue, ...]:
        """Those of the looks with start <= time < end (or time == start), or one that says why there are none."""
        here = (self.times >= start) & ((self.times < end) | (self.times == start))
        told = here & np.isfinite(self.values[:, 0])
        if not told.any():
            return _withheld(self.size[here], self.turn[here])
        known = int(np.isfinite(self.values[:, 0]).sum())
        own = known >= ENOUGH and 2 * told.sum() <= known
        usual = np.nanmedian(self.values, axis=0) if own else None
        middle = np.median(self.values[told], axis=0)
        parts = [
            _absolute(part, middle[at]) if usual is None else _against(part, middle[at] - usual[at])
            for at, part in enumerate(_PARTS)
        ]
        parts.sort(key=lambda cue: " than " not in cue.text)  # what is out of the ordinary first
        return (*parts, _eyes(self.values[told, 4]))


def measured(points: Points) -> Array:
    """(n, 5): mouth opening, height of the lip corners over the mouth's middle, mouth width, height of the brows over
    the eyes, all in distances between the eyes; opening of the eyes in widths of the eye.

    Roll, size and place change nothing. Distances are taken in space, so that a turned head counts little; heights,
    along a line halfway between the picture's and the nose's own: the mesh overrates how far a head nods (chosen on
    FER+ Training, recipes/face/README.md).
    """
    face = _upright(points.mesh)
    gap = np.mean([np.linalg.norm(face[:, a] - face[:, b], axis=1) for a, b in _GAPS], axis=0)
    width = np.linalg.norm(face[:, _CORNERS[0]] - face[:, _CORNERS[1]], axis=1)
    sides = by_side(points).mean(axis=2)
    return np.stack([gap, sides[:, 0], width, sides[:, 1], sides[:, 2]], axis=1)


def by_side(points: Points) -> Array:
    """(n, 3, 2): lip corner, brow, eye opening of the side left in the picture, then of the right; see `measured`."""
    face = _upright(points.mesh)
    middle = (face[:, _UPPER, 1] + face[:, _LOWER, 1]) / 2
    corners = middle[:, None] - face[:, _CORNERS, 1]
    brows = -face[:, _BROWS, 1].mean(axis=1)
    eyes = points.eyes
    lids = np.linalg.norm(eyes[:, :, _UNDER].mean(axis=2) - eyes[:, :, _OVER].mean(axis=2), axis=2)
    ends = np.linalg.norm(eyes[:, :, _OUTER] - eyes[:, :, _INNER], axis=2)
    return np.stack([corners, brows, lids / np.maximum(ends, 1e-6)], axis=1)


def turned(points: Points) -> Array:
    """(n,) degrees by which a head is turned aside, by the mesh; above 0 the eye right in the picture is farther."""
    left, right = _eyes_of(points.mesh)
    line = right - left
    return np.asarray(np.degrees(np.arctan2(-line[:, 2], np.hypot(line[:, 0], line[:, 1]))))


def _eyes_of(mesh: Array) -> tuple[Array, Array]:
    left, right = (mesh[:, corners].mean(axis=1) for corners in EYES)
    return left, right


def _upright(mesh: Array) -> Array:
    """The points (n, 468, 3) with the eyes level, their middle at 0 and their distance 1."""
    left, right = _eyes_of(mesh)
    middle, line = (left + right) / 2, right - left
    apart = np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-6)
    across = line / apart
    flat = np.stack([-across[:, 1], across[:, 0], np.zeros(len(mesh))], axis=1)
    down = _unit(_unit(mesh[:, _NOSE] - middle) + _unit(flat))
    down = _unit(down - (down * across).sum(axis=1, keepdims=True) * across)
    axes = np.stack([across, down, np.cross(across, down)], axis=1)
    return np.asarray(np.einsum("npk,nak->npa", mesh - middle[:, None], axes) / apart[:, None])


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def _absolute(part: _Part, value: float) -> Cue:
    text = part.plain.format(f"{value:.2f} {part.unit}")
    if value > part.high:
        text += f", more than most neutral faces{_like(part.like[0])}"
    elif value < part.low:
        text += f", less than most neutral faces{_like(part.like[1])}"
    return Cue(part.name, round(value, 3), part.unit, text)


def _against(part: _Part, away: float) -> Cue:
    if abs(away) < part.spread:
        text = f"{part.name} as usual"
    else:
        word, like = (part.more, part.like[0]) if away > 0 else (part.less, part.like[1])
        text = f"{part.noun} {word} than usual for this person by {abs(away):.2f} {part.unit}{_like(like)}"
    return Cue(part.name, round(away, 3), f"{part.unit} from usual", text)


def _like(unit: str) -> str:
    return f" (like {unit})" if unit else ""


def _eyes(opening: Array) -> Cue:
    closed, looks = int((opening < CLOSED).sum()), len(opening)
    if looks == 1:
        text = "eyes closed in the one look (like AU 43/45)" if closed else "eyes open in the one look"
    else:
        text = (
            f"eyes closed in {closed} of {looks} looks (like AU 43/45)" if closed else f"eyes open in all {looks} looks"
        )
    return Cue("eyes closed", round(closed / looks, 3), "share", text)


def _withheld(size: Array, turn: Array) -> tuple[Cue, ...]:
    """Why no point is told; nothing where there was no look."""
    if not len(size):
        return ()
    if size.max() < SMALLEST:
        why = f"the face is {size.max():.0f} pixels across, {SMALLEST:.0f} needed"
    elif np.nanmin(np.abs(turn)) > TURNED:
        why = f"the head is turned aside by more than {TURNED:.0f} degrees"
    else:
        why = "they do not lie on a face for sure"
    return (Cue("face points", "withheld", "", f"points of the face withheld: {why}"),)
