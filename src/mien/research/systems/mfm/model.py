"""MFN -> code and factor of the answer -> scores; one code and factor a modality, with which it is told again."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.memory import MemoryFusion, two_layers
from mien.research.layers.subnetworks import LastState
from mien.research.layers.together import Together
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mfm.card import Config


class Teller(nn.Module):
    """An LSTM that starts with a factor and then reads its own states; Linear to the features."""

    def __init__(self, factor: int, width: int) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(factor, factor)
        self.linear = nn.Linear(factor, width)

    def forward(self, factor: Tensor, steps: int) -> Tensor:
        """factor (n, factor) -> (n, steps, width)."""
        state, cell = self.cell(factor)
        states = [state]
        for _ in range(steps - 1):
            state, cell = self.cell(state, (state, cell))
            states.append(state)
        found: Tensor = self.linear(torch.stack(states, dim=1))
        return found


class Mfm(nn.Module):
    """The multimodal factorisation model (Tsai et al. 2019, section 3)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        hidden, factor = config.hidden, config.hidden // 2
        self.task, self.names = shape.task, tuple(shape.widths)
        front = max(shape.longest.values(), default=1) if config.front_padding else 0
        self.line = Together(shape.widths, config.steps, front=front)
        self.fuse = MemoryFusion(shape.widths, hidden, config.memory, config.dropout)
        self.code = nn.Linear(self.fuse.out, hidden)
        self.codes = nn.ModuleDict({name: LastState(width, hidden, hidden) for name, width in shape.widths.items()})
        self.factor = _factor(hidden, factor, config.dropout)
        self.factors = nn.ModuleDict({name: _factor(hidden, factor, config.dropout) for name in self.names})
        self.tell = nn.ModuleDict({name: Teller(2 * factor, width) for name, width in shape.widths.items()})
        self.body = two_layers(factor, factor, factor, config.dropout)
        self.head = nn.Linear(factor, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer; extras: "code" (n, hidden) and "factor" of the answer, "real"
        (n, time); "values/NAME", "mask/NAME": the modality on the time line."""
        values, masks, real = self.line(batch)
        code = self.code(self.fuse(values, real))
        factor = self.factor(code)
        hidden = self.body(factor)
        extras = {"code": code, "factor": factor, "real": real}
        extras |= {f"values/{name}": values[name] for name in self.names}
        extras |= {f"mask/{name}": masks[name] for name in self.names}
        return Output(self.head(hidden), hidden, extras)

    def rebuild(self, output: Output, name: str) -> tuple[Tensor, Tensor]:
        """The modality's code (n, hidden) and what is told from both factors, (n, time, width)."""
        values, mask = output.extras[f"values/{name}"], output.extras[f"mask/{name}"]
        code = self.codes[name](values, mask)
        both = torch.cat([output.extras["factor"], self.factors[name](code)], dim=1)
        return code, self.tell[name](both, values.shape[1])


def _factor(width: int, out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(two_layers(width, out, out, dropout), nn.ReLU())


def build(config: Config, shape: Shape) -> Mfm:
    """The model for data of this shape."""
    return Mfm(config, shape)
