"""Looking through a recording for faces."""

from __future__ import annotations

from dataclasses import dataclass

from mien.analysis.media.recording import Notice, Recording
from mien.analysis.moments.crops import CropSpool
from mien.analysis.moments.detect import FaceDetector
from mien.analysis.moments.detectors import face_detector
from mien.analysis.moments.moments import FaceStore, FaceTrack
from mien.analysis.moments.tracks import Tracker


@dataclass(frozen=True, slots=True, eq=False)
class Looking:
    """What was seen: face tracks, the store of their crops (close it at the end), notices, the detector's name."""

    tracks: tuple[FaceTrack, ...] = ()
    store: FaceStore | None = None
    notices: tuple[Notice, ...] = ()
    detector: str | None = None


def look(recording: Recording, fps: float = 5.0, *, detector: FaceDetector | None = None) -> Looking:
    """Find and follow the faces of a recording, at `fps` pictures a second; a still gives one observation at time 0.

    detector: the best that is installed unless given. Without any, a notice "no-face-detector" and no faces.
    InputError when the disk is full. The store must be closed.
    """
    if not (recording.has("video") or recording.has("image")):
        return Looking()
    notices: tuple[Notice, ...] = ()
    if detector is None:
        detector, notices = face_detector()
        if detector is None:
            return Looking(notices=notices)
    spool = CropSpool()
    try:
        tracker = Tracker(detector, spool, still=recording.kind == "image")
        for frame in recording.frames(fps):
            tracker.add(frame)
        return Looking(tracker.tracks(), spool, notices, detector.name)
    except BaseException:
        spool.close()
        raise
