"""Tables of labels, EmoNet cells, words in any language, writers and readers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.affect.chinese import CHINESE, english
from mien.affect.emonet import EMONET_BUTTONS, coarse, read_cell
from mien.affect.groups import DYADS, EMONET_EMODB, OPPOSITES
from mien.affect.perspective import RULES, inverse_frequency, perspective
from mien.affect.space import SPACES
from mien.affect.translate import translate, translate_labels
from mien.affect.words import basic_word, basic_words
from mien.errors import DataError, RequestError
from mien.scoring.wheels import tables

# The published test set of MahaEmotions.
MAHA_TEST = {
    **{"Neutral": 546, "Disgust": 170, "Happiness": 201, "Anger": 228, "Respect": 104, "Pride": 68},
    **{"Sadness": 75, "Surprise": 48, "Excitement": 32, "Fear": 20, "Sarcasm": 8},
}


def test_the_loss_of_a_published_test_set_is_told():
    names = [name for name, count in MAHA_TEST.items() for _ in range(count)]
    found = translate_labels(names, "maha11", "basic7")
    assert found.report().startswith("maha11-basic7/1: 8 of 1500 items dropped (0.53%)")
    assert "loose rule (Pride, Respect)" in found.report()
    assert [label is None for label in found.labels] == [name == "Sarcasm" for name in names]
    assert translate_labels(names, "maha11", "basic7", strict=True).kept.sum() == 1500 - 8 - 104 - 68
    assert len(set(translate_labels(names, "maha11", "maha10").labels)) == 10


def test_excitement_is_happy_and_frustration_is_dropped_not_anger():
    names = ["happy"] * 5 + ["excited"] * 3 + ["angry"] * 2 + ["frustrate"] * 4
    found = translate_labels(names, "iemocap6", "iemocap4")
    assert found.labels == ["happy"] * 8 + ["anger"] * 2 + [None] * 4


@pytest.mark.parametrize(
    ("values", "error"),
    [([[0.5] * 7], "sum to 1"), ([[np.nan] * 7], "finite"), ([[2, -1, 0, 0, 0, 0, 0]], "finite values in .0, 1.")],
)
def test_rows_that_are_no_answer_are_named(values, error):
    with pytest.raises(DataError, match=f"row 1.*{error}"):
        translate([[1, 0, 0, 0, 0, 0, 0], *values], "basic7", "meld7")
    with pytest.raises(RequestError, match="needs shape"):
        translate(values[0], "basic7", "meld7")


def test_an_empty_table_is_an_empty_table():
    found = translate(np.zeros((0, 7)), "basic7", "sentiment3")
    assert found.values.shape == (0, 3) and "no items" in found.report()


def test_the_forty_stand_in_one_group_each_and_37_reach_emodb():
    flat = [label for labels in EMONET_BUTTONS.values() for label in labels]
    assert sorted(flat) == sorted(SPACES["emonet40"].labels)
    assert sum(map(len, EMONET_EMODB.values())) == 37
    assert all(DYADS[name][0] != DYADS[name][1] != OPPOSITES[DYADS[name][0]] for name in DYADS)
    assert len({frozenset(pair) for pair in DYADS.values()}) == 24


@given(st.integers(0, 3), st.permutations(range(40)))
def test_coarse_labels_do_not_depend_on_the_order_or_on_a_shift(seed, order):
    scores = np.random.default_rng(seed).normal(size=(3, 40)) * 2
    mapping = {fine: label for label, fines in EMONET_EMODB.items() for fine in fines}
    labels = SPACES["emonet40"].labels
    held, names, sums = coarse(scores, mapping)
    mixed = coarse(scores[:, order] + 7, mapping, order=[labels[index] for index in order])
    assert mixed[0] == held and mixed[1] == names and np.allclose(mixed[2], sums)
    assert np.allclose(sums.sum(axis=1), 1)
    assert np.allclose(translate(scores.clip(0, 4), "emonet40", "emodb7").values.sum(axis=1), 1)


@given(st.text())
def test_no_text_breaks_the_cell_reader(text):
    read_cell(text)
    read_cell(f"[{{'human-1': {{'Fear': {text}}}}}]")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "[[]]", "{'a': 1}", "[{}]", "[{'h': {}}]", "[{'h': {'Fear': True}}]", "[{'h': {'Fear': 1.0}}]"),
        *("[{'h': {'Fear': -1}}]", "[{'h': {'Fear': 1, 'Anger': 1}}]", "[{'h': 1}]", "[{1: {'Fear': 1}}]"),
        *("[{'h': {'Fear': 1}}, {'h': {'Fear': 2}}]", "__import__('os').system('true')", "[" * 5000, None, 3),
    ],
)
def test_cells_that_cannot_be_used_are_refused(text):
    assert read_cell(text) is None


def test_a_cell_says_who_heard_what():
    cell = read_cell("[{'a': {'Jealousy%20/%20Envy': 2}}, {'b': {'Jealousy_&_Envy': 0}}]")
    assert cell is not None and cell.label == "Jealousy & Envy" and cell.scores.tolist() == [10, 0]
    assert cell.known and not cell.unanimous
    other = read_cell("[{'a': {'Authenticity': 1}}]")
    assert other is not None and not other.known and other.unanimous


TABLE = {
    "furious": "mad",
    "afraid": "scared",
    "happily": "happy",
    "terror": "scared",
    "genius": "genius",
    "unhappy": "sad",
    "fear": "happy",
}


@pytest.mark.parametrize(
    ("word", "label"),
    [
        *(("Furious ", "anger"), ("HAPPILY", "happiness"), ("terror", "fear"), ("joy", "happiness")),
        *(("fear", "fear"), ("Neutral", "neutral"), ("genius", None), ("table", None), ("", None)),
        *(("不高兴", "sadness"), ("恐懼", "fear"), ("面无表情", "neutral"), ("不悲伤", None), ("桌子", None)),
    ],
)
def test_a_word_becomes_a_label_or_none(word, label):
    assert basic_word(word, TABLE) == label
    assert basic_word(word, TABLE.get) == label


def test_labels_are_those_of_the_space_asked_for():
    assert basic_word("furious", TABLE, "dfew7") == "angry"
    assert basic_word("worried", TABLE, "mer6") == "worried" and basic_word("disgust", TABLE, "mer6") is None
    found, unread = basic_words(["furious", "terror", "table"], TABLE)
    assert found["anger"] == found["fear"] == 0.5 and unread == ("table",)
    with pytest.raises(RequestError, match=r"none of these words.*table"):
        basic_words(["table"], TABLE)


@pytest.mark.parametrize("word", ["不", "没有", "毫不", "并不"])
@given(known=st.sampled_from(sorted(CHINESE)))
def test_a_negated_word_is_never_read_as_what_it_denies(word, known):
    listed = {CHINESE.get(word + known.removesuffix(ending)) for ending in ("", "的", "地")}  # "不高兴地" is unhappy
    assert english(word + known) in {None, *listed}


@given(st.sampled_from(sorted(CHINESE)), st.sampled_from(["很", "非常", ""]), st.sampled_from(["的", "地", ""]))
def test_degree_and_ending_leave_a_word_as_it_is(word, before, after):
    assert english(f" {before}{word}{after}") in (CHINESE[word], CHINESE.get(before + word))


LEVELS = st.integers(0, 3)


@settings(deadline=None)
@given(st.lists(st.tuples(LEVELS, LEVELS, LEVELS, LEVELS), min_size=1, max_size=12), st.sampled_from(sorted(RULES)))
def test_every_text_is_counted_once_under_every_rule(rows, rule):
    table = np.array(rows)
    found = perspective(table[:, 0], table[:, 1:], rule=rule)
    assert sum(found.counts().values()) == len(rows)
    assert not (found.hidden & found.over_read).any()
    assert 0 <= found.prevalence <= 1
    turned = perspective(table[::-1, 0], table[::-1, [3, 1, 2]], rule=rule)
    assert (turned.hidden[::-1] == found.hidden).all() and (turned.over_read[::-1] == found.over_read).all()


def test_published_rounding_is_an_option_and_thirds_are_exact():
    writer, readers = [2, 2], [[0, 0, 2], [1, 1, 1]]
    assert perspective(writer, readers).hidden.tolist() == [True, False]
    assert perspective(writer, readers, rule="gap_gt1_rounded").hidden.tolist() == [False, False]
    close = perspective([2], [[0, 1, 0]], rule="threshold", aggregate="mean", reader_max=1 / 3)
    assert close.hidden.tolist() == [True]
    disputed = perspective([3, 3], [[0, 0, 3], [0, 0, 0]], rule="agreeing_readers")
    assert disputed.counts() == {"hidden": 1, "over_read": 0, "agreed": 0, "disputed": 1}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: perspective([1], [[1]], rule="gap"), "unknown rule 'gap'; allowed: threshold"),
        (lambda: perspective([1], [[1]], rule="threshold", aggregate="min"), "allowed: max, mean, median"),
        (lambda: perspective([1, 2], [[1]]), "shape"),
        (lambda: perspective([1], np.zeros((1, 0))), "shape"),
        (lambda: perspective([1], [[1]], rule="agreeing_readers"), "at least two"),
        (lambda: perspective([1, 2], [[1], [np.nan]]), "row 1: an intensity is missing"),
        (lambda: perspective([1], [[1]], rule="gap_gt1_rounded", averages=[1, 2]), "averages needs 1"),
        (lambda: inverse_frequency([0, 2]), "class 1 has no item"),
        (lambda: inverse_frequency([]), "need labels"),
    ],
)
def test_bad_tables_are_named(call, error):
    with pytest.raises((RequestError, DataError), match=error):
        call()


def test_the_published_word_tables_bring_inflected_words_to_basic_labels():
    newest = tables()

    def wheel(word):
        return newest.group(word, "case3_wheel1_level1")

    wanted = {"Furiously": "anger", "sadder": "sadness", "terrified": "fear", "happiest": "happiness", "fear": "fear"}
    wanted |= {"astonishing": "surprise", "disgusting": "disgust", "惊讶的": "surprise", "neutral": "neutral"}
    assert {word: basic_word(word, wheel) for word in wanted} == wanted
    assert sum(basic_word(word, wheel) is not None for word in CHINESE) > 0.75 * len(CHINESE)
