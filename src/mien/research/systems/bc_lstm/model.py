"""Turn -> an LSTM over the dialogue and a dense layer a modality -> the same over all side by side -> scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.dialogue import Dialogues
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.bc_lstm.card import Config


class Context(nn.Module):
    """LSTM over the turns, dropout, Linear, ReLU, dropout."""

    def __init__(self, width: int, config: Config) -> None:
        super().__init__()
        self.read = Recurrent(width, config.hidden, both=config.both)
        self.body = nn.Sequential(
            nn.Dropout(config.dropout), nn.Linear(self.read.out, config.dense), nn.ReLU(), nn.Dropout(config.dropout)
        )

    def forward(self, turns: Tensor, mask: Tensor) -> Tensor:
        """turns (dialogues, turns, width), mask (dialogues, turns) -> (dialogues, turns, dense)."""
        found: Tensor = self.body(self.read(turns, mask)[0])
        return found


class BcLstm(nn.Module):
    """The contextual LSTM (Poria et al. 2017, section 3.2)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.levels not in (1, 2):
            raise RequestError(f"bc-lstm: levels must be 1 or 2, got {config.levels}")
        self.task = shape.task
        self.standard, self.absent = Standardise(shape.widths), StandIn(shape.widths)
        self.names = tuple(shape.widths)
        alone = shape.widths if config.levels == 2 else {}
        self.alone = nn.ModuleDict({name: Context(width, config) for name, width in alone.items()})
        width = config.dense * len(self.names) if self.alone else sum(shape.widths.values())
        self.context = Context(width, config)
        self.head = nn.Linear(config.dense, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer, in the order of the batch."""
        dialogues = Dialogues.of(batch)
        turns = {name: dialogues.fold(self._mean(batch, name)) for name in self.names}
        told = [
            self.alone[name](values, dialogues.mask) if name in self.alone else values for name, values in turns.items()
        ]
        hidden = dialogues.flat(self.context(torch.cat(told, dim=-1), dialogues.mask))
        return Output(self.head(hidden), hidden)

    def _mean(self, batch: Batch, name: str) -> Tensor:
        mask = batch.masks[name]
        mean = masked_mean(self.standard(batch.inputs[name], name), mask)
        found: Tensor = self.absent(mean, mask.any(dim=1), name)
        return found


def build(config: Config, shape: Shape) -> BcLstm:
    """The model for data of this shape."""
    return BcLstm(config, shape)
