"""Turns of a dialogue -> one Mamba tower a modality -> broad nodes -> own answers -> fusion by certainty -> answer.

Sections follow the card: 1 inputs, 2-3 towers, 4 broad nodes, 5 heads and fusion. The source is a description without
code; every size and every rule it leaves open is Mien's.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.balance import ClassWeights
from mien.research.layers.dialogue import Dialogues
from mien.research.layers.mamba import MambaStack
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import compact
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.broad_mamba.broad import BroadNodes, ridge
from mien.research.systems.broad_mamba.card import Config
from mien.research.systems.broad_mamba.guidance import confidence, fuse, guidance


class Broad(nn.Module):
    """What broad nodes add to the features of one modality (section 4).

    Closed form: `weights` (3, columns, outputs) are ridges fitted without the even dialogues, without the odd ones, and
    on all. While it learns, a dialogue gets the answer of the ridge that has not seen it: an answer fitted on its own
    labels would be far better than any to come, and the head would trust it blindly.
    """

    def __init__(self, config: Config, outputs: int) -> None:
        super().__init__()
        self.config = config
        self.nodes = BroadNodes(
            config.hidden, groups=config.groups, nodes=config.nodes, enhance=config.enhance, phi=config.phi
        )
        self.closed = config.bls == "closed_form"
        self.drop = nn.Dropout(config.dropout)
        self.lift = nn.Linear(outputs if self.closed else self.nodes.columns, config.hidden)
        if self.closed:
            self.register_buffer("weights", torch.zeros(3, self.nodes.columns, outputs))

    def forward(self, h: Tensor, groups: Tensor) -> Tensor:
        """h (n, hidden), groups (n,) -> (n, hidden)."""
        a = self.nodes(h.detach())
        if not self.closed:
            return self.lift(self.drop(a))  # type: ignore[no-any-return]
        weights = self.get_buffer("weights")
        told = a @ weights[2]
        if self.training and self.config.crossed:
            even = (groups % 2 == 0).unsqueeze(-1)
            told = torch.where(even, a @ weights[0], a @ weights[1])
        return self.lift(told)  # type: ignore[no-any-return]

    def fit(self, h: Tensor, target: Tensor, groups: Tensor) -> None:
        """The ridges of h (n, hidden) on target (n, outputs)."""
        a, y = self.nodes(h).double(), target.double()
        even = groups % 2 == 0
        gram = [a[part].T @ a[part] for part in (even, ~even)]
        cross = [a[part].T @ y[part] for part in (even, ~even)]
        pairs = [(gram[1], cross[1]), (gram[0], cross[0]), (gram[0] + gram[1], cross[0] + cross[1])]
        self.get_buffer("weights").copy_(torch.stack([ridge(*pair, self.config.penalty) for pair in pairs]))


class Tower(nn.Module):
    """One modality: its turns in order, those without it stepped over (sections 1 to 3)."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, config.hidden)
        self.speakers = nn.Embedding(config.speakers + 1, config.hidden, padding_idx=0) if config.speakers else None
        self.stack = MambaStack(
            config.hidden,
            config.blocks,
            config.dropout,
            {
                "state": config.state,
                "expand": config.expand,
                "conv": config.conv,
                "rank": config.rank,
                "both": config.direction == "both",
                "combine": config.combine,
                "reverse": config.reverse,
                "discretisation": config.discretisation,
            },
        )

    def forward(self, x: Tensor, present: Tensor, dialogues: Dialogues) -> Tensor:
        """x (n, width), present (n,) bool -> (n, hidden), 0 where it is not there."""
        table = dialogues.fold(self.project(x))
        if self.speakers is not None:
            # The last embedding serves every further speaker; an unknown one adds nothing.
            table = table + self.speakers((dialogues.parties + 1).clamp(max=self.speakers.num_embeddings - 1))
        mask = dialogues.fold(present) & dialogues.mask
        moved, counts, order = compact(table, mask)
        real = torch.arange(mask.shape[1], device=mask.device) < counts.unsqueeze(1)
        found = self.stack(moved, real)
        back = torch.zeros_like(found).scatter(1, order.unsqueeze(-1).expand_as(found), found)
        return dialogues.flat(torch.where(mask.unsqueeze(-1), back, back.new_zeros(())))


class BroadMamba(nn.Module):
    """The system; towers, broad nodes and heads by modality."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.balanced and shape.task != "class":
            raise RequestError("broad-mamba: balanced=true needs the task class")
        if config.bls == "closed_form" and not config.penalty > 0:
            raise RequestError(f"broad-mamba: penalty must be above 0 (nodes are redundant), got {config.penalty:g}")
        self.config, self.task, self.outputs = config, shape.task, shape.outputs
        self.names = tuple(shape.widths)
        self.standard = Standardise(shape.widths)
        self.towers = nn.ModuleDict({name: Tower(config, width) for name, width in shape.widths.items()})
        self.broad = nn.ModuleDict({n: Broad(config, shape.outputs) for n in self.names if config.bls != "off"})
        self.heads = nn.ModuleDict({name: nn.Linear(config.hidden, shape.outputs) for name in self.names})
        self.head = nn.Linear(config.hidden, shape.outputs)
        self.drop = nn.Dropout(config.dropout)
        self.register_buffer("temperatures", torch.ones(len(self.names)))
        self.weigh = ClassWeights(shape.outputs) if config.balanced else None

    def features(self, batch: Batch) -> dict[str, Tensor]:
        """What each tower makes of each turn: modality -> (n, hidden)."""
        dialogues = Dialogues.of(batch)
        found = {}
        for name in self.names:
            mean = masked_mean(self.standard(batch.inputs[name], name), batch.masks[name])
            found[name] = self.towers[name](mean, batch.present[name], dialogues)
        return found

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs), zeros where nothing is there; hidden: the fused features.

        Extras: "alone/NAME" (n, outputs), the scores of each modality; "weight/NAME" (n,), what it weighs.
        """
        features = self.features(batch)
        if self.broad:
            features = {name: h + self.broad[name](h, batch.groups) for name, h in features.items()}
        alone = {name: self.heads[name](self.drop(h)) for name, h in features.items()}
        present = torch.stack([batch.present[name] for name in self.names])
        told = torch.stack([alone[name] for name in self.names])
        if not self.config.guide_gradient:
            told = told.detach()
        heat = self.get_buffer("temperatures").reshape(-1, 1, 1)
        weights = guidance(confidence(told / heat, self.task, rule=self.config.confidence), present)
        fused = fuse(torch.stack([features[name] for name in self.names]), weights)
        scores = self.head(self.drop(fused))
        scores = torch.where(present.any(dim=0).unsqueeze(-1), scores, scores.new_zeros(()))
        extras = {f"alone/{name}": values for name, values in alone.items()}
        return Output(scores, fused, extras | {f"weight/{n}": w for n, w in zip(self.names, weights, strict=True)})

    @torch.no_grad()
    def refit(self, batches: Iterable[Batch]) -> None:
        """Fit the ridges on these (training) batches; labels are read here and nowhere else in the model."""
        rows: dict[str, list[tuple[Tensor, Tensor, Tensor]]] = {name: [] for name in self.names}
        for batch in batches:
            target = batch.target
            wanted = functional.one_hot(target, self.outputs) if self.task == "class" else target
            for name, h in self.features(batch).items():
                there = batch.present[name]
                rows[name].append((h[there], wanted[there], batch.groups[there]))
        for name, found in rows.items():
            self.broad[name].fit(*(torch.cat(parts) for parts in zip(*found, strict=True)))  # type: ignore[operator]


def build(config: Config, shape: Shape) -> BroadMamba:
    """The model for data of this shape."""
    return BroadMamba(config, shape)
