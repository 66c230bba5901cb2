"""Encoders, projectors for the contrast, and the probe on the features before the projectors."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.probe import Probe, evaluating
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.pairwise_contrastive import views
from mien.research.systems.pairwise_contrastive.card import Config
from mien.research.systems.pairwise_contrastive.encoders import encoder, kinds


class PairwiseContrastive(nn.Module):
    """The system. extras: `features/NAME` (n, width), `projection/NAME` (n, views, width), `scores/NAME` of the
    probes of one modality, `scores_other` of the second view."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if len(shape.widths) < 2 and config.pairs == "each":
            raise RequestError(
                f"pairs need two modalities at least, the data has {', '.join(shape.widths) or 'none'}; "
                'pairs="concatenated" with a window below 1 contrasts two windows of one'
            )
        if not config.window > 0 or config.frames < 0 or not config.temperature > 0:
            raise RequestError("window and temperature must be above 0, frames 0 (whole clips) or more")
        self.config, self.task = config, shape.task
        self.standard = Standardise(shape.widths)
        built = {
            name: encoder(kind, shape.widths[name], config)
            for name, kind in kinds(config, tuple(shape.widths), shape.sequence).items()
        }
        widths = {name: width for name, (_, width) in built.items()}
        self.encoders = nn.ModuleDict({name: module for name, (module, _) in built.items()})
        self.dropout = nn.Dropout(config.dropout)
        self.projectors = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(width, config.projection), nn.ReLU(), nn.Linear(config.projection, config.width)
                )
                for name, width in widths.items()
            }
        )
        hidden = config.width if config.probe == "mlp" else 0
        self.probe = Probe(widths, hidden, shape.outputs)
        self.probes = nn.ModuleDict(
            {name: Probe({name: width}, hidden, shape.outputs) for name, width in widths.items()}
            if config.unimodal
            else {}
        )
        self.register_buffer("frozen", torch.tensor(False))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: features of all modalities, (n, sum of widths), zeros where absent."""
        if self.get_buffer("frozen"):
            with torch.no_grad(), evaluating(self.encoders):
                features = [self.encode(batch, batch.masks)]
            if self.training:
                features = [{name: self.dropout(values) for name, values in features[0].items()}]
        else:
            features = [self.encode(batch, masks) for masks in self._views(batch)]
        present = batch.present
        extras = {f"features/{name}": values for name, values in features[0].items()}
        for name, projector in self.projectors.items():
            extras[f"projection/{name}"] = torch.stack([projector(view[name]) for view in features], dim=1)
        first = self._for_probe(features[0])
        for name, probe in self.probes.items():
            extras[f"scores/{name}"] = probe(first, present)
        if len(features) > 1:
            extras["scores_other"] = self.probe(self._for_probe(features[1]), present)
        return Output(self.probe(first, present), torch.cat(list(features[0].values()), dim=1), extras)

    def encode(self, batch: Batch, masks: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Features of each modality, (n, width), zeros where it is absent."""
        found = {}
        for name, module in self.encoders.items():
            mask = masks[name]
            values = self.standard(batch.inputs[name], name)
            values = torch.where(mask.unsqueeze(-1), values, values.new_zeros(()))
            features = self.dropout(module(values, mask))
            found[name] = torch.where(mask.any(dim=1, keepdim=True), features, features.new_zeros(()))
        return found

    def _for_probe(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Features as the probe reads them; it sends nothing back into the encoders but in fine-tuning."""
        if self.config.tuning != "fine":
            features = {name: values.detach() for name, values in features.items()}
        if self.config.normalise:
            features = {name: functional.layer_norm(values, values.shape[1:]) for name, values in features.items()}
        return dict(features)

    def _views(self, batch: Batch) -> list[Mapping[str, Tensor]]:
        """The masks of each view; two where the loss or the source asks for them."""
        config, masks = self.config, batch.masks
        two = config.positives == "other_view" or config.pairs == "concatenated"
        place = batch.groups.new_zeros(len(batch), dtype=torch.float32)
        if config.frames:
            if not self.training and config.whole:
                return [masks, masks] if two else [masks]
            places = [torch.rand_like(place) if self.training else place for _ in range(1 + two)]
            return [views.by_frames(masks, config.frames, at) for at in places]
        if config.window >= 1:
            return [masks, masks] if two else [masks]
        if self.training:
            return [views.by_share(masks, config.window, torch.rand_like(place)) for _ in range(1 + two)]
        if not config.whole:
            return [views.by_share(masks, config.window, place)] * (1 + two)
        # Outside of training the first view, which the probe reads, is the whole clip; the second is its end.
        return [masks, views.by_share(masks, config.window, place + 1)] if two else [masks]


def build(config: Config, shape: Shape) -> PairwiseContrastive:
    """The model for data of this shape."""
    return PairwiseContrastive(config, shape)
