"""Rows of a film, 25 a second: picture, motion and sound of the same moment, without any network (no torch).

Stand-ins for the published encoders (ResNet-50, ResNet-101 on PWC-Net fields, openSMILE emobase2010), which cannot be
shipped; the grid is theirs: one row every 40 ms, sound over the 400 ms that begin there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Recording
from mien.analysis.media.sound import log_mel
from mien.errors import InputError

RATE, WINDOW, GRID = 25.0, 0.4, 8
_SOUND_RATE, _MEL_HOP, _WIDE = 16000, 0.01, 64
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FilmRows:
    """times: (rows,) seconds; streams: "scene" (rows, 192) colours of an 8 x 8 grid in [0, 1], "flow" (rows, 128)
    motion of the same grid in cells a row, "audio" (rows, 128) mean and deviation of 64 mel bands; what is not there is
    not in it; notes: what a person should know, such as why there is no flow."""

    times: NDArray[np.float64]
    streams: dict[str, Rows] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def film_rows(recording: Recording, *, rate: float = RATE) -> FilmRows:
    """The rows of a recording. InputError where it has neither picture nor sound."""
    notes: list[str] = []
    sound = _sound(recording)
    shown = _pictures(recording, rate)
    ends = [len(sound) / _SOUND_RATE, *(shown[0][-1:] + 1 / rate if len(shown[0]) else [])]
    count = int(max(ends) * rate + 1e-6)
    if not count:
        raise InputError(str(recording.path), "streams", "no picture and no sound: nothing can be read from it")
    times = np.arange(count) / rate
    streams: dict[str, Rows] = {}
    if len(shown[0]):
        at = np.clip(np.searchsorted(shown[0], times + 1e-6, side="right") - 1, 0, len(shown[0]) - 1)
        streams["scene"] = shown[1][at]
        if len(shown[0]) > 1:
            streams["flow"] = _held(shown[2], at)
        else:
            notes.append("flow is not available: there is one picture only")
    else:
        notes.append("scene and flow are not available: there is no picture")
    if len(sound) >= _SOUND_RATE * WINDOW:
        streams["audio"] = _bands(sound, times)
    else:
        notes.append("audio is not available: there is no sound, or less than 0.4 s of it")
    return FilmRows(times, streams, tuple(notes))


def _sound(recording: Recording) -> Rows:
    """All samples at 16 kHz, gaps filled with silence."""
    blocks = list(recording.audio(_SOUND_RATE))
    if not blocks:
        return np.zeros(0, np.float32)
    ends = [round(block.start * _SOUND_RATE) + len(block.samples) for block in blocks]
    whole = np.zeros(max(ends), np.float32)
    for block, end in zip(blocks, ends, strict=True):
        start = max(end - len(block.samples), 0)
        whole[start:end] = block.samples[len(block.samples) - (end - start) :]
    return whole


def _pictures(recording: Recording, rate: float) -> tuple[NDArray[np.float64], Rows, Rows]:
    """Times, colours and motion of each picture shown; motion is that from the picture before it."""
    times, colours, motions = [], [], []
    before: NDArray[np.float32] | None = None
    for frame in recording.frames(rate):
        rgb = (frame.rgb(_WIDE) / 255).astype(np.float32)
        grey: Rows = rgb.mean(axis=2)
        times.append(frame.time)
        colours.append(_cells(rgb).ravel())
        same = before is not None and before.shape == grey.shape
        motions.append(motion(before, grey) if before is not None and same else np.zeros(2 * GRID**2, np.float32))
        before = grey
    return np.array(times), np.array(colours, np.float32), np.array(motions, np.float32)


def motion(before: Rows, after: Rows) -> Rows:
    """How each cell of an 8 x 8 grid moved, (128,): x then y of each cell, in pixels of the small picture.

    Least squares over the cell (Lucas and Kanade 1981), damped so that flat cells do not move.
    """
    middle = (before + after) / 2
    down, along = np.gradient(middle, axis=0), np.gradient(middle, axis=1)
    change = after - before
    products = (along * along, along * down, down * down, along * change, down * change)
    xx, xy, yy, xt, yt = (_cells(one[..., None])[..., 0] for one in products)
    xx, yy = xx + 1e-4, yy + 1e-4
    area = xx * yy - xy * xy
    right, below = (xy * yt - yy * xt) / area, (xy * xt - xx * yt) / area
    return np.stack([right, below], axis=-1).ravel().astype(np.float32)


def _cells(picture: Rows) -> Rows:
    """Means over an 8 x 8 grid: (height, width, k) -> (8, 8, k)."""
    for axis in (0, 1):
        edges = np.linspace(0, picture.shape[axis], GRID + 1).astype(int)[:-1]
        counts = np.maximum(np.diff(np.append(edges, picture.shape[axis])), 1)
        shape = [1, 1, 1]
        shape[axis] = GRID
        picture = (np.add.reduceat(picture, edges, axis=axis) / counts.reshape(shape)).astype(np.float32)
    return picture


def _held(motions: Rows, at: NDArray[np.intp]) -> Rows:
    """Motion of the picture shown in each row; 0 while a picture stands still, as rows between two pictures are."""
    new = np.concatenate([[True], at[1:] != at[:-1]])
    return np.where(new[:, None], motions[at], np.float32(0))


def _bands(sound: Rows, times: NDArray[np.float64]) -> Rows:
    """Mean and deviation of the mel bands over the 400 ms that begin with each row, or those left of the film."""
    mel = log_mel(sound).astype(np.float64)
    size = round(WINDOW / _MEL_HOP)
    first = np.clip(np.rint(times / _MEL_HOP).astype(int), 0, max(len(mel) - size, 0))
    last = np.minimum(first + size, len(mel))
    total = np.concatenate([np.zeros((1, mel.shape[1])), np.cumsum(mel, axis=0)])
    square = np.concatenate([np.zeros((1, mel.shape[1])), np.cumsum(mel**2, axis=0)])
    steps = (last - first)[:, None]
    mean = (total[last] - total[first]) / steps
    deviation = np.sqrt(np.maximum((square[last] - square[first]) / steps - mean**2, 0))
    return np.concatenate([mean, deviation], axis=1).astype(np.float32)
