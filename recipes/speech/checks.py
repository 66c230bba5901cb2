"""Two suspicions about the network, put to the test: does it know the corpus, and does it know the sentences?

    python recipes/speech/checks.py DATA WORK

Corpus: a linear classifier on the hidden layer of the shipped network names the corpus of clips of speakers held out, from
those of TRAIN speakers; the same from each band's mean level beside it. Sentences: on the hidden layer of the network that
never heard the corpus, a linear classifier of emotions is fitted to one half of the speakers saying one half of the
sentences, and asked about the other half of the speakers, saying the same sentences and the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from bank import Bank, open_bank
from corpora import LABELS, Clip, walk
from measures import over_speakers, uar
from network import Together
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mien.analysis.senses.speech_features import normalise

RESULTS = Path(__file__).parents[2] / "benchmarks/results/speech-checks.json"


def main() -> None:
    """Prints both tables and writes them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("work", type=Path)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    clips, bank = walk(options.data), open_bank(options.work, "clean")
    found = {
        "command": "python recipes/speech/checks.py DATA WORK",
        "corpus told from": corpus(clips, bank, Together.load(options.work / "final.pt")),
        "emotion, sentences held out": {
            name: sentences(clips, bank, name, Together.load(options.work / f"loco-advised-{name}.pt"))
            for name in ("ravdess", "nemo", "emodb")
        },
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


def corpus(clips: Sequence[Clip], bank: Bank, net: Together) -> dict[str, float]:
    """Mean recall of four corpora (chance .25) on DEV and TEST speakers."""
    named = [i for i, c in enumerate(clips) if c.corpus != "tess"]
    rng = np.random.default_rng(0)
    rows = sorted(rng.permutation(named)[:4000].tolist())
    train = np.array([clips[i].part == "train" for i in rows])
    names = sorted({clips[i].corpus for i in rows})
    truth = np.array([names.index(clips[i].corpus) for i in rows])
    kinds = {
        "hidden layer": hidden(net, [bank.clip(i) for i in rows]),
        "mean of each band": np.stack([bank.clip(i).mean(axis=0) for i in rows]),
    }
    out = {}
    for name, values in kinds.items():
        guess = _fitted(values[train], truth[train]).predict(_scaled(values, train)[~train])
        out[name] = round(uar(truth[~train], guess), 3)
    return out


def sentences(clips: Sequence[Clip], bank: Bank, name: str, net: Together) -> dict[str, object]:
    """Recall over the corpus' classes, of other speakers with the sentences that were fitted and with others."""
    rows = [i for i, c in enumerate(clips) if c.corpus == name and c.label in LABELS[:7]]
    values = hidden(net, [bank.clip(i) for i in rows])
    truth = np.array([LABELS.index(str(clips[i].label)) for i in rows])
    speakers = sorted({clips[i].speaker for i in rows})
    texts = sorted({_sentence(clips[i]) for i in rows})
    who = np.array([speakers.index(clips[i].speaker) % 2 for i in rows])
    what = np.array([texts.index(_sentence(clips[i])) % 2 for i in rows])
    guess = {"same sentences": np.full(len(rows), -1), "other sentences": np.full(len(rows), -1)}
    for voice in (0, 1):
        for text in (0, 1):
            fitted = (who == voice) & (what == text)
            model = _fitted(values[fitted], truth[fitted])
            for kind, wanted in (("same sentences", text), ("other sentences", 1 - text)):
                asked = (who != voice) & (what == wanted)
                guess[kind][asked] = model.predict(_scaled(values, fitted)[asked])
    names = [clips[i].speaker for i in rows]
    return {kind: [round(uar(truth, g), 3), *over_speakers(truth, g, names)] for kind, g in guess.items()}


def _sentence(clip: Clip) -> str:
    if clip.corpus == "emodb":
        return clip.path.name[2:5]
    return clip.path.stem.split("-")[4] if clip.corpus == "ravdess" else clip.path.stem.split("_")[2]


def _scaled(values: NDArray[np.float32], fitted: NDArray[np.bool_]) -> NDArray[np.float32]:
    return (values - values[fitted].mean(axis=0)) / (values[fitted].std(axis=0) + 1e-6)


def _fitted(values: NDArray[np.float32], truth: NDArray[np.generic]) -> LogisticRegression:
    every = np.ones(len(values), bool)
    model = LogisticRegression(C=0.1, max_iter=400, class_weight="balanced")
    return model.fit(_scaled(values, every), truth)


@torch.no_grad()
def hidden(net: Together, mels: Sequence[NDArray[np.float32]], longest: int = 400) -> NDArray[np.float32]:
    """Last hidden layer (n, 256) of log-mel clips, each cut to its first four seconds."""
    out: list[NDArray[np.float32]] = []
    for mel in mels:
        features = torch.from_numpy(normalise(mel[:longest]))[None]
        out.append(net(features, torch.ones(features.shape[:2]))[2][0].numpy())
    return np.stack(out)


if __name__ == "__main__":
    main()
