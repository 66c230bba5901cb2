"""Judgments of statements about images: readers, tables, floors, files, errors."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import DataError, RequestError
from mien.scoring.benchmarks import score
from mien.scoring.mvei_items import FAMILIES
from mien.scoring.mvei_readers import READERS, reader

# Twenty awkward answers: what the tolerant, the published and the published tagged reader give.
AWKWARD = [
    ("Correct", "correct", "correct", "correct"),
    ("Incorrectly stated", "incorrect", "incorrect", "incorrect"),
    ("Not correct", "incorrect", "correct", "correct"),
    ("The statement is not incorrect", "correct", "incorrect", "incorrect"),
    ("It isn't entirely correct", "incorrect", "correct", "correct"),
    ("It cannot be said that this is correct", "incorrect", "correct", "correct"),
    ("Yes", "correct", "abstain", "abstain"),
    ("No.", "incorrect", "abstain", "abstain"),
    ("true", "correct", "abstain", "abstain"),
    ("False.", "incorrect", "abstain", "abstain"),
    ("uncorrect", "incorrect", "correct", "correct"),
    ("in correct", "incorrect", "correct", "correct"),
    ("ANSWER: B", "incorrect", "abstain", "correct"),
    ("B. A mismatch", "incorrect", "abstain", "correct"),
    ("(b)", "incorrect", "abstain", "incorrect"),
    ("Correct or incorrect", "abstain", "incorrect", "incorrect"),
    ("Correct. It would be incorrect only at night.", "correct", "incorrect", "incorrect"),
    ("<think>It is incorrect</think> Correct", "correct", "incorrect", "correct"),
    ("I think a person is sad", "abstain", "abstain", "correct"),
    ("", "abstain", "abstain", "abstain"),
]


@pytest.mark.parametrize(("answer", "tolerant", "official", "plus"), AWKWARD)
def test_readers(answer, tolerant, official, plus):
    found = [READERS[name](answer)[0] for name in ("tolerant", "official", "official-plus")]
    assert found == [tolerant, official, plus]


@given(st.text(max_size=200))
def test_no_text_breaks_a_reader(text):
    for read in READERS.values():
        assert read(text)[0] in ("correct", "incorrect", "abstain")


def test_unknown_reader():
    with pytest.raises(RequestError, match="tolerant, official, official-plus"):
        reader("lax")


def item(number, label, family, answer, **more):
    statement = {"statement": f"claim {number}", "label": label, "class": family, **more}
    if answer is not None:
        statement["predict"] = answer
    return {"image_id": f"i{number}", "statement_list": [statement]}


def write(folder, items, name="answers.json"):
    path = folder / name
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def value(part, metric):
    return next(one.value for one in part.scores if one.metric == metric)


def mixed():
    labels = ["correct", "incorrect", "correct", "correct", "incorrect", "correct", "incorrect", "correct"]
    return [item(n, label, FAMILIES[n % 4], "Correct") for n, label in enumerate(labels)]


def test_always_correct_reaches_the_share_of_correct_statements(tmp_path):
    result = score("mvei", write(tmp_path, mixed()), rounds=0)
    names = [part.name for part in result.parts]
    assert names == ["all statements", *FAMILIES]
    for part in result.parts:
        floor = part.floors["always correct"][0]
        assert value(part, "accuracy") == floor.value
        assert value(part, "positive_ratio") == 1
        assert part.floors["humans on MVEI (published)"][0].metric == "accuracy"
    assert value(result.parts[0], "uar") == 0.5


def test_negation_separates_default_and_published_rules(tmp_path):
    path = write(tmp_path, [item(0, "incorrect", FAMILIES[0], "Not correct"), item(1, "correct", FAMILIES[0], "yes")])
    sound, published = score("mvei", path, rounds=0), score("mvei", path, rounds=0, replicate="mvei")
    assert value(sound.parts[0], "accuracy") == 1
    assert value(published.parts[0], "accuracy") == 0
    assert value(published.parts[0], "give_up_ratio") == 0.5
    assert any("2 of 2 answers are read differently" in text for text in sound.warnings)


def test_missing_answers_give_up_and_are_named(tmp_path):
    path = write(tmp_path, [item(0, "correct", FAMILIES[1], None), item(1, "correct", FAMILIES[1], "Correct")])
    result = score("mvei", path, rounds=0)
    assert value(result.parts[0], "accuracy") == 0.5
    assert value(result.parts[0], "answered_accuracy") == 1
    assert any("1 of 2 statements have no answer: i0" in text for text in result.warnings)
    skipped = score("mvei", path, rounds=0, unreadable="skip")
    assert value(skipped.parts[0], "accuracy") == 1 and skipped.parts[0].scores[0].n == 1


def test_subclasses_and_strange_families(tmp_path):
    items = [
        item(0, "correct", FAMILIES[2], "Correct", subclass="own situation"),
        item(1, "incorrect", FAMILIES[2], "Correct", subclass="none"),
        item(2, "incorrect", "other", "Incorrect"),
    ]
    result = score("mvei", write(tmp_path, items), rounds=0)
    names = [part.name for part in result.parts]
    assert names == ["all statements", FAMILIES[2], f"{FAMILIES[2]}: own situation", "other"]
    assert any("belong to none of the four families (other)" in text for text in result.warnings)


def test_plus_records_and_readers_side_by_side(tmp_path):
    records = {
        str(n): {
            "ground_truth": "incorrect",
            "other_info": {"statement_meta": {"class": FAMILIES[0]}},
            "generations": g,
        }
        for n, g in enumerate([["<answer>B</answer>", "A"], ["ANSWER: B"], []])
    }
    result = score("mvei", write(tmp_path, records), rounds=0, readers="all", keep=True)
    assert result.settings["edition"] == "mvei-plus"
    shown = {part.name: value(part, "accuracy") for part in result.parts if part.name.startswith("reader")}
    assert shown == pytest.approx({"reader tolerant": 2 / 3, "reader official": 0, "reader official-plus": 1 / 3})
    assert result.parts[0].readings[1].why[-1].startswith("the published rule reads")


def test_reference_is_joined_by_id(tmp_path):
    reference = write(tmp_path, mixed(), "reference.json")
    given = write(tmp_path, [{"image_id": f"i{n}", "prediction": "Correct"} for n in (*range(7), 99)])
    result = score("mvei", given, reference, rounds=0)
    assert result.parts[0].scores[0].n == 8
    assert any("have no answer: i7" in text for text in result.warnings)
    assert any("1 answers have ids that the reference lacks (i99)" in text for text in result.warnings)


def test_intervals_draw_whole_images(tmp_path):
    items = mixed()
    for number in range(4):
        items[number]["statement_list"] *= 1
        items[number]["statement_list"].append(
            {"statement": f"more {number}", "label": "correct", "class": FAMILIES[0], "predict": "Correct"}
        )
    result = score("mvei", write(tmp_path, items), rounds=50)
    low, high = result.parts[0].scores[0].interval
    assert 0 <= low <= result.parts[0].scores[0].value <= high <= 1


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([item(0, "maybe", FAMILIES[0], "x")], "row 1: the label is 'maybe'; allowed: correct, incorrect"),
        ([{"image_id": "a", "statement_list": 3}], "statement_list is no list"),
        ([{"image_id": "a", "prediction": "Correct"}], "no column for the label"),
        ([{"label": "correct", "prediction": "Correct"}], "no column for the image"),
        (
            [item(0, "correct", "x", "y"), item(0, "correct", "x", "z")],
            "row 2: the same statement about the image 'i0'",
        ),
        ([{"image_id": "a", "statement_list": []}], "holds no statements"),
    ],
)
def test_bad_files_are_named_with_their_row(tmp_path, items, words):
    with pytest.raises(DataError, match=words.split(";")[0].replace("(", "\\(")):
        score("mvei", write(tmp_path, items))


def test_reference_of_another_set(tmp_path):
    given = write(tmp_path, [{"image_id": "z", "prediction": "Correct"}])
    with pytest.raises(DataError, match="reference of another data set"):
        score("mvei", given, write(tmp_path, mixed(), "reference.json"))
    other = [{**entry, "statement_list": [{**entry["statement_list"][0], "statement": "else"}]} for entry in mixed()]
    with pytest.raises(DataError, match="do both files belong to one set"):
        score("mvei", write(tmp_path, other), write(tmp_path, mixed(), "reference.json"))


def test_requests_that_make_no_sense(tmp_path):
    path = write(tmp_path, mixed())
    with pytest.raises(RequestError, match="mvei, mvei-plus"):
        score("mvei", path, replicate="mme")
    with pytest.raises(RequestError, match="asks no judge"):
        score("mvei", path, judge="command:cat")
