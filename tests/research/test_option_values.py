"""Values of options that no system can work with are refused in one line, before any time is spent on them."""

from __future__ import annotations

import dataclasses

import pytest

from mien.errors import RequestError
from mien.research.systems import system, systems


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("linear", {"batch": "0"}, "linear: batch cannot be 0; allowed: 1 or more"),
        ("linear", {"rate": "-1"}, "linear: rate cannot be -1.0; allowed: 0 or more"),
        ("linear", {"rate": "inf"}, "linear: rate cannot be inf; allowed: 0 or more"),
        ("linear", {"patience": "0"}, "linear: patience cannot be 0; allowed: 1 or more"),
        ("concat-mlp", {"dropout": "2"}, "concat-mlp: dropout cannot be 2.0; allowed: 0 to 1"),
        ("concat-mlp", {"hidden": 1.5}, "concat-mlp: hidden cannot be 1.5: it is no int; the default is 128"),
        ("concat-mlp", {"standardise": 1}, "concat-mlp: standardise cannot be 1: it is no bool; the default is True"),
        ("cider", {"layers": "-1"}, "cider: layers cannot be -1; allowed: 1 or more"),
        ("mult", {"relu": "2"}, "mult: relu cannot be 2.0; allowed: 0 to 1"),
        ("m2fnet", {"smoothing": 2}, "m2fnet: smoothing cannot be 2; allowed: 0 to 1"),
        (
            "textualized-compound",
            {"channels": "8,-1"},
            "textualized-compound: channels cannot be -1; allowed: 1 or more",
        ),
        ("pairwise-contrastive", {"positive_weights": "1,x"}, "positive_weights='1,x' is no tuple"),
    ],
)
def test_what_no_system_can_work_with(name, given, told):
    with pytest.raises(RequestError) as found:
        system(name).configure(given)
    assert told in str(found.value)


def test_zero_is_taken_where_it_has_a_meaning():
    assert system("linear").configure({"epochs": 0}).epochs == 0, "a stage left out"
    assert system("pairwise-contrastive").configure({"pretraining": "0"}).pretraining == 0, "a preset has it"
    assert system("tfn").configure({"low": "-3"}).low == -3, "a preset has a negative one"
    assert system("pairwise-contrastive").configure({"positive_weights": "1,2.5"}).positive_weights == (1.0, 2.5)


@pytest.mark.parametrize("name", systems())
def test_every_number_of_every_card_has_its_bounds(name):
    card = system(name)
    for entry in dataclasses.fields(card.config):
        if isinstance(entry.default, int | float) and not isinstance(entry.default, bool):
            with pytest.raises(RequestError, match=f"{entry.name}(=| cannot be )'?nan"):
                card.configure({entry.name: "nan"})
    for share in card.shares:
        assert isinstance(getattr(card.config(), share), float)
