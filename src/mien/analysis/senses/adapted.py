"""A last layer adapted to a person's own clips (`mien adapt`): what its file keeps, and how it changes an answer."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.files import read_bounded, write_atomic

Array = NDArray[np.float64]
_LARGEST = 8 << 20
_FORM = "mien.adapted/1"


@dataclass(frozen=True, slots=True, eq=False)
class Adapted:
    """A change of a sense's logits, linear in its last hidden vector: (hidden - mean) / scale @ weights + bias.

    modality "audio" or "face"; model: id of the sense's model, for which alone it was made; labels: of its space;
    mean, scale (d,); weights (d, k); bias (k,); about: what it was fitted on and what it gained.
    """

    modality: str
    model: str
    labels: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    bias: Array
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Digest of the numbers, by which a result names the layer that it was made with."""
        total = hashlib.sha256(f"{self.modality} {self.model}".encode())
        for part in (self.mean, self.scale, self.weights, self.bias):
            total.update(np.ascontiguousarray(part, "<f8").tobytes())
        return total.hexdigest()

    def apply(self, probabilities: Array, hidden: NDArray[np.floating]) -> Array:
        """(n, k) probabilities after the change; hidden (n, d)."""
        logits = np.log(probabilities.clip(1e-9, 1.0)) + (hidden - self.mean) / self.scale @ self.weights + self.bias
        power = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(power / power.sum(axis=1, keepdims=True))

    def save(self, path: Path) -> None:
        """Write a NumPy archive (no pickle), atomically."""
        head = {"form": _FORM, "modality": self.modality, "model": self.model, "labels": self.labels}
        stream = io.BytesIO()
        text = np.array(json.dumps(head | {"about": self.about}))
        np.savez_compressed(stream, head=text, mean=self.mean, scale=self.scale, weights=self.weights, bias=self.bias)
        write_atomic(path, stream.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> Adapted:
        """Read what `save` wrote; InputError where it is something else."""
        try:
            with np.load(io.BytesIO(read_bounded(path, _LARGEST)), allow_pickle=False) as saved:
                head = json.loads(str(saved["head"]))
                parts = {name: np.asarray(saved[name], np.float64) for name in ("mean", "scale", "weights", "bias")}
            found = cls(head["modality"], head["model"], tuple(head["labels"]), **parts, about=head.get("about", {}))
        except InputError:
            raise
        except Exception:
            raise InputError(path, "", "is no adapted layer; `mien adapt` makes one") from None
        found._check(path)
        return found

    def _check(self, path: str | Path) -> None:
        wide, labels = len(self.mean), len(self.labels)
        fits = self.weights.shape == (wide, labels) and self.scale.shape == (wide,) and self.bias.shape == (labels,)
        finite = all(np.isfinite(a).all() for a in (self.mean, self.scale, self.weights, self.bias))
        if self.modality not in ("audio", "face") or not fits or not finite or (self.scale <= 0).any():
            raise InputError(path, "", "is a damaged adapted layer; make it again with `mien adapt`")
