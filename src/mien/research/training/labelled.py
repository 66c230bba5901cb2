"""Samples whose labels may be used (all, or a share, the same for every system under one seed), and samples without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from mien.errors import RequestError
from mien.research.samples import Sample
from mien.research.training.feed import Feed
from mien.research.training.method import Method
from mien.research.training.settings import Settings


def feeds(
    method: Method, train: Sequence[Sample], valid: Sequence[Sample], settings: Settings, device: torch.device, *,
    labels: bool = True, more: Sequence[Sample] = (),
) -> tuple[Feed, Feed]:  # fmt: skip
    """(training, validation) feeds of a stage: those that have labels, or all (and `more`) without any label where some
    have none."""
    share, dialogue = settings.labelled, method.inputs == "dialogue"
    parts = (train, valid)
    if labels and share < 1:
        parts = (chosen(train, share, settings.seed, dialogue), chosen(valid, share, settings.seed, dialogue))
    seen = labels or (share == 1 and not more)
    return (
        Feed((*parts[0], *more), method.shape, dialogue=dialogue, training=True, device=device, targets=seen),
        Feed(parts[1], method.shape, dialogue=dialogue, device=device, targets=seen),
    )


def check_parts(
    method: Method, train: Sequence[Sample], valid: Sequence[Sample], unlabelled: Sequence[Sample], *, shared: bool
) -> None:
    """RequestError where there is nothing to train on, unlabelled samples are of no use, or a group is in two parts.

    shared: let a group be in the training and in the validation part.
    """
    if not train:
        raise RequestError("there are no samples to train on")
    both = {sample.group for sample in train} & {sample.group for sample in valid}
    if both and not shared:
        raise RequestError(f"group {min(both)!r} is in the training and in the validation part")
    if unlabelled and all(stage.labels or not stage.epochs for stage in method.recipe.stages):
        raise RequestError(
            f"{method.name} as configured has no stage without labels, so samples without them are no use"
        )
    if unlabelled and {sample.group for sample in unlabelled} & {sample.group for sample in valid}:
        raise RequestError("a group of the validation part is among the unlabelled samples")


def chosen(samples: Sequence[Sample], share: float, seed: int, dialogue: bool = False) -> tuple[Sample, ...]:
    """A share of the samples, one at least of each class; of a dialogue system whole groups."""
    rng = np.random.default_rng([seed, len(samples)])
    kinds: dict[str, list[str]] = {}
    for sample in samples:
        kind = "" if dialogue or np.ndim(sample.target) else str(int(sample.target))
        kinds.setdefault(kind, []).append(sample.group if dialogue else sample.id)
    kept: set[str] = set()
    for kind in sorted(kinds):
        names = sorted(set(kinds[kind]))
        kept |= set(rng.permutation(names)[: max(1, round(share * len(names)))].tolist())
    return tuple(one for one in samples if (one.group if dialogue else one.id) in kept)


def refuse_test_clips(unlabelled: Iterable[str], test: Iterable[str], *, transductive: bool = False) -> int:
    """How many clips of the declared test list the unlabelled ones hold; RequestError for any unless `transductive`.

    Published code (ricfrr/mpuc-mer) pre-trains on validation and test clips too; that must be asked for by name and
    told in the report.
    """
    shared = sorted(set(unlabelled) & set(test))
    if shared and not transductive:
        shown = ", ".join(shared[:3]) + (", ..." if len(shared) > 3 else "")
        raise RequestError(
            f"{len(shared)} clips of the test list are among the unlabelled ones ({shown}); leave them out, "
            "or ask for transductive pre-training by name"
        )
    return len(shared)
