"""What answers for one modality alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.layers.mamba import Mamba
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent, compact
from mien.research.layers.task import scores_of
from mien.research.samples import Task
from mien.research.systems.ras_compound.card import Config


class Pooled(nn.Module):
    """Linear, LayerNorm, dropout a step, `blocks` of x + mamba(x) over time, mean, classifier.

    The source's own block decays by exp(A) times delta; here the shared one, exp(A delta).
    """

    def __init__(self, width: int, outputs: int, config: Config, blocks: int = 0) -> None:
        super().__init__()
        hidden = config.hidden
        self.blocks = nn.ModuleList(
            Mamba(hidden, state=config.state, expand=1, conv=config.kernel) for _ in range(blocks)
        )
        self.project = nn.Sequential(nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.Dropout(config.dropout))
        self.classify = nn.Sequential(
            nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(config.dropout),
            nn.Linear(hidden, outputs),
        )  # fmt: skip

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) -> scores (n, outputs)."""
        if self.blocks:
            values, count, _ = compact(values, mask)
            mask = torch.arange(mask.shape[1], device=mask.device) < count.unsqueeze(1)
        values = self.project(values)
        for block in self.blocks:
            values = values + block(values, mask)
        scores: Tensor = self.classify(masked_mean(values, mask))
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
        logits = self.attend(steps).squeeze(-1)
        weights = logits.masked_fill(~mask, torch.finfo(logits.dtype).min).softmax(dim=1)
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
    if config.branch == "recurrent":
        return RecurrentBranch(width, outputs, config)
    return Pooled(width, outputs, config, config.blocks if config.branch == "mamba" else 0)
