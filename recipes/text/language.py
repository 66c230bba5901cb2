"""The language guesser: softmax over n-grams, for the BRIGHTER languages and for those that must be refused.

Trained on BRIGHTER train, GoEmotions train (English) and XED subtitle lines; each text also as a random piece of one to
six words, since spoken lines are short. Russian and Ukrainian stand there once more in Latin letters, as languages that
are recognised and refused. Only the `EACH` commonest n-grams of each language are kept; what a text
has outside them is the share that tells an unknown script. Temperature from held-out rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sparse import matrix, stepped
from torch import nn

from mien.analysis.senses.textfeatures import Vocabulary, ngrams, units

LATIN = {
    "rus": "а:a б:b в:v/w г:g д:d е:e/ye/je ё:e/yo/jo ж:zh/j з:z и:i й:y/j/i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u "
    "ф:f х:kh/h/x ц:ts/c ч:ch щ:shch/sch/sh ш:sh ъ:/' ы:y/i ь:/' э:e ю:yu/ju/iu я:ya/ja/ia",
    "ukr": "а:a б:b в:v/w г:h/g ґ:g д:d е:e є:ye/ie/je ж:zh/j з:z и:y/i і:i ї:yi/i/ji й:y/j/i к:k л:l м:m н:n о:o п:p "
    "р:r с:s т:t у:u ф:f х:kh/h/x ц:ts/c ч:ch щ:shch/sch/sh ш:sh ь:/' ю:yu/ju/iu я:ya/ja/ia",
}
"""The ways in which Cyrillic letters are commonly written in Latin ones."""
EACH = 550
MOST = 2_000
ENGLISH = 6_000


@dataclass(frozen=True, slots=True)
class Guesser:
    """Softmax regression: weights (n-grams, languages), bias (languages,) with the temperature folded in."""

    languages: list[str]
    vocabulary: Vocabulary
    weights: np.ndarray
    bias: np.ndarray

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(n, languages), rows sum to 1."""
        scores = matrix(self.vocabulary, [ngrams(text).all for text in texts]) @ self.weights + self.bias
        scores = np.exp(scores - scores.max(1, keepdims=True))
        return scores / scores.sum(1, keepdims=True)


def pools(
    brighter: dict[str, list[str]], english: list[str], xed: dict[str, list[str]], seed: int
) -> dict[str, list[str]]:
    """Texts by language, at most `MOST` a source; European Portuguese is left out (BRIGHTER has two other kinds)."""
    rng = np.random.default_rng(seed)
    joined = {code: list(texts) for code, texts in brighter.items()}
    joined["eng"] += [english[i] for i in rng.permutation(len(english))[:ENGLISH]]
    for code, texts in xed.items():
        if code != "pt" and len(texts) >= 60:
            joined.setdefault(code, []).extend(texts[:MOST])
    return joined | {f"{code}-latn": [latin(text, code, rng) for text in joined[code]] for code in LATIN}


def latin(text: str, code: str, rng: np.random.Generator) -> str:
    """A text in Latin letters; each letter in one of its ways throughout, capitals lost."""
    ways = {row[0]: str(rng.choice(row[2:].split("/"))) for row in LATIN[code].split(" ")}
    return "".join(ways.get(sign, sign) for sign in text.lower())


def piece(text: str, rng: np.random.Generator) -> str:
    """A random run of one to six words (up to twelve signs of a script without spaces)."""
    spans = units(text)
    if len(spans) < 2:
        return text
    count = int(rng.integers(1, 7)) * (2 if len(spans) > 2 * len(text.split()) else 1)
    first = int(rng.integers(0, max(1, len(spans) - count + 1)))
    return text[spans[first][0] : spans[min(first + count, len(spans)) - 1][1]]


def common(keys: Sequence[np.ndarray], labels: np.ndarray, languages: int) -> Vocabulary:
    """The union of each language's `EACH` commonest n-grams, with idf over all rows."""
    names, rows = np.unique(np.concatenate([np.unique(text) for text in keys]), return_counts=True)
    kept = np.zeros(len(names), bool)
    for label in range(languages):
        own, count = np.unique(
            np.concatenate([np.unique(keys[i]) for i in np.flatnonzero(labels == label)]), return_counts=True
        )
        best = own[np.argsort(-count, kind="stable")[:EACH]]
        kept[np.searchsorted(names, best)] = True
    return Vocabulary(names[kept], stepped(np.log((1 + len(keys)) / (1 + rows[kept])) + 1))


def fit(texts_of: dict[str, list[str]], *, seed: int, epochs: int = 6) -> tuple[Guesser, dict[str, float]]:
    """Train the guesser; also returns held-out accuracies (whole texts, pieces) and the temperature."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    languages = sorted(texts_of)
    texts = [text for code in languages for text in texts_of[code]]
    labels = np.repeat(np.arange(len(languages)), [len(texts_of[code]) for code in languages])
    held = rng.random(len(texts)) < 0.05
    pieces = [piece(text, rng) for text in texts]
    train = [i for i in range(len(texts)) if not held[i]]
    keys = [ngrams(text).all for text in [texts[i] for i in train] + [pieces[i] for i in train]]
    truth = np.concatenate([labels[train], labels[train]])
    words = common(keys, truth, len(languages))
    weights, bias = descend(matrix(words, keys), truth, len(languages), rng, epochs)
    scale = np.maximum(np.abs(weights).max(0) / 127, 1e-9)
    weights = np.round(weights / scale) * scale
    rows = np.flatnonzero(held)
    test = [texts[i] for i in rows] + [pieces[i] for i in rows]
    scores = matrix(words, [ngrams(text).all for text in test]) @ weights + bias
    answer = np.concatenate([labels[rows], labels[rows]])
    temperature = min(np.arange(0.3, 3.0, 0.05), key=lambda t: loss(scores / t, answer))
    right = scores.argmax(1) == answer
    facts = {"whole": float(right[: len(rows)].mean()), "pieces": float(right[len(rows) :].mean())}
    return Guesser(languages, words, weights / temperature, bias / temperature), facts | {
        "temperature": float(temperature)
    }


def loss(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean cross-entropy."""
    shifted = scores - scores.max(1, keepdims=True)
    return float((np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(truth)), truth]).mean())


def descend(
    features, truth: np.ndarray, classes: int, rng: np.random.Generator, epochs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by Adam on class-balanced batches; weights (features, classes) and bias."""
    bag = nn.EmbeddingBag(features.shape[1], classes, mode="sum")
    nn.init.zeros_(bag.weight)
    bias = nn.Parameter(torch.zeros(classes))
    optimiser = torch.optim.Adam([*bag.parameters(), bias], lr=0.05)
    share = (1 / np.bincount(truth, minlength=classes)) ** 0.7
    chance = share[truth] / share[truth].sum()
    steps = epochs * -(-len(truth) // 512)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    for _ in range(steps):
        rows = np.sort(rng.choice(len(truth), 512, p=chance))
        part = features[rows]
        ids, at = torch.from_numpy(part.indices.astype(np.int64)), torch.from_numpy(part.indptr[:-1].astype(np.int64))
        scores = bag(ids, at, per_sample_weights=torch.from_numpy(part.data.astype(np.float32))) + bias
        cost = nn.functional.cross_entropy(scores, torch.from_numpy(truth[rows])) + 1e-6 * bag.weight.square().sum()
        optimiser.zero_grad()
        cost.backward()
        optimiser.step()
        schedule.step()
    return bag.weight.detach().numpy().astype(np.float64), bias.detach().numpy().astype(np.float64)
