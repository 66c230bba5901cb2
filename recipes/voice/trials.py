"""Same voice or not: pairs of pieces of unseen speakers, inside one corpus, and their equal error rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(pieces, frames, 64) -> (pieces, values), rows of length 1."""


class Pieces:
    """Pieces of one length joined from random clips of one speaker each, with speaker, corpus and emotion."""

    def __init__(self, mel, rows, where: str, seconds: float, worse: bool, each: int, rng) -> None:
        frames = round(seconds * 100)
        keep = (rows["part"] == where) & (rows["worse"] == worse) & (rows["speed"] == 1.0)
        made, self.corpus, self.speaker, self.emotion = [], [], [], []
        for corpus in np.unique(rows["corpus"][keep]):
            of_corpus = keep & (rows["corpus"] == corpus)
            for speaker in np.unique(rows["speaker"][of_corpus]):
                of_speaker = of_corpus & (rows["speaker"] == speaker)
                for emotion in np.unique(rows["emotion"][of_speaker]):
                    clips = np.flatnonzero(of_speaker & (rows["emotion"] == emotion))
                    count = -(-each // len(np.unique(rows["emotion"][of_speaker])))
                    for _ in range(count):
                        made.append(_piece(mel, rows, rng.permutation(clips), frames, rng))
                        self.corpus.append(corpus), self.speaker.append(speaker), self.emotion.append(emotion)
        self.mel = np.stack(made)
        self.corpus, self.speaker = np.array(self.corpus), np.array(self.speaker)
        self.emotion = np.array(self.emotion)


def _piece(mel, rows, order, frames: int, rng) -> NDArray[np.float32]:
    parts, total = [], 0
    for clip in np.resize(order, 40):
        part = mel[rows["start"][clip] : rows["stop"][clip]]
        if not total and len(part) > frames:
            at = rng.integers(0, len(part) - frames + 1)
            part = part[at : at + frames]
        parts.append(np.asarray(part, np.float32))
        total += len(part)
        if total >= frames:
            break
    return np.concatenate(parts)[:frames]


def eer(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """Equal error rate: where as many same pairs are rejected as other pairs accepted. NaN without both kinds."""
    if same.all() or not same.any():
        return float("nan")
    order = np.argsort(scores)
    miss = np.cumsum(same[order]) / same.sum()
    accept = 1.0 - np.cumsum(~same[order]) / (~same).sum()
    place = int(np.argmin(np.abs(miss - accept)))
    return float((miss[place] + accept[place]) / 2)


def tables(vectors, pieces: Pieces, *, draws: int = 200, seed: int = 0) -> dict[str, dict[str, float]]:
    """EER per corpus and over all ("all": the trials of every corpus together), any emotions and across emotions; the
    interval is the 95 % bootstrap over speakers."""
    left, right = np.triu_indices(len(vectors), 1)
    inside = pieces.corpus[left] == pieces.corpus[right]
    left, right = left[inside], right[inside]
    scores = np.einsum("ij,ij->i", vectors[left], vectors[right])
    same = pieces.speaker[left] == pieces.speaker[right]
    across = pieces.emotion[left] != pieces.emotion[right]
    out: dict[str, dict[str, float]] = {}
    for corpus in [*np.unique(pieces.corpus), "all"]:
        here = np.ones(len(left), bool) if corpus == "all" else pieces.corpus[left] == corpus
        out[str(corpus)] = {
            "speakers": len(np.unique(np.char.add(pieces.corpus, pieces.speaker)[_of(pieces, corpus)])),
            "eer": eer(scores[here], same[here]),
            "eer_across_emotions": eer(scores[here & across], same[here & across]),
        }
    low, high = _interval(scores, same, left, right, pieces, draws, np.random.default_rng(seed))
    out["all"] |= {"low": low, "high": high}
    return out


def _of(pieces: Pieces, corpus: str):
    return np.ones(len(pieces.corpus), bool) if corpus == "all" else pieces.corpus == corpus


def _interval(scores, same, left, right, pieces, draws, rng):
    who = np.unique(np.char.add(pieces.corpus, pieces.speaker), return_inverse=True)[1]
    rates = []
    for _ in range(draws):
        weight = np.bincount(rng.integers(0, who.max() + 1, who.max() + 1), minlength=who.max() + 1)[who]
        pick = np.flatnonzero(weight[left] * weight[right] > 0)
        pick = rng.choice(pick, min(len(pick), 20_000), replace=False)
        rates.append(eer(scores[pick], same[pick]))
    return float(np.nanquantile(rates, 0.025)), float(np.nanquantile(rates, 0.975))
