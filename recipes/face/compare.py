"""Two face networks side by side on PublicTest, as it is and changed by rule.

    python recipes/face/compare.py ferplus.parquet OLD.onnx NEW.onnx

Both files as they ship, mirrored mean, the odd rows of PublicTest (nothing was chosen by those). Accuracy, UAR and
calibration error of every row of `degrade.py`; the gain over groups of rows with a paired bootstrap over faces.
Writes benchmarks/results/face-compare.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from data import load, public_halves, sha256
from degrade import USUAL, VARIANTS
from numpy.typing import NDArray
from scores import accuracy_and_uar, calibration_error, softmax

Array = NDArray[np.float64]
ROUNDS = 2000


def main() -> None:
    parquet, *files = (Path(name) for name in sys.argv[1:4])
    _, public = load(parquet)
    _, odd = public_halves(public)
    images, truth = public.images[odd], public.majority[odd]
    answers = [logits_of(file, images) for file in files]
    rows = {name: [scores(one[name], truth) for one in answers] for name in VARIANTS}
    facts: dict[str, Any] = {
        "command": "python recipes/face/compare.py ferplus.parquet OLD.onnx NEW.onnx",
        "sha256": [sha256(file) for file in files],
        "faces": len(truth),
        "rows": rows,
        "gain": {part: gain(answers, truth, names) for part, names in parts().items()},
    }
    out = Path(__file__).parents[2] / "benchmarks" / "results" / "face-compare.json"
    out.write_text(json.dumps(facts, indent=1) + "\n")
    for name, (old, new) in rows.items():
        print(f"{name:28s}", *(f"{old[key]:.3f} {new[key]:.3f} |" for key in old))
    for part, told in facts["gain"].items():
        print(part, json.dumps(told))


def parts() -> dict[str, tuple[str, ...]]:
    """Groups of rows over which the gain is told."""
    return {"as is": ("as is",), "usual crops": USUAL, "mean of all rows": tuple(VARIANTS)}


def logits_of(file: Path, images: NDArray[np.uint8]) -> dict[str, Array]:
    """Logits (n, 8) of every variant, mean of the face and its mirror image."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(file), options)
    faces = torch.from_numpy(images)[:, None].float() / 255

    def run(pictures: torch.Tensor) -> Array:
        grey = (pictures.clamp(0, 1) * 255).round().byte().numpy()[:, 0]
        batches = [grey[i : i + 64] for i in range(0, len(grey), 64)]
        both = [np.concatenate([b, b[:, :, ::-1]]) for b in batches]
        found = [session.run(None, {"faces": faces})[0].reshape(2, -1, 8).mean(axis=0) for faces in both]
        return np.concatenate(found).astype(np.float64)

    return {name: run(change(faces)) for name, change in VARIANTS.items()}


def scores(logits: Array, truth: NDArray[np.int64]) -> dict[str, float]:
    """Accuracy, UAR, calibration error."""
    accuracy, uar = accuracy_and_uar(logits, truth)
    told = {"accuracy": accuracy, "uar": uar, "ece": calibration_error(softmax(logits), truth)}
    return {key: round(value, 4) for key, value in told.items()}


def gain(answers: list[dict[str, Array]], truth: NDArray[np.int64], names: tuple[str, ...]) -> Any:
    """Mean accuracy and UAR over some variants, old and new, and their difference with a 95 % interval."""
    tops = [np.stack([one[name].argmax(axis=1) for name in names]) for one in answers]
    random = np.random.default_rng(0)
    draws = [np.arange(len(truth)), *(random.integers(0, len(truth), len(truth)) for _ in range(ROUNDS))]
    found = np.array([[_both(top[:, rows], truth[rows]) for top in tops] for rows in draws])
    told = {}
    for i, key in enumerate(("accuracy", "uar")):
        difference = found[:, 1, i] - found[:, 0, i]
        low, high = np.percentile(difference[1:], [2.5, 97.5])
        told[key] = {
            "old": round(float(found[0, 0, i]), 4),
            "new": round(float(found[0, 1, i]), 4),
            "difference": [round(float(v), 4) for v in (difference[0], low, high)],
        }
    return told


def _both(tops: NDArray[np.int64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """Accuracy and UAR, means over variants (m, n); a class that was not drawn is left out."""
    right = tops == truth
    count = np.bincount(truth, minlength=8)
    found = np.stack([np.bincount(truth[row], minlength=8) for row in right])[:, count > 0] / count[count > 0]
    return float(right.mean()), float(found.mean())


if __name__ == "__main__":
    main()
