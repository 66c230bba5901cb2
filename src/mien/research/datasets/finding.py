"""One thing an audit found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mien.research.samples import Data, Sample

Weight = Literal["refuse", "warn", "tell"]
Parts = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """code: one of `audit.CODES`; weight: "refuse" (no figure from this split), "warn" or "tell"; text: one sentence
    with the numbers; count; examples: ids or names, a few; table: rows for a person (balance), () where none."""

    code: str
    weight: Weight
    text: str
    count: int = 0
    examples: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


def of_parts(data: Data, parts: Parts) -> Iterator[tuple[str, Sample]]:
    """(part, sample) of every sample that is in a part."""
    for part, rows in parts.items():
        for row in rows:
            yield part, data.samples[row]


def few(names: list[str], most: int = 3) -> tuple[str, ...]:
    """The first few, for an example."""
    return tuple(names[:most])


def later(parts: Parts) -> int:
    """Samples outside training: what a share of repeats is measured against."""
    return sum(len(rows) for part, rows in parts.items() if part != "train") or 1
