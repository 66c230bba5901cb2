"""Which branches to fuse: every group of them, judged on the part that selects and never on the reported one.

The published search trains one fusion for each of the 57 groups of two to six branches (train_utils_multimodal.py
@40bd572) and reads its choice off the test part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from mien.errors import RequestError
from mien.research.samples import Sample, Shape
from mien.research.systems import assemble, system
from mien.research.systems.ras_compound.card import Config
from mien.research.training.settings import Settings
from mien.research.training.trainer import fit


@dataclass(frozen=True, slots=True)
class Found:
    """modalities that were fused; score: of the selecting part in the best epoch, by `Settings.select`, larger is
    better."""

    modalities: tuple[str, ...]
    score: float


def subsets(names: Sequence[str], least: int = 2) -> Iterator[tuple[str, ...]]:
    """All groups of `least` names or more, small ones first: 57 of six branches."""
    for size in range(least, len(names) + 1):
        yield from combinations(names, size)


def search(
    train: Sequence[Sample], valid: Sequence[Sample], shape: Shape, config: Config, settings: Settings, *,
    least: int = 2,
) -> tuple[Found, ...]:  # fmt: skip
    """A fusion of every group of modalities, best first (equal ones: fewer branches first).

    RequestError without samples to select on, where only one modality is there, or where `config.fuse` is "mean" and
    the branches are given: nothing is trained then, so nothing is scored.
    """
    if not valid:
        raise RequestError("a search of branches needs samples to select on (valid)")
    names = config.modalities or tuple(shape.widths)
    if len(names) < least:
        raise RequestError(f"a search needs {least} modalities or more; there are: {', '.join(names) or 'none'}")
    found = []
    for group in subsets(names, least):
        method = assemble(system("ras-compound"), replace(config, modalities=group), shape, seed=settings.seed)
        if not method.recipe.stages:
            raise RequestError('fuse="mean" of given branches has nothing to train: a search needs another fuse')
        run = fit(method, train, valid, settings)
        last = method.recipe.stages[-1].name
        found.append(Found(group, max(row["valid"] for row in run.rows if row["stage"] == last)))
    return tuple(sorted(found, key=lambda one: (-one.score, len(one.modalities))))
