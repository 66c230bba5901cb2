"""How far a face reading can be trusted, and when there is none: size, sharpness, light, pose, agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.measure import light
from mien.analysis.senses.model import card

SMALLEST = 14.0
"""Side of the face's box in source pixels below which nothing is read."""
FLATTEST = 3.0
"""Standard deviation of a crop's grey values (of 255) below which there is nothing to see."""
RULED_OUT = 0.005
"""Smallest probability that one look may give when several are averaged."""

# Stated, not learned: FER+ does not say which faces are turned. Index: pose of `FaceCrops`, 0 frontal.
_POSE_WORTH = {0: 1.0, -1: 0.8, 1: 0.8, -2: 0.9, 2: 0.9}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen in one span, one row a look, in time order.

    times (n,) seconds; weight (n,) the crop's quality in [0, 1], at least .02; size (n,) pixels of the box in the
    source; sharpness, light (n,) in [0, 1]; contrast (n,) standard deviation of the greys; pose (n,) as in
    `FaceCrops`; probabilities (n, 8) in the order of ferplus8.
    """

    times: NDArray[np.float64]
    weight: NDArray[np.float64]
    size: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    light: NDArray[np.float64]
    contrast: NDArray[np.float64]
    pose: NDArray[np.int8]
    probabilities: NDArray[np.float64]

    @property
    def share(self) -> NDArray[np.float64]:
        """(n,) the weight of each look in the span's answer; sums to 1."""
        return np.asarray(self.weight / self.weight.sum())

    @property
    def mean(self) -> NDArray[np.float64]:
        """(8,) the span's answer: weighted mean of the logarithms, made to sum to 1.

        With several looks, values below `RULED_OUT` count as that, so that no single look rules an emotion out.
        """
        least = RULED_OUT if len(self.times) > 1 else 1e-9
        power = np.exp(self.share @ np.log(self.probabilities.clip(least, 1.0)))
        return np.asarray(power / power.sum())

    @property
    def agreement(self) -> float:
        """Weighted share of looks whose top label is the span's."""
        return float(self.share @ (self.probabilities.argmax(axis=1) == self.mean.argmax()))

    def take(self, rows: NDArray[np.bool_]) -> Seen:
        """Only those looks."""
        return Seen(
            self.times[rows],
            self.weight[rows],
            self.size[rows],
            self.sharpness[rows],
            self.light[rows],
            self.contrast[rows],
            self.pose[rows],
            self.probabilities[rows],
        )


def lights(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) how well each 64 x 64 crop is lit, in [0, 1]."""
    return np.array([light(crop) for crop in crops], np.float64)


def refusal(seen: Seen) -> str | None:
    """Why there is no answer, in words, or None where there can be one."""
    if not (seen.size >= SMALLEST).any():
        return f"face too small: {seen.size.max():.0f} pixels across, {SMALLEST:.0f} needed"
    if not (seen.contrast >= FLATTEST).any():
        return "nothing to see in the face: the picture is flat there (too dark, washed out or covered)"
    if not readable(seen).any():
        return "the face is too small where it can be seen, and flat where it is large enough"
    return None


def readable(seen: Seen) -> NDArray[np.bool_]:
    """Which looks are large enough and not flat."""
    return (seen.size >= SMALLEST) & (seen.contrast >= FLATTEST)


def quality(seen: Seen) -> float:
    """Quality in [0, 1] of a span's answer.

    The estimated chance that its top label is right (logistic, from the card), less for turned or rolled heads, for
    crops the tracker calls poor (covered, cut by the border), for looks that disagree and for few looks.
    """
    share = seen.share
    size, sharp, lit = (float(share @ values) for values in (seen.size, seen.sharpness, seen.light))
    fit = card("face")["quality"]
    total = fit["bias"] + float(np.dot(fit["weights"], conditions(seen.mean[None], size, sharp, lit)[0]))
    chance = float(1.0 / (1.0 + np.exp(-total)))
    pose = float(share @ np.array([_POSE_WORTH.get(int(p), 0.8) for p in seen.pose]))
    poor = float(np.clip(0.5 + 2.5 * (share @ seen.weight), 0.5, 1.0))
    steady = (0.7 + 0.3 * seen.agreement) * (0.9 + 0.1 * min(len(seen.times), 4) / 4)
    return float(np.clip(chance * pose * poor * steady, 0.0, 1.0))


def conditions(
    probabilities: NDArray[np.float64],
    size: float | NDArray[np.float64],
    sharp: float | NDArray[np.float64],
    lit: float | NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, 5) what the chance is computed from, each about in [0, 1]: top probability, entropy, size, sharpness, light.

    probabilities: (n, 8); size in source pixels (beyond 40 the network sees no more); sharp, lit in [0, 1].
    """
    p = probabilities.clip(1e-9, 1.0)
    entropy = -(p * np.log(p)).sum(axis=1) / np.log(p.shape[1])
    large = np.log2(np.clip(size, 10.0, 40.0) / 10.0) / 2.0
    columns = (p.max(axis=1), entropy, large, sharp, lit)
    return np.stack([np.broadcast_to(column, len(p)) for column in columns], axis=1).astype(np.float64)
