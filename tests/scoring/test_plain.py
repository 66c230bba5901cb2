"""Scores of anyone's own predictions: labels, numbers, distributions, sets of words."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

import mien
from mien.errors import DataError, RequestError

LABELS = st.sampled_from(["anger", "joy", "neutral"])


def put(folder: Path, name: str, *rows: tuple) -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def values(part) -> dict[str, float]:
    return {score.metric: score.value for score in part.scores}


@given(pairs=st.lists(st.tuples(LABELS, LABELS), min_size=2, max_size=30))
def test_labels_agree_with_scikit_learn(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("plain")
    path = put(folder, "a.csv", ("label", "prediction"), *pairs)
    found = values(mien.score("classification", path, rounds=0).parts[0])
    truth, said = zip(*pairs, strict=True)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(truth, said))
    assert found["weighted_f1"] == pytest.approx(sk.f1_score(truth, said, average="weighted", zero_division=0))
    assert found["macro_f1"] == pytest.approx(sk.f1_score(truth, said, average="macro", zero_division=0))
    recalls = sk.recall_score(truth, said, labels=sorted(set(truth)), average=None, zero_division=0)
    assert found["uar"] == pytest.approx(recalls.mean())


@given(pairs=st.lists(st.tuples(LABELS, LABELS), min_size=3, max_size=20), seed=st.integers(0, 99))
def test_the_order_of_rows_and_the_case_of_labels_do_not_matter(tmp_path_factory, pairs, seed):
    folder = tmp_path_factory.mktemp("plain")
    truth = put(folder, "t.csv", ("id", "label"), *((at, one) for at, (one, _) in enumerate(pairs)))
    said = [(at, f" {two.upper()} ") for at, (_, two) in enumerate(pairs)]
    plain = mien.score("classification", put(folder, "p.csv", ("id", "pred"), *said), truth, rounds=0)
    np.random.default_rng(seed).shuffle(said)
    mixed = mien.score("classification", put(folder, "q.csv", ("id", "pred"), *said), truth, rounds=0)
    assert plain.to_json() == mixed.to_json()


def test_missing_and_empty_answers_are_wrong_or_left_out_but_always_told(tmp_path):
    truth = put(tmp_path, "t.csv", ("id", "label"), (1, "joy"), (2, "joy"), (3, "fear"), (4, "fear"))
    said = put(tmp_path, "p.csv", ("id", "prediction"), (1, "joy"), (2, "nan"), (3, "fear"))
    wrong = mien.score("classification", said, truth, rounds=0, keep=True)
    assert values(wrong.parts[0])["accuracy"] == 0.5
    assert wrong.warnings == (
        "1 of 4 samples have no prediction (4); counted as wrong",
        f"1 of 4 answers could not be read (first: {said} row 2); counted as wrong",
    )
    assert wrong.parts[0].confusion == (
        ("fear", "joy", "(no answer)"),
        ((1, 0, 1), (0, 1, 1), (0, 0, 0)),
    )
    assert [reading.why for reading in wrong.parts[0].readings][3] == ("no prediction with this id",)
    left = mien.score("classification", said, truth, rounds=0, unreadable="skip")
    assert values(left.parts[0])["accuracy"] == 1.0 and left.parts[0].scores[0].n == 2
    assert all("left out" in text for text in left.warnings)


def test_probabilities_choose_the_label_and_give_the_calibration(tmp_path):
    head = ("label", "p_joy", "p_fear")
    path = put(tmp_path, "a.csv", head, ("joy", 0.8, 0.2), ("joy", 0.4, 0.6), ("fear", 0.1, 0.9), ("fear", 0.3, 0.7))
    part = mien.score("classification", path, rounds=0).parts[0]
    found = values(part)
    assert found["accuracy"] == 0.75
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.9, 0.7]).mean())
    assert found["brier"] == pytest.approx(2 * np.mean([0.04, 0.36, 0.01, 0.09]))
    assert sum(n for _, _, n in part.calibration) == 4
    assert set(part.floors) == {"always joy", "class shares"}


def test_groups_widen_the_interval_of_samples_that_are_alike(tmp_path):
    rows = [(at, "ab"[(at // 50) % 2], f"s{at // 50}") for at in range(500)]
    said = put(tmp_path, "p.csv", ("id", "pred"), *((at, "a" if at // 50 < 7 else "b") for at in range(500)))
    grouped = mien.score("classification", said, put(tmp_path, "g.csv", ("id", "label", "speaker"), *rows))
    single = mien.score("classification", said, put(tmp_path, "t.csv", ("id", "label"), *(row[:2] for row in rows)))
    wide, narrow = (np.ptp(one.parts[0].scores[1].interval) for one in (grouped, single))
    assert wide > 2 * narrow


def test_data_sets_are_parts_and_the_pool_is_the_overall_score(tmp_path):
    path = put(tmp_path, "a.csv", ("label", "prediction", "dataset"), ("a", "a", "x"), ("b", "a", "x"), ("a", "a", "y"))
    result = mien.score("classification", path, rounds=0)
    assert [part.name for part in result.parts] == ["x", "y"]
    assert {score.metric: score.value for score in result.overall}["accuracy"] == pytest.approx(2 / 3)
    assert set(result.parts[0].floors) == {"majority class"}
    assert result.warnings == ("y: the truth holds one class only (a); recalls and F1 say little",)


def test_numbers_have_ccc_errors_and_the_best_constant(tmp_path):
    truth = put(tmp_path, "t.csv", ("id", "valence", "arousal"), (1, 0, 1), (2, 1, 2), (3, 2, 4))
    said = put(tmp_path, "p.csv", ("id", "arousal", "valence"), (1, 1, 0.5), (2, 2, 1), (3, 4, 1.5))
    result = mien.score("regression", said, truth, rounds=0)
    assert [part.name for part in result.parts] == ["valence", "arousal"]
    first = values(result.parts[0])
    assert first["ccc"] == pytest.approx(0.8) and first["mae"] == pytest.approx(1 / 3)
    assert values(result.parts[1])["ccc"] == 1
    floor = {score.metric: score.value for score in result.parts[0].floors["best constant"]}
    assert floor["ccc"] == 0 and floor["mae"] == pytest.approx(2 / 3) and math.isnan(floor["pearson"])


def test_a_missing_number_counts_as_far_from_the_truth(tmp_path):
    path = put(tmp_path, "a.csv", ("label", "prediction"), (0, 0), (1, "nan"), (4, 4), (2, "inf"))
    wrong = mien.score("regression", path, rounds=0)
    assert values(wrong.parts[0])["mae"] == pytest.approx((3 + 2) / 4)
    assert "2 of 4 answers could not be read" in wrong.warnings[0]
    left = mien.score("regression", path, rounds=0, unreadable="skip")
    assert values(left.parts[0])["mae"] == 0


def test_baselines_2_one_command_prints_every_convention_with_its_items(tmp_path):
    path = put(tmp_path, "a.csv", ("label", "prediction"), (-1, -0.2), (0, 0.4), (2, 1.6), (2.5, 2.5), (0, -0.1))
    result = mien.score("regression", path, rounds=0, replicate="mosi")
    found = {score.metric: (score.value, score.n) for score in result.parts[0].scores}
    assert found["acc2_has0"] == (0.8, 5) and found["acc2_non0"] == (1.0, 3) and found["acc2_strict"] == (0.8, 5)
    assert found["acc7"][0] == 0.8 and found["acc5"][0] == 0.8 and found["acc3"][0] == 0.8
    assert {"f1_2_has0", "f1_2_non0", "f1_2_strict", "mae", "pearson", "ccc"} <= set(found)
    assert result.settings["replicate"] == "mosi"


@given(seed=st.integers(0, 99))
def test_baselines_3_shuffled_rows_change_nothing(tmp_path_factory, seed):
    folder, rng = tmp_path_factory.mktemp("plain"), np.random.default_rng(seed)
    rows = [(at, *rng.uniform(-3, 3, 2).round(2)) for at in range(12)]
    head = ("id", "label", "prediction")
    plain = mien.score("regression", put(folder, "a.csv", head, *rows), rounds=0, replicate="mosi")
    mixed = mien.score("regression", put(folder, "b.csv", head, *rng.permutation(rows)), rounds=0, replicate="mosi")
    for one, other in zip(plain.parts[0].scores, mixed.parts[0].scores, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-12, nan_ok=True)


def test_baselines_3_predictions_that_are_no_numbers_are_an_error_with_their_ids(tmp_path):
    truth = put(tmp_path, "t.csv", ("id", "label"), *((name, at) for at, name in enumerate("abcd")))
    said = put(tmp_path, "p.csv", ("id", "prediction"), ("a", 0), ("b", "nan"), ("c", "inf"))
    for name in ("mosi", "sims"):
        with pytest.raises(
            DataError, match=r"p\.csv: 3 of 4 answers are missing or no finite number: b, c, d; --unread"
        ):
            mien.score("regression", said, truth, rounds=0, replicate=name)
    left = mien.score("regression", said, truth, rounds=0, replicate="mosi", unreadable="skip")
    assert left.parts[0].scores[0].n == 1


def test_distributions_are_compared_with_the_votes(tmp_path):
    votes = put(tmp_path, "t.csv", ("id", "p_joy", "p_fear"), (1, 3, 1), (2, 0, 4))
    said = put(tmp_path, "p.csv", ("id", "p_fear", "p_Joy"), (1, 0.25, 0.75), (2, 0.5, 0.5))
    found = values(mien.score("distribution", said, votes, rounds=0).parts[0])
    assert found["total_variation"] == pytest.approx(0.25)
    assert found["top_agreement"] == 0.5


def test_sets_of_words_meet_on_the_wheels_whatever_their_form(tmp_path):
    truth = put(tmp_path, "t.csv", ("id", "openset"), (1, "happy, excited"), (2, "['sad']"))
    said = put(tmp_path, "p.csv", ("id", "prediction"), (1, "joyful"), (2, "['sorrowful', 'angry']"))
    result = mien.score("openset", said, truth, rounds=20, keep=True)
    found = values(result.parts[0])
    assert 0 < found["openset_f_level1"] < 1
    assert result.parts[0].scores[0].interval[0] <= found["openset_f_level1"] <= result.parts[0].scores[0].interval[1]
    assert {score.value for score in result.parts[0].floors["names every label"] if "recall" in score.metric} == {1.0}
    assert "base form" in result.parts[0].readings[0].why[0]


@pytest.mark.parametrize(
    ("name", "rows", "why"),
    [
        ("classification", [("label", "foo"), ("a", "b")], "no column for the answer; columns: label, foo"),
        ("classification", [("foo", "prediction"), ("a", "b")], "no column for the label.*or give the labels with"),
        ("classification", [("label", "prediction"), ("", "b")], "row 1: the label .* is empty"),
        (
            "classification",
            [("id", "label", "prediction"), (1, "a", "b"), (1, "a", "b")],
            "row 2: the id '1' was there",
        ),
        ("classification", [("label", "p_a", "p_b"), ("a", 0.5, 0.2)], "row 1: the probabilities add up to 0.7"),
        ("classification", [("label", "p_a", "p_b"), ("a", 1.5, -0.5)], "row 1: a probability is negative"),
        ("classification", [("label", "p_a", "p_b"), ("a", 1, "x")], "row 1: 1 of 2 probabilities are empty"),
        ("classification", [("label", "prediction", "confidence"), ("a", "a", 7)], "row 1: the confidence .* 0 to 1"),
        ("classification", [("label", "prediction", "speaker"), ("a", "a", "")], "row 1: the group .* is empty"),
        ("regression", [("label", "prediction"), ("x", 1)], "row 1: the truth .* is 'x'; a finite number"),
        ("regression", [("label", "prediction"), ("nan", 1)], "row 1: the truth .* is 'nan'"),
        ("regression", [("foo", "bar"), (1, 1)], "has no column for the number"),
        ("distribution", [("id", "p_a"), (1, 1)], "name the raters' file too"),
        ("openset", [("label", "foo"), ("happy", 1)], "has no column for the answer"),
    ],
)
def test_wrong_data_is_an_error_that_says_where_and_what_is_allowed(tmp_path, name, rows, why):
    with pytest.raises(DataError, match=why):
        mien.score(name, put(tmp_path, "a.csv", *rows), rounds=0)


@pytest.mark.parametrize("name", ["classification", "regression", "openset"])
def test_if_not_one_answer_can_be_read_and_they_are_left_out_nothing_is_scored(tmp_path, name):
    path = put(tmp_path, "a.csv", ("label", "prediction"), (1, ""))
    with pytest.raises(DataError, match="none of 1 answers could be read"):
        mien.score(name, path, unreadable="skip")


def test_a_sample_without_votes_is_an_error(tmp_path):
    votes = put(tmp_path, "t.csv", ("id", "p_joy", "p_fear"), (1, 0, 0))
    with pytest.raises(DataError, match="row 1: nobody voted"):
        mien.score("distribution", votes, votes)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"edition": "2025"}, "edition '2025'; classification has none"),
        ({"replicate": "x"}, "replicate 'x'; classification has none"),
        ({"judge": "http://localhost"}, "needs no judge"),
        ({"judge": "gpt"}, "allowed: none, command:CMD"),
        ({"readers": "all"}, "no readers"),
        ({"readers": "some"}, "allowed: default, all"),
        ({"unreadable": "drop"}, "allowed: wrong, skip"),
        ({"rounds": -1}, "allowed: 0"),
        ({"seed": -1}, "allowed: 0 or more"),
        ({"model": "m"}, "only asked with a judge"),
        ({"bins": 3}, "unknown option bins; allowed: edition"),
    ],
)
def test_options_that_mean_nothing_here_are_refused(tmp_path, options, why):
    path = put(tmp_path, "a.csv", ("label", "prediction"), ("a", "a"))
    with pytest.raises(RequestError, match=why):
        mien.score("classification", path, **options)
    with pytest.raises(RequestError, match=r"allowed: mer-unibench, .*, classification, regression"):
        mien.score("klass", path)


SETS = st.frozensets(LABELS)


@given(
    pairs=st.lists(st.tuples(SETS, SETS), min_size=2, max_size=15).filter(lambda rows: any(len(a) > 1 for a, _ in rows))
)
def test_several_labels_agree_with_scikit_learn(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("plain") / "a.jsonl"
    lines = (json.dumps({"labels": sorted(one), "prediction": sorted(two)}) for one, two in pairs)
    path.write_text("\n".join(lines), "utf-8")
    found = values(mien.score("classification", path, rounds=0).parts[0])
    used = sorted({label for one, two in pairs for label in one | two})
    truth, said = (
        np.array([[int(label in names) for label in used] for names in side]) for side in zip(*pairs, strict=True)
    )
    assert found["multilabel_macro_f1"] == pytest.approx(sk.f1_score(truth, said, average="macro", zero_division=0))
    assert found["multilabel_micro_f1"] == pytest.approx(sk.f1_score(truth, said, average="micro", zero_division=0))
    assert found["subset_accuracy"] == pytest.approx(sk.accuracy_score(truth, said))
    assert found["hamming_loss"] == pytest.approx(sk.hamming_loss(truth, said))


def test_an_answer_that_names_every_label_stands_beside_the_score_as_a_floor(tmp_path):
    rows = [("emotions", "prediction"), ("joy; trust", "joy"), ("fear", "fear, joy"), ("fear", "")]
    result = mien.score("classification", put(tmp_path, "a.csv", *rows), rounds=0, keep=True)
    floors = result.parts[0].floors
    assert set(floors) == {"names every label", "majority label"}
    assert [reading.credit for reading in result.parts[0].readings] == [0.5, 0.5, 0.0]
    assert result.parts[0].readings[1].why == ("joy: not true",)
    assert "1 of 3 answers could not be read" in result.warnings[0]
