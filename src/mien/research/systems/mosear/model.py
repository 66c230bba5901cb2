"""Tokens of all modalities in one transformer whose queries and values have experts -> mean -> answer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.crossmodal import sinusoid
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mosear.card import Config
from mien.research.systems.mosear.mose import Mose, Routing, Tokens
from mien.research.systems.mosear.reallocation import Reallocation, reallocate

PLAIN = ("text",)
"""Modalities without experts."""


class Layer(nn.Module):
    """Pre-norm transformer layer; its query and value maps are handed to the adapters."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.body = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, masks: Tokens, query: Mose, value: Mose, rule: Reallocation | None
    ) -> tuple[Tensor, list[Routing]]:
        """x (n, all tokens, width), modality after modality as in masks."""
        mask = torch.cat(list(masks.values()), dim=1)
        seen = self.first(x)
        steps = [one.shape[1] for one in masks.values()]
        apart = dict(zip(masks, torch.split(seen, steps, dim=1), strict=True))
        (queries, one), (values, other) = query(self.query, apart, masks), value(self.value, apart, masks)
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in (torch.cat(list(queries.values()), 1), self.key(seen), torch.cat(list(values.values()), 1))
        )
        # A row without any token attends to what is not read further on.
        may = (mask | ~mask.any(dim=1, keepdim=True)).unsqueeze(1).unsqueeze(1)
        found = self._attend(q, k, v, may, masks, rule)
        x = x + self.drop(self.out(found.transpose(1, 2).flatten(2)))
        return x + self.drop(self.body(self.second(x))), [one, other]

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, may: Tensor, masks: Tokens, rule: Reallocation | None) -> Tensor:
        """Attention in one step, or, where it is reallocated, with its weights in sight."""
        dropout = self.dropout if self.training else 0.0
        if rule is None:
            return functional.scaled_dot_product_attention(q, k, v, attn_mask=may, dropout_p=dropout)
        weights = (q @ k.transpose(2, 3) / k.shape[3] ** 0.5).masked_fill(~may, -torch.inf).softmax(dim=-1)

        def tokens(wanted: str) -> Tensor:
            apart = [mask if name == wanted else torch.zeros_like(mask) for name, mask in masks.items()]
            return torch.cat(apart, dim=1)[:, None, None]

        weights, _ = reallocate(weights, tokens(rule.first), tokens(rule.second), rule)
        return functional.dropout(weights, dropout) @ v


class Base(nn.Module):
    """What is frozen while the experts learn."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        width = config.hidden
        self.project = nn.ModuleDict({name: nn.Linear(one, width) for name, one in shape.widths.items()})
        self.layers = nn.ModuleList(Layer(width, config.heads, config.dropout) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)


class Mosear(nn.Module):
    """The system; `base` is frozen while `experts` learn: two adapters a layer, of its query and of its value."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.hidden % config.heads:
            raise RequestError(f"mosear: hidden={config.hidden} must be a multiple of heads={config.heads}")
        if not 1 <= config.top_k <= config.experts:
            raise RequestError(f"mosear: top_k must be 1 to experts={config.experts}, got {config.top_k}")
        self.config, self.task = config, shape.task
        self.names = tuple(shape.widths)
        self.expert_names = tuple(name for name in self.names if name not in PLAIN)
        self.standard = Standardise(shape.widths)
        width = config.hidden
        self.base = Base(config, shape)
        plain = tuple(name for name in self.names if name in PLAIN)
        self.experts = nn.ModuleList(
            Mose(
                width, width, self.expert_names, plain, rank=config.rank, alpha=config.alpha, experts=config.experts,
                top_k=config.top_k, plain_update=config.text_lora,
            )
            for _ in range(2 * config.layers)
        )  # fmt: skip
        self.head = nn.Linear(width, shape.outputs)
        self.reallocation: Reallocation | None = None

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs), zeros where nothing is there; hidden: mean of all tokens.

        Extras: "weight/NAME" (n,), how much a modality with experts counts, mean over the adapters; "balance" and
        "load", scalars: what the losses keep low.
        """
        parts, masks = [], {name: batch.masks[name] for name in self.names}
        for name in self.names:
            x = self.base.project[name](self.standard(batch.inputs[name], name))
            parts.append(x + sinusoid(torch.arange(1, x.shape[1] + 1, device=x.device), x.shape[2]))
        x, routings = torch.cat(parts, dim=1), []
        for place, layer in enumerate(self.base.layers):
            x, found = layer(x, masks, *self.experts[2 * place : 2 * place + 2], self.reallocation)
            routings += found
        mask = torch.cat(list(masks.values()), dim=1)
        pooled = masked_mean(self.base.norm(x), mask)
        scores = torch.where(mask.any(dim=1, keepdim=True), self.head(pooled), pooled.new_zeros(()))
        return Output(scores, pooled, self._told(routings, pooled))

    def _told(self, routings: list[Routing], like: Tensor) -> dict[str, Tensor]:
        weights = torch.stack([one.weights for one in routings]).mean(dim=0)
        told = {f"weight/{name}": weights[:, place] for place, name in enumerate(self.expert_names)}
        told["balance"] = torch.stack([one.balance() for one in routings]).mean()
        loads = [one.load(name) for one in routings for name in self.expert_names]
        told["load"] = torch.stack(loads).sum() / len(routings) if loads else like.new_zeros(())
        return told


def build(config: Config, shape: Shape) -> Mosear:
    """The model for data of this shape."""
    return Mosear(config, shape)
