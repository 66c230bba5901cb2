"""Sound for a voice model of transformers: waveforms at 16 kHz, or the model's own spectrogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.research.encoders import Rows
from mien.research.encoders.huggingface import States, tower
from mien.research.encoders.local import need, settings_of
from mien.research.encoders.material import RATE

PIECE = 30
"""Seconds of one piece where nothing else is asked: attention costs the square of it."""
_SHORTEST = 800

Wave = NDArray[np.float32]


class Sound:
    """A `Reader` of sound."""

    def __init__(self, folder: Path, longest: int, device: str) -> None:
        prepared = settings_of(folder / "preprocessor_config.json")
        if int(prepared.get("sampling_rate", RATE)) != RATE:
            raise InputError(folder, "", f"reads sound at {prepared['sampling_rate']} Hz; {RATE} Hz is what is given")
        self._model, self._device = tower(folder, "audio", device), device
        config = self._model.config
        self._samples = (longest or PIECE) * RATE
        self._even = bool(prepared.get("do_normalize", True))
        # A model whose first norm runs over time reads padding as sound: its pieces go alone.
        self._maskable = getattr(config, "feat_extract_norm", "layer") != "group"
        self._spectrum = None
        if not hasattr(self._model, "_get_feat_extract_output_lengths") or config.model_type == "whisper":
            maker = need("transformers", "a voice model").AutoFeatureExtractor
            try:
                self._spectrum = maker.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
            except (OSError, ValueError, KeyError) as error:
                raise InputError(folder, "", f"has no feature extractor ({str(error).splitlines()[0][:120]})") from None

    def pieces(self, material: Wave) -> list[Wave]:
        """Pieces of at most 30 s (or `longest`), each of mean 0 and deviation 1 where the model was trained so."""
        found = [material[at : at + self._samples] for at in range(0, len(material), self._samples)]
        found = [one for at, one in enumerate(found) if not at or len(one) >= _SHORTEST]
        found = [np.pad(one, (0, max(0, _SHORTEST - len(one)))) for one in found]
        if self._spectrum is not None or not self._even:
            return found
        return [np.asarray((one - one.mean()) / np.sqrt(one.var() + 1e-7), np.float32) for one in found]

    def size(self, piece: Wave) -> int:
        """Samples."""
        return len(piece)

    def run(self, pieces: Sequence[Wave], states: States) -> list[Rows]:
        """(frames, width) of each."""
        if self._spectrum is not None:
            return self._spectra(pieces, states)
        if not self._maskable and len({len(one) for one in pieces}) > 1:
            return [rows for one in pieces for rows in self.run([one], states)]
        torch = need("torch", "a voice model")
        waves = np.zeros((len(pieces), max(map(len, pieces))), np.float32)
        mask = np.zeros(waves.shape, np.int64)
        for row, piece in enumerate(pieces):
            waves[row, : len(piece)], mask[row, : len(piece)] = piece, 1
        with torch.inference_mode():
            given = {"attention_mask": torch.from_numpy(mask).to(self._device)} if self._maskable else {}
            out = self._model(torch.from_numpy(waves).to(self._device), **given, output_hidden_states=True)
            found = states.of(out).cpu().numpy()
        steps = [int(self._model._get_feat_extract_output_lengths(torch.tensor(len(one)))) for one in pieces]
        return [np.asarray(found[row, :count], np.float32) for row, count in enumerate(steps)]

    def _spectra(self, pieces: Sequence[Wave], states: States) -> list[Rows]:
        """Models of a spectrogram of fixed length; frames behind the sound's end are cut off where they are known."""
        torch, made = need("torch", "a voice model"), self._spectrum
        assert made is not None
        given: Any = made(list(pieces), sampling_rate=RATE, return_tensors="pt")
        values = given["input_features"] if "input_features" in given else given["input_values"]
        with torch.inference_mode():
            out = self._model(values.to(self._device), output_hidden_states=True)
            found = states.of(out).cpu().numpy()
        steps = [found.shape[1]] * len(pieces)
        if self._model.config.model_type == "whisper":
            ratio = made.nb_max_frames / found.shape[1] * made.hop_length
            steps = [min(math.ceil(len(one) / ratio), found.shape[1]) for one in pieces]
        return [np.asarray(found[row, :count], np.float32) for row, count in enumerate(steps)]
