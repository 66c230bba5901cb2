"""The optimisers of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from mien.errors import RequestError
from mien.research.training.recipe import Group

KINDS: dict[str, type[Optimizer]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}
_FUSED = ("adamw", "adam", "sgd", "adagrad")
"""Those that PyTorch takes in one pass over all weights: a fifth of the time of its loop over tensors, on a CPU too."""


def optimisers(model: nn.Module, groups: Sequence[Group]) -> list[Optimizer]:
    """One optimiser a group, over its own parameters; a parameter belongs to the first group that names it.

    RequestError for a group without parameters or of unknown kind: a misspelt prefix would train nothing.
    """
    free = {name: values for name, values in model.named_parameters() if values.requires_grad}
    made: list[Optimizer | None] = [None] * len(groups)
    for place in sorted(range(len(groups)), key=lambda at: not groups[at].prefixes):
        group = groups[place]
        mine = [name for name in free if not group.prefixes or name.startswith(group.prefixes)]
        if not mine:
            raise RequestError(
                f"no parameter starts with {' or '.join(group.prefixes) or 'anything'}; left: {', '.join(free)}"
            )
        if group.kind not in KINDS:
            raise RequestError(f"unknown optimiser {group.kind!r}; allowed: {', '.join(KINDS)}")
        one_pass = {"fused": True} if group.kind in _FUSED and "foreach" not in group.options else {}
        settings = {"lr": group.rate, "weight_decay": group.decay, **one_pass, **group.options}
        spared = [name for name in mine if group.exempt and name.endswith(group.exempt)]
        parts: list[dict[str, Any]] = [{"params": [free.pop(name) for name in mine if name not in spared]}]
        if spared:
            parts.append({"params": [free.pop(name) for name in spared], "weight_decay": 0.0})
        made[place] = KINDS[group.kind](parts, **settings)
    return [one for one in made if one is not None]


def parameters(given: Sequence[Optimizer]) -> list[nn.Parameter]:
    """All parameters that these optimisers move."""
    return [values for one in given for group in one.param_groups for values in group["params"]]


def scale_rates(given: Sequence[Optimizer], groups: Sequence[Group], factor: float) -> None:
    """Every rate is its group's own times the factor."""
    for one, group in zip(given, groups, strict=True):
        for part in one.param_groups:
            part["lr"] = group.rate * factor
