"""MER-UniBench and EMER from files to result: every released form, floors beside scores, bad files in one line."""

import csv
import json
import math
import zipfile

import numpy as np
import pytest

from mien.errors import DataError, InputError, RequestError
from mien.metrics import evaluate
from mien.scoring.benchmarks import score
from mien.scoring.openset import mean_figure, overlap

FIVE = ["happy", "angry", "sad", "worried", "surprise"]
ANSWERS = [
    ("a", "He is not happy, he is sad and lonely."),
    ("b", "[angry, 'frustrated']"),
    ("c", "unable to tell"),
    ("d", "She looks joyful."),
    ("e", ""),
]
TRUTH = [("a", ["sad"]), ("b", ["angry", "annoyed"]), ("c", ["worried"]), ("d", ["happy"]), ("e", ["neutral"])]


@pytest.fixture
def files(tmp_path):
    """Write rows of dicts to a .jsonl or .csv and give the path."""

    def write(name, rows):
        path = tmp_path / name
        if path.suffix == ".csv":
            with path.open("w", newline="", encoding="utf-8") as stream:
                table = csv.DictWriter(stream, list(rows[0]))
                table.writeheader()
                table.writerows(rows)
        else:
            path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def pair(files):
    answers = files("answers.jsonl", [{"id": key, "answer": text} for key, text in ANSWERS])
    truth = files("truth.csv", [{"name": key, "openset": str(labels)} for key, labels in TRUTH])
    return answers, truth


def values(part):
    return {one.metric: one.value for one in part.scores}


def test_open_vocabulary_from_free_text(pair):
    result = score("mer-unibench", *pair, rounds=50, keep=True)
    (part,) = result.parts
    read = [["sad", "lonely"], ["angry", "frustrated"], [], ["joyful"], []]
    wanted = mean_figure(overlap([labels for _, labels in TRUTH], read), "level1")
    assert values(part)["openset_f"] == pytest.approx(wanted.fscore)
    assert set(part.floors) == {"majority", "five basic words", "constant", "names every label"}
    assert part.scores[0].interval and set(part.scores[0].per_class) == {f"wheel{n}" for n in range(1, 6)}
    assert "scored of 5 per wheel 1: 4" in part.scores[0].note
    readings = {one.id: one for one in part.readings}
    assert readings["a"].read == ("sad", "lonely") and any("negated" in line for line in readings["a"].why)
    assert readings["e"].credit is None and any("not scored" in line for line in readings["e"].why)
    assert any("no emotion word could be read from 2 of 5" in line for line in result.warnings)
    assert any("best constant answer found" in line for line in result.warnings)
    assert result.settings["edition"] == "2026" and "offline" in result.process


def test_shared_resamples_give_the_intervals_of_evaluate(pair):
    (part,) = score("mer-unibench", *pair, rounds=200, seed=5).parts
    truth = [labels for _, labels in TRUTH]
    read = [["sad", "lonely"], ["angry", "frustrated"], [], ["joyful"], []]
    for one in part.scores[:4]:
        alone = evaluate(one.metric, truth, read, rounds=200, rng=5)
        assert one.interval == alone.interval and one.per_class_interval == alone.per_class_interval


def test_a_second_run_is_the_same_to_the_byte(pair):
    first, second = (score("mer-unibench", *pair, rounds=50, keep=True).to_json() for _ in range(2))
    assert first == second


def test_skip_leaves_unreadable_answers_out(pair):
    wrong, skipped = (score("mer-unibench", *pair, rounds=0, unreadable=how).parts[0] for how in ("wrong", "skip"))
    assert values(skipped)["openset_recall"] > values(wrong)["openset_recall"]
    assert skipped.scores[0].n == 3


def test_readers_side_by_side(pair):
    result = score("mer-unibench", *pair, rounds=0, readers="all")
    by_name = {part.name: values(part)["openset_f"] for part in result.parts}
    assert by_name["data"] == by_name["data, reader lexicon"] != by_name["data, reader list"]
    changed = next(part for part in result.parts if part.name == "data, reader list").scores[0].note
    assert changed.startswith("reads 3 of 5 answers differently")


def test_several_data_sets_in_one_file(files):
    rows = [
        *({"dataset": "MER2023", "id": str(n), "label": label} for n, label in enumerate(FIVE)),
        *({"dataset": "mosi", "id": str(n), "label": value} for n, value in enumerate((2.0, -1.0, 0.0, 0.4))),
        *({"dataset": "OV-MERD+", "id": str(n), "label": [label]} for n, label in enumerate(FIVE)),
    ]
    said = [
        *({"dataset": "mer 2023", "id": str(n), "answer": FIVE} for n in range(5)),
        *(
            {"dataset": "MOSI", "id": str(n), "answer": word}
            for n, word in enumerate(("Positive", "sad, angry", "x", 0.7))
        ),
        *({"dataset": "OV-MERD+", "id": str(n), "answer": [label]} for n, label in enumerate(FIVE)),
    ]
    result = score("mer-unibench", files("p.jsonl", said), files("r.jsonl", rows), rounds=50)
    parts = {part.name: values(part) for part in result.parts}
    assert parts["MER2023"]["hit_rate"] == 1.0 and parts["MER2023"]["mscore"] < 0.5
    assert parts["CMU-MOSI"]["waf"] == 1.0 and parts["OV-MERD+"]["openset_f"] == 1.0
    assert result.overall[0].value == 1.0 and "not the published mean of nine" in result.overall[0].note
    assert any("MER2023: 5 samples, while the published split has 411" in line for line in result.warnings)


def test_naming_everything_is_a_floor_of_the_hit_rate(files):
    rows = [{"id": str(n), "emotion": label, "answer": "happy"} for n, label in enumerate([*FIVE, "neutral"])]
    part = score("mer-unibench", files("both.jsonl", rows), rounds=0, readers="all").parts[0]
    floors = {name: {one.metric: one.value for one in scores} for name, scores in part.floors.items()}
    assert floors["names every label"]["hit_rate"] == 1.0 and floors["names every label"]["mscore"] < 0.3
    assert values(part)["labels_per_answer"] == 1.0


def test_all_references_neutral_gives_no_figure_and_says_why(files):
    rows = [{"id": str(n), "emotion": "neutral", "answer": "neutral"} for n in range(3)]
    result = score("mer-unibench", files("both.jsonl", rows))
    assert math.isnan(result.parts[0].scores[0].value) and math.isnan(result.overall[0].value)
    assert any("no figure" in line for line in result.warnings)


def test_published_rules_by_name(pair):
    result = score("mer-unibench", *pair, rounds=0, replicate="affectgpt")
    assert result.settings["edition"] == "2025" and result.settings["reader"] == "list"
    track = score("mer-unibench", *pair, rounds=0, replicate="mer2025-track2").parts[0]
    level1, level2 = values(track)["openset_f"], values(track)["openset_f_level2"]
    assert values(track)["openset_f_both"] == pytest.approx((level1 + level2) / 2)
    with pytest.raises(RequestError, match="2025 tables"):
        score("mer-unibench", *pair, replicate="affectgpt", edition="2026")
    with pytest.raises(RequestError, match="allowed: affectgpt"):
        score("mer-unibench", *pair, replicate="gpt")


def test_a_missing_answer_counts_as_wrong_and_is_named(files, pair):
    some = files("some.jsonl", [{"id": key, "answer": text} for key, text in ANSWERS[:4] if key != "b"])
    whole, less = (score("mer-unibench", path, pair[1], rounds=0) for path in (pair[0], some))
    assert values(less.parts[0])["openset_f"] < values(whole.parts[0])["openset_f"]
    assert any("2 of 5 samples have no prediction" in line for line in less.warnings)
    skipped = score("mer-unibench", some, pair[1], rounds=0, unreadable="skip").parts[0]
    assert skipped.scores[0].n == 4


def test_a_missing_sentiment_counts_as_wrong(files):
    truth = files("mosi.jsonl", [{"id": "1", "score": 1.0}, {"id": "2", "score": -2.0}])
    part = score("mer-unibench", files("p.jsonl", [{"id": "1", "answer": "positive"}]), truth, rounds=0).parts[0]
    assert part.name == "CMU-MOSI" and values(part)["accuracy"] == 0.5


def test_the_archives_of_the_published_evaluation(tmp_path, pair):
    path = tmp_path / "epoch-openset.npz"
    np.savez_compressed(path, filenames=[key for key, _ in ANSWERS], fileitems=[text for _, text in ANSWERS])
    first, second = (values(score("mer-unibench", source, pair[1], rounds=0).parts[0]) for source in (path, pair[0]))
    assert first == second
    np.savez_compressed(path, name2reason=np.array({"a": "x"}, dtype=object))
    with pytest.raises(DataError, match="filenames and fileitems"):
        score("mer-unibench", path, pair[1])
    np.savez_compressed(path, filenames=np.array(["a"], dtype=object), fileitems=np.array(["x"], dtype=object))
    with pytest.raises(DataError, match="pickled"):
        score("mer-unibench", path, pair[1])
    path.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(InputError, match="archive"):
        score("mer-unibench", path, pair[1])


@pytest.mark.parametrize(
    ("truth", "word"),
    [
        ([{"id": "zz", "openset": "[sad]"}], "another data set"),
        ([{"id": "a", "openset": "[sad]"}, {"id": "a", "openset": "[sad]"}], "was there before, in row 1"),
        ([{"id": "a", "colour": "red"}], "no column for the label"),
    ],
)
def test_bad_references_are_one_clear_line(files, pair, truth, word):
    with pytest.raises(DataError, match=word):
        score("mer-unibench", pair[0], files("bad.jsonl", truth))


def test_a_sentiment_that_is_no_number_names_the_sample(files):
    truth = files("mosi.jsonl", [{"id": "1", "score": "x"}])
    with pytest.raises(DataError, match="sample '1'"):
        score("mer-unibench", files("p.jsonl", [{"id": "1", "answer": "positive"}]), truth)


# --- EMER ---


def test_emer_groups_offline_and_by_wheels(files):
    said = files("p.csv", [{"name": "1", "openset": "['joyful']"}, {"name": "2", "openset": "['sad', 'calm']"}])
    truth = files("r.csv", [{"name": "1", "openset": "['happy']"}, {"name": "2", "openset": "['sad']"}])
    result = score("emer", said, truth, rounds=20, keep=True)
    assert [part.name for part in result.parts] == ["set level", "wheels"]
    assert values(result.parts[0]) == {"set_average": 0.875, "set_accuracy": 0.75, "set_recall": 1.0}
    assert "names every label" in result.parts[0].floors and result.parts[0].readings[0].credit == 1.0
    assert "wheel2 level1" in result.process


def test_emer_with_the_groups_that_were_released(tmp_path, files):
    said = files("p.csv", [{"name": name, "openset": "['joy']"} for name in "ab"])
    truth = files("r.csv", [{"name": name, "openset": "['Happy']"} for name in "ab"])
    folder = tmp_path / "openset-synonym"
    folder.mkdir()
    np.save(folder / "a.npy", "[['happy','joy']]")
    official = score("emer", said, truth, rounds=0, replicate="mer2024-ov")
    assert values(official.parts[0])["set_average"] == 1.0 and official.parts[0].scores[0].n == 1
    assert any("1 of 2 samples have no groups" in line and "left out" in line for line in official.warnings)
    assert values(score("emer", said, truth, rounds=0).parts[0])["set_average"] == 0.5
    with zipfile.ZipFile(tmp_path / "openset-synonym.zip", "w") as archive:
        archive.write(folder / "a.npy", "openset-synonym/a.npy")
    (folder / "a.npy").unlink()
    folder.rmdir()
    assert values(score("emer", said, truth, rounds=0, replicate="mer2024-ov").parts[0])["set_average"] == 1.0


def test_emer_needs_groups_to_be_replicated(files):
    rows = [{"name": "1", "openset": "['sad']", "answer": "sad"}]
    with pytest.raises(DataError, match="needs groups of synonyms"):
        score("emer", files("p.jsonl", rows), replicate="mer2024-ov")


@pytest.mark.parametrize(
    "truth",
    [
        {"names": "1", "emotions": "sad", "subtitles": "Oh.", "reasons": "He frowns. His emotional state is sadness."},
        {"name": "1", "chinese": "她很难过。", "english": "She weeps and feels sad."},
        {"name": "1", "chinese": "她很难过。"},
    ],
)
def test_emer_descriptions_as_released(files, truth):
    said = files("p.csv", [{"names": "1", "reasons": "A sad man."}])
    result = score("emer", said, files("r.csv", [truth]), rounds=0)
    assert values(result.parts[0])["set_average"] == 1.0
    assert any("read from descriptions" in line for line in result.warnings)


def test_judged_scores_that_a_file_holds(files):
    rows = [
        {"id": str(n), "openset": ["sad"], "answer": "sad", "clue_score": reply}
        for n, reply in enumerate(("得分范围1-10，预测分数：7", "8/10", "no idea"))
    ]
    result = score("emer", files("p.jsonl", rows), rounds=0)
    judged = result.parts[-1]
    assert judged.name == "judged overlap" and values(judged) == {"clue_overlap": 7.5}
    assert any("1 of 3 replies hold no score" in line for line in result.warnings)
    assert values(score("emer", files("p.jsonl", rows), rounds=0, replicate="emer-v1").parts[-1]) == {
        "clue_overlap": 4.5
    }
