"""Turns of a batch as dialogues, through the dialogue network, and back."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.dialogue import Dialogues
from mien.research.layers.pooling import masked_mean
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.m2fnet.card import Config
from mien.research.systems.m2fnet.network import DialogueNetwork


class M2FNet(nn.Module):
    """The system; extras `future`: (n,) bool, whether later turns had a part in the answer."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.config, self.task = config, shape.task
        self.standard = Standardise(shape.widths)
        self.absent = StandIn(shape.widths)
        self.network = DialogueNetwork(config, shape.widths, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer, in the order of the batch."""
        dialogues = Dialogues.of(batch)
        scores, hidden = self.network({name: self._turns(batch, name) for name in batch.inputs}, dialogues)
        turns = torch.arange(dialogues.mask.shape[1], device=scores.device)
        later = dialogues.flat(dialogues.mask.sum(dim=1, keepdim=True) - 1 - turns) > 0
        return Output(scores, hidden, {"future": later & (not self.config.causal)})

    def _turns(self, batch: Batch, name: str) -> Tensor:
        """One vector a turn: the mean of its steps, or what stands for an absent modality."""
        mask = batch.masks[name]
        present = mask.any(dim=1)
        if self.config.absent == "refuse" and not present.all():
            turn = batch.ids[int((~present).nonzero()[0])]
            raise RequestError(
                f'turn {turn} has no {name}, and this network was built with absent="refuse"; '
                f'give all of {", ".join(batch.inputs)}, or train with absent="learned"'
            )
        if self.training and self.config.hide:
            present = present & (torch.rand(len(batch), device=present.device) >= self.config.hide)
        turns: Tensor = self.absent(masked_mean(self.standard(batch.inputs[name], name), mask), present, name)
        return turns


def build(config: Config, shape: Shape) -> M2FNet:
    """The model for data of this shape: any modalities, one at least."""
    return M2FNet(config, shape)
