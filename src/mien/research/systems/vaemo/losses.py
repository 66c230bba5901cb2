"""What each stage minimises."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mien.errors import DataError
from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.vaemo.card import Config
from mien.research.systems.vaemo.contrast import info_nce, reconstruction

if TYPE_CHECKING:
    from mien.research.systems.vaemo.model import Vaemo


def losses(model: Vaemo, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The last stage: the one term `task`."""
    if model.weigh is not None:
        return {"task": model.weigh(output.scores, batch.target)}
    return {"task": task_loss(output.scores, batch.target, model.task)}


def unlabelled(model: Vaemo, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The first stage: `rebuild/NAME` of each modality, `contrast/A-B` of each two over the clips that have both.

    Labels are not read. Each modality is encoded alone for the contrast, all together for the decoder.
    """
    hidden, visible = model.mask(batch)
    targets = model.targets(batch)
    terms = {
        f"rebuild/{name}": reconstruction(told, targets[name], hidden[name], normalise=config.normalise_target)
        for name, told in model.reconstruct(batch, visible).items()
    }
    alone = {name: model.embed(batch, [name], visible) for name in model.names} if len(model.names) > 1 else {}
    for one, other in combinations(alone, 2):
        both = batch.present[one] & batch.present[other]
        found = info_nce(alone[one][both], alone[other][both], config.temperature)
        terms[f"contrast/{one}-{other}"] = config.contrast * found
    return terms


def described(model: Vaemo, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The second stage: `text/PATH`, the mean over paths of their contrast with the descriptions; and what it keeps of
    the first stage. Clips without a description count in the latter only."""
    assert model.meet is not None
    captions = model.get_buffer("captions")
    known = (batch.index >= 0) & (batch.index < len(captions))
    rows = torch.where(known, batch.index, torch.zeros_like(batch.index))
    given = captions[rows] if len(captions) else captions.new_zeros(len(batch), captions.shape[1])
    text, told = model.meet(given), known & given.any(dim=1)
    paths: dict[str, tuple[str, ...]] = {}
    if config.paths != "fused":
        paths |= {name: (name,) for name in model.names}
    if config.paths != "dual":
        paths["fused"] = model.names
    terms = {}
    for path, names in paths.items():
        there = torch.stack([batch.present[name] for name in names]).any(dim=0) & told
        found = model.embed(batch, names)[there]
        terms[f"text/{path}"] = info_nce(found, text[there], config.temperature) / len(paths)
    if config.keep:
        terms |= {f"kept {name}": config.keep * term for name, term in unlabelled(model, batch, output, config).items()}
    return terms


def check_speakers(speakers: Tensor) -> None:
    """DataError where all clips are of one speaker, so that no batch could hold two."""
    known = speakers[speakers >= 0]
    if len(speakers) > 1 and len(known) == len(speakers) and bool((known == known[0]).all()):
        raise DataError("training part", None, "all clips are of one speaker; set one_speaker=false to contrast them")
