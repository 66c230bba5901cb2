"""Gaussian adaptive attention beyond the golden vectors: masks, odd input, layers, importance, pieces."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Sample, Shape  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention import importance as told  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention import pieces  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.aggregation import LayerAggregation  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.attention import AxisAttention, AxisBlock  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.losses import focal, losses  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.model import ConvHead, build  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.report import report  # noqa: E402
from mien.research.systems.gaussian_adaptive_attention.widths import Width  # noqa: E402
from mien.research.training.answering import answer  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
CARD = system("gaussian-adaptive-attention")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def moved(layer):
    """Parameters off their start."""
    with torch.no_grad():
        for values in layer.parameters():
            values.add_(0.3 * torch.randn_like(values))
    return layer


@pytest.mark.parametrize("normalise", ["softmax", "clamped"])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_gradients_of_the_axis_form_agree_with_finite_differences(heads, normalise):
    layer = moved(AxisAttention(heads, 2, normalise=normalise)).double()
    x = torch.randn(2, 7, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))
    mask = torch.tensor([[True] * 5 + [False] * 2, [True, False, True, True, True, True, True]])
    assert torch.autograd.gradcheck(lambda x, *_: layer(x, mask)[0], (x, *layer.parameters()))


def test_gradients_of_block_and_layers_agree_with_finite_differences():
    x = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    block = moved(AxisBlock((3, 1), (2, 3))).double()
    assert torch.autograd.gradcheck(lambda x, *_: block(x)[0], (x, *block.parameters()))
    gates = moved(LayerAggregation(6, 3, 2)).double()
    mask = torch.tensor([[True] * 6, [True, False, True, False, False, False]])
    assert torch.autograd.gradcheck(lambda x, *_: gates(x, mask)[0], (x, *gates.parameters()))


def test_the_published_variance_is_the_same_but_for_its_rounding():
    x = torch.randn(2, 8, 3)
    x[:, :2] += 5
    x[:, 1] = x[:, 0] + 5e-3  # alike: E[y^2] - E[y]^2 has hardly a digit left in float32
    ours, published = LayerAggregation(8, 3, 4), LayerAggregation(8, 3, 4, variance="moments")
    torch.testing.assert_close(ours.double()(x.double()), published.double()(x.double()))
    pairs = x.reshape(2, 4, 2, 3)
    middle = pairs.mean(dim=2, keepdim=True)
    spread = (pairs.square().mean(dim=2, keepdim=True) - middle.square()).abs() + 1e-8
    gates = torch.exp(-(((pairs - middle) / (spread + 1e-5).sqrt()) ** 2 / 4)).reshape(x.shape)
    torch.testing.assert_close(published.float()(x)[1], gates)
    assert (ours.float()(x)[1] - gates).abs().max() > 1e-3
    assert system("gaussian-adaptive-attention").configure({}, "replicate-v1").variance == "moments"


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_a_full_mask_changes_nothing(heads):
    layer = moved(AxisAttention(heads, 2))
    x = torch.randn(3, 8, 4)
    torch.testing.assert_close(layer(x)[0], layer(x, torch.ones(3, 8, dtype=torch.bool))[0])


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("rescale", ["none", "length"])
def test_padding_changes_nothing_at_real_steps(heads, rescale):
    block = moved(AxisBlock((heads, heads), (2, 2), rescale=rescale))
    x = torch.randn(2, 7, 4)
    alone = block(x)[0]
    padded = torch.cat([x, torch.full((2, 5, 4), float("nan"))], dim=1).requires_grad_()
    mask = torch.arange(12).expand(2, -1) < 7
    out = block(padded, mask)[0]
    torch.testing.assert_close(out[:, :7], alone, atol=1e-5, rtol=1e-5)
    assert torch.all(out[:, 7:] == 0)
    out[:, :7].sum().backward()
    assert torch.isfinite(padded.grad).all()
    assert all(torch.isfinite(values.grad).all() for values in block.parameters())


def test_weights_sum_to_one_whatever_the_input():
    inputs = {
        "constant": torch.full((1, 6, 1), 1.5),
        "zeros": torch.zeros(1, 6, 1),
        "outlier": torch.tensor([[[0.0], [0.0], [0.0], [0.0], [0.0], [1e6]]]),
        "large": 1e8 + torch.arange(6.0).reshape(1, 6, 1),
        "one step": torch.tensor([[[3.0]]]),
        "two steps": torch.tensor([[[3.0], [-1e9]]]),
    }
    for name, x in inputs.items():
        x.requires_grad_()
        layer = moved(AxisAttention(1, 3))
        y, weights = layer(x)
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(1, 1), atol=1e-6, rtol=0, msg=name)
        y.sum().backward()
        assert torch.isfinite(x.grad).all(), name
    assert AxisAttention()(torch.tensor([[[3.0]]]))[1].item() == 1


def test_fewer_steps_than_heads():
    layer = AxisAttention(4, 2)
    with pytest.raises(RequestError, match="4 heads need as many steps at least, got 3"):
        layer(torch.randn(1, 3, 2))
    mask = torch.tensor([[True, True, True, False, False]])
    y, weights = layer(torch.randn(1, 5, 2), mask)
    assert torch.isfinite(y).all() and torch.all(weights[0, :3] == 1), "each step is a chunk of its own"


def test_rescale_undoes_the_length():
    x = torch.ones(1, 50, 2)
    y = AxisAttention(rescale="length")(x)[0]
    torch.testing.assert_close(y, x)
    assert AxisAttention()(x)[0].max() < 0.03


def test_widths_stay_positive_and_take_what_they_are_given():
    width = Width(torch.tensor([2.0, 1e-3, 50.0]))
    torch.testing.assert_close(width(), torch.tensor([2.0, 1e-3, 50.0]))
    with torch.no_grad():
        width.raw.fill_(-1e4)
    assert torch.all(width() > 0)


@pytest.mark.parametrize("layers", [12, 24])
def test_layers_of_common_encoders(layers):
    gates = LayerAggregation(layers, 16, 6)
    y, maps = gates(torch.randn(2, layers, 9, 16), frames=torch.arange(9) < torch.tensor([[9], [4]]))
    assert y.shape == maps.shape == (2, layers, 16) and maps.max() <= 1


def test_heads_must_divide_the_layers():
    with pytest.raises(RequestError, match="8 heads do not divide 12 layers; these do: 1, 2, 3, 4, 6, 12"):
        LayerAggregation(12, 16, 8)
    with pytest.raises(RequestError, match="expected 12 layers, got 13"):
        LayerAggregation(12, 16, 4)(torch.randn(2, 13, 16))


def test_padded_frames_are_not_averaged():
    gates = LayerAggregation(4, 3, 2)
    x = torch.randn(1, 4, 5, 3)
    padded = torch.cat([x, torch.full((1, 4, 2, 3), 99.0)], dim=2)
    torch.testing.assert_close(gates(x)[0], gates(padded, frames=torch.arange(7)[None] < 5)[0])


def test_speech_head_has_the_published_size():
    assert sum(p.numel() for p in ConvHead(24, 1024, 512, 4).parameters()) == 336_412 - 16_384
    assert sum(p.numel() for p in LayerAggregation(24, 1024, 8).parameters()) == 16_384
    config = CARD.configure(preset="replicate-v1")
    model = build(config, Shape({"audio": 1024}, "class", 4, True, {"audio": 24}))
    assert sum(p.numel() for p in model.parameters()) == 336_412


def layered(n, layers=8, width=12, *, telling=None, seed=0, height=1.5):
    """Random hidden states; only layer `telling` knows the class."""
    rng = np.random.default_rng(seed)
    samples = []
    for at in range(n):
        states = rng.normal(size=(layers, width)).astype(np.float32)
        if telling is not None:
            states[telling] += height * (2 * (at % 2) - 1) * np.resize([1, -1], width)
        samples.append(Sample(f"s{at}", f"g{at}", {"audio": states}, at % 2))
    return samples, Shape({"audio": width}, "class", 2, True, {"audio": layers})


def trained(samples, shape, config, steps, rate):
    model = build(config, shape)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    for step in range(steps):
        batch = collate(samples[(step * 32) % len(samples) :][:32], shape)
        optimiser.zero_grad()
        losses(model, batch, model(batch), config)["task"].backward()
        optimiser.step()
    return model


def test_gaussian_6_ablation_finds_the_layer_that_carries_the_class_and_stands_beside_the_factor():
    samples, shape = layered(320, telling=5)
    config = CARD.configure({"heads": 2, "hidden": 24, "dropout": 0.0}, preset="speech")
    model = trained(samples[:256], shape, config, 120, 3e-3)
    found = told.importance(model, [collate(samples[256:], shape)], "audio", config)
    assert found.ranking()[0] == 5
    assert found.factor.shape == (8, 12) and found.factor.min() == 0 and found.factor.max() == 1
    assert found.share.sum() == pytest.approx(1) and found.items == 64
    assert found.text().splitlines()[0].split() == ["layer", "factor", "share", "loss", "without", "it"]
    assert "heuristic" in told.HEURISTIC and told.HEURISTIC in found.text()
    method = assemble(CARD, config, shape)
    method.model.load_state_dict(model.state_dict())
    text = report(method, samples[256:], answer(method, samples[256:]))
    assert text == f"audio\n{found.text()}\n"
    axis = assemble(CARD, CARD.configure(), shape)
    assert 'form="layers" alone' in report(axis, samples, answer(axis, samples))


def test_speech_head_trains_on_cached_states_and_comes_back_the_same(tmp_path):
    samples, shape = layered(200, layers=12, width=64)
    config = CARD.configure({"heads": 6, "hidden": 32}, preset="speech")
    model = trained(samples, shape, config, 14, 1e-3).eval()
    torch.save(model.state_dict(), tmp_path / "model")
    again = build(config, shape).eval()
    again.load_state_dict(torch.load(tmp_path / "model", weights_only=True))
    batch = collate(samples[:20], shape)
    assert torch.equal(model(batch).scores, again(batch).scores)


@pytest.mark.parametrize("settings", [{"gate": "fixed"}, {"gate": "none"}, {"form": "layers", "gate": "fixed"}])
def test_the_ablations_have_no_attention_to_train(settings):
    samples, shape = layered(8, layers=4)
    config = CARD.configure(settings)
    model = build(config, shape)
    names = {name for name, values in model.named_parameters() if values.requires_grad}
    assert names and all(".head." in name for name in names)
    assert torch.isfinite(model(collate(samples, shape)).scores).all()


def test_layers_that_are_absent_are_not_read():
    samples, shape = layered(4, layers=4)
    model = moved(build(CARD.configure({"heads": 2, "hidden": 8}, preset="speech"), shape)).eval()
    batch = collate(samples, shape)
    keep = batch.masks["audio"].clone()
    keep[:, 2] = False
    changed = {"audio": torch.where(keep[..., None], batch.inputs["audio"], torch.tensor(float("nan")))}
    gone = batch.keep({"audio": keep})
    from dataclasses import replace

    torch.testing.assert_close(model(gone).scores, model(replace(gone, inputs=changed)).scores)
    assert not torch.allclose(model(gone).scores, model(batch).scores)


def test_conv_head_needs_layers():
    with pytest.raises(RequestError, match='head="conv" needs form="layers"'):
        build(CARD.configure({"head": "conv"}), layered(2)[1])


def test_focal_loss_is_finite_for_certain_answers():
    logits = torch.tensor([[200.0, 0.0], [0.0, 200.0]], requires_grad=True)
    each = focal(logits, torch.tensor([0, 0]))
    each.sum().backward()
    assert torch.isfinite(each).all() and torch.isfinite(logits.grad).all() and each[0] < 1e-6


def test_pieces_make_utterances_again():
    wave = np.arange(23, dtype=np.float32)
    parts = pieces.cut(wave, 2, 5.0)
    assert [len(part) for part in parts] == [10, 10, 3] and np.concatenate(parts).tolist() == wave.tolist()
    names, answers = pieces.by_utterance(np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]), ["b", "a", "b"])
    assert names == ("b", "a") and answers.tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("padding", [0.0, -1.0])
def test_padding_by_value_is_the_published_one(padding):
    """Padding counts as 0 in mean and variance, keeps weights of its own, and passes through unchanged."""
    torch.manual_seed(0)
    layer = AxisAttention(1, 2, normalise="clamped", widths="free", padding_value=padding)
    x = torch.randn(1, 5, 1)
    x[0, 3:] = padding
    x.requires_grad_()
    y, weights = layer(x)
    counted = torch.where(x == padding, torch.zeros(()), x)
    distance = (x - counted.mean(dim=1, keepdim=True))[..., None] - layer.offsets[0]
    variance = counted.var(dim=1, keepdim=True)[..., None] + 1e-8
    width = layer.width()[0]
    product = (torch.exp(-(distance**2) / variance / (2 * width**2)) / (2 * torch.pi * width**2).sqrt()).prod(dim=-1)
    expected = product / product.sum(dim=1, keepdim=True)
    torch.testing.assert_close(weights, expected)
    assert (y[0, 3:] == padding).all()
    (own,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    (wanted,) = torch.autograd.grad(torch.where(x == padding, x, x * expected).sum(), x)
    torch.testing.assert_close(own, wanted)
    with pytest.raises(RequestError, match="by its value or by a mask, not by both"):
        layer(x, torch.ones(1, 5, dtype=torch.bool))


def test_the_gradient_of_the_focal_loss_passes_both_factors():
    logits, target = torch.randn(5, 4, dtype=torch.float64, requires_grad=True), torch.tensor([0, 1, 2, 3, 3])
    assert torch.autograd.gradcheck(lambda x: focal(x, target), logits)


def test_a_fixed_gate_stays_at_offset_nought_and_width_two():
    shape = made(n=4).shape()
    for settings in ({"gate": "fixed"}, {"gate": "fixed", "form": "layers"}):
        model = build(CARD.configure({"blocks": 1, **settings}), shape)
        branch = model.branches["audio"]
        attention = branch.gates if "form" in settings else branch.block.layers[0]
        torch.testing.assert_close(attention.width(), torch.full_like(attention.offsets, 2.0))
        assert not attention.offsets.any() and not attention.offsets.requires_grad


def test_answers_are_the_mean_over_the_modalities_that_are_there():
    data = without(made(n=6), lambda place, name: name == "audio" and place < 3)
    batch = collate(data.samples, data.shape())
    model = build(CARD.configure(), data.shape()).eval()
    alone = {name: branch(batch.inputs[name], batch.masks[name])[0] for name, branch in model.branches.items()}
    wanted = torch.stack(list(alone.values())).mean(dim=0)
    wanted[:3] = (alone["text"][:3] + alone["face"][:3]) / 2
    torch.testing.assert_close(model(batch).scores, wanted)
