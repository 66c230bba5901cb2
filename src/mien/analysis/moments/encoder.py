"""The encoder of voices that a user may add: what it is given, and its states over time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mien.analysis.media.sound import HOP, RATE, WINDOW, set_level
from mien.analysis.moments.addvoice import BANDS, WIDTH, added_voice
from mien.analysis.network import Network
from mien.errors import InputError

LEVEL = 0.0316
"""Active RMS that it expects (-30 dB full scale); 20 dB less and it tells next to nothing."""
_BATCH = 16


def linear_mel(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, 40) mel power as the encoder was trained on: 25 ms every 10 ms, centred, Slaney's bands to 8000 Hz."""
    padded = np.pad(np.asarray(wave, np.float32), WINDOW // 2)
    spectrum = np.fft.rfft(sliding_window_view(padded, WINDOW)[::HOP] * _taper(), axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ _bands(), np.float32)


def voice_states(pieces: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """States (frames, 256) of each mono piece, (samples,) float32 at 16 kHz, any level, 25 ms at least.

    InputError where the added file is damaged or was removed.
    """
    mels = [linear_mel(set_level(piece, rms=LEVEL)) for piece in pieces]
    encoder, out = _encoder(), [np.zeros((0, WIDTH), np.float32)] * len(mels)
    order = np.argsort([len(mel) for mel in mels], kind="stable")
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        lengths = np.array([len(mels[row]) for row in rows], np.int32)
        padded = np.stack([np.pad(mels[row], ((0, lengths.max() - len(mels[row])), (0, 0))) for row in rows])
        states = encoder.run(mel=padded, lengths=lengths)["states"]
        for row, length, own in zip(rows, lengths, states, strict=True):
            out[row] = own[:length]
    return out


def _encoder() -> Network:
    """The added encoder, loaded once for each state of its file."""
    path = added_voice()
    try:
        return _open(str(path), path.stat().st_mtime_ns)
    except Exception:  # removed, not an ONNX file, or one of something else
        why = "is no encoder that answers; `mien models add voice` again, or remove the file"
        raise InputError(path, "", why) from None


@lru_cache(maxsize=1)
def _open(path: str, changed: int) -> Network:
    with open(path, "rb") as stream:
        network = Network(stream.read())
    network.run(mel=np.zeros((1, 2, BANDS), np.float32), lengths=np.array([2], np.int32))["states"].reshape(1, 2, WIDTH)
    return network


@lru_cache(maxsize=1)
def _taper() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float32]:
    """Slaney's mel filters (linear below 1 kHz, logarithmic above), each of unit area; (201, 40)."""
    step = np.log(6.4) / 27
    mels = np.linspace(0, 15 + np.log(8000 / 1000) / step, BANDS + 2)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(step * (mels - 15)))
    bins = np.fft.rfftfreq(WINDOW, 1 / RATE)[:, None]
    rising = (bins - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - bins) / np.diff(hertz)[1:]
    return np.asarray(np.maximum(np.minimum(rising, falling), 0) * (2 / (hertz[2:] - hertz[:-2])), np.float32)
