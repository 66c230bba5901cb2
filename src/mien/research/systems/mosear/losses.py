"""The task, and what keeps modalities and experts from being forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.plain import plain_losses
from mien.research.output import Output
from mien.research.systems.mosear.card import Config

if TYPE_CHECKING:
    from mien.research.systems.mosear.model import Mosear


def losses(model: Mosear, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """`task`, `balance` of modalities, `load` of experts (mean over the adapters)."""
    terms = plain_losses(model, batch, output, config)
    terms["balance"] = config.balance * output.extras["balance"]
    terms["load"] = config.load * output.extras["load"]
    return terms
