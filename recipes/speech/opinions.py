"""What a small classifier on the teachers' values thinks of each training clip: soft labels, never in-sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from corpora import CLASSES, LABELS, Clip
from torch import Tensor, nn
from torch.nn import functional as F

FOLDS = 4


def opinions(values: Tensor, clips: Sequence[Clip], chosen: Sequence[int], *, seed: int = 0) -> Tensor:
    """Soft labels, (clips, 9): rows of chosen clips with a category sum to 1 over their corpus' classes, others are 0.

    Speakers are dealt into four folds; each fold is judged by a network trained on the three others, so it
    has heard neither the clip nor the voice.
    """
    named = [i for i in chosen if clips[i].label]
    speakers = sorted({(clips[i].corpus, clips[i].speaker) for i in named})
    fold_of = {speaker: place % FOLDS for place, speaker in enumerate(speakers)}
    folds = np.array([fold_of[clips[i].corpus, clips[i].speaker] for i in named])
    rows = np.array(named)
    allowed = torch.tensor([[label in CLASSES[clips[i].corpus] for label in LABELS] for i in named])
    target = torch.tensor([LABELS.index(str(clips[i].label)) for i in named])
    out = torch.zeros(len(clips), len(LABELS))
    for fold in range(FOLDS):
        inside = torch.from_numpy(np.flatnonzero(folds != fold))
        outside = torch.from_numpy(np.flatnonzero(folds == fold))
        weights = _balance([clips[i] for i in rows[inside.numpy()]])
        judge = _judge(values[rows[inside.numpy()]], target[inside], allowed[inside], weights, seed)
        with torch.no_grad():
            logits = judge(values[rows[outside.numpy()]]).masked_fill(~allowed[outside], -1e4)
        out[rows[outside.numpy()]] = torch.softmax(logits, dim=1)
    return out


def _judge(values: Tensor, target: Tensor, allowed: Tensor, weights: Tensor, seed: int) -> nn.Module:
    """Values - 128 - 9 with dropout, masked cross-entropy, 800 steps."""
    torch.manual_seed(seed)
    wide = values.shape[1]
    net = nn.Sequential(nn.Dropout(0.2), nn.Linear(wide, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, len(LABELS)))
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    for _ in range(800):
        rows = torch.multinomial(weights, 256, replacement=True)
        logits = net(values[rows]).masked_fill(~allowed[rows], -1e4)
        loss = F.cross_entropy(logits, target[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return net.eval()


def _balance(clips: Sequence[Clip]) -> Tensor:
    """Chances as in `batches.Sampler`: corpora by the square root of their size, classes evenly inside."""
    size: dict[str, int] = {}
    group: dict[tuple[str, str | None], int] = {}
    for clip in clips:
        size[clip.corpus] = size.get(clip.corpus, 0) + 1
        group[clip.corpus, clip.label] = group.get((clip.corpus, clip.label), 0) + 1
    kinds = {corpus: sum(key[0] == corpus for key in group) for corpus in size}
    return torch.tensor([size[c.corpus] ** 0.5 / kinds[c.corpus] / group[c.corpus, c.label] for c in clips])
