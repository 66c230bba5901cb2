import csv
import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from mien.errors import DataError, RequestError
from mien.scoring.benchmarks import score
from mien.scoring.views import read_views

EIGHT = ("Joy", "Saddness", "Anticipation", "Surprise", "Anger", "Fear", "Disgust", "Trust")
WORDS = ("今日は", "仕事", "電車", "友達", "映画", "学校", "ご飯", "猫")


def rows(size=400, emotions=EIGHT):
    """A toy of the released table: writers feel more than readers see; "まあいいけど" stands in hidden anger."""
    draw = np.random.default_rng(5)
    for at in range(size):
        row = {"Sentence": "。".join(draw.choice(WORDS, 3)), "UserID": f"u{at % 25}", "Datetime": "2020/1/1 0:00",
               "Train/Dev/Test": "train" if at < 300 else "test"}  # fmt: skip
        for name in emotions:
            writer = int(draw.integers(0, 4))
            readers = np.clip(writer - draw.integers(-1, 4, size=3), 0, 3)
            row |= {f"Writer_{name}": writer, f"Avg. Readers_{name}": int(np.rint(readers.mean()))}
            row |= {f"Reader{k + 1}_{name}": int(value) for k, value in enumerate(readers)}
            if name == "Anger" and writer - readers.mean() > 1 and draw.random() < 0.5:
                row["Sentence"] += "。まあいいけど"
        yield row


def write(path, table):
    table = list(table)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, table[0], delimiter="\t" if path.suffix == ".tsv" else ",")
        out.writeheader()
        out.writerows(table)
    return path


@pytest.fixture(scope="module")
def wrime(tmp_path_factory):
    return write(tmp_path_factory.mktemp("wrime") / "wrime.tsv", rows())


def part(result, name):
    return {one.metric: one for one in next(part for part in result.parts if part.name == name).scores}


@pytest.mark.parametrize("replicate", [None, "hidden-anger", "lstm-study"])
def test_shares_add_up_for_every_emotion_and_rule(wrime, replicate):
    found = part(score("writer-reader", wrime, rounds=0, replicate=replicate), "writers and readers")
    for name in found["hidden"].per_class:
        whole = sum(found[one].per_class[name] for one in ("hidden", "over_read", "agreed", "disputed") if one in found)
        assert whole == pytest.approx(1)
    assert list(found["gap"].per_class)[:2] == ["Joy", "Sadness"], "the header's Saddness is Sadness"
    assert ("disputed" in found) == (replicate == "lstm-study")


def test_the_released_average_is_rounded_and_gives_other_labels(wrime):
    exact = part(score("writer-reader", wrime, rounds=0), "writers and readers")
    rounded = part(score("writer-reader", wrime, rounds=0, replicate="hidden-anger"), "writers and readers")
    assert exact["hidden"].per_class["Anger"] != rounded["hidden"].per_class["Anger"]


def test_the_result_tells_rule_table_split_and_writers(wrime):
    result = score("writer-reader", wrime, rounds=50)
    told = result.settings
    assert (told["rule"], told["table"], told["writers"]) == ("gap_gt1_exact", "WRIME v1", 25)
    assert told["split"] == ["train 300", "test 100"]
    assert part(result, "writers and readers")["hidden"].interval is not None
    first = part(result, "Anger: expressions")["z"]
    assert next(iter(first.per_class)) in "まあいいけど"
    assert "angry" not in result.to_text(explain=True)


def test_a_detector_is_scored_as_scikit_learn_does_and_its_texts_are_mined(wrime, tmp_path):
    table = list(rows())
    gold = [row["Writer_Anger"] - np.mean([row[f"Reader{k}_Anger"] for k in (1, 2, 3)]) > 1 for row in table]
    scores = np.random.default_rng(0).random(400) * 0.5 + 0.4 * np.array(["まあ" in row["Sentence"] for row in table])
    given = write(tmp_path / "scores.csv", ({"score_Anger": value} for value in scores))
    result = score("writer-reader", given, wrime, rounds=0)
    found = part(result, "Anger: detector")
    assert found["roc_auc"].value == pytest.approx(roc_auc_score(gold, scores))
    assert found["average_precision"].value == pytest.approx(average_precision_score(gold, scores))
    assert found["prevalence"].value == pytest.approx(np.mean(gold))
    assert result.settings["expressions"].startswith("of detected texts")
    floors = next(part for part in result.parts if part.name == "Anger: detector").floors["by chance"]
    assert [one.value for one in floors] == [0.5, pytest.approx(np.mean(gold))]


def test_scores_of_some_texts_only_are_counted(tmp_path):
    table = [{"id": f"t{at}", **row} for at, row in enumerate(rows(60, ("Anger",)))]
    reference = write(tmp_path / "table.csv", table)
    given = write(tmp_path / "scores.csv", [{"id": f"t{at}", "probability": at / 60} for at in range(10, 70)])
    result = score("writer-reader", given, reference, rounds=0)
    assert part(result, "Anger: detector")["roc_auc"].n == 50
    assert any("10 of 60 texts have no score" in text for text in result.warnings)
    assert any("10 predictions have ids that the reference lacks" in text for text in result.warnings)


def test_numbers_with_fractions_and_english_columns(tmp_path):
    path = tmp_path / "bank.jsonl"
    lines = [
        {"id": at, "text": "so it goes", "writer_V": 3 + at % 3, "reader_V": 2.6, "reader_n": 5, "writer_n": 5}
        for at in range(9)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    found = part(score("writer-reader", path, rounds=0), "writers and readers")
    assert found["gap"].per_class == {"V": pytest.approx(1.4)}
    assert found["hidden"].value == pytest.approx(2 / 3)


def test_versions_are_told_apart(tmp_path):
    assert read_views(write(tmp_path / "v1.tsv", rows(5))).edition == "WRIME v1"
    assert read_views(write(tmp_path / "v2.tsv", rows(5, (*EIGHT, "Sentiment")))).edition == "WRIME v2"
    assert read_views(write(tmp_path / "own.tsv", rows(5, ("Anger",)))).edition == ""


def test_readings_show_both_sides(wrime):
    readings = score("writer-reader", wrime, rounds=0, keep=True).parts[0].readings
    assert readings
    assert all("writer" in line and "readers" in line for line in readings[0].why)


@pytest.mark.parametrize(
    ("change", "row", "words"),
    [
        ({"Writer_Anger": ""}, 3, "'Writer_Anger' is empty"),
        ({"Reader2_Anger": "much"}, 3, "'Reader2_Anger' is 'much'"),
        ({"Reader2_Anger": "nan"}, 3, "'Reader2_Anger' is 'nan'"),
        ({"UserID": " "}, 3, "the writer"),
        ({"id": "t0"}, 3, "'t0' was there before, in row 1"),
        ({"id": ""}, 3, "the id"),
    ],
)
def test_wrong_cells_are_named_with_their_row(tmp_path, change, row, words):
    table = [{"id": f"t{at}", **one} for at, one in enumerate(rows(5, ("Anger",)))]
    table[2] |= change
    with pytest.raises(DataError, match=f"row {row}.*{words}"):
        score("writer-reader", write(tmp_path / "table.csv", table))


def test_other_tables_are_refused(tmp_path, wrime):
    wrong = write(tmp_path / "wrong.csv", [{"id": 1, "label": "joy"}])
    with pytest.raises(DataError, match=r"no emotion with both sides.*needed: Writer_<emotion>"):
        score("writer-reader", wrong)
    with pytest.raises(DataError, match=r"no column of scores.*allowed.*Anger"):
        score("writer-reader", wrong, wrime)
    with pytest.raises(DataError, match=r"3 rows, but .* has 400"):
        score("writer-reader", write(tmp_path / "few.csv", [{"score_Anger": 1}] * 3), wrime)
    table = write(tmp_path / "ids.csv", [{"id": f"t{at}", **one} for at, one in enumerate(rows(5, ("Anger",)))])
    with pytest.raises(DataError, match="none of its 1 ids"):
        score("writer-reader", write(tmp_path / "other.csv", [{"id": "x", "score": 1}]), table)
    with pytest.raises(DataError, match="no id column"):
        score("writer-reader", write(tmp_path / "noid.csv", [{"score": 1}]), table)


@pytest.mark.parametrize("options", [{"replicate": "best"}, {"edition": "2025"}, {"judge": "command:true"}])
def test_options_that_mean_nothing_here_are_refused(wrime, options):
    with pytest.raises(RequestError):
        score("writer-reader", wrime, **options)
