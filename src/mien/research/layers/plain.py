"""The plain loss of systems that minimise nothing but the task."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output


def plain_losses(model: nn.Module, batch: Batch, output: Output, config: Any) -> dict[str, Tensor]:
    """The one term `task`: cross-entropy, or mean absolute error of values; the model has `task`."""
    return {"task": task_loss(output.scores, batch.target, model.task)}  # type: ignore[arg-type]
