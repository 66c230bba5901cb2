"""Clips where face and voice agree or conflict: subsets, gap, drop, follow rates, both kinds of labels."""

import json

import pytest

from mien.errors import DataError, InputError, RequestError
from mien.scoring.benchmarks import score
from mien.scoring.ca_mer import score as run
from mien.scoring.ca_mer_clips import subset_named, subset_of
from mien.scoring.result import Options

HEADER = "id,video_label,audio_label,true_label,prediction,video_prediction,audio_prediction"
TWELVE = [
    "1,happy,sad,happy,happy,happy,sad", "2,happy,sad,sad,sad,happy,sad", "3,happy,happy,happy,joyful,happy,happy",
    "4,sad,angry,sad,angry,sad,angry", "5,sad,angry,angry,angry,sad,angry", "6,sad,sad,sad,sad,sad,sad",
    "7,angry,sad,happy,sad,angry,sad", "8,angry,happy,angry,angry,angry,happy", "9,neutral,angry,neutral,angry,neutral,angry",
    "10,neutral,angry,angry,angry,neutral,angry", "11,neutral,neutral,neutral,,neutral,neutral", "12,angry,angry,angry,angry,angry,angry",
]  # fmt: skip


def table(folder, lines=TWELVE, header=HEADER):
    path = folder / "clips.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def values(part):
    return {one.metric: one.value for one in part.scores}


def by_name(result):
    return {part.name: values(part) for part in result.parts}


def test_toy_table_of_twelve(tmp_path):
    result = score("ca-mer", table(tmp_path), rounds=200, keep=True)
    found = by_name(result)
    assert found["video-aligned"]["accuracy"] == 0.5
    assert found["audio-aligned"]["accuracy"] == 1
    assert found["consistent"]["accuracy"] == 0.75
    assert found["conflict"]["modality_gap"] == 0.5
    assert found["conflict"]["conflict_drop"] == 0
    assert found["conflict"]["follows_audio"] == pytest.approx(5 / 7)
    assert found["conflict"]["follows_video"] == pytest.approx(2 / 7)
    assert any(
        "1 clips whose label neither face nor voice carries are not scored: 7" in text for text in result.warnings
    )
    for one in result.parts[-1].scores:
        assert one.interval[0] <= one.value <= one.interval[1]
    assert not any(reading.id == "7" for part in result.parts for reading in part.readings)


def test_a_missing_subset_is_named_not_zero(tmp_path):
    lines = [line for line in TWELVE if line.split(",")[0] not in ("2", "5", "10")]
    result = score("ca-mer", table(tmp_path, lines), rounds=0)
    gap = result.parts[-1].scores[0]
    assert gap.value != gap.value and "no scored clips of audio-aligned" in gap.note
    assert any("no clips of the subset audio-aligned" in text for text in result.warnings)


def write(folder, name, rows):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def benchmark(tmp_path):
    reference, answers = tmp_path / "reference", tmp_path / "answers"
    texts = {
        "video_aligned": (["happy", "excited"], "He seems joyful."),
        "audio_aligned": (["angry"], "She is furious, not happy."),
        "consistent": (["sad"], "[sad, lonely]"),
    }
    for name, (labels, answer) in texts.items():
        write(reference, f"{name}.jsonl", [{"id": f"{name}{n}", "openset": labels} for n in range(2)])
        write(answers, f"{name}.jsonl", [{"id": f"{name}{n}", "prediction": answer} for n in range(2)])
    return answers, reference


def test_folders_of_three_files(tmp_path):
    answers, reference = benchmark(tmp_path)
    result = score("ca-mer", answers, reference, rounds=20)
    found = by_name(result)
    assert list(found) == ["video-aligned", "audio-aligned", "consistent", "conflict"]
    assert found["audio-aligned"]["openset_f"] > 0.5
    assert found["conflict"]["modality_gap"] == pytest.approx(
        found["audio-aligned"]["openset_f"] - found["video-aligned"]["openset_f"]
    )
    assert {"five words", "best constant"} <= set(result.parts[0].floors)
    (answers / "consistent.jsonl").unlink()
    assert any(
        "consistent: no file of answers" in text for text in score("ca-mer", answers, reference, rounds=0).warnings
    )


def test_replication_scores_sets_by_the_groups_given(tmp_path):
    rows = [
        {
            "id": "a",
            "subset": "visual-aligned",
            "openset": ["glad"],
            "groups": '[["glad", "merry"]]',
            "prediction": "[merry]",
        },
        {"id": "b", "subset": "audio", "openset": ["sad"], "groups": '[["sad"]]', "prediction": "[merry, sad]"},
    ]
    write(tmp_path, "rows.jsonl", rows)
    result = score("ca-mer", tmp_path / "rows.jsonl", rounds=0, replicate="ca-mer")
    found = by_name(result)
    assert found["video-aligned"]["set_average"] == 1
    assert found["audio-aligned"] == {"set_accuracy": 0.5, "set_recall": 1, "set_average": 0.75}
    assert "groups given" in result.process


def test_references_from_texts_are_said_to_be_extracted(tmp_path):
    write(
        tmp_path,
        "rows.jsonl",
        [{"id": "a", "subset": "consistent", "reasons": "He weeps and is sad.", "prediction": "sad"}],
    )
    result = score("ca-mer", tmp_path / "rows.jsonl", rounds=0)
    assert any("reference labels are read from texts by the lexicon" in text for text in result.warnings)
    assert len(result.settings["predictions"]) == 32


@pytest.mark.parametrize(
    ("text", "subset"),
    [
        ("video-aligned", "video-aligned"), ("CA-MER_visual_aligned", "video-aligned"), ("Audio Aligned", "audio-aligned"),
        ("consistent", "consistent"), ("neither", "neither"), ("inconsistent", None), ("train", None),
    ],
)  # fmt: skip
def test_names_of_subsets(text, subset):
    assert subset_named(text) == subset


def test_subsets_follow_from_three_labels():
    assert subset_of("joy", "sad", "happiness") == "video-aligned"
    assert subset_of("sad", "sad", "sad") == "consistent"
    assert subset_of("sad", "fear", "joy") == "neither"


def test_errors(tmp_path):
    with pytest.raises(DataError, match="the subset is 'train'; allowed: video-aligned, audio-aligned"):
        score("ca-mer", table(tmp_path, ["a,train,sad,sad"], "id,subset,label,prediction"))
    with pytest.raises(DataError, match="no column for the subset"):
        score("ca-mer", table(tmp_path, ["a,sad,sad"], "id,label,prediction"))
    with pytest.raises(DataError, match="no clip of a subset"):
        score("ca-mer", table(tmp_path, ["a,neither,sad,sad"], "id,subset,label,prediction"))
    with pytest.raises(InputError, match="named after a subset"):
        score("ca-mer", tmp_path)
    answers, _ = benchmark(tmp_path)
    with pytest.raises(RequestError, match="must be one too"):
        score("ca-mer", answers, table(tmp_path))
    with pytest.raises(RequestError, match="2025, 2026"):
        score("ca-mer", table(tmp_path), edition="1999")


TRUTH = "In clip {} the man looks away, and his voice trembles when he speaks."
ANSWER = "The person in clip {} turns away. The words come slowly."


def test_labels_are_extracted_from_references_and_answers_apart(tmp_path):
    rows = [
        {"id": f"{subset}{n}", "subset": subset, "reasons": TRUTH.format(n), "prediction": ANSWER.format(n)}
        for subset in ("video-aligned", "audio-aligned", "consistent")
        for n in range(2)
    ]
    write(tmp_path, "rows.jsonl", rows)
    calls = []

    def extract(texts):
        calls.append(list(texts))
        return [["sad"] if "0" in text else None for text in texts]

    def group(samples):
        return [[list(words)] for words in samples]

    options = Options(rounds=0, replicate="ca-mer", keep=True)
    result = run(tmp_path / "rows.jsonl", None, options, extract=extract, group=group)
    assert calls == [[text.format(n) for n in (0, 1)] * 3 for text in (TRUTH, ANSWER)]
    assert by_name(result)["consistent"]["set_average"] == 1
    assert result.parts[0].readings[1].credit is None
    assert any("3 of 6 references hold no label" in text for text in result.warnings)
