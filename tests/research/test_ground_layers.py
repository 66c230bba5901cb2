"""What every system stands on: means over what is real, standardising, class weights, losses and answers of a task."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from mien.research.batch import collate  # noqa: E402
from mien.research.layers.balance import ClassWeights  # noqa: E402
from mien.research.layers.pooling import masked_mean  # noqa: E402
from mien.research.layers.recurrent import compact  # noqa: E402
from mien.research.layers.standardise import Standardise, standardise_all  # noqa: E402
from mien.research.layers.subnetworks import SubNetworks, fusion_order, kind_of  # noqa: E402
from mien.research.layers.task import answers, scores_of, task_loss  # noqa: E402
from mien.research.layers.timeline import extent, pushed_back, resample  # noqa: E402
from mien.research.samples import Sample  # noqa: E402
from mien.research.training.feed import Batches, Feed  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
MASKS = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4)


def values_of(mask, width=3, seed=0):
    """Random numbers where a step is real, NaN elsewhere."""
    torch.manual_seed(seed)
    values = torch.randn(*mask.shape, width)
    return torch.where(mask.unsqueeze(-1), values, torch.tensor(float("nan")))


@settings(max_examples=40, deadline=None)
@given(MASKS)
def test_a_mean_is_that_of_real_steps(rows):
    mask = torch.tensor(rows)
    values = values_of(mask)
    found = masked_mean(values, mask)
    for row in range(len(mask)):
        real = values[row][mask[row]]
        expected = real.mean(dim=0) if len(real) else torch.zeros(3)
        torch.testing.assert_close(found[row], expected)


@settings(max_examples=40, deadline=None)
@given(MASKS)
def test_compact_keeps_order_and_can_be_undone(rows):
    mask = torch.tensor(rows)
    values = values_of(mask)
    moved, count, order = compact(values, mask)
    assert count.tolist() == mask.sum(dim=1).tolist()
    for row in range(len(mask)):
        assert torch.equal(moved[row, : count[row]], values[row][mask[row]])
        assert (moved[row, count[row] :] == 0).all()
    back = torch.zeros_like(moved).scatter(1, order.unsqueeze(-1).expand_as(moved), moved)
    assert torch.equal(back[mask], values[mask])


@settings(max_examples=40, deadline=None)
@given(MASKS, st.integers(1, 9))
def test_a_time_line_keeps_the_total_of_whole_sequences(rows, length):
    """Stretched or averaged, a sequence without holes keeps its mean; nothing real stays nothing."""
    steps = torch.tensor([sum(row) for row in rows])
    mask = torch.arange(5) < steps.unsqueeze(1)
    values = values_of(mask)
    wanted = torch.where(steps > 0, torch.full_like(steps, length), 0)
    found, real = resample(values, mask, wanted, length)
    assert torch.equal(extent(real), wanted) and not torch.isnan(found).any()
    torch.testing.assert_close(masked_mean(found, real), masked_mean(values, mask), rtol=1e-4, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(MASKS, st.integers(1, 8))
def test_pushed_back_ends_with_what_is_real(rows, steps):
    mask = torch.tensor(rows)
    values = values_of(mask)
    found, real = pushed_back(values, mask, steps)
    assert found.shape[1] == max(steps, int(mask.sum(dim=1).max())) and not torch.isnan(found).any()
    for row, count in enumerate(mask.sum(dim=1).tolist()):
        assert torch.equal(found[row, found.shape[1] - count :], values[row][mask[row]])
        assert (found[row, : found.shape[1] - count] == 0).all() and real[row].all() == (count > 0)


def test_standardised_features_have_mean_0_and_deviation_1():
    """Over real steps of all batches together; one that never changes is only shifted."""
    data = made(n=20)
    data.samples[0].features["text"][:, 2] += 5
    for sample in data.samples:
        sample.features["audio"][:, 1] = 7.0
    shape = data.shape()
    model = torch.nn.Sequential(Standardise(shape.widths))
    standardise_all(model, (collate(data.samples[at : at + 6], shape) for at in range(0, 20, 6)))
    batch = collate(data.samples, shape)
    for name in shape.widths:
        real = model[0](batch.inputs[name], name)[batch.masks[name]]
        torch.testing.assert_close(real.mean(dim=0), torch.zeros(real.shape[1]), atol=1e-5, rtol=0)
        wanted = torch.ones(real.shape[1])
        wanted[1] = 0.0 if name == "audio" else 1.0
        torch.testing.assert_close(real.std(dim=0, unbiased=False), wanted, atol=1e-4, rtol=0)
    again = Standardise(shape.widths)
    again.load_state_dict(model[0].state_dict())
    assert torch.equal(again(batch.inputs["text"], "text"), model[0](batch.inputs["text"], "text"))


def test_standardising_nothing_changes_nothing():
    data = without(made(n=4), lambda place, modality: modality == "text")
    shape = made().shape()
    standard = Standardise(shape.widths)
    standard.fit([collate(data.samples, shape)])
    assert torch.equal(standard(torch.ones(2, 7), "text"), torch.ones(2, 7))


def test_rare_classes_weigh_more():
    """3 of one class, 1 of another, none of the third: 4 / (3 x count), and 1 where there is nothing to count."""
    data = made(n=4, outputs=3)
    samples = [dataclasses.replace(s, target=int(at == 3)) for at, s in enumerate(data.samples)]
    weights = ClassWeights(3)
    weights.fit([collate(samples[:2], data.shape()), collate(samples[2:], data.shape())])
    assert weights.get_buffer("weights").tolist() == pytest.approx([4 / 9, 4 / 3, 1])
    scores, target = torch.randn(4, 3), torch.tensor([0, 0, 0, 1])
    each = torch.nn.functional.cross_entropy(scores, target, reduction="none")
    factor = torch.tensor([4 / 9] * 3 + [4 / 3])
    torch.testing.assert_close(weights(scores, target), (each * factor).sum() / factor.sum())


@pytest.mark.parametrize("task", ["class", "labels", "value"])
def test_scores_and_answers_belong_together(task):
    torch.manual_seed(0)
    scores = torch.randn(5, 4)
    told = answers(scores, task)
    if task == "class":
        torch.testing.assert_close(told.sum(dim=1), torch.ones(5))
    torch.testing.assert_close(answers(scores_of(told, task), task), told)
    assert torch.isfinite(scores_of(torch.tensor([[0.0, 1.0]]), task)).all()


def test_losses_of_each_task_by_hand():
    log = torch.log(torch.tensor([[0.25, 0.75]]))
    assert float(task_loss(log, torch.tensor([0]), "class")) == pytest.approx(np.log(4))
    zero = torch.zeros(1, 2)
    assert float(task_loss(zero, torch.tensor([[1.0, 0.0]]), "labels")) == pytest.approx(np.log(2))
    truth = torch.tensor([[1.0, -3.0]])
    assert float(task_loss(zero, truth, "value")) == 2 and float(task_loss(zero, truth, "value", value="mse")) == 5


def test_modalities_stand_in_the_published_order():
    assert fusion_order(["text", "signal", "scene", "audio", "face"]) == ("audio", "face", "scene", "signal", "text")
    assert [kind_of(name) for name in ("text", "face", "scene", "signal")] == ["text", "video", "video", "audio"]


def test_subnetworks_give_one_vector_a_modality():
    data = made()
    nets = SubNetworks(data.shape(), hidden_text=6, hidden_audio=5, hidden_video=4, text_out=3, dropout=0.0,
                       text_dropout=0.0).eval()  # fmt: skip
    batch = collate(data.samples, data.shape())
    found = dict(zip(nets.order, nets(batch), strict=True))
    assert (
        {name: values.shape[1] for name, values in found.items()} == nets.widths == {"audio": 5, "face": 4, "text": 3}
    )
    absent = dict(zip(nets.order, nets(batch.without("face")), strict=True))
    assert (absent["face"] == absent["face"][0]).all() and torch.equal(absent["text"], found["text"])


@pytest.mark.parametrize("inputs", ["vector", "sequence"])
def test_a_feed_gives_what_collate_gives(inputs):
    """Whatever is missing: whole modalities, steps in the middle, and samples without anything."""
    data = without(made(inputs=inputs, n=11), lambda place, modality: (place + len(modality)) % 3 == 0)
    rng = np.random.default_rng(0)
    samples = []
    for sample in data.samples:
        seen = {name: rng.random(len(values)) < 0.7 for name, values in sample.features.items()}
        samples.append(dataclasses.replace(sample, seen=seen))
    samples.append(Sample("nothing", "g9", {}, 0))
    shape = made(inputs=inputs).shape()
    feed = Feed(samples, shape, training=True)
    for rows in ([0], [3, 1, 10], [11], list(range(12))):
        one, other = feed.batch(rows), collate([samples[row] for row in rows], shape, rows)
        assert one.ids == other.ids and torch.equal(one.index, other.index) and torch.equal(one.target, other.target)
        for name in shape.widths:
            steps = other.inputs[name].shape[1]
            assert torch.equal(one.inputs[name][:, :steps], other.inputs[name])
            assert torch.equal(one.masks[name][:, :steps], other.masks[name])
            assert not one.masks[name][:, steps:].any()
    sizes = [len(batch) for batch in Batches(feed, 5)]
    assert sizes == [5, 5, 2] and len(Batches(feed, 5)) == 3
