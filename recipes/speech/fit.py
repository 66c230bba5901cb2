"""One training run, and what its network answers on whole clips."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from augment import augment, mask_blocks, mix_contrast, normalise
from bank import Bank, open_bank
from batches import Batch, Sampler
from corpora import Clip
from listener import Listener
from network import HIDDEN, SpeechNet, Together
from numpy.typing import NDArray
from opinions import opinions
from torch import Tensor
from torch.nn import functional as F

from mien.analysis.senses.speech_features import normalise as normalise_clip

BATCH = 64
PEAK_RATES = 3e-4, 2e-3
"""Of the listener and of the rest."""
RETURN = 0.25
SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was varied: share of crops from the degraded bank, factor on the chances of further damage, share of
    clips whose contrast is mixed, weight of the teacher's values and of the activation in the
    loss, share of the teacher's opinion in the target."""

    worse: float = 0.25
    often: float = 1.0
    mixed: float = 0.0
    teacher: float = 1.0
    arousal: float = 1.0
    opinion: float = 0.0


RECIPES = {
    "heavy": Recipe(),
    "light": Recipe(worse=0.15, often=0.6, mixed=0.5, teacher=1.0, arousal=0.5),
    "advised": Recipe(worse=0.15, often=0.6, mixed=0.5, teacher=1.0, arousal=0.5, opinion=0.5),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One of the networks that answer together: its listener, steps, and how many of the teachers' values it is told."""

    listener: str
    steps: int
    told: int


MEMBERS = (Member("listener-0.pt", 900, 512), Member("listener-2.pt", 1200, 1280))


@dataclass(frozen=True, slots=True)
class Material:
    """All clips, their banks, and both teachers' values (clips, 1280), the speaker encoder's first; or None."""

    clips: Sequence[Clip]
    clean: Bank
    degraded: Bank
    teacher: Tensor | None

    @classmethod
    def open(cls, clips: Sequence[Clip], work: Path, *, taught: bool = True) -> Material:
        """Banks and teacher values from the working folder."""
        teacher = None
        if taught:
            values = [np.load(work / name) for name in ("teacher.npy", "recogniser.npy")]
            teacher = torch.from_numpy(np.hstack(values))
        return cls(clips, open_bank(work, "clean"), open_bank(work, "degraded"), teacher)


def fit(material: Material, chosen: Sequence[int], recipe: Recipe, work: Path) -> Together:
    """All members, trained on the chosen clips from the listeners that lie in `work`."""
    return Together([fit_one(material, chosen, recipe, work, member) for member in MEMBERS]).eval()


def fit_one(
    material: Material, chosen: Sequence[int], recipe: Recipe, work: Path, member: Member, *, order: int = 0
) -> SpeechNet:
    """Trains on the chosen clips, beginning with the taught listener: AdamW, one cycle, bfloat16, one thread.

    order: seed of what is drawn and damaged; the first weights are the same for all.
    """
    torch.manual_seed(0)
    before, steps = torch.load(work / member.listener, weights_only=True)["net"], member.steps
    taught = Listener()
    taught.load_state_dict(before)
    net = SpeechNet(taught)
    reader = torch.nn.Linear(HIDDEN, member.told)  # predicts the teachers' values; thrown away afterwards
    torch.manual_seed(order)
    random = torch.Generator().manual_seed(order)
    sampler = Sampler(material.clips, chosen, (material.clean, material.degraded), order, recipe.worse)
    teacher, advice = None, None
    if material.teacher is not None:
        values = material.teacher[:, : member.told]
        known = values[torch.tensor(list(chosen))]
        teacher = (values - known.mean(dim=0)) / (known.std(dim=0) + 1e-6)
        if recipe.opinion:
            advice = opinions(teacher, material.clips, chosen, seed=order)
    trunk = list(taught.parameters())
    rest = [p for name, p in net.named_parameters() if not name.startswith("listener.")] + list(reader.parameters())
    optimiser = torch.optim.AdamW(
        [dict(params=trunk, weight_decay=0.01), dict(params=rest, weight_decay=0.05)], lr=PEAK_RATES[0]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, list(PEAK_RATES), total_steps=steps, pct_start=0.2)
    begun, running = time.process_time(), 0.0
    net.train()
    for step in range(steps):
        batch = sampler.draw(BATCH)
        mel = augment(batch.mel, batch.mask, random, often=recipe.often)
        features = normalise(mel, batch.mask)
        features = mask_blocks(mix_contrast(features, batch.mask, recipe.mixed, random), random)
        with torch.autocast("cpu", torch.bfloat16):
            logits, arousal, hidden = net(features, batch.mask.float())
            told = reader(hidden)
        loss = _loss(batch, logits.float(), arousal.float(), recipe, advice)
        if teacher is not None:
            loss = loss + recipe.teacher * F.mse_loss(told.float(), teacher[batch.index])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*trunk, *rest], 5.0)
        optimiser.step()
        schedule.step()
        running += (loss.item() - running) * max(0.01, 1 / (step + 1))
        if (step + 1) % 100 == 0:
            print(f"step {step + 1} loss {running:.3f} cpu {time.process_time() - begun:.0f} s", flush=True)
    return _settle(net, before, sampler)


@torch.no_grad()
def _settle(net: SpeechNet, taught: dict[str, Tensor], sampler: Sampler) -> SpeechNet:
    """The listener a quarter of the way back to what it was taught (Wortsman et al. 2022); values scaled anew on crops
    without damage."""
    for name, weight in net.listener.state_dict().items():
        weight.lerp_(taught[name], RETURN)
    net.scale.reset_running_stats()
    net.scale.momentum = None  # the plain mean over all batches
    net.eval()
    net.scale.train()
    for _ in range(20):
        batch = sampler.draw(BATCH)
        net(normalise(batch.mel, batch.mask), batch.mask.float())
    return net.eval()


def _loss(batch: Batch, logits: Tensor, arousal: Tensor, recipe: Recipe, advice: Tensor | None) -> Tensor:
    """Cross-entropy over the classes each clip's corpus has, plus Huber loss of the activation."""
    named = batch.target >= 0
    allowed = batch.allowed[named]
    masked = logits[named].masked_fill(~allowed, -1e4)
    log_p = F.log_softmax(masked, dim=1)
    true = F.one_hot(batch.target[named], logits.shape[1]).float()
    smooth = true * (1 - SMOOTHING) + allowed.float() / allowed.sum(dim=1, keepdim=True) * SMOOTHING
    if advice is not None:
        smooth = (1 - recipe.opinion) * smooth + recipe.opinion * advice[batch.index[named]]
    emotion = -(smooth * log_p.masked_fill(~allowed, 0.0)).sum(dim=1).sum() / len(batch.target)
    return emotion + recipe.arousal * F.huber_loss(arousal, batch.arousal, delta=0.5)


@torch.no_grad()
def answer(
    net: Together, mels: Sequence[NDArray[np.float32]], *, longest: int = 400, batch: int = 32
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits (n, 9) and arousal (n,) for log-mel clips, each cut to its first 4 s."""
    logits, arousal = np.zeros((len(mels), 9), np.float32), np.zeros(len(mels), np.float32)
    order = np.argsort([len(m) for m in mels], kind="stable")
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        clips = [normalise_clip(mels[i][:longest]) for i in rows]
        frames = max(map(len, clips))
        features = np.stack([np.pad(c, ((0, frames - len(c)), (0, 0))) for c in clips])
        mask = np.arange(frames)[None] < np.array([[len(c)] for c in clips])
        out = net(torch.from_numpy(features), torch.from_numpy(mask.astype(np.float32)))
        logits[rows], arousal[rows] = out[0].numpy(), out[1].numpy()
    return logits, arousal
