"""The plain loss over all turns; class labels may be smoothed (third party: 0.1)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.m2fnet.card import Config
from mien.research.systems.m2fnet.model import M2FNet


def losses(model: M2FNet, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    if model.task == "class" and config.smoothing:
        return {"task": functional.cross_entropy(output.scores, batch.target, label_smoothing=config.smoothing)}
    return {"task": task_loss(output.scores, batch.target, model.task)}
