"""CIDer, in the order of its paper: projection, word alignment, recurrence, composite transformer, pooling, head.

Source: gw-zhong/CIDer @2f86cbe, src/models.py. Where the published model lets padding and zeros in, this one has masks;
`frozen_lengths` brings the published behaviour back, and with it the published number of weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape, in_order
from mien.research.systems.cider.card import Config
from mien.research.systems.cider.decoders import FixedDecoder, FrameDecoder, StepDecoder
from mien.research.systems.cider.head import ClassMeansHead
from mien.research.systems.cider.mct import CompositeEncoder, by_batch_item, sinusoid
from mien.research.systems.cider.wsam import WordAlignment, attending, masked_softmax

TEXT, COUNTERFACTUAL = "text", "text_counterfactual"


class Cider(nn.Module):
    """The model; `tau` is a buffer, chosen on validation samples (see recipe.py) and saved with the weights."""

    tau: Tensor

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        widths = {name: shape.widths[name] for name in in_order(shape.widths) if name != COUNTERFACTUAL}
        if not widths:
            raise RequestError("cider needs at least one modality beside the counterfactual text")
        embed, others = config.embed, [name for name in widths if name != TEXT]
        self.config, self.names = config, tuple(widths)
        self.grid = config.grid if shape.sequence else 1
        self.longest = {name: shape.longest.get(name, 1) for name in widths}
        self.fixed = self.longest.get(TEXT, self.grid) if config.frozen_lengths else 0
        self.standard = Standardise(widths)
        self.project = nn.ModuleDict({name: nn.Linear(width, embed, bias=False) for name, width in widths.items()})
        # What stands where a word (and, in aligned data, a frame) is not seen; text has it as the query of frames too.
        absent = [] if config.frozen_lengths else [TEXT, *others] if config.aligned else [TEXT]
        self.unknown = nn.ParameterDict({name: nn.Parameter(torch.zeros(embed)) for name in absent})
        aligning = [] if config.aligned else others
        self.align = nn.ModuleDict({name: WordAlignment(embed) for name in aligning})
        self.recurrent = nn.ModuleDict({name: nn.GRU(embed, embed, batch_first=True) for name in widths})
        drops = (config.embed_dropout, config.attention_dropout, config.relu_dropout, config.residual_dropout)
        self.encoder = CompositeEncoder(embed, config.heads, config.layers, len(widths), drops)
        self.pool = nn.ModuleDict({name: _scorer(embed) for name in widths})
        self.decoders = nn.ModuleDict({name: self._decoder(name, width) for name, width in widths.items()})
        whole = embed * len(widths)
        self.inner, self.outer = nn.Linear(whole, whole), nn.Linear(whole, whole)
        self.drop = nn.Dropout(config.out_dropout)
        normed = tuple(others) if config.normed else ()
        self.head = ClassMeansHead(whole, embed, widths, shape.outputs, normed)
        self.register_buffer("tau", torch.zeros(()))

    def _decoder(self, name: str, width: int) -> nn.Module:
        if name == TEXT or (self.config.aligned and not self.fixed):
            return StepDecoder(self.config.embed, width)
        if self.fixed:
            return FixedDecoder(self.config.embed, width, self.fixed, self.longest[name])
        return FrameDecoder(self.config.embed, width)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, classes): log p, outside training less tau times the log p of the counterfactual text."""
        output = self.view(batch)
        if self.training or COUNTERFACTUAL not in batch.inputs or self.tau == 0:
            return output
        log_p, log_p_cf, both = self.factual_and_counterfactual(batch, output)
        return Output(torch.where(both, log_p - self.tau * log_p_cf, log_p), output.hidden, output.extras)

    def factual_and_counterfactual(self, batch: Batch, output: Output) -> tuple[Tensor, Tensor, Tensor]:
        """log p, log p of the counterfactual text, and (n, 1) bool whether an item has both."""
        values, mask = batch.inputs[COUNTERFACTUAL], batch.masks[COUNTERFACTUAL]
        if TEXT in batch.masks and batch.masks[TEXT].shape == mask.shape:
            mask = mask & batch.masks[TEXT]  # a word that is missing is missing there as well
        swapped = Batch(
            {**batch.inputs, TEXT: values}, {**batch.masks, TEXT: mask}, batch.target, batch.groups, batch.places,
            batch.ids, batch.index,
        )  # fmt: skip
        both = mask.any(dim=1) & batch.present[TEXT]
        return output.extras["log_p"], self.view(swapped, self.words(batch)).scores, both.unsqueeze(1)

    def words(self, batch: Batch) -> Tensor:
        """(n,) places for words: up to the last that is seen; where none is, `grid` (aligned data: frames tell too)."""
        names = self.names if self.config.aligned else tuple({TEXT} & set(self.names))
        ends = [_end(batch.masks[name]) for name in names]
        found = torch.stack(ends).amax(dim=0) if ends else torch.zeros(len(batch), dtype=torch.int64)
        return torch.where(found > 0, found, self.grid).to(batch.target.device)

    def view(self, batch: Batch, words: Tensor | None = None) -> Output:
        """One pass. words: (n,) places for words, for a batch with gaps those of the whole one; by default its own.

        Extras: log_p; attention (n, heads, time, time), raw scores of the last layer; keys (n, time) bool, the steps
        that were attended to; inside (n, words) bool; state_NAME (n, words, embed) of each modality.
        """
        words = self.words(batch) if words is None else words
        steps = self.fixed or int(words.max())
        real = torch.arange(steps, device=words.device) < words.unsqueeze(1)
        inside = torch.ones_like(real) if self.fixed else real
        aligned = self._gathered(batch, real, words)
        states = [self.recurrent[name](aligned[name])[0] for name in self.names]
        keys = torch.cat([inside & (batch.present[name].unsqueeze(1) | bool(self.fixed)) for name in self.names], dim=1)
        x = torch.cat(states, dim=1)
        lengths = [steps] * len(self.names)
        x, scores = self.encoder(x, lengths, None if self.fixed else keys, self._positions(x, words, steps))
        apart = (len(batch), len(self.names), steps)
        parts = dict(zip(self.names, x.view(*apart, -1).unbind(1), strict=True))
        masks = dict(zip(self.names, keys.view(apart).unbind(1), strict=True))
        pooled = torch.cat([self._pooled(name, parts[name], masks[name]) for name in self.names], dim=1)
        rep = pooled + self.outer(self.drop(self.inner(pooled).relu()))
        log_p = self.head(rep, average=not self.training and self.config.average_means)
        extras = {"log_p": log_p, "attention": scores, "keys": keys, "inside": inside}
        return Output(log_p, rep, extras | {f"state_{name}": part for name, part in parts.items()})

    def _gathered(self, batch: Batch, real: Tensor, words: Tensor) -> dict[str, Tensor]:
        """Modality -> (n, words, embed): projected words, and the frames that belong to each."""
        embed, found = self.config.embed, {}
        in_time = self.config.position_axis == "time"
        places = sinusoid(torch.arange(real.shape[1], device=real.device), embed)
        projected = {name: self._projected(batch, name) for name in self.names}
        text = projected.get(TEXT, places.new_zeros(len(batch), 1, embed))
        seen = batch.masks[TEXT] if TEXT in self.names else torch.zeros_like(real[:, :1])
        query = self._placed(TEXT, text, seen, places)
        marked = attending(real, marks=True) if self.config.marks else real
        rows = torch.where(seen.any(dim=1, keepdim=True), marked, real)
        for name in self.names:
            if name == TEXT:
                found[name] = query
            elif self.config.aligned:
                found[name] = self._placed(name, projected[name], batch.masks[name], places)
            else:
                mask = batch.masks[name]
                frames = torch.arange(mask.shape[1], device=mask.device) < _end(mask)[:, None] if self.fixed else mask
                if in_time:  # published attention has no places: frames in another order would give the same
                    moved = projected[name] + sinusoid(frame_places(mask, words), embed)
                    found[name], _ = self.align[name](query + places, moved, rows, frames)
                else:
                    found[name], _ = self.align[name](query, projected[name], rows, frames)
        return found

    def _projected(self, batch: Batch, name: str) -> Tensor:
        """(n, time, embed); what is masked is never read."""
        values = torch.where(batch.masks[name].unsqueeze(-1), batch.inputs[name], 0.0)
        found: Tensor = self.project[name](self.standard(values, name))
        return found * batch.masks[name].unsqueeze(-1)

    def _placed(self, name: str, values: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """(n, places, embed): steps as they come, and where one is not seen, the unknown with its place."""
        lacking = len(places) - values.shape[1]
        values = nn.functional.pad(values, (0, 0, 0, lacking))
        mask = nn.functional.pad(mask, (0, lacking))
        if name not in self.unknown:
            return values
        return torch.where(mask.unsqueeze(-1), values, self.unknown[name] + places)

    def _positions(self, x: Tensor, words: Tensor, steps: int) -> Tensor:
        """(n, time): along the item's own words, modality behind modality, whatever the padding."""
        if self.config.position_axis == "batch":
            return by_batch_item(x)
        length = torch.full_like(words, steps) if self.fixed else words
        start = length.unsqueeze(1) * torch.arange(len(self.names), device=x.device)
        return (start.unsqueeze(-1) + torch.arange(steps, device=x.device)).flatten(1)

    def _pooled(self, name: str, states: Tensor, mask: Tensor) -> Tensor:
        """(n, embed): the states weighed by their scores; zeros where the modality is absent."""
        weights = masked_softmax(self.pool[name](states).squeeze(-1), mask)
        return (weights.unsqueeze(1) @ states).squeeze(1)

    def decode(self, name: str, output: Output, mask: Tensor) -> Tensor:
        """(n, steps, width): features as the decoder of that modality tells them from a view; mask: (n, steps) bool of
        the whole batch."""
        inside = output.extras["inside"]
        found: Tensor = self.decoders[name](
            output.extras[f"state_{name}"], inside, frame_places(mask, inside.sum(dim=1))
        )
        return found


def build(config: Config, shape: Shape) -> Cider:
    """The model for data of this shape."""
    return Cider(config, shape)


def frame_places(mask: Tensor, words: Tensor) -> Tensor:
    """(n, frames): where each frame stands among the words, in words, if both are spread evenly over the same time."""
    steps = torch.arange(mask.shape[1], device=mask.device)
    return (steps + 0.5) * (words / _end(mask).clamp(min=1)).unsqueeze(1) - 0.5


def _end(mask: Tensor) -> Tensor:
    """(n,) steps up to the last one that is seen."""
    return (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(dim=1)


def _scorer(embed: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(embed, embed), nn.Tanh(), nn.Linear(embed, 1))
