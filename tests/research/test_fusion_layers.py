"""Blocks of the fusion baselines: what stands nowhere is not read, and extreme batches stay finite."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.research.layers.attention import Attention  # noqa: E402
from mien.research.layers.batchnorm import PresentBatchNorm  # noqa: E402
from mien.research.layers.crossmodal import CrossModal, sinusoid  # noqa: E402
from mien.research.layers.information import ContrastiveBound, GaussianBound, gaussian_entropy  # noqa: E402
from mien.research.layers.recurrent import Recurrent, last_real  # noqa: E402
from mien.research.layers.stand_in import StandIn  # noqa: E402
from mien.research.layers.subnetworks import PooledNet, fusion_order  # noqa: E402
from mien.research.layers.subspaces import central_moment_discrepancy, soft_orthogonality  # noqa: E402
from mien.research.layers.tensors import full_weight, low_rank, tensor_product  # noqa: E402
from mien.research.layers.timeline import resample  # noqa: E402
from mien.research.layers.unimodal_labels import centres, generated, momentum, nearness  # noqa: E402

torch.set_num_threads(1)
NAN = float("nan")


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def mask_of(*rows):
    return torch.tensor(rows, dtype=torch.bool)


def test_a_low_rank_fusion_is_a_full_one_of_a_special_weight():
    vectors = [torch.randn(3, 4) for _ in range(3)]
    factors, weights, bias = [torch.randn(2, 5, 6) for _ in range(3)], torch.randn(2), torch.randn(6)
    full = tensor_product(vectors) @ full_weight(factors, weights).T + bias
    torch.testing.assert_close(low_rank(vectors, factors, weights, bias), full, rtol=1e-4, atol=1e-4)


def test_the_product_keeps_every_modality_and_every_pair():
    one, other = torch.tensor([[2.0, 3.0]]), torch.tensor([[5.0]])
    assert tensor_product([one, other]).tolist() == [[1, 5, 2, 10, 3, 15]]


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_missing_step_is_stepped_over(cell, both):
    net = Recurrent(3, 4, cell=cell, layers=2, both=both)
    values = torch.randn(2, 5, 3)
    mask = mask_of([1, 0, 1, 0, 1], [0, 0, 0, 0, 0])
    states, last = net(torch.where(mask.unsqueeze(-1), values, values * NAN), mask)
    alone, alone_last = net(values[:1, [0, 2, 4]], mask_of([1, 1, 1]))
    torch.testing.assert_close(states[:1, [0, 2, 4]], alone)
    torch.testing.assert_close(last[:1], alone_last)
    assert not states[0, [1, 3]].any() and not states[1].any() and not last[1].any()


def test_the_last_real_step():
    values = torch.arange(8.0).reshape(2, 4, 1)
    assert last_real(values, mask_of([1, 1, 0, 0], [0, 0, 0, 0])).tolist() == [[1], [0]]


def test_batch_norm_sees_present_rows_only():
    norm, plain = PresentBatchNorm(3), torch.nn.BatchNorm1d(3)
    values = torch.randn(5, 3)
    present = torch.tensor([True, False, True, True, False])
    found = norm(torch.where(present.unsqueeze(1), values, values * NAN), present)
    torch.testing.assert_close(found[present], plain(values[present]))
    torch.testing.assert_close(norm.running_mean, plain.running_mean)
    assert not found[~present].any()


def test_batch_norm_trains_on_a_batch_of_one():
    norm = PresentBatchNorm(3)
    found = norm(torch.ones(1, 3))
    found.sum().backward()
    assert torch.isfinite(found).all() and torch.isfinite(norm.weight.grad).all() and not norm.running_mean.any()


def test_a_time_line_of_the_same_length_changes_nothing():
    values, mask = torch.randn(2, 4, 3), mask_of([1, 1, 1, 1], [1, 1, 0, 0])
    found, real = resample(values, mask, torch.tensor([4, 2]), 4)
    assert torch.equal(found[mask], values[mask]) and torch.equal(real, mask)


def test_a_time_line_averages_stretches_and_keeps_holes():
    values = torch.tensor([1.0, 3.0, 5.0, 9.0]).reshape(1, 4, 1).repeat(3, 1, 1)
    mask = mask_of([1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0])
    found, real = resample(values, mask, torch.tensor([2, 2, 4]), 4)
    assert found[0, :2, 0].tolist() == [2, 7] and found[1, :2, 0].tolist() == [1, 9]
    assert found[2, :, 0].tolist() == [1, 1, 3, 3]
    assert real.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]


def test_attention_to_nothing_is_nothing():
    net = Attention(4, 2)
    net.out.bias.data.fill_(1)
    found = net(torch.randn(2, 3, 4), torch.randn(2, 5, 4), mask_of([0] * 5, [1, 0, 0, 0, 0]))
    assert not found[0].any() and torch.isfinite(found).all() and found[1].any()


def test_a_causal_step_reads_no_later_one():
    net = CrossModal(4, 2, 1, causal=True)
    mask = mask_of([1] * 4)
    values = torch.randn(1, 4, 4)
    later = values.clone()
    later[:, 3, 0] += 1
    assert torch.equal(net(values, mask)[:, :3], net(later, mask)[:, :3])
    free = CrossModal(4, 2, 1)
    assert not torch.allclose(free(values, mask)[:, :3], free(later, mask)[:, :3])


def test_places_of_nothing_have_no_wave():
    waves = sinusoid(torch.tensor([0, 1, 2]), 5)
    assert not waves[0].any() and waves[1].any() and not waves[:, 4].any()
    torch.testing.assert_close(waves[1, :2], torch.sin(torch.tensor([1.0, 1e-4])))


def test_a_discrepancy_of_nothing_has_a_gradient():
    values = torch.rand(6, 3, requires_grad=True)
    found = central_moment_discrepancy(values, values.detach().clone())
    found.backward()
    assert found < 1e-4 and torch.isfinite(values.grad).all()


def test_orthogonality_of_equal_rows_is_finite():
    values = torch.ones(4, 3, requires_grad=True)
    soft_orthogonality(values, values * 2).backward()
    assert torch.isfinite(values.grad).all()


def test_a_density_is_that_of_a_gaussian():
    bound = GaussianBound(3, 4)
    x, y = torch.randn(5, 3), torch.randn(5, 4)
    gaussian = torch.distributions.Normal(bound.mean(x), (bound.log_variance(x) / 2).exp())
    constant = 4 * torch.log(torch.tensor(2 * torch.pi)) / 2
    torch.testing.assert_close(bound.log_density(x, y), gaussian.log_prob(y).sum(dim=1).mean() + constant)


def test_an_entropy_of_few_rows_is_finite():
    few = torch.randn(2, 5, requires_grad=True)
    found = gaussian_entropy((few, torch.randn(0, 5)))
    found.backward()
    assert torch.isfinite(found) and torch.isfinite(few.grad).all()


def test_one_sample_tells_nothing_apart():
    assert float(ContrastiveBound(3, 4)(torch.randn(1, 3), torch.randn(1, 4)).detach()) == pytest.approx(0, abs=1e-6)


def test_generated_labels_stay_in_their_range():
    labels, whole = torch.tensor([[3.0], [-3.0]]), torch.tensor([[0.0], [1e-9]])
    assert generated(labels, whole, torch.tensor([[0.5], [-0.5]]), 3.0).abs().max() <= 3


def test_centres_of_several_outputs_are_those_of_each():
    features, labels = torch.randn(8, 3), torch.randn(8, 2)
    both = centres(features, labels)
    for place in range(2):
        one = centres(features, labels[:, place : place + 1])
        torch.testing.assert_close(both[0][place : place + 1], one[0])
        torch.testing.assert_close(nearness(features, *both)[:, place : place + 1], nearness(features, *one))


def test_the_mean_of_training_stands_for_what_is_absent():
    stand_in = StandIn({"audio": 3})
    present = torch.tensor([True, False, True])
    values = torch.randn(3, 3)
    values[1] = NAN
    found = stand_in(values, present, "audio")
    torch.testing.assert_close(found[1], values[[0, 2]].mean(dim=0))
    assert torch.equal(found[present], values[present])
    found[1].sum().backward()
    assert stand_in.vectors["audio"].grad.tolist() == [1, 1, 1]
    stand_in.eval()
    kept = stand_in.mean_audio.clone()
    stand_in(values + 1, present, "audio")
    assert torch.equal(kept, stand_in.mean_audio), "only training samples count"


def waves(steps, width):
    """Positions from 1 on: sines, then cosines (fairseq, as in MulT)."""
    rates = torch.exp(torch.arange(width // 2) * -(math.log(10000) / (width // 2 - 1)))
    angles = torch.arange(1, steps + 1)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def attended(layer, queries, keys, allowed):
    """Scaled dot-product attention, head by head."""
    n, q, width = queries.shape
    split = [one(given).view(n, -1, layer.heads, width // layer.heads).transpose(1, 2) for one, given in (
        (layer.query, queries), (layer.key, keys), (layer.value, keys))]  # fmt: skip
    scores = split[0] @ split[1].transpose(2, 3) * (width // layer.heads) ** -0.5
    weights = scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)
    return layer.out((weights @ split[2]).transpose(1, 2).reshape(n, q, width))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(5, 3), (3, 5), (4, 4)])
def test_a_cross_modal_transformer_is_its_equations(causal, lengths):
    """Tsai et al. 2019, section 3.2: inputs times sqrt(width) plus positions; in each layer both sides through one norm."""
    torch.manual_seed(0)
    asks, answers = lengths
    model = CrossModal(8, 2, 2, causal=causal).eval()
    with torch.no_grad():
        for values in model.parameters():
            values.add_(0.2 * torch.randn_like(values))
    asking, answering = torch.randn(2, asks, 8), torch.randn(2, answers, 8)
    x, source = (math.sqrt(8) * one + waves(one.shape[1], 8) for one in (asking, answering))
    reach = abs(asks - answers) if causal else 99
    allowed = torch.arange(answers) <= torch.arange(asks)[:, None] + reach
    for layer in model.layers:
        x = x + attended(layer.attention, layer.norms[0](x), layer.norms[0](source), allowed)
        x = x + layer.body(layer.norms[1](x))
    there = [torch.ones(2, steps, dtype=torch.bool) for steps in lengths]
    torch.testing.assert_close(model(asking, there[0], answering, there[1]), model.norm(x), rtol=1e-4, atol=1e-5)


def test_positions_by_value_are_nothing_where_the_first_feature_is_nought():
    torch.manual_seed(0)
    values, mask = torch.randn(1, 4, 8), torch.ones(1, 4, dtype=torch.bool)
    values[0, 2, 0] = 0
    found = CrossModal(8, 2, 1, positions="value")._embed(values, mask) - math.sqrt(8) * values
    wanted = waves(4, 8)
    wanted[2] = 0
    torch.testing.assert_close(found[0], wanted)


def test_a_sub_network_is_norm_and_three_layers():
    """TFN, LMF and LF-DNN of MMSA: BatchNorm, dropout, three times Linear and ReLU."""
    torch.manual_seed(0)
    net = PooledNet(5, 4, 0.3).eval()
    linear = [one for one in net.body if isinstance(one, torch.nn.Linear)]
    assert [(one.in_features, one.out_features) for one in linear] == [(5, 4), (4, 4), (4, 4)]
    x = torch.randn(6, 5)
    wanted = net.norm(x)
    for one in linear:
        wanted = one(wanted).relu()
    torch.testing.assert_close(net(x, torch.ones(6, dtype=torch.bool)), wanted)


def test_the_order_of_published_tensors():
    assert fusion_order(("text", "scene", "signal", "audio", "face")) == ("audio", "face", "scene", "signal", "text")


def test_the_length_of_a_row_counts_as_a_constant_in_orthogonality():
    """So the loss is of second degree in each side: x times its gradient is twice the loss (Euler)."""
    one, other = torch.randn(6, 4, requires_grad=True), torch.randn(6, 4)
    loss = soft_orthogonality(one, other)
    (slope,) = torch.autograd.grad(loss, one)
    torch.testing.assert_close((one * slope).sum(), 2 * loss)


def test_generated_labels_move_as_published():
    """(n - 1)/(n + 1) of the old and 2/(n + 1) of the new: in the second epoch two thirds are new."""
    old, new = torch.tensor([[3.0]]), torch.tensor([[0.0]])
    assert [round(float(momentum(old, new, epoch)), 6) for epoch in (2, 3, 4)] == [1.0, 1.5, 1.8]
