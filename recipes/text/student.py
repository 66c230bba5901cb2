"""GoEmotions: the student that ships, a bag of n-gram embeddings with one hidden layer, taught by the teacher's logits.

    bag = sum of tfidf * embedding;  hidden = relu(A bag + a);  logits = B hidden + b
Target: .7 teacher probability + .3 label for GoEmotions train, the teacher alone for further sentences. A part of the
n-grams and of the hidden units is dropped while training. Embeddings are rounded to int8 with one scale a dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sparse import matrix, vocabulary
from torch import Tensor, nn

from mien.analysis.senses.textfeatures import Vocabulary


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen; README.md has the table of what was tried."""

    least: int = 4
    width: int = 64
    hidden: int = 256
    epochs: int = 8
    batch: int = 512
    rate: float = 8e-3
    drop: float = 0.3
    drop_grams: float = 0.5
    labels: float = 0.3


@dataclass(frozen=True, slots=True)
class Student:
    """Vocabulary, int8 embedding with a scale per dimension, and the two dense layers as float32."""

    vocabulary: Vocabulary
    embedding: np.ndarray
    scale: np.ndarray
    inner: np.ndarray
    inner_bias: np.ndarray
    outer: np.ndarray
    outer_bias: np.ndarray

    def hidden(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """Hidden layer (n, hidden)."""
        bag = matrix(self.vocabulary, keys) @ (self.embedding.astype(np.float64) * self.scale)
        return np.maximum(bag @ self.inner + self.inner_bias, 0)

    def scores(self, keys: Sequence[np.ndarray]) -> np.ndarray:
        """Logits (n, 28)."""
        return self.hidden(keys) @ self.outer + self.outer_bias


class Net(nn.Module):
    """The student while it learns."""

    def __init__(self, grams: int, classes: int, settings: Settings) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(grams, settings.width, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.inner = nn.Linear(settings.width, settings.hidden)
        self.drop = nn.Dropout(settings.drop)
        self.outer = nn.Linear(settings.hidden, classes)

    def forward(self, rows: Tensor, starts: Tensor, values: Tensor) -> Tensor:
        """Logits of a batch given as sparse rows."""
        bag = self.bag(rows, starts, per_sample_weights=values)
        return self.outer(self.drop(torch.relu(self.inner(bag))))


def dropped(part: csr_matrix, share: float, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Sparse rows as n-grams, starts and values, with a random share of the n-grams left out and the rest scaled up."""
    kept = rng.random(len(part.data)) >= share
    starts = np.concatenate([[0], np.cumsum(kept)])[part.indptr[:-1]]
    values = (part.data[kept] / (1 - share)).astype(np.float32)
    return (
        torch.from_numpy(part.indices[kept].astype(np.int64)),
        torch.from_numpy(starts.astype(np.int64)),
        torch.from_numpy(values),
    )


def learn(features: csr_matrix, targets: np.ndarray, settings: Settings, seed: int) -> Net:
    """Train on sparse rows and soft targets (n, classes)."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = Net(features.shape[1], targets.shape[1], settings)
    optimiser = torch.optim.Adam(net.parameters(), lr=settings.rate, fused=True)
    steps = settings.epochs * -(-len(targets) // settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    soft = torch.from_numpy(targets.astype(np.float32))
    net.train()
    for epoch in range(settings.epochs):
        order = rng.permutation(len(targets))
        total = 0.0
        for start in range(0, len(order), settings.batch):
            rows = order[start : start + settings.batch]
            part = dropped(features[rows], settings.drop_grams, rng)
            cost = nn.functional.binary_cross_entropy_with_logits(net(*part), soft[rows])
            optimiser.zero_grad()
            cost.backward()
            optimiser.step()
            schedule.step()
            total += float(cost.detach()) * len(rows)
        print(f"student epoch {epoch + 1} loss {total / len(order):.4f}", flush=True)
    return net.eval()


def fit(keys: Sequence[np.ndarray], targets: np.ndarray, *, settings: Settings, seed: int) -> Student:
    """Vocabulary, training, rounding."""
    words = vocabulary(keys, settings.least)
    net = learn(matrix(words, keys), targets, settings, seed)
    weights = net.bag.weight.detach().numpy()
    scale = np.maximum(np.abs(weights).max(0) / 127, 1e-9)
    inner, outer = net.inner, net.outer
    return Student(
        words,
        np.round(weights / scale).astype(np.int8),
        scale.astype(np.float32),
        inner.weight.detach().numpy().T.copy(),
        inner.bias.detach().numpy().copy(),
        outer.weight.detach().numpy().T.copy(),
        outer.bias.detach().numpy().copy(),
    )
