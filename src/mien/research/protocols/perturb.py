"""Perturbations of samples a trained system was not told of: noise, gain, lost frames, hidden parts, codecs.

Features are perturbed as they are; what only makes sense on raw material (a signal-to-noise ratio, a codec) is done to
the clip, which is then encoded again. Each sample draws from its own generator, seeded by (seed, its id).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.protocols.disturb import CODECS, add_noise, amplify, dropped, occlude, through_codec
from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.missing import SHADOWS, in_order
from mien.research.protocols.plan import Ask, Figure, Plan, asked, told
from mien.research.samples import Array, Data, Sample

ON_FEATURES = ("noise", "gain", "drop", "occlusion")
ON_CLIPS = ("snr", "gain", "codec", "occlusion")
CLEAN = "clean"
_MOST = 1 << 29
_heard: dict[tuple[str, ...], Array] = {}

Numbers = NDArray[np.float32]
Raw = Callable[[NDArray[np.generic], float], NDArray[np.generic]]
"""Waveform and rate, or picture and 0, to the same disturbed."""


class Reencode(Protocol):
    """Reads a sample's clip of a modality, disturbs it, encodes it (see `encoding.Again`)."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those it can disturb."""

    def __call__(self, sample: Sample, name: str, disturb: Raw, /) -> Array:
        """(time, width); no rows where nothing is left, so that the modality is absent."""


@dataclass(frozen=True, slots=True)
class Perturb:
    """One perturbation of one modality.

    kind: one of `ON_FEATURES` (noise: in deviations of each feature; gain: dB; drop: share of steps that repeat the
    one before; occlusion: share of neighbouring features at their mean), or with `reencode` of `ON_CLIPS` (snr: dB of
    white noise; gain: dB; codec: its name, level in kbit/s; occlusion: share of the picture's area); middle, scale:
    mean and deviation of each feature in training.
    """

    kind: str
    level: float
    modality: str
    seed: int = 0
    codec: str = ""
    middle: Numbers | None = field(default=None, compare=False, repr=False)
    scale: Numbers | None = field(default=None, compare=False, repr=False)
    reencode: Reencode | None = field(default=None, compare=False, repr=False)

    def __call__(self, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """The samples with this modality perturbed; samples without it are returned themselves."""
        return tuple(self._one(sample) if self.modality in sample.features else sample for sample in samples)

    def _one(self, sample: Sample) -> Sample:
        rng = np.random.default_rng([self.seed, zlib.crc32(sample.id.encode()), zlib.crc32(self.kind.encode())])
        if self.reencode is not None:
            values = self._again(sample, rng)
        else:
            values = self._features(np.asarray(sample.features[self.modality], np.float32), rng)
        kept = {name: rows for name, rows in sample.features.items() if name != self.modality}
        return replace(sample, features={**kept, self.modality: values} if len(values) else kept)

    def _again(self, sample: Sample, rng: np.random.Generator) -> Array:
        """Encoded again, once a process: the next seed and system are asked the same."""
        assert self.reencode is not None
        key = (repr(self), repr(self.reencode), sample.id, repr(sample.clips.get(self.modality)))
        if key not in _heard:
            rows = self.reencode(sample, self.modality, lambda raw, rate: self._raw(raw, rate, rng))
            if len(_heard) % 256 == 255 and sum(one.nbytes for one in _heard.values()) > _MOST:
                _heard.clear()
            _heard[key] = rows
        return _heard[key]

    def _features(self, values: Numbers, rng: np.random.Generator) -> Numbers:
        if self.kind == "noise":
            scale = 1.0 if self.scale is None else self.scale
            return (values + self.level * scale * rng.normal(size=values.shape)).astype(np.float32)
        if self.kind == "gain":
            return (values * 10 ** (self.level / 20)).astype(np.float32)
        if self.kind == "drop":
            kept = dropped(len(values), self.level, rng)
            return values[np.maximum.accumulate(np.where(kept, np.arange(len(values)), 0))]
        width = values.shape[1]
        hidden = min(max(round(self.level * width), 1), width)
        first = int(rng.integers(0, width - hidden + 1))
        found = values.copy()
        found[:, first : first + hidden] = 0.0 if self.middle is None else self.middle[first : first + hidden]
        return found

    def _raw(self, raw: NDArray[np.generic], rate: float, rng: np.random.Generator) -> NDArray[np.generic]:
        if self.kind == "snr":
            return add_noise(np.asarray(raw, np.float32), self.level, rng)
        if self.kind == "gain":
            return amplify(np.asarray(raw, np.float32), self.level)
        if self.kind == "codec":
            return through_codec(np.asarray(raw, np.float32), round(rate), self.codec, self.level)
        return occlude(raw, self.level, rng)


@dataclass(frozen=True, slots=True)
class Perturbations:
    """Clean, then each perturbation of each modality; figures: what each costs."""

    name: ClassVar[str] = "perturb"
    summary: ClassVar[str] = "Noise, gain, lost frames, hidden parts, codecs on the test inputs."
    what: tuple[str, ...] = told(
        "noise:DEVIATIONS gain:DB drop:SHARE occlusion:SHARE; clips: snr:DB gain:DB codec:NAME@KBITS occlusion:SHARE",
        ("noise:0.5", "noise:1", "noise:2", "gain:-12", "gain:12", "drop:0.3", "occlusion:0.25", "occlusion:0.5"),
    )
    modalities: tuple[str, ...] = told("Those that are perturbed, one at a time (default: all).", ())
    seed: int = told("Seed of what is drawn.", 1111)
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)
    reencode: Reencode | None = field(default=None, compare=False, repr=False)

    def plan(self, data: Data) -> Plan:
        """A condition for each perturbation and modality; a single vector has no frames to drop, so that is skipped."""
        shape = data.shape()
        names = self.modalities or tuple(
            in_order(set(self.reencode.modalities if self.reencode else shape.widths) - SHADOWS.keys())
        )
        if unknown := [name for name in names if name not in shape.widths]:
            raise RequestError(f"{data.name} has no {', '.join(unknown)}; it has: {', '.join(shape.widths)}")
        cuts = folds(data, self.split, seed=self.split_seed, valid=self.valid)
        changes: dict[str, Perturb] = {}
        for name in names:
            middle, scale = _moments(data, name, cuts[0][1].train)
            for text in self.what:
                kind, level, codec = parse(text, raw=self.reencode is not None)
                if kind == "drop" and shape.longest[name] < 2:
                    continue
                changes[f"{name} {text}"] = Perturb(kind, level, name, self.seed, codec, middle, scale, self.reencode)
        if not names:
            raise RequestError("snr and codec are done to raw clips: say what encodes them (--encode audio=NAME)")
        if not changes:
            raise RequestError(f"nothing to perturb: {', '.join(self.what) or 'no kind'} of {', '.join(names)}")
        figures = tuple(Figure(f"{name} minus clean", {name: 1.0, CLEAN: -1.0}, "neither") for name in changes)
        where = "raw clips, encoded again" if self.reencode else "features"
        notes = (f"of the test part alone, {where} are perturbed, seed {self.seed}; trained on clean data",)
        return asked(
            data, cuts,
            lambda rows: (Ask(CLEAN, rows), *(Ask(name, rows, change) for name, change in changes.items())),
            figures=figures, notes=notes,
        )  # fmt: skip


def parse(text: str, *, raw: bool = False) -> tuple[str, float, str]:
    """(kind, level, codec) of "noise:1", "gain:-12", "codec:opus@16", "codec:telephone"; RequestError otherwise."""
    allowed = ON_CLIPS if raw else ON_FEATURES
    kind, _, rest = text.partition(":")
    codec, _, level = rest.partition("@") if kind == "codec" else ("", "", rest)
    try:
        number = float(level) if level or kind != "codec" else 16.0
    except ValueError:
        number = float("nan")
    wrong = kind in ("drop", "occlusion") and not 0 <= number <= 1
    wrong |= (kind == "noise" and number < 0) or (kind == "codec" and number <= 0)
    if kind not in allowed or not np.isfinite(number) or wrong or (kind == "codec" and codec not in CODECS):
        of = "raw clips" if raw else "features (raw clips need an encoder)"
        raise RequestError(
            f"perturbation {text!r}: on {of} allowed are {', '.join(one + ':LEVEL' for one in allowed)}; "
            f"shares from 0 to 1, codecs {', '.join(CODECS)}"
        )
    return kind, number, codec


def on_clips(what: Sequence[str]) -> bool:
    """Whether any of these can only be done to raw clips."""
    return any(text.partition(":")[0] in ("snr", "codec") for text in what)


def _moments(data: Data, name: str, rows: Sequence[int]) -> tuple[Numbers, Numbers]:
    """Mean and deviation of each feature over the real steps of the training part."""
    held: list[Array] = []
    for row in rows:
        sample = data.samples[row]
        if name in sample.features:
            values, seen = sample.features[name], sample.seen.get(name)
            held.append(values if seen is None else values[seen])
    if not held:
        raise RequestError(f"no training sample has {name}")
    together = np.concatenate(held).astype(np.float64)
    return together.mean(axis=0).astype(np.float32), together.std(axis=0).astype(np.float32)
