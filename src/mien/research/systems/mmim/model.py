"""One vector a modality -> fusion -> scores; beside it the bounds that its losses maximise."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.information import ContrastiveBound, GaussianBound
from mien.research.layers.readers import Readers
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mmim.card import Config


class Mmim(nn.Module):
    """Multimodal infomax (Han et al. 2021, section 3).

    root: the modality that the others are compared with, text where there is one; between: modality -> bound of its
    information on the root; back: modality -> bound of the fusion's information on it; memory: what the entropy keeps
    of the batch before, (rows, width) with the groups of each row (rows, groups).
    """

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.names = shape.task, tuple(shape.widths)
        self.root = "text" if "text" in self.names else self.names[0]
        states, outs = dict.fromkeys(("audio", "video"), config.states), dict.fromkeys(("audio", "video"), config.out)
        self.read = Readers(shape, states, outs, dropout=config.dropout, both=True, first_step=config.first_step)
        widths = self.read.widths
        self.first = nn.Sequential(
            nn.Dropout(config.fusion_dropout), nn.Linear(sum(widths.values()), config.width), nn.Tanh(),
            nn.Linear(config.width, config.width), nn.Tanh(),
        )  # fmt: skip
        self.head = nn.Linear(config.width, shape.outputs)
        self.back = nn.ModuleDict({name: ContrastiveBound(widths[name], config.width) for name in self.names})
        self.between = nn.ModuleDict()
        groups = shape.outputs * (1 if shape.task == "class" else 2)
        for name in self.names:
            if name != self.root:
                bound = GaussianBound(widths[self.root], widths[name])
                bound.project.requires_grad_(False)
                self.between[name] = bound
                rows = torch.zeros(0, max(widths[name] // 4, 1))
                self.register_buffer(f"rows_{name}", rows)
                self.register_buffer(f"groups_{name}", torch.zeros(0, groups, dtype=torch.bool))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: the fusion; extras: "vector/audio" of each modality."""
        vectors = self.read(batch)
        fusion = self.first(torch.cat(list(vectors.values()), dim=1))
        return Output(self.head(fusion), fusion, {f"vector/{name}": values for name, values in vectors.items()})

    def memory(self, name: str) -> tuple[Tensor, Tensor]:
        """Projected rows of the last training batch, and their groups."""
        return self.get_buffer(f"rows_{name}"), self.get_buffer(f"groups_{name}")

    def remember(self, name: str, rows: Tensor, groups: Tensor) -> None:
        """Keep these instead."""
        setattr(self, f"rows_{name}", rows.detach().float())
        setattr(self, f"groups_{name}", groups)

    def forget(self) -> None:
        """Keep nothing: a new epoch, or the end."""
        for name in self.between:
            rows, groups = self.memory(name)
            self.remember(name, rows[:0], groups[:0])


def build(config: Config, shape: Shape) -> Mmim:
    """The model for data of this shape."""
    return Mmim(config, shape)
