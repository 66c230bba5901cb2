"""Closed-set answers: sound figures, the published scripts, folds, readers side by side, errors."""

import pytest
from sklearn.metrics import f1_score, recall_score

from mien.errors import DataError, RequestError
from mien.scoring.benchmarks import score
from mien.scoring.closed_sets import CLOSED_SETS, closed_set

ROWS = [
    ("happy", "Happy"), ("sad", "The man is sad but also angry"), ("neutral", "happy"), ("angry", ""),
    ("surprise", "surprised!"), ("disgust", "neutral"), ("fear", "He looks fearful"), ("happy", "unhappy"),
    ("sad", "angry"), ("neutral", "<think>angry</think>Neutral."), ("angry", "生气"),
]  # fmt: skip


def write(folder, rows, header="id,label,prediction", name="answers.csv"):
    path = folder / name
    lines = [",".join([str(n), *(f'"{cell}"' for cell in row)]) for n, row in enumerate(rows)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def values(part):
    return {one.metric: one.value for one in part.scores}


def test_figures_are_those_of_scikit_learn(tmp_path):
    result = score("emotion-qwen", write(tmp_path, ROWS), rounds=0)
    truth = [label for label, _ in ROWS]
    said = ["happy", "x", "happy", "x", "surprise", "neutral", "fear", "x", "angry", "neutral", "angry"]
    found, labels = values(result.parts[0]), sorted(set(truth))
    assert found["uar"] == pytest.approx(recall_score(truth, said, labels=labels, average="macro", zero_division=0))
    expected = f1_score(truth, said, labels=labels, average="weighted", zero_division=0)
    assert found["weighted_f1"] == pytest.approx(expected)
    assert result.settings["edition"] == "dfew"
    assert found["accuracy"] == result.overall[0].value


def test_floors_stand_beside(tmp_path):
    floors = score("emotion-qwen", write(tmp_path, ROWS), rounds=0).parts[0].floors
    assert floors["majority"][1].value == pytest.approx(1 / 7)
    assert floors["names every label"][0].value == 0
    published = score("emotion-qwen", write(tmp_path, ROWS), rounds=0, replicate="emotion-qwen").parts[0].floors
    assert published["names every label"][0].value == 1


def test_published_scripts_call_three_things_uar(tmp_path):
    path = write(tmp_path, ROWS)
    own = values(score("emotion-qwen", path, rounds=0, replicate="emotion-qwen").parts[0])
    base = values(score("emotion-qwen", path, rounds=0, replicate="emotion-qwen-baselines").parts[0])
    assert own["accuracy"] == base["accuracy"]
    assert base["macro_recall"] == pytest.approx(base["accuracy"] / 2)
    truth = [label for label, _ in ROWS]
    right = [label if label in answer.lower() else "none" for label, answer in ROWS]
    assert own["macro_recall"] == pytest.approx(recall_score(truth, right, average="macro", zero_division=0))


def test_an_empty_answer_is_right_on_worried_clips_as_published(tmp_path):
    path = write(tmp_path, [("worried", ""), ("sad", "sad")])
    assert values(score("emotion-qwen", path, rounds=0).parts[0])["accuracy"] == 0.5
    published = score("emotion-qwen", path, rounds=0, replicate="emotion-qwen").parts[0]
    assert values(published)["accuracy"] == 1
    assert published.floors["empty"][1].value == 0.5


def test_every_unexpected_word_is_a_class_in_the_relatives_script(tmp_path):
    path = write(tmp_path, [("happy", "happy"), ("happy", "excited"), ("sad", "sad"), ("angry", "angry")])
    published = values(score("emotion-qwen", path, edition="dfew", replicate="humanomni", rounds=0).parts[0])
    assert published["macro_recall"] == pytest.approx((0.5 + 1 + 1 + 0) / 4)


def test_uar_with_classes_never_predicted_never_referenced_and_unreadable(tmp_path):
    path = write(tmp_path, [("happy", "happy"), ("sad", "happy"), ("happy", "fear"), ("sad", "?")])
    found = values(score("emotion-qwen", path, edition="dfew", rounds=0).parts[0])
    assert found["uar"] == 0.25
    skipped = values(score("emotion-qwen", path, edition="dfew", rounds=0, unreadable="skip").parts[0])
    assert skipped["accuracy"] == pytest.approx(1 / 3)


def test_folds_and_their_mean(tmp_path):
    rows = [("happy", "happy", "1"), ("sad", "happy", "1"), ("sad", "sad", "2")]
    result = score("emotion-qwen", write(tmp_path, rows, "id,label,prediction,fold"), edition="dfew", rounds=0)
    found = {part.name: values(part)["accuracy"] for part in result.parts}
    assert found == pytest.approx(
        {"dfew": 2 / 3, "dfew, fold 1": 0.5, "dfew, fold 2": 1, "dfew, mean over folds": 0.75}
    )


def test_readers_side_by_side(tmp_path):
    result = score("emotion-qwen", write(tmp_path, ROWS), rounds=0, readers="all")
    shown = [part.name for part in result.parts]
    names = ["default", "whole-word", "last-alphabetical", "reference-substring", "list + wheels"]
    assert shown == ["dfew", *(f"dfew, reader {name}" for name in names)]
    assert any("whole-word reader reads" in text for text in result.warnings)


def test_published_ids_and_several_data_sets(tmp_path):
    rows = [
        ("1", "happy", "dfew"),
        ("7", "afraid", "dfew"),
        ("worried", "worried", "mer2024"),
        ("contempt", "scorn", "mafw"),
    ]
    result = score("emotion-qwen", write(tmp_path, rows, "id,label,prediction,dataset"), rounds=0)
    assert {part.name: values(part)["accuracy"] for part in result.parts} == {"dfew": 1, "mer2024": 1, "mafw": 0}


def test_everything_is_told(tmp_path):
    result = score("emotion-qwen", write(tmp_path, [*ROWS, ("sad", "<think>sad")]), rounds=0, keep=True)
    told = "\n".join(result.warnings)
    for words in (
        "name no label",
        "name several labels",
        "answers are empty",
        "never closed",
        "which of the five folds",
    ):
        assert words in told
    assert result.parts[0].readings[1].read == ("sad", "angry")


def test_wrong_labels_and_requests(tmp_path):
    path = write(tmp_path, [("bored", "bored")])
    with pytest.raises(DataError, match="belong to no label set; allowed: happy, sad"):
        score("emotion-qwen", path)
    with pytest.raises(DataError, match="dfew has no label 'bored'"):
        score("emotion-qwen", path, edition="dfew")
    with pytest.raises(RequestError, match="dfew, mer2024, mafw"):
        score("emotion-qwen", path, edition="afew")
    with pytest.raises(RequestError, match="emotion-qwen, emotion-qwen-baselines, humanomni"):
        score("emotion-qwen", path, replicate="qwen")
    with pytest.raises(RequestError, match="data set of the rules"):
        score("emotion-qwen", write(tmp_path, [("contempt", "x")]), replicate="emotion-qwen")
    with pytest.raises(RequestError, match="dfew, mer2024, mafw"):
        closed_set("x")


@pytest.mark.parametrize("name", CLOSED_SETS)
def test_labels_round_trip(name):
    known = closed_set(name)
    assert [known.label(label) for label in known.labels] == list(known.labels)
