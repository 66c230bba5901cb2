"""A distribution over the labels of a space: never a bare label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space, space
from mien.errors import RequestError


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """An answer over a space's labels.

    values: float64, shape (len(space.labels),). A categorical or ordinal space sums to 1; a multilabel one holds
    independent probabilities in [0, 1]; an intensity or dimensional one levels in [space.low, space.high].
    via: ids of the mappings that made it, first to last. Raises RequestError for a wrong shape, non-finite or
    out-of-range values.
    """

    space: Space
    values: NDArray[np.float64]
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        low, high = (0.0, 1.0) if _probable(self.space) else (self.space.low, self.space.high)
        if values.shape != (len(self.space.labels),):
            raise RequestError(f"{self.space.name} needs {len(self.space.labels)} values, got shape {values.shape}")
        if not np.isfinite(values).all() or values.min() < low - 1e-6 or values.max() > high + 1e-6:
            what = "probabilities" if _probable(self.space) else "levels"
            raise RequestError(f"{self.space.name}: {what} must be finite and in [{low:g}, {high:g}]")
        values = values.clip(low, high)
        if self.space.exclusive:
            total = float(values.sum())
            if abs(total - 1.0) > 1e-3:
                raise RequestError(f"{self.space.name}: a distribution must sum to 1, got {total:.4f}")
            values = values / total
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, name: str, values: Mapping[str, float] | Sequence[float] | NDArray[np.floating]) -> Distribution:
        """Build from a space's name and its values: in order, or by label.

        Absent labels are 0; a dimensional space needs every label (0 would be a value).
        """
        target = space(name)
        if isinstance(values, Mapping):
            if target.kind == "dimensional" and (absent := [one for one in target.labels if one not in values]):
                raise RequestError(f"{name} needs a number for every dimension; missing: {', '.join(absent)}")
            array = np.zeros(len(target.labels))
            for label, value in values.items():
                array[target.index(label)] = value
            return cls(target, array)
        return cls(target, np.asarray(values, dtype=np.float64))

    @property
    def top(self) -> str:
        """The label with the largest value (the first of equals); a dimensional space has none: RequestError."""
        if self.space.kind == "dimensional":
            raise RequestError(f"{self.space.name} is dimensional: none of its labels is the top one")
        return self.space.labels[int(np.argmax(self.values))]

    @property
    def entropy(self) -> float:
        """Uncertainty in [0, 1]: Shannon entropy over its maximum (multilabel: mean binary entropy in bits).

        Levels of an intensity or dimensional space are no probabilities: RequestError.
        """
        if not _probable(self.space):
            raise RequestError(f"{self.space.name} holds levels, not probabilities: it has no entropy")
        p = self.values.clip(1e-12, 1.0)
        if self.space.exclusive:
            return float(-(p * np.log(p)).sum() / np.log(len(p)))
        q = (1.0 - self.values).clip(1e-12, 1.0)
        return float(-(p * np.log2(p) + q * np.log2(q)).mean())

    def __getitem__(self, label: str) -> float:
        return float(self.values[self.space.index(label)])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distribution):
            return NotImplemented
        return self.space == other.space and bool(np.array_equal(self.values, other.values))

    def __hash__(self) -> int:
        return hash((self.space.name, self.values.tobytes()))

    def as_dict(self) -> dict[str, float]:
        """Label -> value, in the space's order."""
        return {label: float(value) for label, value in zip(self.space.labels, self.values, strict=True)}

    def to(self, target: Space | str, *, strict: bool = False, max_lost: float = 0.2) -> Distribution:
        """The same answer in another space, through `mien.affect.mapping` (which says what is lost).

        strict: leave out labels that reach the target only by a loose rule; max_lost: the most probability that may
        lie on labels without a counterpart. Raises RequestError for a pair without a mapping and for a larger loss.
        """
        from mien.affect.mapping import convert

        goal = target if isinstance(target, Space) else space(target)
        return convert(self, goal, strict=strict, max_lost=max_lost)


def _probable(space: Space) -> bool:
    return space.exclusive or space.kind == "multilabel"
