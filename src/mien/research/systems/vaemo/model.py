"""Tokens of all modalities -> one shared encoder -> mean -> answer; beside it the decoder of the first stage.

A step of the features is a token: a tubelet, a patch of the spectrogram (`tokens`), or what another encoder made.
The encoder is the same for each modality alone and for all together, so a clip without one of them is no special case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.attention import Attention
from mien.research.layers.balance import ClassWeights
from mien.research.layers.crossmodal import sinusoid
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import compact
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.vaemo.card import Config
from mien.research.systems.vaemo.tokens import draw_hidden

Masks = Mapping[str, Tensor]


class Block(nn.Module):
    """Pre-norm transformer layer."""

    def __init__(self, width: int, heads: int, expand: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.attend, self.second = nn.LayerNorm(width), Attention(width, heads, dropout), nn.LayerNorm(width)
        self.expand, self.shrink = nn.Linear(width, expand * width), nn.Linear(expand * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (n, tokens, width), mask (n, tokens) bool."""
        seen = self.norm(x)
        x = x + self.drop(self.attend(seen, seen, mask))
        inner = self.shrink(self.drop(functional.gelu(self.expand(self.second(x)))))
        x = x + self.drop(inner)
        return x


class Blocks(nn.Module):
    """Layers and a last norm; 0 where no token is real."""

    def __init__(self, width: int, heads: int, layers: int, expand: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Block(width, heads, expand, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, width) -> the same shape."""
        for layer in self.layers:
            x = layer(x, mask)
        return torch.where(mask.unsqueeze(-1), self.norm(x), x.new_zeros(()))


class Decoder(nn.Module):
    """Visible tokens back at their places, a learnt token at the hidden ones -> the features of each modality."""

    def __init__(self, config: Config, widths: Mapping[str, int]) -> None:
        super().__init__()
        width = config.decoder_hidden
        self.enter = nn.Linear(config.hidden, width)
        self.hidden = nn.Parameter(torch.randn(width) * 0.02)
        self.kinds = _vectors(widths, width)
        heads = max(1, min(config.heads, width // 16))
        self.blocks = Blocks(width, heads, config.decoder_layers, config.expand, config.dropout)
        self.leave = nn.ModuleDict({name: nn.Linear(width, one) for name, one in widths.items()})

    def forward(self, encoded: Mapping[str, Tensor], visible: Masks, masks: Masks) -> dict[str, Tensor]:
        """encoded (n, tokens, hidden) with the visible ones at their places -> (n, tokens, width) of each modality."""
        parts = []
        for name, values in encoded.items():
            x = torch.where(visible[name].unsqueeze(-1), self.enter(values), self.hidden)
            parts.append(x + sinusoid(torch.arange(1, x.shape[1] + 1, device=x.device), x.shape[2]) + self.kinds[name])
        found = self.blocks(torch.cat(parts, dim=1), torch.cat([masks[name] for name in encoded], dim=1))
        split = torch.split(found, [part.shape[1] for part in parts], dim=1)
        return {name: self.leave[name](part) for name, part in zip(encoded, split, strict=True)}


class Vaemo(nn.Module):
    """The system."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.hidden % config.heads:
            raise RequestError(f"vaemo: hidden={config.hidden} must be a multiple of heads={config.heads}")
        if not 0 < config.mask_ratio < 1:
            raise RequestError(f"vaemo: mask_ratio must be between 0 and 1, got {config.mask_ratio}")
        if config.balanced and shape.task != "class":
            raise RequestError("vaemo: balanced=true needs the task class")
        self.config, self.task = config, shape.task
        self.weigh = ClassWeights(shape.outputs) if config.balanced else None
        self.names = tuple(shape.widths)
        self.standard = Standardise(shape.widths)
        self.project = nn.ModuleDict({name: nn.Linear(width, config.hidden) for name, width in shape.widths.items()})
        self.kinds = _vectors(shape.widths, config.hidden)
        self.encoder = Blocks(config.hidden, config.heads, config.layers, config.expand, config.dropout)
        self.head = nn.Linear(config.hidden, shape.outputs)
        self.decoder = Decoder(config, shape.widths) if config.pretrain_epochs or config.descriptions else None
        self.meet = nn.Linear(config.text_width, config.hidden) if config.descriptions else None
        # One row a training clip while the second stage runs, none before and after.
        self.register_buffer("captions", torch.zeros(0, config.text_width))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs), zeros where nothing is there; hidden: the joint features.

        Extras "used/NAME" (n,) bool: which modalities each answer rests on; it was tuned on all of them together.
        """
        joint = self.embed(batch, self.names)
        there = torch.stack([batch.present[name] for name in self.names]).any(dim=0).unsqueeze(-1)
        scores = torch.where(there, self.head(joint), joint.new_zeros(()))
        return Output(scores, joint, {f"used/{name}": batch.present[name] for name in self.names})

    def embed(self, batch: Batch, names: Iterable[str], visible: Masks | None = None) -> Tensor:
        """Mean of what the encoder makes of the (visible) tokens of these modalities together: (n, hidden)."""
        chosen = list(names)
        masks = {name: batch.masks[name] if visible is None else visible[name] for name in chosen}
        x, mask, _ = self._encode(batch, masks)
        return masked_mean(x, mask)

    def mask(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Hidden and visible tokens of each modality; out of training the draw is always the same."""
        generator = None if self.training else torch.Generator().manual_seed(0)
        hidden = {name: draw_hidden(batch.masks[name], self.config.mask_ratio, generator) for name in self.names}
        return hidden, {name: batch.masks[name] & ~hidden[name] for name in self.names}

    def reconstruct(self, batch: Batch, visible: Masks) -> dict[str, Tensor]:
        """What the decoder says stands at each token of each modality, from the visible ones: (n, tokens, width)."""
        assert self.decoder is not None
        x, _, order = self._encode(batch, {name: visible[name] for name in self.names})
        steps = [batch.masks[name].shape[1] for name in self.names]
        whole = x.new_zeros(len(batch), sum(steps), x.shape[2])
        whole = whole.scatter(1, order.unsqueeze(-1).expand(-1, -1, x.shape[2]), x)
        encoded = dict(zip(self.names, torch.split(whole, steps, dim=1), strict=True))
        return self.decoder(encoded, visible, batch.masks)  # type: ignore[no-any-return]

    def targets(self, batch: Batch) -> dict[str, Tensor]:
        """The features the decoder must find: as the encoder sees them."""
        return {name: self.standard(batch.inputs[name], name) for name in self.names}

    def _encode(self, batch: Batch, masks: Masks) -> tuple[Tensor, Tensor, Tensor]:
        """Encoded tokens, moved to the front so that nothing is computed for hidden ones; their mask and old places."""
        parts = []
        for name in masks:
            x = self.project[name](self.standard(batch.inputs[name], name))
            parts.append(x + sinusoid(torch.arange(1, x.shape[1] + 1, device=x.device), x.shape[2]) + self.kinds[name])
        moved, count, order = compact(torch.cat(parts, dim=1), torch.cat(list(masks.values()), dim=1))
        longest = max(1, int(count.max()))
        mask = torch.arange(longest, device=count.device) < count.unsqueeze(1)
        return self.encoder(moved[:, :longest], mask), mask, order[:, :longest]


def _vectors(names: Iterable[str], width: int) -> nn.ParameterDict:
    return nn.ParameterDict({name: nn.Parameter(torch.randn(width) * 0.02) for name in names})


def build(config: Config, shape: Shape) -> Vaemo:
    """The model for data of this shape."""
    return Vaemo(config, shape)
