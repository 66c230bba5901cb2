"""MFN, Graph-MFN and MFM: the memory step by step as the paper writes it, the graph's edges, codes and factors."""

from __future__ import annotations

import dataclasses

import pytest

torch = pytest.importorskip("torch")

from mien.research.batch import collate  # noqa: E402
from mien.research.layers.memory import Cells, MemoryFusion  # noqa: E402
from mien.research.layers.together import Together  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.graph_mfn.graph import FusionGraph, groups  # noqa: E402
from mien.research.systems.mfm.model import Teller  # noqa: E402
from mien.research.systems.mfm.prior import discrepancy  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
WIDTHS = {"text": 4, "audio": 3}
HIDDEN, MEMORY = 5, 6


def method_of(name, data, **settings):
    card = system(name)
    return assemble(card, card.configure(settings, "tiny"), data.shape())


def batch_of(data):
    return collate(data.samples, data.shape())


def sequences(steps=4, n=3):
    torch.manual_seed(0)
    return {name: torch.randn(n, steps, width) for name, width in WIDTHS.items()}


def cell_of(cells, place, name):
    """PyTorch's own cell with the weights of one modality."""
    cell = torch.nn.LSTMCell(WIDTHS[name], HIDDEN)
    cell.weight_ih.data, cell.bias_ih.data = cells.read[name].weight.data, cells.read[name].bias.data
    cell.weight_hh.data, cell.bias_hh.data = cells.again.data[place].T, torch.zeros(4 * HIDDEN)
    return cell


def gated(gate, told, memory):
    return gate.body(gate.told(told) + gate.memory(memory))


def test_memory_goes_step_by_step():
    """Equations 1 to 8 of the paper, one step and one modality after another."""
    torch.manual_seed(1)
    model = MemoryFusion(WIDTHS, HIDDEN, MEMORY, 0.0)
    values = sequences()
    single = [cell_of(model.cells, place, name) for place, name in enumerate(WIDTHS)]
    states = [(torch.zeros(3, HIDDEN), torch.zeros(3, HIDDEN)) for _ in WIDTHS]
    memory = torch.zeros(3, MEMORY)
    for step in range(4):
        fresh = [cell(values[name][:, step], state) for cell, name, state in zip(single, WIDTHS, states, strict=True)]
        pair = torch.cat([c for _, c in states] + [c for _, c in fresh], dim=1)
        attended = model.attend(pair).softmax(dim=1) * pair
        proposed = model.propose(attended).tanh()
        retain, update = gated(model.memory.retain, attended, memory), gated(model.memory.update, attended, memory)
        memory, states = retain * memory + update * proposed, fresh
    expected = torch.cat([h for h, _ in states] + [memory], dim=1)
    torch.testing.assert_close(model(values, torch.ones(3, 4, dtype=torch.bool)), expected)


def test_a_step_where_nothing_is_real_is_stepped_over():
    torch.manual_seed(1)
    model = MemoryFusion(WIDTHS, HIDDEN, MEMORY, 0.0)
    values = sequences()
    real = torch.tensor([[True, False, True, False]]).expand(3, -1)
    kept = {name: one[:, [0, 2]] for name, one in values.items()}
    torch.testing.assert_close(model(values, real), model(kept, torch.ones(3, 2, dtype=torch.bool)))
    assert (model(values, torch.zeros(3, 4, dtype=torch.bool)) == 0).all()


def test_modalities_do_not_meet_in_the_cells():
    cells = Cells(WIDTHS, HIDDEN)
    values, real = sequences(), torch.ones(3, 4, dtype=torch.bool)
    other = cells({**values, "audio": values["audio"] + 1}, real)[0]
    changed = (cells(values, real)[0] != other).any(dim=(0, 1, 3))
    assert changed.tolist() == [False, True]


def test_graph_has_a_vertex_for_every_group():
    """Three vectors: 4 groups of two or three, 2 + 2 + 2 + 6 edges into them, and 7 into the last vertex."""
    assert list(groups((0, 1))) == [(0,), (1,), (0, 1)]
    graph = FusionGraph(3, 4, 5)
    vectors = [torch.randn(2, 4) for _ in range(3)]
    found, efficacies = graph(vectors)
    assert found.shape == (2, 4) and efficacies.shape == (2, 19)
    assert set(graph.vertices) == {"0+1", "0+2", "1+2", "0+1+2"}
    assert [vertex[0].in_features for vertex in graph.vertices.values()] == [8, 8, 8, 24]
    assert graph.last[0].in_features == 28 and FusionGraph(1, 4, 5)(vectors[:1])[1].shape == (2, 1)


def test_graph_weighs_its_edges():
    graph = FusionGraph(2, 3, 4)
    with torch.no_grad():
        for values in graph.efficacies.parameters():
            values.zero_()
        graph.efficacies[2].bias.copy_(torch.tensor([1.0, 0.0, 0.5, 0.0, 2.0]))
    one, other = torch.randn(2, 3), torch.randn(2, 3)
    pair = graph.vertices["0+1"](torch.cat([one, torch.zeros_like(other)], dim=1))
    expected = graph.last(torch.cat([0.5 * one, torch.zeros_like(other), 2 * pair], dim=1))
    torch.testing.assert_close(graph([one, other])[0], expected)


def test_distance_to_the_normal_distribution():
    """The exact form is what the drawn one tends to, but for each draw's likeness to itself; it grows with the gap."""
    torch.manual_seed(0)
    codes = torch.randn(40, 6)
    drawn = torch.stack([discrepancy(codes, sampled=True) for _ in range(400)])
    itself = (1 - (1 + 4 / 36) ** -3) / 40
    error = float(drawn.std()) / 20
    assert abs(float(drawn.mean()) - itself - float(discrepancy(codes))) < 4 * error
    near, far = (discrepancy(torch.randn(500, 6) + gap) for gap in (0.0, 2.0))
    assert 0 <= float(near) < 0.01 < float(far)
    assert torch.isfinite(discrepancy(codes[:1]))


def test_a_factor_tells_a_sequence():
    """The LSTM starts with the factor and then reads what it said itself."""
    teller = Teller(4, 3)
    factor = torch.randn(2, 4)
    first = teller.cell(factor)
    second = teller.cell(first[0], first)
    expected = teller.linear(torch.stack([first[0], second[0]], dim=1))
    torch.testing.assert_close(teller(factor, 2), expected)


def test_absent_modality_is_not_told_again():
    data = without(made(), lambda place, modality: modality == "audio" and place < 6)
    method = method_of("mfm", data)
    method.model.eval()
    batch = batch_of(data)
    loud = dataclasses.replace(batch, inputs={**batch.inputs, "audio": batch.inputs["audio"].clone()})
    loud.inputs["audio"][:6] = 1e3
    found = []
    for one in (batch, loud):
        terms = method.losses(method.model, one, method.model(one), method.config)
        found.append({name: float(value.detach()) for name, value in terms.items()})
    assert found[0] == pytest.approx(found[1]) and found[0].keys() == {"task", "rebuild", "prior"}
    nothing = batch.without("text", "audio", "face")
    terms = method.losses(method.model, nothing, method.model(nothing), method.config)
    assert terms["rebuild"] == 0 and torch.isfinite(terms["prior"])


def test_time_line_is_as_long_as_the_longest_modality():
    data = made(n=1)
    steps = {name: len(values) for name, values in data.samples[0].features.items()}
    line = Together(data.shape().widths, 50)
    values, masks, real = line(batch_of(data))
    assert real.shape == (1, max(steps.values())) and real.all() and all(mask.all() for mask in masks.values())
    longest = max(steps, key=steps.get)
    torch.testing.assert_close(values[longest][0], torch.from_numpy(data.samples[0].features[longest]))
    assert Together(data.shape().widths, 2)(batch_of(data))[2].shape == (1, 2)


@pytest.mark.parametrize("name", ["mfn", "graph-mfn", "mfm"])
def test_padding_in_front_does_not_depend_on_the_batch(name):
    data = made()
    sound, published = method_of(name, data), method_of(name, data, front_padding=True)
    published.model.load_state_dict(sound.model.state_dict())
    for method in (sound, published):
        method.model.eval()
    batch = batch_of(data)
    whole = published.model(batch).scores
    assert not torch.allclose(whole, sound.model(batch).scores)
    alone = published.model(collate(data.samples[:1], data.shape())).scores
    torch.testing.assert_close(whole[:1], alone, rtol=1e-4, atol=1e-6)


def test_efficacies_are_told():
    data = made()
    output = method_of("graph-mfn", data).model(batch_of(data))
    assert output.extras["efficacies"].shape[::2] == (12, 19)
