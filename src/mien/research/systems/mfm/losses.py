"""task + telling the modalities again + distance of all codes to the normal distribution, weighted."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.mfm.card import Config
from mien.research.systems.mfm.model import Mfm
from mien.research.systems.mfm.prior import discrepancy


def losses(model: Mfm, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Terms `task` (mean absolute error of values), `rebuild`, `prior`; each modality over the samples that have it."""
    prior = discrepancy(output.extras["code"], sampled=config.sampled)
    rebuild = output.scores.new_zeros(())
    for name in model.names:
        mask = output.extras[f"mask/{name}"]
        there = mask.any(dim=1)
        if not there.any():
            continue
        code, told = model.rebuild(output, name)
        prior = prior + discrepancy(code[there], sampled=config.sampled)
        rebuild = rebuild + (told - output.extras[f"values/{name}"])[mask].square().mean()
    return {
        "task": task_loss(output.scores, batch.target, model.task),
        "rebuild": config.rebuild * rebuild,
        "prior": config.prior * prior,
    }
