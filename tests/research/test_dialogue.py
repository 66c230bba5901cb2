"""Turns of several dialogues as a table, and back."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.research.batch import collate  # noqa: E402
from mien.research.layers.dialogue import Dialogues  # noqa: E402
from mien.research.samples import Sample  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402

from .made import made  # noqa: E402

TURNS = [("b", 2.0, "Ann"), ("a", 0.0, "Ann"), ("b", 0.0, "Cid"), ("a", 5.0, ""), ("b", 1.0, "Cid"), ("a", 1.0, "Bo")]


def batch():
    shape = made(inputs="dialogue", modalities=("text",)).shape()
    features = {"text": torch.zeros(1, 7).numpy()}
    samples = [
        Sample(f"s{at}", group, features, 0, speaker=who, place=place) for at, (group, place, who) in enumerate(TURNS)
    ]
    return collate(samples, shape)


def test_turns_lie_in_order():
    found = Dialogues.of(batch())
    assert found.rows.tolist() == [[2, 4, 0], [1, 5, 3]]
    assert found.mask.all()
    assert found.parties.tolist() == [[0, 0, 1], [0, 1, -1]]


def test_there_and_back():
    data = made(inputs="dialogue", n=22)  # the last dialogue has two turns
    given = Feed(data.samples, data.shape(), dialogue=True).batch([5, 4, 21, 20, 7, 6])
    found = Dialogues.of(given)
    values = torch.randn(6, 3)
    table = found.fold(values)
    assert table.shape == (2, 4, 3) and found.mask.sum(dim=1).tolist() == [4, 2]
    assert (table[1, 2:] == 0).all() and torch.equal(found.flat(table), values)
    assert torch.equal(found.fold(given.places)[0], torch.tensor([0.0, 1.0, 2.0, 3.0]))


def test_gradients_reach_every_turn_once():
    found = Dialogues.of(batch())
    values = torch.zeros(6, 2, requires_grad=True)
    found.flat(found.fold(values)).sum().backward()
    assert torch.equal(values.grad, torch.ones(6, 2))


def test_equal_places_keep_the_order_of_the_data():
    given = batch()
    same = Dialogues.of(
        type(given)(given.inputs, given.masks, given.target, given.groups, torch.zeros(6), given.ids, given.index)
    )
    assert same.rows.tolist() == [[0, 2, 4], [1, 3, 5]]
    back = Dialogues.of(
        type(given)(given.inputs, given.masks, given.target, given.groups, torch.zeros(6), given.ids, -1 - given.index)
    )
    assert back.rows.tolist() == same.rows.tolist()
