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
    """Probabilities over a space's labels.

    values: float64, shape (len(space.labels),), in [0, 1]; a categorical space sums to 1, a multilabel one holds
    independent probabilities. Raises RequestError for a wrong shape, non-finite or out-of-range values.
    """

    space: Space
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (len(self.space.labels),):
            raise RequestError(f"{self.space.name} needs {len(self.space.labels)} values, got shape {values.shape}")
        if not np.isfinite(values).all() or values.min() < -1e-6 or values.max() > 1 + 1e-6:
            raise RequestError(f"{self.space.name}: probabilities must be finite and in [0, 1]")
        values = values.clip(0.0, 1.0)
        if self.space.kind == "categorical":
            total = float(values.sum())
            if abs(total - 1.0) > 1e-3:
                raise RequestError(f"{self.space.name}: a distribution must sum to 1, got {total:.4f}")
            values = values / total
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, name: str, values: Mapping[str, float] | Sequence[float] | NDArray[np.floating]) -> Distribution:
        """Build from a space's name and its values: in order, or by label (absent labels are 0)."""
        target = space(name)
        if isinstance(values, Mapping):
            array = np.zeros(len(target.labels))
            for label, value in values.items():
                array[target.index(label)] = value
            return cls(target, array)
        return cls(target, np.asarray(values, dtype=np.float64))

    @property
    def top(self) -> str:
        """The label with the largest probability (the first of equals)."""
        return self.space.labels[int(np.argmax(self.values))]

    @property
    def entropy(self) -> float:
        """Uncertainty in [0, 1]: Shannon entropy over its maximum (multilabel: mean binary entropy in bits)."""
        p = self.values.clip(1e-12, 1.0)
        if self.space.kind == "categorical":
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
        """Label -> probability, in the space's order."""
        return {label: float(value) for label, value in zip(self.space.labels, self.values, strict=True)}

    def to(self, target: Space | str) -> Distribution:
        """The same answer in another space, through `mien.affect.mapping` (which says what is lost)."""
        from mien.affect.mapping import convert

        return convert(self, target if isinstance(target, Space) else space(target))
