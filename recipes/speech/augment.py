"""Changes made to a batch of log-mel crops (n, frames, 64) so that level, room, line and noise stop mattering."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.analysis.senses.speech_features import ACTIVE, DEPTH, SCALE


def normalise(mel: Tensor, mask: Tensor) -> Tensor:
    """`speech_features.normalise` for a padded batch; mask (n, frames) bool; padding comes back as zeros."""
    energy = torch.logsumexp(mel, dim=2).masked_fill(~mask, -1e4)
    order = energy.sort(dim=1, descending=True).values
    loud = order.gather(1, (mask.sum(dim=1, keepdim=True) * 0.05).long())
    active = energy >= loud - ACTIVE
    level = torch.logsumexp(energy.masked_fill(~active, -1e4), dim=1) - active.sum(dim=1).log()
    floored = torch.logaddexp(mel - level[:, None, None], torch.tensor(-DEPTH))
    weight = active.float() / active.sum(dim=1, keepdim=True)
    centre = torch.einsum("nt,ntb->nb", weight, floored)
    return (floored - centre[:, None]) * SCALE * mask[:, :, None]


def augment(mel: Tensor, mask: Tensor, random: torch.Generator, *, often: float = 1.0) -> Tensor:
    """Equaliser (p .7), decay tail (p .3), noise 3-35 dB (p .5), band limit (p .3; a third exactly 300-3400 Hz).

    often: factor on the chances of all but the equaliser.
    """
    n, _, bands = mel.shape
    chance = torch.rand(n, 4, generator=random)
    chance[:, 1:] /= often
    level = torch.logsumexp(mel.masked_fill(~mask[:, :, None], -1e4), dim=(1, 2)) - mask.sum(dim=1).log()
    mel = mel + _equaliser(n, bands, random) * (chance[:, :1] < 0.7)[:, :, None]
    wet = torch.nonzero(chance[:, 1] < 0.3).squeeze(1)
    if len(wet):
        mel[wet] = _tail(mel[wet], random)
    mel = _noise(mel, level, chance[:, 2] < 0.5, random)
    return _band_limit(mel, level, chance[:, 3], random)


def mix_contrast(features: Tensor, mask: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Each band's deviation over time pulled towards another clip's, in a share of the clips.

    MixStyle (Zhou et al. 2021) on the input: how far a band swings tells rooms and lines apart as its mean does.
    """
    n = len(features)
    count = mask.sum(dim=1)[:, None, None]
    spread = ((features**2).sum(dim=1, keepdim=True) / count).sqrt().clamp(min=0.05)
    part = torch.rand(n, 1, 1, generator=random)
    chosen = torch.rand(n, 1, 1, generator=random) < share
    other = spread[torch.randperm(n, generator=random)]
    return torch.where(chosen, features * (part + (1 - part) * other / spread), features)


def mask_blocks(features: Tensor, random: torch.Generator) -> Tensor:
    """Two masks of up to 8 bands and two of up to 20 frames a clip, set to the mean (zero)."""
    n, frames, bands = features.shape
    for size, widest, axis in ((bands, 8, 1), (bands, 8, 1), (frames, 20, 2), (frames, 20, 2)):
        width = torch.randint(0, widest + 1, (n, 1), generator=random)
        start = (torch.rand(n, 1, generator=random) * (size - width)).long()
        place = torch.arange(size)[None]
        hidden = (place >= start) & (place < start + width)
        features = features.masked_fill(hidden.unsqueeze(axis), 0.0)
    return features


def _equaliser(n: int, bands: int, random: torch.Generator) -> Tensor:
    """Four cosines over the bands with random phase, each about 3 dB strong; (n, 1, bands)."""
    place = torch.arange(bands)[None, None] / bands
    cycles = torch.tensor([0.5, 1.0, 1.5, 2.5])[None, :, None]
    phase = torch.rand(n, 4, 1, generator=random) * 6.2832
    strength = torch.randn(n, 4, 1, generator=random) * 0.7
    return (strength * torch.cos(6.2832 * cycles * place + phase)).sum(dim=1, keepdim=True)


def _tail(mel: Tensor, random: torch.Generator) -> Tensor:
    """Power smeared over the following 0.4 s, 0.15-0.8 s to -60 dB, tail 3-15 dB under the direct sound."""
    n, frames, _ = mel.shape
    seconds = 0.15 + 0.65 * torch.rand(n, 1, generator=random)
    step = torch.arange(40)[None]
    kernel = torch.exp(-13.8 * 0.01 * step / seconds)
    kernel[:, 0] = 0
    wet = 10 ** (-(3 + 12 * torch.rand(n, 1, generator=random)) / 10)
    kernel = kernel / kernel.sum(dim=1, keepdim=True) * wet
    kernel[:, 0] = 1.0
    points = 512
    power = torch.fft.rfft(mel.exp(), points, dim=1) * torch.fft.rfft(kernel, points, dim=1)[:, :, None]
    smeared = torch.fft.irfft(power, points, dim=1)[:, :frames]
    return smeared.clamp(min=1e-10).log().maximum(mel)


def _noise(mel: Tensor, level: Tensor, chosen: Tensor, random: torch.Generator) -> Tensor:
    n, frames, bands = mel.shape
    snr = 3 + 32 * torch.rand(n, generator=random)
    tilt = (torch.rand(n, 1, generator=random) * 5 - 3.5) * torch.linspace(-0.5, 0.5, bands)[None]
    tilt = tilt - torch.logsumexp(tilt, dim=1, keepdim=True)
    flutter = torch.randn(n, frames, bands, generator=random) * 0.55
    noise = (level - snr * 0.2303)[:, None, None] + tilt[:, None] + flutter
    return torch.where(chosen[:, None, None], torch.logaddexp(mel, noise), mel)


def _band_limit(mel: Tensor, level: Tensor, chance: Tensor, random: torch.Generator) -> Tensor:
    """Bands outside the line are gone (24 nats under the level); in `log_mel` 300-3400 Hz is bands 7 to 44."""
    n, _, bands = mel.shape
    low = torch.randint(0, 10, (n,), generator=random).masked_fill(chance < 0.1, 7)
    high = torch.randint(37, 64, (n,), generator=random).masked_fill(chance < 0.1, 44)
    place = torch.arange(bands)[None]
    gone = ((place < low[:, None]) | (place > high[:, None])) & (chance < 0.3)[:, None]
    return torch.where(gone[:, None], (level - 24.0)[:, None, None], mel)
