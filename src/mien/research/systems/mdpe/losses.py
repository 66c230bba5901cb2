"""Cross-entropy of classes; the squared error of values, as in the released regression mode."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.mdpe.card import Config
from mien.research.systems.mdpe.model import Mdpe


def losses(model: Mdpe, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    return {"task": task_loss(output.scores, batch.target, model.task, value="mse")}
