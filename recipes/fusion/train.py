"""How much people trust voice and face for each emotion, from CREMA-D's votes; and how sure a fused answer may be.

    python recipes/fusion/train.py DATA --out src/mien/analysis/fusion/weights.json

DATA holds crema-d-votes/votes.parquet: 7,442 clips, each judged from the voice alone, the face alone and both.

Protocol, written before the first run: five folds by actor (actor id modulo 5); in each, the share a_c of the face for
each emotion c (voice 1 - a_c) is fitted on four folds by cross-entropy of the pooled distribution
    out_c  ~  ((1 - a_c) voice_c + a_c face_c) / sum over c
against the audiovisual votes, and scored on the fifth. Baselines: voice alone, face alone, plain mean, one share for
all classes. Intervals: 1,000 bootstrap rounds over actors. The shipped shares are fitted on all clips. CREMA-D has no
surprise: its share is the mean of the others. Words and signals are not in these votes: their factor is stated as 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

ORDER = ["N", "A", "D", "F", "H", "S"]  # neutral, anger, disgust, fear, happiness, sadness: basic7 without surprise


def load(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    votes = pd.read_parquet(path)
    shares = votes[ORDER].to_numpy(float) / votes["n"].to_numpy(float)[:, None]
    parts = [
        pd.DataFrame(shares, index=votes["clip"])[(votes["modality"] == m).to_numpy()]
        for m in ("voice", "face", "audiovisual")
    ]
    clips = parts[0].index
    actors = np.array([int(clip[:4]) for clip in clips])
    return (*(part.loc[clips].to_numpy() for part in parts), actors)  # type: ignore[return-value]


def pool(share: np.ndarray, voice: np.ndarray, face: np.ndarray) -> np.ndarray:
    out = (1 - share) * voice + share * face
    return out / np.maximum(out.sum(axis=1, keepdims=True), 1e-12)


def fit(voice: np.ndarray, face: np.ndarray, goal: np.ndarray, tied: bool = False) -> np.ndarray:
    """Shares by Adam on their logits; the gradient is written out (cross-entropy of a normalised mixture)."""
    logit, first, second = np.zeros(6), np.zeros(6), np.zeros(6)
    for step in range(1, 401):
        share = 1 / (1 + np.exp(-logit))
        raw = (1 - share) * voice + share * face + 1e-3
        total = raw.sum(axis=1, keepdims=True)
        slope = ((-goal / raw + 1 / total) * (face - voice)).mean(axis=0) * share * (1 - share)
        slope = np.full(6, slope.sum()) if tied else slope
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        logit = logit - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return 1 / (1 + np.exp(-logit))


def entropy_gap(pooled: np.ndarray, goal: np.ndarray) -> np.ndarray:
    return -(goal * np.log((pooled + 1e-3) / (1 + 6e-3))).sum(axis=1)


def interval(values: np.ndarray, actors: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    names = np.unique(actors)
    sums = np.array([values[actors == name].sum() for name in names])
    counts = np.array([(actors == name).sum() for name in names])
    draws = rng.integers(len(names), size=(1000, len(names)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("src/mien/analysis/fusion/weights.json"))
    parser.add_argument("--table", type=Path, default=Path("benchmarks/results/fusion-votes.json"))
    given = parser.parse_args()
    source = given.data / "crema-d-votes" / "votes.parquet"
    voice, face, both, actors = load(source)
    rng = np.random.default_rng(0)
    pooled = {
        name: np.zeros_like(both)
        for name in ("voice alone", "face alone", "plain mean", "one share", "share per emotion")
    }
    for fold in range(5):
        train, test = actors % 5 != fold, actors % 5 == fold
        shares = {
            "voice alone": np.zeros(6),
            "face alone": np.ones(6),
            "plain mean": np.full(6, 0.5),
            "one share": fit(voice[train], face[train], both[train], tied=True),
            "share per emotion": fit(voice[train], face[train], both[train]),
        }
        for name, share in shares.items():
            pooled[name][test] = pool(share, voice[test], face[test])
    rows = []
    print(f"{'pooling':<20}{'cross-entropy':>24}{'top = audiovisual top':>28}")
    for name, answer in pooled.items():
        loss, hit = entropy_gap(answer, both), (answer.argmax(1) == both.argmax(1)).astype(float)
        row = {
            "pooling": name,
            "cross_entropy": loss.mean(),
            "cross_entropy_95": interval(loss, actors, rng),
            "agreement": hit.mean(),
            "agreement_95": interval(hit, actors, rng),
        }
        rows.append(row)
        print(
            f"{name:<20}{loss.mean():>10.3f} [{row['cross_entropy_95'][0]:.3f}, {row['cross_entropy_95'][1]:.3f}]{hit.mean():>12.3f} [{row['agreement_95'][0]:.3f}, {row['agreement_95'][1]:.3f}]"
        )
    share = fit(voice, face, both)
    table = np.append(share, share.mean())
    card = json.loads(given.out.read_text()) if given.out.exists() else {}
    card |= {
        "id": "fusion-1",
        "per_class": {"audio": np.round(2 * (1 - table), 4).tolist(), "face": np.round(2 * table, 4).tolist()},
        "source": "per_class: CREMA-D votes (ODbL 1.0 / DbCL 1.0), learned; surprise is their mean; text, scene and signal: 1, stated",
        "data_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }
    given.out.write_text(json.dumps(card, indent=2) + "\n")
    result = {
        "command": "python recipes/fusion/train.py DATA",
        "seed": 0,
        "clips": len(both),
        "actors": len(set(actors.tolist())),
        "face_share": dict(zip(ORDER, np.round(share, 4).tolist(), strict=True)),
        "rows": rows,
    }
    given.table.parent.mkdir(parents=True, exist_ok=True)
    given.table.write_text(json.dumps(result, indent=1, default=lambda v: np.asarray(v).tolist()) + "\n")
    print("share of the face:", result["face_share"])


if __name__ == "__main__":
    main()
