"""What the quality of the shipped face network is worth: errors left when the least sure answers are withheld.

    python recipes/face/coverage.py ferplus.parquet

Quality by the formula of the shipped card; odd rows of PublicTest, on which neither temperature nor quality was
fitted, as they are and changed by rule. Writes benchmarks/results/face-coverage.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from compare import logits_of
from data import load, public_halves, sha256
from degrade import USUAL, VARIANTS
from trust import conditions_of, risk_at_coverage

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "src" / "mien" / "analysis" / "senses" / "weights"


def main() -> None:
    _, public = load(Path(sys.argv[1]))
    _, odd = public_halves(public)
    images, truth = public.images[odd], public.majority[odd]
    formula = json.loads((WEIGHTS / "face.json").read_text())["quality"]
    chances, right = {}, {}
    for name, logits in logits_of(WEIGHTS / "face.onnx", images).items():
        total = formula["bias"] + conditions_of(name, logits, images) @ np.array(formula["weights"])
        chances[name] = 1 / (1 + np.exp(-total))
        right[name] = (logits.argmax(axis=1) == truth).astype(np.int64)
    parts = {
        "as it is": ("as is",),
        "usual crops": USUAL,
        "damaged crops": tuple(name for name in VARIANTS if name not in USUAL),
        **{name: (name,) for name in VARIANTS if name != "as is"},
    }
    table = {
        part: risk_at_coverage(*(np.concatenate([kind[name] for name in names]) for kind in (chances, right)))
        for part, names in parts.items()
    }
    facts = {
        "command": "python recipes/face/coverage.py ferplus.parquet",
        "weights_sha256": sha256(WEIGHTS / "face.onnx"),
        "faces": len(truth),
        "error_at_coverage": table,
    }
    (ROOT / "benchmarks" / "results" / "face-coverage.json").write_text(json.dumps(facts, indent=1) + "\n")
    for part, row in table.items():
        print(f"{part:28s}", *(f"{key} {value:.3f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
