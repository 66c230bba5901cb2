import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.affect.distribution import Distribution
from mien.affect.names import clean, resolve
from mien.affect.space import SPACES, Space, space, space_of
from mien.errors import DataError, RequestError


@pytest.mark.parametrize("name", list(SPACES))
def test_names_to_numbers_and_back(name):
    own = space(name)
    assert own.names(own.numbers(own.labels)) == list(own.labels)
    assert own.numbers(own.labels)[0] == own.first
    assert own.source and own.labels and own.low < own.high
    with pytest.raises(RequestError, match="is outside"):
        own.names([own.first + len(own.labels)])


@pytest.mark.parametrize("name", list(SPACES))
@given(data=st.data())
def test_a_label_is_found_in_any_case_with_blanks_and_separators(name, data):
    own = SPACES[name]
    label = data.draw(st.sampled_from(own.labels))
    spelt = data.draw(
        st.sampled_from([label.upper(), f" {label} ", label.replace(" ", "_"), label.replace(" ", "%20")])
    )
    assert resolve(spelt, own) == label


def test_the_sizes_are_those_of_the_sources():
    sizes = {
        "goemotions28": 28,
        "emonet40": 40,
        "maha11": 11,
        "maha10": 10,
        "cexpr7": 7,
        "emotic26": 26,
        "academic5": 5,
    }
    assert {name: len(SPACES[name].labels) for name in sizes} == sizes
    assert SPACES["dfew7"].numbers(["happy", "fear"]) == [1, 7]
    assert SPACES["sentiment7"].levels.tolist() == [-3, -2, -1, 0, 1, 2, 3]


def test_an_order_is_never_guessed():
    meld = SPACES["meld7"].labels
    assert space_of(meld).name == "meld7"
    with pytest.raises(RequestError, match=r"meld7: anger.*meld7-conversation: neutral"):
        space_of([], family="meld")
    with pytest.raises(RequestError, match=r"order of the labels must be known.*meld7-conversation"):
        space_of(meld[::-1])
    with pytest.raises(RequestError, match="no space has the labels"):
        space_of(["a", "b"])


def test_duplicate_labels_and_empty_ranges_are_refused():
    with pytest.raises(RequestError, match="duplicate"):
        Space("x", ("a", "a"), "categorical", "here")
    with pytest.raises(RequestError, match="low must be under high"):
        Space("x", ("a", "b"), "intensity", "here", 1, 1)


def test_an_unknown_space_names_its_neighbours():
    with pytest.raises(RequestError, match=r"near it: emonet40.*allowed: basic, compound"):
        space("emonet")


def test_dirty_columns_are_cleaned_and_unknown_names_tell_their_row():
    assert clean(["respect", "Happiness ", "JOY"], SPACES["maha11"]) == ["Respect", "Happiness", "Happiness"]
    for bad in ("", "joyous", None, 3):
        with pytest.raises(DataError, match=r"test.csv: row 2: maha11 has no label .*Sarcasm"):
            clean(["Anger", bad], SPACES["maha11"], path="test.csv")


def test_two_happy_labels_stay_two():
    assert resolve("joy", SPACES["nnime11"]) == "joy" and resolve("Happy", SPACES["nnime11"]) == "happy"
    with pytest.raises(RequestError):
        resolve("happiness", SPACES["nnime11"])
    with pytest.raises(RequestError):
        resolve("calm", SPACES["basic7"])


def test_intensities_are_levels_and_dimensions_are_numbers():
    shame = Distribution.of("emonet40", {"Shame": 3.5, "Fear": 1})
    assert shame.top == "Shame" and shame["Shame"] == 3.5
    assert shame.to("emonet40-expert")["Shame"] == 1.75
    assert shame.to("emonet-groups7")["negative low-energy"] == 3.5
    with pytest.raises(RequestError, match=r"levels must be finite and in .0, 4."):
        Distribution.of("emonet40", {"Shame": 5})
    with pytest.raises(RequestError, match="no entropy"):
        _ = shame.entropy
    point = Distribution.of("va", {"valence": -0.5, "arousal": 0.25})
    assert point["valence"] == -0.5
    with pytest.raises(RequestError, match="none of its labels is the top"):
        _ = point.top
    with pytest.raises(RequestError, match="missing: arousal"):
        Distribution.of("va", {"valence": 1})
    with pytest.raises(RequestError, match="only ordinal labels"):
        _ = SPACES["basic7"].levels
