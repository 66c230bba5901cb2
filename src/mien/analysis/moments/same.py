"""Which tracks show clearly the same face."""

from __future__ import annotations

from collections.abc import Sequence

from mien.analysis.moments.appearance import alike
from mien.analysis.moments.moments import FaceTrack

SAME = 0.6
"""Likeness from which two tracks are one face (benchmarks/faces.py measures it on same and other faces)."""


def same_faces(tracks: Sequence[FaceTrack]) -> list[list[FaceTrack]]:
    """Groups of tracks of one face, in order of first appearance; two faces seen at one time are never one.

    In doubt a track stays alone: one person in two pieces does less harm than two persons in one.
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
    return max(alike(track.look, other.look) for other in group)
