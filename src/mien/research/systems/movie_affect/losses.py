"""Cross-entropy of the logits divided by the temperature; the plain loss for labels and values."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.movie_affect.card import Config
from mien.research.systems.movie_affect.model import MovieAffect


def losses(model: MovieAffect, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    scores = output.scores / config.temperature if model.task == "class" else output.scores
    return {"task": task_loss(scores, batch.target, model.task)}
