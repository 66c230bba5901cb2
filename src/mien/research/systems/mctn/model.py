"""Source -> joint -> first target -> joint of both -> next target; the last joint sequence answers."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.recurrent import compact
from mien.research.layers.standardise import Standardise
from mien.research.layers.subnetworks import LastState, fusion_order
from mien.research.layers.timeline import extent, resample
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mctn.card import Config
from mien.research.systems.mctn.translator import Translator


class Mctn(nn.Module):
    """The cyclic translation network (Pham et al. 2019, section 4): only its encoders are needed for an answer."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.steps, self.teacher = shape.task, config.steps, config.teacher
        self.source, *self.targets = translation_order(shape.widths, config.source)
        self.widths = dict(shape.widths)
        self.standard = Standardise(shape.widths)
        self.absent = nn.ParameterDict({self.source: nn.Parameter(torch.zeros(shape.widths[self.source]))})
        self.first = max(shape.widths[name] for name in (self.source, *self.targets[:1]))
        self.translate = nn.ModuleDict()
        for place, name in enumerate(self.targets):
            read, told = (config.hidden, shape.widths[name]) if place else (self.first, self.first)
            self.translate[name] = Translator(read, told, config.hidden, config.dropout)
        last = config.hidden if self.targets else self.first
        self.body = LastState(last, config.hidden, config.hidden, config.dropout)
        self.head = nn.Linear(config.hidden, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer, from the source alone."""
        joint, mask = self._source(batch)
        joints: list[Tensor] = []
        starts: list[Tensor] = []
        for name in self.targets:
            joint, start = self._translator(name).encode(joint, mask)
            joints.append(joint)
            starts.append(start)
        hidden = self.body(joint, mask)
        extras = {"mask": mask} | {f"joint/{name}": one for name, one in zip(self.targets, joints, strict=True)}
        extras |= {f"start/{name}": one for name, one in zip(self.targets, starts, strict=True)}
        return Output(self.head(hidden), hidden, extras)

    def translated(self, batch: Batch, output: Output, name: str) -> tuple[Tensor, Tensor, Tensor]:
        """What the joint sequence tells of a target, the truth (n, time, width), and where that is real."""
        truth, real = self.told(batch, name)
        translator = self._translator(name)
        whole = _padded(truth, translator.out)
        found = translator.decode(
            output.extras[f"joint/{name}"], output.extras["mask"], output.extras[f"start/{name}"], truth.shape[1],
            whole, self.teacher if self.training else 0.0,
        )  # fmt: skip
        return found, truth, real

    def back(self, batch: Batch, told: Tensor, real: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The source told again from the first target as it was told; the truth and where it is real."""
        truth, there = self.told(batch, self.source)
        translator = self._translator(self.targets[0])
        joint, start = translator.encode(told, real)
        whole = _padded(truth, translator.out)
        teacher = self.teacher if self.training else 0.0
        return translator.decode(joint, real, start, truth.shape[1], whole, teacher), truth, there

    def told(self, batch: Batch, name: str) -> tuple[Tensor, Tensor]:
        """A modality, standardised, of at most `steps` steps, real ones first: (n, time, width), (n, time) bool."""
        values, count, _ = compact(self.standard(batch.inputs[name], name), batch.masks[name])
        mask = torch.arange(values.shape[1], device=count.device) < count.unsqueeze(1)
        length = extent(mask).clamp(max=self.steps)
        return resample(values, mask, length, max(int(length.max()), 1))

    def _source(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The source, as wide as the first translator reads; one learned step where it is absent."""
        values, mask = self.told(batch, self.source)
        absent = ~mask.any(dim=1)
        first = torch.arange(mask.shape[1], device=mask.device) == 0
        mask = mask | (absent.unsqueeze(1) & first)
        values = torch.where(absent[:, None, None] & first[:, None], self.absent[self.source], values)
        return _padded(values, self.first), mask

    def _translator(self, name: str) -> Translator:
        found = self.translate[name]
        assert isinstance(found, Translator)
        return found


def translation_order(names: Iterable[str], source: str = "") -> tuple[str, ...]:
    """The source, then video, then audio, then the others. RequestError where the source is not among `names`."""
    order = fusion_order(names)
    if source and source not in order:
        raise RequestError(f"mctn: the data has no modality {source!r} to read; it has: {', '.join(order)}")
    source = source or order[-1]
    places = {"face": 0, "scene": 1, "audio": 2}
    rest = sorted((name for name in order if name != source), key=lambda name: (places.get(name, 3), name))
    return (source, *rest)


def _padded(values: Tensor, width: int) -> Tensor:
    return functional.pad(values, (0, width - values.shape[-1]))


def build(config: Config, shape: Shape) -> Mctn:
    """The model for data of this shape."""
    return Mctn(config, shape)
