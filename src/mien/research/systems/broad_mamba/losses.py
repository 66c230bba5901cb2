"""The loss of the fused answer, and a share of each modality's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.broad_mamba.card import Config

if TYPE_CHECKING:
    from mien.research.systems.broad_mamba.model import BroadMamba


def losses(model: BroadMamba, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """`task`, and `alone/NAME` over the turns that have the modality; a modality that no turn has gives 0."""
    terms = {"task": _loss(model, output.scores, batch.target)}
    for name, there in batch.present.items():
        scores = output.extras.get(f"alone/{name}")
        if scores is not None:
            loss = _loss(model, scores[there], batch.target[there]) if there.any() else scores.sum() * 0
            terms[f"alone/{name}"] = config.unimodal * loss
    return terms


def _loss(model: BroadMamba, scores: Tensor, target: Tensor) -> Tensor:
    if model.weigh is not None:
        return model.weigh(scores, target)  # type: ignore[no-any-return]
    return task_loss(scores, target, model.task)
