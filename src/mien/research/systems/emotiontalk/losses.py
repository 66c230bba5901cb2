"""Cross-entropy of classes, the squared error of the sentiment, as in the released code."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.emotiontalk.card import Config
from mien.research.systems.emotiontalk.model import EmotionTalk


def losses(model: EmotionTalk, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    return {"task": task_loss(output.scores, batch.target, model.task, value="mse")}
