"""Cues of a face: what was seen, said so that a person can check it by looking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.analysis.senses.evidence import Cue
from mien.analysis.senses.face_quality import Seen

CHANGE = 0.4
"""Rise or fall of a probability inside a span that is worth telling."""
_POSE = {-1: "turned to the left", 1: "turned to the right", -2: "rolled to the left", 2: "rolled to the right"}


def cues(seen: Seen) -> tuple[Cue, ...]:
    """How steady the expression was, how it changed, how large, sharp and straight the face was."""
    found = [_steady(seen), change(seen.times, seen.probabilities), _size(seen), _sharpness(seen), _pose(seen)]
    return tuple(cue for cue in found if cue is not None)


def change(times: NDArray[np.float64], probabilities: NDArray[np.float64]) -> Cue | None:
    """The largest rise or fall of one emotion in time order, None below `CHANGE` or with fewer than four looks.

    Single odd looks are smoothed away (median of three). Neutral is told only through the emotion that it left or
    became.
    """
    if len(times) < 4:
        return None
    padded = np.concatenate([probabilities[:1], probabilities, probabilities[-1:]])
    p = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)[:, 1:]
    rise = p - np.minimum.accumulate(p, axis=0)
    fall = np.maximum.accumulate(p, axis=0) - p
    up = bool(rise.max() >= fall.max())
    step = rise if up else fall
    end, label = (int(i) for i in np.unravel_index(int(step.argmax()), step.shape))
    if step[end, label] < CHANGE:
        return None
    course = p[: end + 1, label]
    before = float(course.min() if up else course.max())
    after = float(course[end])
    start = int(np.flatnonzero(course == before)[-1])
    half = (before + after) / 2
    crossed = course[start:] >= half if up else course[start:] <= half
    at = float(times[start + int(np.argmax(crossed))])
    name = space("ferplus8").labels[label + 1]
    word = "rose" if up else "fell"
    text = f"{name} {word} from {before:.2f} to {after:.2f} at {at:.1f} s"
    return Cue(f"{name} change", round(after - before, 3), "probability", text)


def _steady(seen: Seen) -> Cue:
    name = space("ferplus8").labels[int(seen.mean.argmax())]
    looks = len(seen.times)
    if looks == 1:
        return Cue("agreement", 1.0, "share", f"{name} in the one look")
    hits = int((seen.probabilities.argmax(axis=1) == seen.mean.argmax()).sum())
    text = f"{name} in {hits} of {looks} looks"
    return Cue("agreement", round(hits / looks, 3), "share", text)


def _size(seen: Seen) -> Cue:
    across = float(np.median(seen.size))
    return Cue("face size", round(across, 1), "px", f"face {across:.0f} pixels across")


def _sharpness(seen: Seen) -> Cue:
    value = float(np.median(seen.sharpness))
    word = "sharp" if value >= 0.5 else "soft" if value >= 0.25 else "blurred"
    return Cue("sharpness", round(value, 3), "of 1", f"{word} picture of the face (sharpness {value:.2f} of 1)")


def _pose(seen: Seen) -> Cue | None:
    pose, count = max(((p, int((seen.pose == p).sum())) for p in _POSE), key=lambda pair: pair[1])
    share = count / len(seen.pose)
    if share < 0.5:
        return None
    return Cue("pose", _POSE[pose], "", f"head {_POSE[pose]} in {count} of {len(seen.pose)} looks")
