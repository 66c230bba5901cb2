"""branch of each modality -> its answer; fusion of the answers that are there -> scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.standardise import Standardise
from mien.research.layers.task import answers, scores_of
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.ras_compound.branches import branch
from mien.research.systems.ras_compound.card import Config
from mien.research.systems.ras_compound.fusion import Fusion


class RasCompound(nn.Module):
    """The system; `branches` maps a modality to its network, `fuse` puts their answers together."""

    class_weights: Tensor
    frozen: Tensor

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        if unknown := set(config.modalities) - set(shape.widths):
            raise RequestError(
                f"ras-compound: the data has no {', '.join(sorted(unknown))} to fuse; it has: {', '.join(shape.widths)}"
            )
        widths = {name: shape.widths[name] for name in config.modalities or shape.widths}
        self.standard = Standardise({} if config.branch == "given" else widths)
        self.branches = nn.ModuleDict(
            {name: branch(width, shape.outputs, shape.task, config, name) for name, width in widths.items()}
        )
        self.fuse = Fusion(len(widths), shape.outputs, config.fuse, config.heads)
        self.register_buffer("class_weights", torch.ones(shape.outputs))
        self.register_buffer("frozen", torch.tensor(False))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs): logarithms of the fused probabilities made to sum to 1; equal where nothing is there.

        extras: "fused" (n, outputs), not made to sum to 1; "weights" (n, modalities, outputs); "alone/NAME": scores of
        each branch, meaningless where it is absent.
        """
        if self.frozen:
            self.branches.eval()
        alone = {name: self._alone(batch, name) for name in self.branches}
        told = torch.stack([answers(scores, self.task) for scores in alone.values()], dim=1)
        present = torch.stack([batch.masks[name].any(dim=1) for name in alone], dim=1)
        fused, weights = self.fuse(told, present)
        scores = scores_of(fused, self.task, tiny=1e-6 if self.task == "labels" else 1e-12)
        if self.task == "class":
            scores = scores.log_softmax(dim=1)
        scores = torch.where(present.any(dim=1, keepdim=True), scores, scores.new_zeros(()))
        extras = {"fused": fused, "weights": weights, "present": present}
        return Output(scores, extras=extras | {f"alone/{name}": values for name, values in alone.items()})

    def _alone(self, batch: Batch, name: str) -> Tensor:
        values = batch.inputs[name]
        if name in self.standard.names:
            values = self.standard(values, name)
        scores: Tensor = self.branches[name](values, batch.masks[name])
        return scores.detach() if self.frozen else scores

    def table(self) -> dict[str, list[float]]:
        """Modality -> its weight for each class where all are there, as `compounds.tell` and fusion weights of
        `mien analyze` are written. Those of "dynamic" are the ones for answers that know nothing."""
        with torch.no_grad():
            names = list(self.branches)
            classes = len(self.class_weights)
            known = torch.full((1, len(names), classes), 1 / classes, device=self.class_weights.device)
            weights = self.fuse.believed(known, torch.ones(1, len(names), dtype=torch.bool, device=known.device))
        return dict(zip(names, weights[0].tolist(), strict=True))


def build(config: Config, shape: Shape) -> RasCompound:
    """The model for data of this shape."""
    return RasCompound(config, shape)
