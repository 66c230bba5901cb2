"""temporal convolutions of each modality -> fusion -> scores of each frame -> their mean over the clip."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.align import aligned
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.textualized_compound.card import Config
from mien.research.systems.textualized_compound.fusions import ChannelAttention, Head, JointTransformer
from mien.research.systems.textualized_compound.lfan import LeaderFollower
from mien.research.systems.textualized_compound.temporal import Temporal
from mien.research.systems.textualized_compound.text import TextHead


class Features(nn.Module):
    """The feature-based branch; `order`: leader first; frames of all modalities are put on common steps."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.fusion = shape.task, config.fusion
        self.order = _order(config, shape)
        self.standard = Standardise({name: shape.widths[name] for name in self.order})
        self.temporal = nn.ModuleDict({name: _temporal(config, shape, name) for name in self.order})
        widths = {name: _last(config, name) for name in self.order}
        if config.fusion == "lfan":
            self.fuse: nn.Module = LeaderFollower(widths, config.modal, config.heads, config.dropout)
            self.head: nn.Module = nn.Linear(widths[self.order[0]] + config.modal * len(widths), shape.outputs)
        else:
            joint = config.fusion == "jmt"
            made = (
                ChannelAttention(widths, config.width)
                if config.fusion == "can"
                else JointTransformer(widths, config.width, joint=joint, stack=config.stack)
            )
            self.fuse, self.head = made, Head(made.out, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs): the mean over frames; extras: "frames" (n, time, outputs), "steps" (n, time) bool."""
        values, seen = aligned(batch.inputs, batch.masks, self.order)
        told = {name: net(self.standard(values[name], name), seen[name]) for name, net in self.temporal.items()}
        steps = torch.stack(tuple(seen.values())).any(dim=0)
        frames = self._frames(told, self.fuse(told, seen), steps)
        return Output(masked_mean(frames, steps), extras={"frames": frames, "steps": steps})

    def _frames(self, told: dict[str, Tensor], fused: Tensor, steps: Tensor) -> Tensor:
        if self.fusion == "lfan":
            found: Tensor = self.head(torch.cat((told[self.order[0]], fused), dim=-1))
        else:
            found = self.head(fused, steps)
        return found


def _order(config: Config, shape: Shape) -> tuple[str, ...]:
    """The modalities that are read, the leader first."""
    names = list(shape.widths)
    if config.leader and config.leader not in names:
        raise RequestError(
            f"textualized-compound: no modality {config.leader!r} to lead; there are: {', '.join(names)}"
        )
    leader = config.leader or next((name for name in ("face", "scene") if name in names), names[0])
    order = (leader, *(name for name in names if name != leader))
    if config.fusion in ("jmt", "mt"):
        order = tuple(name for name in order if name != "text")[:2]
        if len(order) < 2:
            raise RequestError(f"{config.fusion} reads two modalities besides text; there are: {', '.join(names)}")
    return order


def _temporal(config: Config, shape: Shape, name: str) -> Temporal:
    channels = config.audio_channels if name == "audio" else config.channels
    return Temporal(shape.widths[name], channels, config.kernel, config.dropout)


def _last(config: Config, name: str) -> int:
    return (config.audio_channels if name == "audio" else config.channels)[-1]


def build(config: Config, shape: Shape) -> Features | TextHead:
    """The model for data of this shape."""
    return TextHead(config, shape) if config.fusion == "text" else Features(config, shape)
