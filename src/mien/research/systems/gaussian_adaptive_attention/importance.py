"""Which layers and features the attention favours (the Importance Factor, a heuristic) and which the answers need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from mien.research.batch import Batch

HEURISTIC = (
    "the Importance Factor is a heuristic: it tells how typical values are, not what the answer needs; read it beside "
    "the loss without each layer"
)


def importance_factor(attention: NDArray[np.floating]) -> NDArray[np.float64]:
    """(A - min A) / (max A - min A) over all layers and features, in [0, 1]; zeros where the map is flat.

    attention: (layers, features), the mean map over items (article of 2025-10-25, the authors' definition).
    """
    values = np.asarray(attention, np.float64)
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else np.zeros_like(values)


def layer_share(attention: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each layer's share of the whole attention, (layers,), sums to 1."""
    sums = np.asarray(attention, np.float64).sum(axis=1)
    total = sums.sum()
    return sums / total if total > 0 else np.full(len(sums), 1 / len(sums))


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """What the attention favours and what the answers need, one number a layer.

    factor: (layers, features) Importance Factor; share: (layers,) of the attention; harm: (layers,) by how much the
    mean loss rises when the layer is taken away; items: how many were looked at.
    """

    factor: NDArray[np.float64]
    share: NDArray[np.float64]
    harm: NDArray[np.float64]
    items: int

    def ranking(self) -> list[int]:
        """Layers by harm, the most needed first, counted from 0."""
        return [int(layer) for layer in np.argsort(-self.harm, kind="stable")]

    def text(self) -> str:
        """A table, layers from 1, and what the Importance Factor is not."""
        rows = [f"{'layer':>5} {'factor':>7} {'share':>7} {'loss without it':>16}"]
        for at, (factor, share, harm) in enumerate(zip(self.factor.mean(axis=1), self.share, self.harm, strict=True)):
            rows.append(f"{at + 1:>5} {factor:>7.3f} {share:>7.3f} {harm:>+16.4f}")
        return "\n".join([*rows, f"{self.items} items; {HEURISTIC}"])


def importance(model: nn.Module, batches: Iterable[Batch], name: str, config: object) -> Importance:
    """The map of modality `name` over all items, and the loss with each step of it taken away in turn.

    model: a trained GaussianAdaptive of the layers form; batches: validation, labelled.
    """
    import torch

    from mien.research.systems.gaussian_adaptive_attention.card import Config
    from mien.research.systems.gaussian_adaptive_attention.losses import losses
    from mien.research.systems.gaussian_adaptive_attention.model import GaussianAdaptive

    assert isinstance(model, GaussianAdaptive) and isinstance(config, Config)
    training = model.training
    model.eval()
    items, whole, total, without = 0, 0.0, np.zeros(0), np.zeros(0)
    with torch.no_grad():
        for batch in batches:
            output = model(batch)
            maps = output.extras[f"attention/{name}"].double()
            if not items:
                total, without = np.zeros(tuple(maps.shape[1:])), np.zeros(maps.shape[1])
            whole += float(losses(model, batch, output, config)["task"]) * len(batch)
            total = total + maps.sum(dim=0).cpu().numpy()
            for layer in range(len(without)):
                keep = batch.masks[name].clone()
                keep[:, layer : layer + 1] = False  # a batch may lack the last layers
                gone = batch.keep({name: keep})
                without[layer] += float(losses(model, gone, model(gone), config)["task"]) * len(batch)
            items += len(batch)
    model.train(training)
    mean = total / max(items, 1)
    return Importance(importance_factor(mean), layer_share(mean), (without - whole) / max(items, 1), items)
