"""What a trained model answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.layers.task import answers
from mien.research.samples import Data, Sample, Shape
from mien.research.training.feed import Batches, Feed
from mien.research.training.method import Method


def answer(method: Method, samples: Sequence[Sample], *, batch: int = 64) -> NDArray[np.float64]:
    """(n, outputs) in the order of the samples: probabilities of classes or labels, or values.

    batch: samples (dialogues for a dialogue system) at once; it does not change the answers. Modalities that the model
    does not know are let be; of those it knows, absent ones are masked. Targets are not looked at.
    """
    device = next(method.model.parameters(), torch.zeros(0)).device
    feed = Feed(samples, method.shape, dialogue=method.inputs == "dialogue", device=device, targets=False)
    found = np.zeros((len(samples), method.shape.outputs))
    method.model.eval()
    rows = [row for batch_rows in feed.order(batch) for row in batch_rows]
    with torch.no_grad():
        parts = [answers(method.model(one).scores.float(), method.shape.task) for one in Batches(feed, batch)]
    if parts:
        found[rows] = torch.cat(parts).double().cpu().numpy()
    return found


def check_data(shape: Shape, labels: Sequence[str], data: Data, name: str) -> None:
    """RequestError where data cannot be put to a model of that shape and those labels: what differs, and what it wants.

    Modalities that the data lacks are absent, those that the model does not know are let be.
    """
    given = data.shape()
    if data.task != shape.task or tuple(data.space.labels) != tuple(labels):
        raise RequestError(
            f"{name} answers the task {shape.task!r} with {', '.join(labels)}; "
            f"{data.name} has the task {data.task!r} with {', '.join(data.space.labels)}"
        )
    for modality, width in shape.widths.items():
        if given.widths.get(modality, width) != width:
            raise RequestError(
                f"{name} reads {modality} {width} wide; {data.name} has it {given.widths[modality]} wide"
            )
    if not set(given.widths) & set(shape.widths):
        raise RequestError(f"{name} reads {', '.join(shape.widths)}; {data.name} has only {', '.join(given.widths)}")
