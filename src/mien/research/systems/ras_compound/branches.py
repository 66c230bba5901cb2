"""What answers for one modality alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent
from mien.research.layers.task import scores_of
from mien.research.samples import Task
from mien.research.systems.ras_compound.card import Config


class Pooled(nn.Module):
    """The published face branch without its layers over time: Linear, LayerNorm, dropout a step, mean, classifier."""

    def __init__(self, width: int, outputs: int, config: Config) -> None:
        super().__init__()
        hidden = config.hidden
        self.project = nn.Sequential(nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.Dropout(config.dropout))
        self.classify = nn.Sequential(
            nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(config.dropout),
            nn.Linear(hidden, outputs),
        )  # fmt: skip

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) -> scores (n, outputs)."""
        scores: Tensor = self.classify(masked_mean(self.project(values), mask))
        return scores


class RecurrentBranch(nn.Module):
    """The published audio branch: LayerNorm(Linear(BiLSTM(x)) + x), attention over the steps, two linear layers."""

    def __init__(self, width: int, outputs: int, config: Config) -> None:
        super().__init__()
        hidden = config.hidden
        self.read = Recurrent(width, hidden, both=True)
        self.back = nn.Linear(2 * hidden, width)
        self.norm = nn.LayerNorm(width)
        self.attend = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.classify = nn.Sequential(
            nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Dropout(config.dropout),
            nn.Linear(hidden, outputs),
        )  # fmt: skip

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) -> scores (n, outputs)."""
        values = torch.where(mask.unsqueeze(-1), values, values.new_zeros(()))
        steps = self.norm(self.back(self.read(values, mask)[0]) + values)
        weights = self.attend(steps).squeeze(-1).masked_fill(~mask, torch.finfo(steps.dtype).min).softmax(dim=1)
        scores: Tensor = self.classify((steps * (weights * mask).unsqueeze(-1)).sum(dim=1))
        return scores


class Given(nn.Module):
    """The modality is an answer already: probabilities a step, averaged."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, outputs), mask (n, time) -> scores (n, outputs) whose answer is the mean."""
        return scores_of(masked_mean(values, mask), self.task, tiny=1e-12)


def branch(width: int, outputs: int, task: Task, config: Config, name: str) -> nn.Module:
    """The branch of a modality. RequestError where a given answer has not one number an output."""
    if config.branch == "given":
        if width != outputs:
            raise RequestError(f'branch="given" needs {outputs} numbers a step, one an output; {name} has {width}')
        return Given(task)
    return (Pooled if config.branch == "pooled" else RecurrentBranch)(width, outputs, config)
