"""As test_options, for Gaussian attention, pairwise contrast and M2FNet's extractor."""

import pytest

torch = pytest.importorskip("torch")

from mien.research.systems import assemble, system  # noqa: E402

from .made import made  # noqa: E402
from .test_options import (  # noqa: E402, F401
    test_batch_of_one,
    test_gradients,
    test_padding_absence_and_batch_size,
)

GAUSSIAN, PAIRS, EXTRACTOR = "gaussian-adaptive-attention", "pairwise-contrastive", "m2fnet-extractor"
OPTIONS = [
    (GAUSSIAN, {"heads": 3}),
    (GAUSSIAN, {"normalise": "clamped", "widths": "free", "rescale": "none"}),
    (GAUSSIAN, {"form": "layers"}),
    (GAUSSIAN, {"form": "layers", "heads": 5, "head": "conv", "hidden": 8}),
    (GAUSSIAN, {"form": "layers", "widths": "free", "variance": "moments", "objective": "plain"}),
    (PAIRS, {"positives": "other_view", "window": 0.5}),
    (PAIRS, {"positives": "other_view", "frames": 2, "whole": False}),
    (PAIRS, {"pairs": "concatenated", "probe": "mlp"}),
    (PAIRS, {"tuning": "joint", "unimodal": True}),
    (PAIRS, {"tuning": "fine", "normalise": False}),
    (PAIRS, {"supervised": True, "positives": "other_view"}),
    (PAIRS, {"spare_group": True, "encoders": ("text=tcn", "audio=mlp", "face=transformer")}),
    (EXTRACTOR, {"network": "resnet", "channels": 2, "blocks": 1}),
    (EXTRACTOR, {"regulariser": "printed", "margin_grad": "differentiable", "normalise": False}),
]


@pytest.fixture(params=OPTIONS, ids=lambda one: "-".join([one[0], *map(str, one[1].values())]))
def method(request):
    name, settings = request.param
    card = system(name)
    return assemble(card, card.configure(settings, "tiny" if "tiny" in card.presets else None), made().shape())
