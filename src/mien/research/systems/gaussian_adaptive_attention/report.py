"""What a trained system tells of itself: the Importance Factor beside an ablation, for each modality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.research.samples import Sample
    from mien.research.training.method import Method

SIZE = 64


def report(method: Method, samples: Sequence[Sample], answers: NDArray[np.floating]) -> str:
    """One table a modality, from labelled samples; of the axis form a sentence, as steps are not the same in two."""
    from mien.research.systems.gaussian_adaptive_attention.importance import importance
    from mien.research.training.feed import Batches, Feed

    if method.config.form != "layers":
        return 'importance is told of form="layers" alone, where one step is one layer of an encoder\n'
    device = next(method.model.parameters()).device
    batches = Batches(Feed(samples, method.shape, device=device), SIZE)
    told = (f"{name}\n{importance(method.model, batches, name, method.config).text()}" for name in method.shape.widths)
    return "\n\n".join(told) + "\n"
