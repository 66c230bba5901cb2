"""The plain loss of the task."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.linear.card import Config
from mien.research.systems.linear.model import Linear


def losses(model: Linear, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    return {"task": task_loss(output.scores, batch.target, model.task)}
