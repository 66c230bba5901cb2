"""MoSE: a frozen layer, a low-rank map A that all modalities share, and experts B of each modality.

y_m = x_m W0^T + (alpha / r) w_m sum_e g_m,e (x_m A^T) B_m,e^T over the top experts; g_m = softmax(mean(x_m) G_m^T), and
w = softmax([mean of each modality] W^T) says how much each modality counts. Public is that A is shared, that B are
several a modality and that one of them is picked; the equations are Mien's re-construction, as the paper's code could
not be obtained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mien.research.layers.pooling import masked_mean

Tokens = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """gates: modality -> (n, experts) probabilities; chosen: modality -> (n, top_k) experts, the best first; weights:
    (n, modalities) that sum to 1 over those that are there; present: (n, modalities) bool."""

    gates: dict[str, Tensor]
    chosen: dict[str, Tensor]
    weights: Tensor
    present: Tensor

    def balance(self) -> Tensor:
        """Mean over the batch of sum_m (w_m - 1 / modalities there)^2; 0 where all weigh alike or one is alone."""
        equal = self.present / self.present.sum(dim=1, keepdim=True).clamp(min=1)
        return (self.weights - equal).square().sum(dim=1).mean()

    def load(self, name: str) -> Tensor:
        """experts x sum_e f_e P_e over the rows that have the modality: f_e the share routed to e, P_e its mean gate.

        1 where all are used equally, up to the number of experts where one takes all (Shazeer et al. 2017, Fedus et al.
        2021); 0 where no row has it.
        """
        here = self.present[:, list(self.gates).index(name)]
        gates, chosen = self.gates[name][here], self.chosen[name][here]
        if not len(gates):
            return self.gates[name].sum() * 0
        routed = torch.zeros_like(gates).scatter(1, chosen, 1.0).mean(dim=0) / chosen.shape[1]
        return gates.shape[1] * (routed * gates.mean(dim=0)).sum()


class Mose(nn.Module):
    """The adapter of one linear layer. Experts start at 0: it then changes nothing.

    names: modalities with experts, in the order of the weights; plain: further ones, which the layer alone serves, or,
    with `plain_update`, the layer and an ordinary low-rank update.
    """

    def __init__(
        self, wide: int, out: int, names: tuple[str, ...], plain: tuple[str, ...] = (), *, rank: int = 4,
        alpha: float = 8.0, experts: int = 4, top_k: int = 1, plain_update: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if not 1 <= top_k <= experts:
            raise ValueError(f"top_k must be 1 to {experts}, got {top_k}")
        self.names, self.top_k, self.scale = names, top_k, alpha / rank
        update = plain if plain_update else ()
        self.shared = nn.Parameter(_drawn(rank, wide)) if names or update else None
        self.experts = nn.ParameterDict({name: nn.Parameter(torch.zeros(experts, out, rank)) for name in names})
        self.gates = nn.ParameterDict({name: nn.Parameter(_drawn(experts, wide)) for name in names})
        self.modality_gate = nn.Parameter(torch.zeros(len(names), len(names) * wide)) if len(names) > 1 else None
        self.update = nn.ParameterDict({name: nn.Parameter(torch.zeros(out, rank)) for name in update})

    def forward(self, layer: nn.Module, x: Tokens, masks: Tokens) -> tuple[dict[str, Tensor], Routing]:
        """x: modality -> (n, tokens, in), masks: modality -> (n, tokens) bool -> (n, tokens, out) of each."""
        routing = self.route(x, masks)
        found = {}
        for name, values in x.items():
            y = layer(values)
            if name in self.experts:
                place = self.names.index(name)
                y = y + self.scale * routing.weights[:, place, None, None] * self._expert(values, name, routing)
            elif name in self.update:
                y = y + self.scale * (values @ self._shared.T) @ self.update[name].T
            found[name] = y
        return found, routing

    def route(self, x: Tokens, masks: Tokens) -> Routing:
        """Which experts act, and how heavy each modality is; absent modalities neither count nor are read."""
        means = {name: masked_mean(x[name], masks[name]) for name in self.names}
        gates = {name: (mean @ self.gates[name].T).softmax(dim=-1) for name, mean in means.items()}
        chosen = {name: gate.topk(self.top_k, dim=-1).indices for name, gate in gates.items()}
        first = next(iter(x.values()))
        if not self.names:
            none = first.new_zeros(len(first), 0)
            return Routing(gates, chosen, none, none.bool())
        present = torch.stack([masks[name].any(dim=1) for name in self.names], dim=1)
        logits = first.new_zeros(len(first), len(self.names))
        if self.modality_gate is not None:
            logits = torch.cat(list(means.values()), dim=1) @ self.modality_gate.T
        nobody = ~present.any(dim=1, keepdim=True)
        weights = logits.masked_fill(~present & ~nobody, -torch.inf).softmax(dim=1)
        return Routing(gates, chosen, torch.where(present, weights, weights.new_zeros(())), present)

    @property
    def _shared(self) -> Tensor:
        assert self.shared is not None
        return self.shared

    def _expert(self, values: Tensor, name: str, routing: Routing) -> Tensor:
        """sum_e g_e (x A^T) B_e^T of the chosen experts; the gate's probability stays, else it would never learn."""
        inner = values @ self._shared.T
        total = inner.new_zeros(())
        for chosen in routing.chosen[name].unbind(dim=1):
            b = self.experts[name][chosen]
            share = routing.gates[name].gather(1, chosen.unsqueeze(1)).unsqueeze(2)
            total = total + share * (inner @ b.transpose(1, 2))
        return total


def _drawn(rows: int, columns: int) -> Tensor:
    bound = 1 / math.sqrt(columns)
    return torch.empty(rows, columns).uniform_(-bound, bound)
