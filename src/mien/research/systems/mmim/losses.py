"""task + contrast * NCE - density * (log density + entropy), each bound over the samples that have the modality."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.information import ContrastiveBound, GaussianBound, gaussian_entropy
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.samples import Task
from mien.research.systems.mmim.card import Config
from mien.research.systems.mmim.model import Mmim


def losses(model: Mmim, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Terms `task`, `contrast`, `density`, `entropy`, weighted; a training batch is remembered for the next one."""
    zero = output.scores.new_zeros(())
    terms = {
        "task": task_loss(output.scores, batch.target, model.task),
        "contrast": zero,
        "density": zero,
        "entropy": zero,
    }
    vectors = {name: output.extras[f"vector/{name}"] for name in model.names}
    present, groups = batch.present, groups_of(batch.target, model.task, output.scores.shape[1])
    for name, vector in vectors.items():
        back = model.back[name]
        rows = present[name]
        if output.hidden is not None and isinstance(back, ContrastiveBound) and rows.any():
            terms["contrast"] = terms["contrast"] + config.contrast * back(vector[rows], output.hidden[rows])
    for name, bound in model.between.items():
        rows = present[name] & present[model.root]
        if not isinstance(bound, GaussianBound) or not rows.any():
            continue
        density = bound.log_density(vectors[model.root][rows], vectors[name][rows], normalised=config.log_variance)
        terms["density"] = terms["density"] - config.density * density
        entropy = _entropy(model, name, bound.project(vectors[name][rows]), groups[rows], config.ridge)
        terms["entropy"] = terms["entropy"] - config.density * entropy
    return terms


def _entropy(model: Mmim, name: str, rows: Tensor, groups: Tensor, ridge: float) -> Tensor:
    """Half the mean entropy of the groups, on this batch and, in training, the one before."""
    past, past_groups = model.memory(name)
    if model.training:
        model.remember(name, rows, groups)
        rows, groups = torch.cat([past, rows.float()]), torch.cat([past_groups, groups])
    of_group = tuple(rows[member] for member in groups.unbind(dim=1))
    return gaussian_entropy(of_group, share=0.5 / len(of_group), ridge=ridge)


def groups_of(target: Tensor, task: Task, outputs: int) -> Tensor:
    """(n, groups) bool: positive and negative of each value, the class, or with and without each label."""
    if task == "class":
        return functional.one_hot(target, outputs).bool()
    if task == "labels":
        return torch.cat([target > 0.5, target <= 0.5], dim=1)
    return torch.cat([target > 0, target < 0], dim=1)
