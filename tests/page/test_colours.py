"""Emotion colours: seen on white and on near black, the same relative everywhere."""

import itertools

import pytest

from mien.affect.space import SPACES
from mien.page.colours import BLACK, EMOTIONS, OTHERS, WHITE, colour, contrast, luminance, mix, relative

ALL = sorted({label for space in SPACES.values() if space.kind != "dimensional" for label in space.labels})


@pytest.mark.parametrize("label", [*EMOTIONS, *OTHERS, *ALL])
@pytest.mark.parametrize("ground", [WHITE, BLACK])
def test_every_label_reaches_three_to_one(label: str, ground: str) -> None:
    assert contrast(colour(label), ground) >= 3.0, (label, colour(label), round(contrast(colour(label), ground), 2))


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_fine_labels_take_the_hue_of_their_relative() -> None:
    assert colour("annoyance") == EMOTIONS["anger"]
    assert colour("Joy") == EMOTIONS["happiness"]
    assert colour("disappointment") == EMOTIONS["sadness"]
    assert relative("sarcasm") == "other" and colour("sarcasm") == EMOTIONS["other"]


def test_every_goemotions_label_has_a_relative() -> None:
    assert not [label for label in SPACES["goemotions28"].labels if relative(label) == "other"]


def test_compounds_can_be_told_from_each_other() -> None:
    colours = [colour(label) for label in SPACES["cexpr7"].labels]
    assert len(set(colours)) == len(colours)


def test_a_mix_lies_between_its_parts() -> None:
    for one, other in itertools.combinations(EMOTIONS.values(), 2):
        low, high = sorted((luminance(one), luminance(other)))
        assert low - 0.01 <= luminance(mix(one, other)) <= high + 0.01
