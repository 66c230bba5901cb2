"""Which tracks show clearly the same face."""

from __future__ import annotations

from collections.abc import Sequence

from mien.analysis.moments.appearance import alike
from mien.analysis.moments.moments import FaceTrack

SAME = 0.80
"""Similarity of two looks from which they are one face (benchmarks/faces.py measures same and other faces)."""


def same_faces(tracks: Sequence[FaceTrack]) -> list[list[FaceTrack]]:
    """Groups of tracks of one face, in order of first appearance; two faces seen at one time are never one.

    A track joins a group only when it is alike to most of it, so that a chain of weak likenesses joins nothing.
    """
    groups: list[list[FaceTrack]] = []
    for track in sorted(tracks, key=lambda one: (one.start, one.id)):
        worth = [_likeness(track, group) for group in groups]
        best = max(range(len(groups)), key=lambda index: worth[index], default=None)
        if best is not None and worth[best] >= SAME:
            groups[best].append(track)
        else:
            groups.append([track])
    return groups


def _likeness(track: FaceTrack, group: list[FaceTrack]) -> float:
    if any(track.start <= other.end and other.start <= track.end for other in group):
        return 0.0
    values = sorted(alike(track.look, other.look) for other in group)
    return values[len(values) // 2]
