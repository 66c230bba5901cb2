"""Each network learns by itself, from the samples that have its modality."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.late_average.card import Config
from mien.research.systems.late_average.model import LateAverage


def losses(model: LateAverage, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """One term a modality; a modality that no sample of the batch has gives 0."""
    terms = {}
    for name, there in batch.present.items():
        scores = output.extras[f"alone/{name}"]
        terms[name] = task_loss(scores[there], batch.target[there], model.task) if there.any() else scores.sum() * 0
    return terms
