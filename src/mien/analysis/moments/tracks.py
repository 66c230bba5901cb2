"""Following faces through a recording: stable ids inside a scene, bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Frame
from mien.analysis.moments.appearance import appearance, correlation, jpeg, patch
from mien.analysis.moments.boxes import as_boxes, assign, inside, iou, side
from mien.analysis.moments.crops import SIDE, CropSpool, cut_out
from mien.analysis.moments.detect import FaceDetector, Found
from mien.analysis.moments.measure import followed, light, mouth_movement, quality, sharpness
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.scenes import is_cut, thumbnail
from mien.analysis.moments.search import Schedule

FORGET = 1.5
"""Seconds a face may be out of sight and still be the same track."""
FEWEST = 3
"""Observations that make a track: one or two are taken for a mistake of the detector."""
_FOLLOW, _PLAIN, _LATELY, _TRUST = 0.25, 0.3, 0.65, 0.65
_LOOKS = 4
_LONGEST, _LONGEST_STILL = 1280, 2560  # pixels of the longer side that are looked at


@dataclass(slots=True)
class _Track:
    """A face being followed; the box is in pixels of the working picture."""

    key: str
    box: NDArray[np.float64]
    crop: NDArray[np.uint8]
    last: float
    checked: float = -np.inf
    score: float = 0.0
    surest: float = 0.0
    pose: int = 0
    best: float = -1.0
    shot: float = -np.inf
    thumb: bytes = b""
    looks: list[NDArray[np.float16]] = field(default_factory=list)
    times: array[float] = field(default_factory=lambda: array("d"))
    boxes: array[float] = field(default_factory=lambda: array("f"))
    quality: array[float] = field(default_factory=lambda: array("f"))
    mouth: array[float] = field(default_factory=lambda: array("f"))


class Tracker:
    """Takes pictures in time order, gives tracks at the end.

    Known faces are looked for about where they were; the whole picture is searched as `Schedule` allows. A scene cut
    ends all tracks: the same face after it is a new track (`persons.join` says which tracks are one person). A face
    that comes back within 1.5 s at about its old place goes on as the same track.
    """

    def __init__(self, detector: FaceDetector, spool: CropSpool, *, still: bool = False) -> None:
        self._detector, self._spool, self._still = detector, spool, still
        self._schedule = Schedule()
        self._live: list[_Track] = []
        self._all: list[_Track] = []
        self._thumb: NDArray[np.float32] | None = None
        self._grey: NDArray[np.uint8] | None = None
        self._time = -np.inf
        self._seen = self._count = 0

    def add(self, frame: Frame) -> None:
        """Look at the next picture."""
        self._seen += 1
        width, height = frame.size
        shrink = min(1.0, (_LONGEST_STILL if self._still else _LONGEST) / max(width, height))
        grey = frame.grey(max(1, round(width * shrink)))
        thumb = thumbnail(grey)
        cut = self._thumb is None or is_cut(self._thumb, thumb)
        self._thumb = thumb
        self._forget(lambda track: cut or frame.time - track.last > FORGET)
        found = self._followed(grey, frame.time)
        pairs = self._paired(grey, found, self._live)
        lost = len(pairs) < len(self._live)
        known = np.array([track.box for track in self._live], np.float64).reshape(-1, 4)
        size = (grey.shape[1], grey.shape[0])
        effort = self._schedule.effort(frame.time, thumb, known, size, cut=cut, lost=lost)
        if effort is not None:
            found = found.joined(self._searched(grey, effort))
            pairs = self._paired(grey, found, self._live)
        self._keep(frame, grey, found, pairs, fresh=effort is not None)
        self._grey, self._time = grey, frame.time

    def tracks(self) -> tuple[FaceTrack, ...]:
        """The tracks in order of first appearance; those too short or never sure are dropped, the spool follows."""
        least = min(FEWEST, self._seen)
        kept = [track for track in self._all if len(track.times) >= least and track.surest >= _PLAIN]
        kept.sort(key=lambda track: (track.times[0], track.boxes[0]))
        names = {track.key: f"F{number}" for number, track in enumerate(kept, 1)}
        self._spool.rename(names)
        return tuple(_finished(track, names[track.key]) for track in kept)

    def _forget(self, gone: Callable[[_Track], bool]) -> None:
        """Let go of faces; of those seen too briefly nothing is kept."""
        for track in [one for one in self._live if gone(one)]:
            self._live.remove(track)
            if len(track.times) < min(FEWEST, self._seen - 1):
                self._all.remove(track)
                self._spool.forget(track.key)

    def _followed(self, grey: NDArray[np.uint8], time: float) -> Found:
        found = Found()
        for track in self._live:
            hit = self._unchanged(grey, time, track)
            if hit is None:
                hit = self._detector.find(grey, near=track.box)
                track.checked = time
            found = found.joined(hit)
        return found

    def _unchanged(self, grey: NDArray[np.uint8], time: float, track: _Track) -> Found | None:
        """The face where it was or a little aside, without a detection: at most so often after the last one."""
        if time - track.checked > _TRUST or track.last < self._time - 1e-6:
            return None
        moved = followed(cut_out(grey, track.box), track.crop)
        if moved is None:
            return None
        pixel = side(track.box) * 1.6 / SIDE
        box = track.box + np.array([*moved, *moved]) * pixel
        return Found(as_boxes(box), np.array([track.score], np.float32), np.array([track.pose], np.int8))

    def _searched(self, grey: NDArray[np.uint8], effort: int) -> Found:
        found = self._detector.find(grey, effort=effort)
        return found.joined(self._detector.find(grey, effort=2)) if self._still else found

    def _paired(self, grey: NDArray[np.uint8], found: Found, tracks: list[_Track]) -> list[tuple[int, int]]:
        """(track, face) pairs: by overlap, by looks too where a face could be either of two."""
        if not tracks or not len(found):
            return []
        worth = np.array([[_nearness(track.box, box) for box in found.boxes] for track in tracks])
        possible = worth > 0
        for row, column in np.argwhere(possible):
            if possible[row].sum() > 1 or possible[:, column].sum() > 1:
                worth[row, column] += 0.5 * correlation(tracks[row].crop, cut_out(grey, found.boxes[column]))
        return assign(np.where(possible, worth, -np.inf), -1.0)

    def _keep(
        self, frame: Frame, grey: NDArray[np.uint8], found: Found, pairs: list[tuple[int, int]], *, fresh: bool
    ) -> None:
        owner = {column: self._live[row] for row, column in pairs}
        scale = frame.size[0] / grey.shape[1]
        before = frame.before.grey(grey.shape[1]) if frame.before is not None and len(found) else None
        for column in range(len(found)):
            track = owner.get(column)
            score, pose, box = (
                float(found.scores[column]),
                int(found.pose[column]),
                found.boxes[column].astype(np.float64),
            )
            if track is None:
                if not fresh or score < 0:
                    continue
                self._count += 1
                track = _Track(f"t{self._count}", box, np.zeros((64, 64), np.uint8), frame.time)
                self._all.append(track)
                self._live.append(track)
            else:
                box = _steadied(track.box, box)
            self._observe(track, frame, grey, before, box, score, pose, scale)

    def _observe(
        self,
        track: _Track,
        frame: Frame,
        grey: NDArray[np.uint8],
        before: NDArray[np.uint8] | None,
        box: NDArray[np.float64],
        score: float,
        pose: int,
        scale: float,
    ) -> None:
        crop = cut_out(grey, box)
        sharp, size = sharpness(crop), side(box) * scale
        shown = inside(box, grey.shape[1], grey.shape[0])
        worth = quality(size=size, sharp=sharp, lit=light(crop), pose=pose, shown=shown, score=score)
        earlier = None if before is None else cut_out(before, box)
        moved = mouth_movement(crop, earlier, self._lately(track, frame.time, side(box)))
        track.box, track.crop, track.last, track.pose = box, crop, frame.time, pose
        track.score, track.surest = score, max(track.surest, score)
        track.times.append(frame.time)
        track.boxes.extend((box * scale).tolist())
        track.quality.append(worth)
        track.mouth.append(moved)
        self._spool.add(track.key, frame.time, crop, quality=worth, size=size, sharpness=sharp, pose=pose)
        waited = frame.time - track.shot
        if worth > track.best + 0.03 and waited >= 1.0:
            track.thumb, track.best = b"", worth
        if not track.thumb or (len(track.looks) < _LOOKS and waited >= 4.0 and worth > 0.6 * track.best):
            self._portray(track, frame, grey.shape[1])

    def _lately(self, track: _Track, time: float, width: float) -> NDArray[np.uint8] | None:
        """The face one look earlier at its place of then, as large as now (sizes found jump); None if long ago."""
        if self._grey is None or not track.times or track.last < self._time - 1e-6 or time - track.last > _LATELY:
            return None
        if abs(width - side(track.box)) < 0.01:
            return track.crop
        centre = (track.box[:2] + track.box[2:]) / 2
        return cut_out(self._grey, np.concatenate([centre - width / 2, centre + width / 2]))

    def _portray(self, track: _Track, frame: Frame, width: int) -> None:
        """Take a colour picture: the thumbnail if a better one is wanted, and a look to know the face by."""
        rgb = frame.rgb(width)
        track.thumb = track.thumb or jpeg(patch(rgb, track.box, 1.6))
        track.looks = [*track.looks[1 - _LOOKS :], appearance(rgb, track.box)]
        track.shot = frame.time


def _nearness(old: NDArray[np.float64], new: NDArray[np.float32]) -> float:
    """How well a face continues a box, in (0, 1]; 0 where it cannot."""
    overlap = float(iou(old, new)[0, 0])
    ratio = side(new) / max(side(old), 1.0)
    return overlap if overlap >= _FOLLOW and 0.5 < ratio < 2.0 else 0.0


def _steadied(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """The new box, its size held back: the detector's sizes come in steps of a fifth."""
    if float(iou(old, new)[0, 0]) < 0.4:
        return new
    centre = 0.75 * (new[:2] + new[2:]) / 2 + 0.25 * (old[:2] + old[2:]) / 2
    half = (0.4 * side(new) + 0.6 * side(old)) / 2
    return np.concatenate([centre - half, centre + half])


def _finished(track: _Track, name: str) -> FaceTrack:
    looks = np.stack(track.looks) if track.looks else np.zeros((0, 0), np.float16)
    return FaceTrack(
        name,
        np.array(track.times, np.float64),
        as_boxes(np.array(track.boxes)),
        np.array(track.quality, np.float32),
        np.array(track.mouth, np.float32),
        track.thumb,
        looks,
    )
