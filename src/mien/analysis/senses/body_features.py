"""Numbers of a minute of body signals, and the same against the recording's own course."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.body import RATE, Body

Array = NDArray[np.float64]

WINDOW = 60.0
"""Seconds of one reading."""
CONTEXT = 180.0
"""Seconds around the same middle: stress lasts longer than a minute."""
STEP = 30.0
"""Seconds between readings when a recording is taken as a whole."""
COVER = 0.5
"""Share of a window that must be recorded and worn for a channel to count."""

CHANNELS: tuple[str, ...] = ("eda", "temperature", "heart", "movement")
FEATURES: tuple[tuple[str, str], ...] = (
    ("eda", "level"),
    ("eda", "slope"),
    ("eda", "spread"),
    ("eda", "change"),
    ("eda", "responses"),
    ("eda", "phasic"),
    ("temperature", "level"),
    ("temperature", "slope"),
    ("heart", "mean"),
    ("heart", "spread"),
    ("heart", "low"),
    ("heart", "high"),
    ("movement", "mean"),
    ("movement", "spread"),
    ("movement", "still"),
)
"""(channel, name) of every column of `features`. EDA level, spread, change, phasic and movement are log10."""
CHANNEL_OF: NDArray[np.int64] = np.array([CHANNELS.index(channel) for channel, _ in FEATURES] * 2)
"""Index into `CHANNELS` of every column of `readings`."""
MOVING = 0.03
"""g: below this change from sample to sample the wrist is called still (two steps of the sensor)."""


def readings(body: Body, middles: Array) -> Array:
    """(k, 2 len(FEATURES)) numbers of the `WINDOW` and the `CONTEXT` around the `middles` (k,) in seconds."""
    # where the minute counts, its surroundings count: at the ends of a recording the context is simply shorter
    minute = features(body, middles - WINDOW / 2, WINDOW)
    around = features(body, middles - CONTEXT / 2, CONTEXT, COVER * WINDOW / CONTEXT)
    around[~np.isfinite(minute)] = np.nan
    return np.concatenate([minute, around], axis=1)


def features(body: Body, starts: Array, length: float = WINDOW, cover: float = COVER) -> Array:
    """(k, len(FEATURES)) numbers of the windows that begin at `starts` (k,) seconds and last `length` seconds.

    NaN where less than `cover` of the window holds the channel: a missing channel is left out, never filled.
    """
    width = max(round(length * RATE), 2)
    first = np.round((starts - body.start) * RATE).astype(int)
    minutes = np.arange(width) / RATE / 60.0
    with np.errstate(all="ignore"):
        columns = [
            *_eda(
                _cut(body.eda, first, width, cover),
                _cut(body.phasic, first, width, cover),
                _cut(body.peaks, first, width, cover),
                minutes,
            ),
            *_slow(_cut(body.temperature, first, width, cover), minutes),
            *_heart(_cut(body.heart, first, width, cover)),
            *_movement(_cut(body.movement, first, width, cover)),
        ]
    return np.stack(columns, axis=1)


def whole(body: Body) -> Array:
    """(k,) seconds: the middles of the windows that cover a recording, one every `STEP`."""
    return np.arange(body.start + WINDOW / 2, body.start + max(body.duration, WINDOW) - WINDOW / 2 + 1e-9, STEP)


def own_course(body: Body) -> tuple[Array, Array]:
    """Mean and standard deviation (each (2 len(FEATURES),)) of the readings over the whole recording.

    The person's own course: needs the recording to its end, so it is not for live use. NaN for an absent channel.
    """
    parts = np.array_split(whole(body), max(len(whole(body)) // 512, 1))
    table = np.concatenate([readings(body, part) for part in parts])
    mean, spread = np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
    some = np.isfinite(table).sum(axis=0) >= 2
    mean[some], spread[some] = np.nanmean(table[:, some], axis=0), np.nanstd(table[:, some], axis=0)
    return mean, np.maximum(spread, 1e-6)


def present(table: Array) -> NDArray[np.bool_]:
    """(k, len(CHANNELS)) which channels every row of `readings` has."""
    return np.stack([np.isfinite(table[:, c == CHANNEL_OF]).all(axis=1) for c in range(len(CHANNELS))], axis=1)


def _cut(values: Array, first: NDArray[np.int64], width: int, cover: float) -> Array:
    at = first[:, None] + np.arange(width)
    inside = (at >= 0) & (at < len(values))
    window = np.where(inside, values[np.clip(at, 0, len(values) - 1)], np.nan)
    window[np.isfinite(window).mean(axis=1) < cover] = np.nan
    return window


def _mean(window: Array) -> Array:
    there = np.isfinite(window)
    return np.asarray(np.where(there, window, 0.0).sum(axis=1) / np.where(there.any(axis=1), there.sum(axis=1), np.nan))


def _spread(window: Array) -> Array:
    return np.sqrt(_mean((window - _mean(window)[:, None]) ** 2))


def _slope(window: Array, minutes: Array) -> Array:
    time = np.where(np.isfinite(window), minutes, np.nan)
    time = time - _mean(time)[:, None]
    return np.asarray(_mean(time * (window - _mean(window)[:, None])) / _mean(time**2))


def _log(values: Array, least: float) -> Array:
    return np.log10(np.maximum(values, least))


def _eda(skin: Array, phasic: Array, peaks: Array, minutes: Array) -> list[Array]:
    level = _mean(skin)
    step = _mean(np.abs(np.diff(skin, axis=1)))
    loud = np.sqrt(_mean(phasic**2))
    return [
        _log(level, 1e-3),
        _slope(skin, minutes) / np.maximum(level, 0.05),
        _log(_spread(skin), 1e-4),
        _log(step, 1e-5),
        _mean(peaks) * RATE * 60.0,
        _log(loud, 1e-4),
    ]


def _slow(window: Array, minutes: Array) -> list[Array]:
    return [_mean(window), _slope(window, minutes)]


def _heart(window: Array) -> list[Array]:
    low, high = np.full(len(window), np.nan), np.full(len(window), np.nan)
    some = np.isfinite(window).any(axis=1)
    if some.any():
        low[some], high[some] = np.nanquantile(window[some], [0.1, 0.9], axis=1)
    return [_mean(window), _spread(window), low, high]


def _movement(window: Array) -> list[Array]:
    still = np.where(np.isfinite(window), (window < MOVING).astype(float), np.nan)
    return [_log(_mean(window), 1e-4), _log(_spread(window), 1e-4), _mean(still)]
