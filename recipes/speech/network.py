"""The speech network: a listener, attention-weighted mean and deviation of what it hears, one hidden layer, heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from corpora import LABELS
from listener import WIDTH, Listener
from torch import Tensor, nn
from torch.nn import functional as F

HIDDEN = 128
STEPS = 4
"""Steps of the listener (20 ms) to one of what is told (80 ms)."""


class SpeechNet(nn.Module):
    """Features (n, frames, 64) and mask (n, frames) to logits (n, 9), arousal (n,) and hidden (n, 128)."""

    def __init__(self, listener: Listener | None = None, dropout: float = 0.4) -> None:
        super().__init__()
        self.listener = listener or Listener()
        self.attend = nn.Conv1d(WIDTH, 1, 1)
        nn.init.zeros_(self.attend.weight)
        self.scale = nn.BatchNorm1d(2 * WIDTH, affine=False)
        self.thin, self.mix = nn.Dropout(dropout / 2), nn.Linear(2 * WIDTH, HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(HIDDEN, len(LABELS))
        self.activation = nn.Linear(HIDDEN, 1)

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.answer(self.pool(*self.listen(features, mask)))

    def tell(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The same, and what each 80 ms told, (n, steps, 9)."""
        x, weight = self.listen(features, mask)
        hidden = self.pool(x, weight)
        return *self.answer(hidden), self.told(x, weight, hidden)

    def answer(self, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits and arousal from the hidden layer, which is handed on."""
        dropped = self.dropout(hidden)
        return self.emotion(dropped), torch.tanh(self.activation(dropped)).squeeze(1), hidden

    def listen(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """States (n, 256, steps) every 20 ms, and how much each step counts (n, 1, steps), sum 1."""
        x = self.listener.listen(features, mask)[1].float().transpose(1, 2)
        keep = mask[:, None, ::2].float()
        return x, torch.softmax(self.attend(x).float() + (keep - 1) * 1e4, dim=2)

    def pool(self, x: Tensor, weight: Tensor) -> Tensor:
        """Last hidden layer (n, 128), from the weighted mean and deviation over time."""
        mean = (x * weight).sum(dim=2)
        spread = ((x * x * weight).sum(dim=2) - mean * mean).clamp(min=1e-5).sqrt()
        return torch.relu(self.mix(self.thin(self.scale(torch.cat([mean, spread], dim=1)))))

    def told(self, x: Tensor, weight: Tensor, hidden: Tensor) -> Tensor:
        """What each 80 ms adds to each label's logit through the mean, against the other labels: (n, steps, 9).

        The hidden layer's units that are on make the answer linear in the mean; so do these shares.
        """
        rate = (self.scale.running_var[:WIDTH] + self.scale.eps).rsqrt()
        through = self.mix.weight[:, :WIDTH] * rate
        slope = torch.einsum("ch,nh,hw->ncw", self.emotion.weight, (hidden > 0).float(), through)
        added = slope @ (x * weight)
        added = added - added.mean(dim=1, keepdim=True)
        n, labels = added.shape[:2]
        groups = F.pad(added.flatten(0, 1)[:, None], (0, STEPS - 1))
        summed = F.conv1d(groups, torch.ones(1, 1, STEPS), stride=STEPS)
        return summed.reshape(n, labels, -1).transpose(1, 2)


class Together(nn.Module):
    """Networks of unlike training that answer as one: mean logits, arousal and shares; hidden layers side by side."""

    def __init__(self, nets: Sequence[SpeechNet]) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)

    @classmethod
    def load(cls, path: Path) -> Together:
        """What `fit` made and was saved, ready to answer."""
        state = torch.load(path, weights_only=True)
        count = 1 + max(int(name.split(".")[1]) for name in state)
        net = cls([SpeechNet() for _ in range(count)])
        net.load_state_dict(state)
        return net.eval()

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits, arousal, hidden = zip(*(net(features, mask) for net in self.nets), strict=True)
        return _mean(logits), _mean(arousal), torch.cat(hidden, dim=1)

    def tell(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As `SpeechNet.tell`."""
        logits, arousal, hidden, told = zip(*(net.tell(features, mask) for net in self.nets), strict=True)
        return _mean(logits), _mean(arousal), torch.cat(hidden, dim=1), _mean(told)


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean(dim=0)
