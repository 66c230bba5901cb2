"""MELD: does it help to know the turns before? A head on the shipped GoEmotions student, with and without them.

    python recipes/text/dialogue.py --data DIR/data [--test test_sent_emo.csv] [--results FILE]

MELD is under GPL-3.0, so nothing learned here ships: this measures what a head of one's own gains. Trained on MELD train;
choices on dev; test (a file of the source, `data/MELD/test_sent_emo.csv` of declare-lab/MELD) is scored once at the end.

Alone: softmax regression over TF-IDF n-grams of the utterance and the 28 logits of the student. In context: the same, and
    - the first model's answer to the turns before, the last `REACH`, each `DECAY` of the next nearer one;
    - its answer to the speaker's own last turn;
    - whether the speaker goes on, and how many turns lie behind.
The first model's answers to training turns come from folds by dialogue, so that they are as unsure as they will be later.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from measure import interval
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sparse import matrix, vocabulary

from mien.analysis.senses.textfeatures import ngrams
from mien.analysis.senses.textmodels import text_models

EMOTIONS = ("neutral", "joy", "surprise", "anger", "sadness", "disgust", "fear")
REACH, DECAY = 4, 0.6
PENALTIES = (0.5, 1.0, 2.0, 4.0)
DENSE = 0.15
"""Weight of the 28 logits, each to unit variance, beside the unit-length TF-IDF row."""
ROOT = Path(__file__).resolve().parents[2]


def load(path: Path) -> pd.DataFrame:
    """One split in order of dialogue and turn, from the parquet here or the source's CSV."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame = frame.rename(columns=lambda name: name.strip().lower().replace(" ", "_"))
    frame["utterance"] = frame["utterance"].fillna("")
    return frame.sort_values(["dialogue_id", "utterance_id"], kind="stable").reset_index(drop=True)


def logits(keys: list[np.ndarray]) -> np.ndarray:
    """The shipped student's raw scores (n, 28)."""
    student = text_models().student
    return np.array([student.logits(student.hidden(student.vocabulary.vector(text))) for text in keys])


def before(frame: pd.DataFrame, said: np.ndarray, reach: int = REACH) -> np.ndarray:
    """What the turns before say: decayed answers, the speaker's own last one, same speaker as just before, position."""
    classes = said.shape[1]
    rows = np.zeros((len(frame), 2 * classes + 3))
    starts = (frame["dialogue_id"] != frame["dialogue_id"].shift()).to_numpy()
    speakers, first, last = frame["speaker"].tolist(), 0, {}
    for i, start in enumerate(starts):
        if start:
            first, last = i, {}
        for back in range(1, min(reach, i - first) + 1):
            rows[i, :classes] += DECAY ** (back - 1) * said[i - back]
        own = last.get(speakers[i])
        if own is not None:
            rows[i, classes : 2 * classes] = said[own]
        rows[i, -3:] = own is not None, i > first and speakers[i] == speakers[i - 1], min(i - first, 8) / 8
        last[speakers[i]] = i
    return rows


def regression(penalty: float) -> LogisticRegression:
    """Softmax regression without class weights."""
    return LogisticRegression(C=penalty, max_iter=300)


def score(truth: np.ndarray, said: np.ndarray) -> dict[str, object]:
    """Weighted and macro F1, accuracy, and the interval of the first over resampled turns."""
    low, high = interval(len(truth), lambda rows: f1_score(truth[rows], said[rows], average="weighted"), times=200)
    return {
        "weighted_f1": float(f1_score(truth, said, average="weighted")),
        "weighted_f1_interval": [low, high],
        "macro_f1": float(f1_score(truth, said, average="macro")),
        "accuracy": float((truth == said).mean()),
    }


class Features:
    """TF-IDF of the utterance and the scaled logits; both fitted on the training part."""

    def __init__(self, keys: list[np.ndarray]) -> None:
        self._words = vocabulary(keys, 3)
        scores = logits(keys)
        self._middle, self._spread = scores.mean(0), scores.std(0)

    def __call__(self, keys: list[np.ndarray], *, wide: bool = True) -> csr_matrix:
        """Rows of a split; `wide` adds the logits."""
        grams = matrix(self._words, keys)
        if not wide:
            return grams
        return hstack([grams, csr_matrix((logits(keys) - self._middle) / self._spread * DENSE)]).tocsr()


def main() -> None:
    """Train, choose on dev, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with meld/")
    parser.add_argument("--test", type=Path, help="the source's test_sent_emo.csv")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/text-dialogue.json")
    args = parser.parse_args()
    frames = {name: load(args.data / "meld" / f"{name}.parquet") for name in ("train", "dev")}
    if args.test:
        frames["test"] = load(args.test)
    keys = {name: [ngrams(text).all for text in frame["utterance"]] for name, frame in frames.items()}
    truth = {name: frame["emotion"].str.lower().map(EMOTIONS.index).to_numpy() for name, frame in frames.items()}
    features = Features(keys["train"])
    table: dict[str, object] = {}

    def choose(name: str, parts: dict[str, csr_matrix]) -> tuple[float, LogisticRegression]:
        models = {c: regression(c).fit(parts["train"], truth["train"]) for c in PENALTIES}
        dev = {c: score(truth["dev"], model.predict(parts["dev"])) for c, model in models.items()}
        best = max(PENALTIES, key=lambda c: dev[c]["weighted_f1"])
        table[name] = {"C": best, "dev": dev[best]}
        if "test" in parts:
            table[name]["test"] = score(truth["test"], models[best].predict(parts["test"]))
        print(name, json.dumps(table[name]), flush=True)
        return best, models[best]

    choose("n-grams", {name: features(part, wide=False) for name, part in keys.items()})
    alone = {name: features(part) for name, part in keys.items()}
    penalty, first = choose("n-grams + student", alone)
    said = {name: first.predict_proba(part) for name, part in alone.items()}
    folds = GroupKFold(5).split(alone["train"], groups=frames["train"]["dialogue_id"])
    for train, rest in folds:
        fold = regression(penalty).fit(alone["train"][train], truth["train"][train])
        said["train"][rest] = fold.predict_proba(alone["train"][rest])
    joined = {
        name: hstack([alone[name], csr_matrix(before(frame, said[name]))]).tocsr() for name, frame in frames.items()
    }
    choose("n-grams + student + turns before", joined)
    rounded = json.loads(json.dumps(table), parse_float=lambda text: round(float(text), 4))
    args.results.write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
