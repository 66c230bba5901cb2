"""Pictures for a vision model of transformers: scaled, cut and standardised as its preprocessor_config.json says.

Written out with Pillow: the image processors of transformers may need a torchvision that fits torch, which many lack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.research.encoders import Rows
from mien.research.encoders.huggingface import States, tower
from mien.research.encoders.local import need, settings_of

Picture = NDArray[np.uint8]


class Pictures:
    """A `Reader` of pictures, one piece a picture."""

    def __init__(self, folder: Path, longest: int, device: str) -> None:
        del longest  # pictures are of one size
        self._model, self._device = tower(folder, "vision", device), device
        told = settings_of(folder / "preprocessor_config.json")
        own = getattr(self._model.config, "image_size", 224)
        self._size = _size(told.get("size", own))
        cut = told.get("crop_size") if told.get("do_center_crop") else None
        self._cut = None if cut is None else _size(cut)
        self._resample = int(told.get("resample", 2))
        self._scale = float(told.get("rescale_factor", 1 / 255)) if told.get("do_rescale", True) else 1.0
        even = told.get("do_normalize", True)
        try:
            self._mean = np.array(told.get("image_mean", [0.5] * 3) if even else [0.0], np.float32)
            self._deviation = np.array(told.get("image_std", [0.5] * 3) if even else [1.0], np.float32)
        except (TypeError, ValueError):
            raise InputError(
                folder / "preprocessor_config.json", "", "image_mean and image_std must be numbers"
            ) from None

    def pieces(self, material: Picture) -> list[NDArray[np.float32]]:
        """(3, high, wide) float32 of each picture of (n, high, wide, 3)."""
        return [self._ready(one) for one in material]

    def size(self, piece: NDArray[np.float32]) -> int:
        """Pixels in width: all of a folder's pictures are cut to one size, others are read by themselves."""
        return int(piece.shape[1] * 100_000 + piece.shape[2])

    def run(self, pieces: Sequence[NDArray[np.float32]], states: States) -> list[Rows]:
        """(places, width) of each."""
        if len({one.shape for one in pieces}) > 1:
            return [rows for one in pieces for rows in self.run([one], states)]
        torch = need("torch", "a vision model")
        with torch.inference_mode():
            out = self._model(torch.from_numpy(np.stack(pieces)).to(self._device), output_hidden_states=True)
            found = states.of(out).cpu().numpy()
        return [np.asarray(rows, np.float32) for rows in found]

    def _ready(self, picture: Picture) -> NDArray[np.float32]:
        from PIL import Image

        image = Image.fromarray(picture)
        high, wide = self._size
        if not wide:  # the shorter edge is given
            share = high / min(image.size)
            wide, high = (max(1, round(edge * share)) for edge in image.size)
        image = image.resize((wide, high), Image.Resampling(self._resample))
        if self._cut is not None:
            top, left = (high - self._cut[0]) // 2, (wide - self._cut[1]) // 2
            image = image.crop((left, top, left + self._cut[1], top + self._cut[0]))
        values = (np.asarray(image, np.float32) * self._scale - self._mean) / self._deviation
        return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)


def _size(told: Any) -> tuple[int, int]:
    """(high, wide), or (shorter edge, 0)."""
    if isinstance(told, Mapping):
        if "shortest_edge" in told:
            return int(told["shortest_edge"]), 0
        return int(told.get("height", 224)), int(told.get("width", 224))
    if isinstance(told, Sequence):
        return int(told[0]), int(told[-1])
    return int(told), int(told)
