"""Which tracks show clearly the same face."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from mien.analysis.moments.appearance import alike
from mien.analysis.moments.moments import FaceTrack

SAME = 0.6
"""Likeness from which two tracks are one face (benchmarks/faces.py measures it on same and other faces)."""
RECENT = 200
"""How many tracks back a face is looked for, so that a long film takes no longer a minute than a short one."""


def same_faces(tracks: Sequence[FaceTrack]) -> list[list[FaceTrack]]:
    """Groups of tracks of one face, in order of first appearance; two faces seen at one time are never one.

    In doubt a track stays alone: one person in two pieces does less harm than two persons in one.
    """
    groups: list[list[FaceTrack]] = []
    ends: list[float] = []
    recent: deque[tuple[int, FaceTrack]] = deque(maxlen=RECENT)
    for track in sorted(tracks, key=lambda one: (one.start, one.id)):
        free = [(alike(track.look, other.look), -group) for group, other in recent if ends[group] < track.start]
        worth, place = max(free, default=(0.0, 0))
        group = -place if worth >= SAME else len(groups)
        if group == len(groups):
            groups.append([])
            ends.append(track.end)
        groups[group].append(track)
        ends[group] = max(ends[group], track.end)
        recent.append((group, track))
    return groups
