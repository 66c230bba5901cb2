"""Open-set scores on the emotion wheels: the published rules, and what no order, duplicate or spelling may change."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.scoring import wheel_metrics as _enters_its_metrics  # noqa: F401
from mien.scoring.constants import FIVE_WORDS, best_constant, most_frequent
from mien.scoring.hits import hit_rate
from mien.scoring.openset import harmonic, mean_figure, overlap, same_of, words_of
from mien.scoring.polarity import offline, read_token, sentiment_waf, sign_of
from mien.scoring.setlevel import set_level, united, wheel_groups
from mien.scoring.wheels import EDITIONS, GROUPINGS, LEVEL1, LEVEL2, tables, wheel_group

WORDS = st.sampled_from(
    ["happy", "joyful", "sad", "angry", "fear", "worried", "surprise", "disgust", "neutral", "calm", "xyz", "高兴", ""]
)
LISTS = st.lists(st.lists(WORDS, max_size=5), min_size=1, max_size=12)


def two_sides(draw_size=12):
    return st.integers(1, draw_size).flatmap(
        lambda n: st.tuples(*(st.lists(st.lists(WORDS, max_size=5), min_size=n, max_size=n) for _ in range(2)))
    )


def test_the_tables_have_the_published_sizes():
    coverage = {edition: (tables(edition).codes[:, 2::2] >= 0).sum(axis=0).tolist() for edition in EDITIONS}
    assert [len(tables(edition).forms) for edition in EDITIONS] == [7386, 7356]
    assert coverage["2025"] == [4053, 4400, 3240, 4074, 3055]
    assert tables().edition == EDITIONS[-1]


def test_the_recipe_makes_the_file_that_ships(shared, root, tmp_path):
    folder, made = shared / "data" / "emotion-wheels", tmp_path / "wheels.json"
    recipe = root / "recipes" / "wheels" / "build.py"
    subprocess.run([sys.executable, recipe, folder, "--out", made], check=True, capture_output=True)
    assert made.read_bytes() == (root / "src" / "mien" / "scoring" / "wheels.json").read_bytes()


def test_fear_is_happy_in_2025_only():
    reached = {edition: [tables(edition).group("fear", name) for name in LEVEL1] for edition in EDITIONS}
    assert reached["2025"] == ["scared", "happy", "joyful", "genius", "joyful"]
    assert reached["2026"] == ["scared", "fearful", "scared", "fear", "scared"]
    for edition, hits in (("2025", [1, 0, 0, 0, 0]), ("2026", [1, 1, 1, 1, 1])):
        found = hit_rate(["fear"], [["scared"]], held=tables(edition))
        assert [wheel.hit_rate for wheel in found.wheels.values()] == hits


def test_neutral_is_in_no_published_table_and_can_be_made_a_group():
    assert {tables(edition).group("neutral", name) for edition in EDITIONS for name in GROUPINGS} == {None}
    found = overlap([["neutral"]], [["neutral"]], held=tables(neutral=True))
    assert {one.fscore for one in found.values()} == {1.0}


def test_case_and_blanks_of_a_word_do_not_matter():
    assert tables().group("  HaPPy ", "case1") == tables().group("happy", "case1")


def test_a_word_says_how_it_was_looked_up():
    assert "base form 'fear'" in tables().explain("fears") and "2 fearful" in tables().explain("fears")
    assert "dropped" in tables().explain("xyz")


@pytest.mark.parametrize("call", [lambda: tables("2024"), lambda: wheel_group("sad", "wheel9", "level1")])
def test_unknown_names_list_what_there_is(call):
    with pytest.raises(RequestError, match="allowed"):
        call()


def plain_overlap(truth, prediction, name, held):
    """The published rule, sample by sample, in sets."""
    precision, recall = [], []
    for wanted, said in zip(truth, prediction, strict=True):
        first, second = ({held.group(word, name) for word in side} - {None} for side in (wanted, said))
        if not first:
            continue
        precision.append(len(first & second) / len(second) if second else 0.0)
        recall.append(len(first & second) / len(first))
    if not precision:
        return math.nan, math.nan, 0
    return float(np.mean(precision)), float(np.mean(recall)), len(precision)


@settings(max_examples=60, deadline=None)
@given(two_sides(), st.sampled_from(EDITIONS))
def test_arrays_and_sets_agree(sides, edition):
    held = tables(edition)
    found = overlap(*sides, held=held)
    for name in GROUPINGS:
        precision, recall, scored = plain_overlap(*sides, name, held)
        np.testing.assert_allclose([found[name].precision, found[name].recall], [precision, recall], rtol=1e-12)
        assert found[name].scored == scored


@settings(max_examples=60, deadline=None)
@given(two_sides(), st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(sides, random):
    order = list(range(len(sides[0])))
    random.shuffle(order)
    mixed = [[sorted(side[place] * 2, key=lambda _: random.random()) for place in order] for side in sides]
    first, second = (mean_figure(overlap(*both), "level1") for both in (sides, mixed))
    assert first.fscore == pytest.approx(second.fscore, nan_ok=True)
    assert first.scored == second.scored


@settings(max_examples=60, deadline=None)
@given(two_sides())
def test_scores_stay_between_0_and_1_and_a_perfect_answer_reaches_1(sides):
    for one in overlap(*sides).values():
        assert all(math.isnan(value) or 0 <= value <= 1 for value in (one.precision, one.recall, one.fscore))
    for one in overlap(sides[0], sides[0]).values():
        assert one.fscore == 1 or not one.scored


@settings(max_examples=40, deadline=None)
@given(LISTS, st.lists(WORDS, max_size=4))
def test_a_constant_answer_scores_as_if_it_were_written_out(truth, words):
    held = tables()
    both = words_of(held, truth)
    short = overlap(both, same_of(held, words, len(truth)))
    long = overlap(both, [words] * len(truth))
    for name in GROUPINGS:
        assert short[name].fscore == pytest.approx(long[name].fscore, nan_ok=True)


def test_f_is_that_of_the_means_and_undefined_has_three_spellings():
    found = overlap([["happy"], ["sad"]], [["happy", "angry"], ["sad"]])["case3_wheel1_level1"]
    assert found.fscore == pytest.approx(harmonic(0.75, 1.0)) != pytest.approx(np.mean([2 / 3, 1]))
    miss, nothing = ([["happy"]], [["sad"]]), ([["neutral"]], [["sad"]])
    figures = {
        how: mean_figure(overlap(*miss, undefined=how), "level1", how).fscore for how in ("sound", "nan", "zero")
    }
    assert figures["sound"] == figures["zero"] == 0 and math.isnan(figures["nan"])
    figures = {how: mean_figure(overlap(*nothing, undefined=how), "level1", how) for how in ("sound", "nan", "zero")}
    assert math.isnan(figures["sound"].fscore) and math.isnan(figures["nan"].fscore) and figures["zero"].fscore == 0
    assert figures["sound"].scored == (0, 0, 0, 0, 0)


def test_a_wheel_without_the_word_is_left_out_of_the_mean():
    found = overlap([["surprise"]], [["surprise"]])
    assert [found[name].scored for name in LEVEL1] == [1, 1, 1, 1, 0]
    assert mean_figure(found, "level1").fscore == 1.0


@settings(max_examples=40, deadline=None)
@given(two_sides())
def test_metrics_by_id_are_the_same_figures(sides):
    found = overlap(*sides)
    for metric, names in (("openset_f", LEVEL1), ("openset_f_level2", LEVEL2), ("openset_f_all", GROUPINGS)):
        assert METRICS[metric](*sides) == pytest.approx(mean_figure(found, names).fscore, nan_ok=True)


def test_an_interval_holds_the_value_and_repeats():
    truth, said = [["happy"], ["sad"], ["angry"], ["worried"]] * 20, [["joyful"], ["sad", "angry"], ["sad"], []] * 20
    first, second = (evaluate("openset_f", truth, said, rounds=200, rng=3) for _ in range(2))
    assert first.interval == second.interval and first.interval[0] < first.value < first.interval[1]
    assert set(first.per_class) == {"wheel1", "wheel2", "wheel3", "wheel4", "wheel5"}


def test_naming_every_label_hits_always_and_mscore_says_so():
    labels = ("neutral", "angry", "happy", "sad", "worried", "surprise")
    found = hit_rate(list(labels), [list(labels)] * 6, labels=labels)
    assert found.hit_rate == 1.0 and found.mscore < 0.3


def test_a_reference_of_several_labels_cannot_count_twice_unless_asked():
    assert hit_rate([["happy", "sad"]], [["happy", "sad"]]).hit_rate == 1.0
    assert hit_rate([["happy", "sad"]], [["happy", "sad"]], clip=False).hit_rate == 2.0


def test_all_references_neutral_is_no_figure():
    found = hit_rate(["neutral"] * 3, [["neutral"]] * 3)
    assert math.isnan(found.hit_rate) and {wheel.scored for wheel in found.wheels.values()} == {0}


def test_the_best_constant_answer_is_at_least_as_good_as_five_basic_words():
    truth = [["sad", "lonely"], ["angry"], ["worried", "sad"], ["happy", "relaxed"], ["bored"]] * 5
    held = tables()
    frequent = most_frequent(truth, held)
    assert frequent[0] == "sad"
    words = best_constant(words_of(held, truth), frequent, held)
    figures = [METRICS["openset_f"](truth, [list(chosen)] * len(truth)) for chosen in (words, FIVE_WORDS)]
    assert figures[0] >= figures[1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["positive", "negative", "neutral"])), min_size=1))
def test_waf_is_the_weighted_f1_of_scikit_learn(rows):
    truth, said = [float(row[0]) for row in rows], [row[1] for row in rows]
    found = sentiment_waf(truth, said)
    kept = [(value > 0, word == "positive") for value, word in zip(truth, said, strict=True) if value]
    if not kept:
        assert math.isnan(found.waf)
        return
    wanted, given_ = zip(*kept, strict=True)
    assert found.waf == pytest.approx(f1_score(wanted, given_, average="weighted", zero_division=0))
    assert found.accuracy == pytest.approx(accuracy_score(wanted, given_))
    assert METRICS["waf"](truth, said) == pytest.approx(found.waf)


def test_an_unreadable_sentiment_is_wrong_or_left_out_and_counted():
    truth, said = [1.0, -1.0, -1.0], ["positive", "negative", "mixed"]
    wrong, skipped = (sentiment_waf(truth, said, unreadable=how) for how in ("wrong", "skip"))
    assert (wrong.accuracy, wrong.unreadable, wrong.scored) == (pytest.approx(2 / 3), 1, 3)
    assert (skipped.accuracy, skipped.unreadable, skipped.scored) == (1.0, 1, 2)
    assert sentiment_waf(truth, said, exact=True).accuracy == 1.0  # published: anything else is neutral, hence negative


def test_sentiment_words_are_folded_and_scores_must_be_numbers():
    assert [read_token(word) for word in (" Positive.", "**NEGATIVE**", "中性", "mixed", None)] == [
        "positive", "negative", "neutral", None, None,
    ]  # fmt: skip
    assert read_token("Positive", exact=True) is None
    with pytest.raises(RequestError, match="sample 2"):
        sentiment_waf([1.0, math.nan], ["positive", "negative"])


def test_the_sign_of_emotions_offline():
    assert [sign_of(word) for word in ("joy", "relief", "anger", "grief", "surprise", "neutral")] == [
        1,
        1,
        -1,
        -1,
        0,
        0,
    ]
    assert offline([["happy", "excited", "worried"], ["sad"], ["happy", "sad"], []]) == [
        "positive", "negative", "neutral", None,
    ]  # fmt: skip


def test_set_level_without_groups_compares_words_and_skips_empty_references():
    found = set_level([["happy"], [], ["sad"]], [["Happy "], ["sad"], []], [None, None, None])
    assert (found.accuracy, found.recall, found.scored) == (0.5, 0.5, 2)
    assert set_level([["happy"]], [["happy "]], [None], strip=False).accuracy == 0.0


def test_offline_groups_are_those_of_one_wheel():
    (groups,) = wheel_groups("case3_wheel1_level1")(united([["happy", "sad"]], [["Joyful", "xyz"]]))
    assert sorted(map(sorted, groups)) == [["happy", "joyful"], ["sad"], ["xyz"]]


def test_sides_of_unequal_length_are_refused():
    with pytest.raises(RequestError, match="2 references but 1 predictions"):
        overlap([["happy"], ["sad"]], [["happy"]])
