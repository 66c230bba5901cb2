"""The sub-networks in front of TFN, LMF and LF-DNN: an LSTM reads text, small networks read the means of the rest."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.batchnorm import PresentBatchNorm
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.samples import Shape

VIDEO = ("face", "scene")


def fusion_order(names: Iterable[str]) -> tuple[str, ...]:
    """Audio first, then video, then anything else, text last: the order of the published tensors."""
    places = {"audio": 0, **dict.fromkeys(VIDEO, 1), "text": 3}
    return tuple(sorted(names, key=lambda name: (places.get(name, 2), name)))


def kind_of(name: str) -> str:
    """The kind of a modality that the published settings know: "text", "video", or "audio" for any other."""
    return "text" if name == "text" else "video" if name in VIDEO else "audio"


class PooledNet(nn.Module):
    """Mean over time -> batch normalisation -> dropout -> three times (Linear, ReLU)."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm = PresentBatchNorm(width)
        layers: list[nn.Module] = [nn.Dropout(dropout)]
        for incoming in (width, hidden, hidden):
            layers += [nn.Linear(incoming, hidden), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.out = hidden

    def forward(self, mean: Tensor, present: Tensor) -> Tensor:
        """mean (n, width), present (n,) bool -> (n, hidden)."""
        found: Tensor = self.body(self.norm(mean, present))
        return found


class LastState(nn.Module):
    """One LSTM layer -> last real state, of both directions if asked -> dropout -> Linear."""

    def __init__(self, width: int, hidden: int, out: int, dropout: float = 0.0, *, both: bool = False) -> None:
        super().__init__()
        self.read = Recurrent(width, hidden, both=both)
        self.drop = nn.Dropout(dropout)
        self.linear = nn.Linear(self.read.out, out)
        self.out = out

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) bool -> (n, out)."""
        found: Tensor = self.linear(self.drop(self.read(values, mask)[1]))
        return found


class SubNetworks(nn.Module):
    """One vector a modality, with the stand-in of `StandIn` where it is absent.

    order: modalities in fusion order; widths: of each vector. padded_mean divides by the longest sequence of the data
    instead of the sample's own length, which shrinks short clips (MMSA's `need_normalized`).
    """

    def __init__(
        self, shape: Shape, *, hidden_text: int, hidden_audio: int, hidden_video: int, text_out: int, dropout: float,
        text_dropout: float, padded_mean: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.order = fusion_order(shape.widths)
        self.longest = {name: shape.longest.get(name, 1) if padded_mean else 0 for name in self.order}
        self.standard = Standardise(shape.widths)
        nets: dict[str, PooledNet | LastState] = {}
        for name in self.order:
            if name == "text":
                nets[name] = LastState(shape.widths[name], hidden_text, text_out, text_dropout)
            else:
                hidden = hidden_video if name in VIDEO else hidden_audio
                nets[name] = PooledNet(shape.widths[name], hidden, dropout)
        self.widths = {name: net.out for name, net in nets.items()}
        self.nets = nn.ModuleDict(nets)
        self.absent = StandIn(self.widths)

    def forward(self, batch: Batch) -> list[Tensor]:
        """(n, width) of each modality, in fusion order."""
        return [self.absent(self._read(batch, name), batch.masks[name].any(dim=1), name) for name in self.order]

    def _read(self, batch: Batch, name: str) -> Tensor:
        values, mask = self.standard(batch.inputs[name], name), batch.masks[name]
        net = self.nets[name]
        if isinstance(net, LastState):
            return net(values, mask)  # type: ignore[no-any-return]
        mean = masked_mean(values, mask)
        if self.longest[name]:
            mean = mean * mask.sum(dim=1, keepdim=True) / self.longest[name]
        found: Tensor = net(mean, mask.any(dim=1))
        return found
