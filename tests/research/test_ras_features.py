"""RAS's feature fusion: the focal loss of smoothed targets, what is missing adds nothing, the scene stands aside."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.ras_compound.pfsa import prototypes, similarity_scores  # noqa: E402
from mien.research.systems.ras_features.losses import soft_focal  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
CARD = system("ras-features")


def method_of(data, **settings):
    return assemble(CARD, CARD.configure(settings, "tiny"), data.shape())


def test_focal_loss_by_hand():
    """Two classes, p = 3/4 and 1/4, weights 1 and 2, smoothed by a tenth."""
    scores, weights = torch.tensor([[math.log(3.0), 0.0]]), torch.tensor([1.0, 2.0])
    expected = -(0.95 * 1 * 0.25**2 * math.log(0.75) + 0.05 * 2 * 0.75**2 * math.log(0.25))
    assert float(soft_focal(scores, torch.tensor([0]), weights)) == pytest.approx(expected)
    plain = soft_focal(scores, torch.tensor([1]), torch.ones(2), gamma=0.0, smoothing=0.0)
    assert float(plain) == pytest.approx(math.log(4))


def test_focal_loss_of_a_sure_answer_has_gradients():
    scores = torch.tensor([[80.0, -80.0]], requires_grad=True)
    soft_focal(scores, torch.tensor([0]), torch.ones(2)).backward()
    assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize(("fuse", "width"), [("heads", 9), ("pooled", 8), ("tokens", 8), ("context", 16)])
def test_the_fused_feature_is_told(fuse, width):
    """It is what compounds by feature similarity are made of."""
    data = made(n=14, outputs=7)
    data = made(n=12) if fuse == "heads" else data
    output = method_of(data, fuse=fuse, scene="face").model(collate(data.samples, data.shape()))
    assert output.hidden.shape == (len(data.samples), width)
    if fuse != "heads":
        order = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
        means = prototypes(output.hidden.detach().numpy(), [s.target for s in data.samples], order)
        assert similarity_scores(output.hidden.detach().numpy(), means, order).shape == (14, 7)


def test_scores_of_an_absent_modality_are_nothing():
    data = made()
    model = method_of(data, fuse="heads").model.eval()
    batch = collate(data.samples, data.shape())
    feature = model(batch.without("audio")).hidden.view(12, 3, 3)
    assert (feature[:, 1] == 0).all() and (feature[:, 0] != 0).any()


def test_the_scene_must_be_there():
    with pytest.raises(RequestError, match=r"needs the modality 'scene' \(`scene`\); the data has: text, audio, face"):
        method_of(made(), fuse="context")
    with pytest.raises(RequestError, match="hidden 9 must be a multiple of heads 2"):
        method_of(made(), hidden=9)


def test_the_rate_goes_down_and_up():
    config = CARD.configure({"cycle": 4, "epochs": 8})
    recipe = assemble(CARD, config, made().shape()).recipe
    rates = [recipe.stages[0].schedule(epoch / 8) for epoch in range(8)]
    assert rates[0] == 1 and rates[4] == pytest.approx(0) and rates[2] == pytest.approx(rates[6]) == pytest.approx(0.5)


@pytest.mark.parametrize("fuse", ["heads", "pooled", "tokens", "context"])
def test_every_fusion_learns(fuse):
    data = made(n=48, outputs=2, signal=1.5)
    method = method_of(data, fuse=fuse, scene="face", rate=5e-3, balanced=True)
    fit(method, data.samples[:36], (), Settings(epochs=20, quiet=True, device="cpu"))
    method.model.eval()
    batch = collate(data.samples[36:], data.shape())
    assert (method.model(batch).scores.argmax(dim=1) == batch.target).float().mean() > 0.7
