"""Adapters of speech, text, dialogue and one's own folder, on small copies of each layout."""

from __future__ import annotations

import csv
import importlib.util
import wave

import numpy as np
import pytest

from mien.errors import DataError, InputError, MienError, RequestError
from mien.research.datasets import ADAPTERS, FACTS, adapter, facts, load, options_of, recognise
from mien.research.datasets.audit import audit


def clip(path, seconds=0.2, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    values = (np.random.default_rng(seed).normal(size=int(16000 * seconds)) * 3000).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(values.tobytes())


def table(path, header, rows, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows([header, *rows] if header else rows)


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_every_adapter_tells_what_a_person_needs(name):
    told = facts(name)
    assert told[""] and all(told.get(heading) for heading in FACTS)
    assert adapter(name).SIGNS
    for option in options_of(name):
        assert option in told["Options"], f"{option} is not told"


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_nothing_there_and_an_empty_folder_give_one_line(name, tmp_path):
    with pytest.raises(InputError, match=f"describe {name}"):
        load(name, tmp_path / "none")
    with pytest.raises(MienError) as caught:
        load(name, tmp_path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) > 20


def test_names_and_options_that_are_not_there(tmp_path):
    with pytest.raises(RequestError, match="emodb, ravdess"):
        load("emo", tmp_path)
    with pytest.raises(RequestError, match="no option 'vote'; it has: votes"):
        load("emodb", tmp_path, vote="yes")
    with pytest.raises(RequestError, match="is no bool"):
        load("emodb", tmp_path, votes="perhaps")


def test_emodb(tmp_path):
    for name in ("03a01Fa", "03a01Wa", "12b02Nb", "16a05Ta", "readme"):
        clip(tmp_path / "wav" / f"{name}.wav")
    (tmp_path / "erkennung.txt").write_text(
        "Nr.\tSatz\terkannt\tnatuerlich\n1\t03a01Fa.wav\t85,00\t35,00\n", encoding="latin-1"
    )
    data = load("emodb", tmp_path)
    assert recognise(tmp_path) == "emodb"
    assert [(one.id, one.group, data.space.labels[one.target]) for one in data.samples] == [
        ("03a01Fa", "03", "happiness"),
        ("03a01Wa", "03", "anger"),
        ("12b02Nb", "12", "neutral"),
        ("16a05Ta", "16", "sadness"),
    ]
    assert data.parts == {"train": (0, 1), "valid": (2,), "test": (3,)}
    assert "readme.wav" in data.notes[0] and data.samples[0].clips["audio"].path.endswith("03a01Fa.wav")
    assert data.notes[1] == "4 clips are here, 535 in the release"
    assert load("emodb", tmp_path, votes="true").samples[0].votes[4] == pytest.approx(0.85)
    (tmp_path / "wav" / "12b02Nb.wav").rename(tmp_path / "wav" / "12b02Nb.WAV")
    clip(tmp_path / "again" / "16a05Ta.wav")
    twice = load("emodb", tmp_path)
    assert [one.id for one in twice.samples] == [one.id for one in data.samples]
    assert "1 files lie here twice, such as 16a05Ta.wav" in twice.notes
    clip(tmp_path / "again" / "16a05Ta.wav", seed=1)
    with pytest.raises(DataError, match=r"wav.16a05Ta\.wav: is another clip than .*again.16a05Ta\.wav; keep one"):
        load("emodb", tmp_path)


def test_ravdess_keeps_song_and_picture_apart(tmp_path):
    for name in ("03-01-05-02-01-01-24.wav", "03-02-05-02-01-01-24.wav", "03-01-01-01-02-02-01.wav"):
        clip(tmp_path / "Actor_24" / name)
    (tmp_path / "01-01-06-01-01-01-20.mp4").write_bytes(b"")
    data = load("ravdess", tmp_path)
    labels = {one.id: (one.group, data.space.labels[one.target], sorted(one.clips)) for one in data.samples}
    assert labels == {
        "03-01-05-02-01-01-24": ("24", "angry", ["audio"]),
        "03-01-01-01-02-02-01": ("01", "neutral", ["audio"]),
        "01-01-06-01-01-01-20": ("20", "fearful", ["audio", "face"]),
    }
    assert "1 files are songs (song=true reads them) and are left out, such as 03-02-05" in data.notes[0]
    assert len(load("ravdess", tmp_path, song=True).samples) == 4


def test_nemo_strips_speakers_and_names_a_wrong_label(tmp_path):
    head = ["file_id", "emotion", "raw_text", "normalized_text", "speaker_id", "gender", "age"]
    rows = [["WR0_fear_1.wav", "fear", 'Ala "ma kota', "x", "     WR0", "male", "23"]]
    table(tmp_path / "data.tsv", head, rows, "\t")
    (tmp_path / "data.tsv").write_text("\t".join(head) + "\n" + "\t".join(rows[0]) + "\n", encoding="utf-8")
    (tmp_path / "samples").mkdir()
    data = load("nemo", tmp_path)
    assert data.samples[0].speaker == "WR0" and data.samples[0].words == 'Ala "ma kota'
    (tmp_path / "data.tsv").write_text("\t".join(head) + "\nA\tjoy\tx\tx\tWR0\tmale\t1\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 2: label 'joy' is none of: anger, fear"):
        load("nemo", tmp_path)


def test_crema_d_intended_and_perceived(tmp_path):
    for name in ("1001_DFA_ANG_XX", "1002_DFA_SAD_LO", "1009_IEO_HAP_HI"):
        clip(tmp_path / "AudioWAV" / f"{name}.wav")
    head = ["", "A", "D", "F", "H", "N", "S", "fileName", "numResponses"]
    rows = [
        ["300001", 0, 0, 0, 1, 9, 0, "1001_DFA_ANG_XX", 10],
        ["300002", 2, 0, 0, 0, 2, 0, "1002_DFA_SAD_LO", 4],
        ["100001", 9, 0, 0, 0, 0, 0, "1001_DFA_ANG_XX", 9],
        ["300003", 0, 0, 0, 5, 0, 0, "1009_IEO_HAP_HI", 5],
    ]
    table(tmp_path / "processedResults" / "tabulatedVotes.csv", head, rows)
    data = load("crema-d", tmp_path)
    assert [data.space.labels[one.target] for one in data.samples] == ["angry", "sad", "happy"]
    assert data.samples[0].votes.tolist() == [0, 0, 0, 0, 9, 1]
    seen = load("crema-d", tmp_path, label="perceived")
    assert [(one.id[:4], seen.space.labels[one.target]) for one in seen.samples] == [
        ("1001", "neutral"),
        ("1009", "happy"),
    ]
    assert seen.notes == (
        "label perceived from audiovisual",
        "1 files have no votes from audiovisual or votes that tie and are left out, such as 1002_DFA_SAD_LO.wav",
    )
    heard = load("crema-d", tmp_path, label="perceived", shown="voice")
    assert [heard.space.labels[one.target] for one in heard.samples] == ["angry"]
    votes = load("crema-d-votes", tmp_path / "processedResults")
    assert [one.id for one in votes.samples] == ["1001_DFA_ANG_XX", "1009_IEO_HAP_HI"]
    assert set(votes.samples[0].features) == {"audio"} and votes.samples[0].labels == {"audio": 0}
    assert set(votes.samples[1].features) == set()


MELD = ["Sr No.", "Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID"]


def test_meld_parts_dialogues_and_old_quotes(tmp_path):
    table(tmp_path / "train_sent_emo.csv", MELD, [[1, "You\x92re late, no?", "Joey", "joy", "positive", 0, 0]])
    table(
        tmp_path / "dev_sent_emo.csv",
        MELD,
        [[1, "Hi", "Joey", "neutral", "neutral", 0, 0], [2, "Oh", "Ross", "anger", "negative", 0, 1]],
    )
    (tmp_path / "dev_splits_complete").mkdir()
    data = load("meld", tmp_path)
    assert recognise(tmp_path) == "meld"
    assert [one.group for one in data.samples] == ["train_0", "valid_0", "valid_0"]
    assert data.samples[0].words == "You’re late, no?" and data.samples[2].place == 1
    assert data.samples[1].clips["face"].path.endswith("dia0_utt0.mp4") and not data.samples[0].clips
    assert data.notes == ("the test part is not there",)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev_splits_complete").rename(tmp_path / "dev" / "dev_splits_complete")
    assert "face" in load("meld", tmp_path).samples[1].clips, "as MELD.Raw lies when each part is unpacked in its place"
    assert load("meld", tmp_path, label="sentiment").samples[2].target == 0
    with pytest.raises(RequestError, match="emotion, sentiment"):
        load("meld", tmp_path, label="feeling")
    table(tmp_path / "train_sent_emo.csv", MELD, [[1, "Hi", "Joey", "glee", "positive", 0, 0]])
    with pytest.raises(DataError, match="row 2: label 'glee' is none of: anger, joy"):
        load("meld", tmp_path)


def test_emorynlp(tmp_path):
    head = [
        "Utterance",
        "Speaker",
        "Emotion",
        "Scene_ID",
        "Utterance_ID",
        "Season",
        "Episode",
        "Start_Time",
        "End_Time",
    ]
    table(
        tmp_path / "emorynlp_train_final.csv",
        head,
        [["Hey", "['Joey', \"Mrs. O'Neil\"]", "Joyful", 1, 2, 1, 15, "", ""]],
    )
    one = load("emorynlp", tmp_path).samples[0]
    assert (one.group, one.speaker, one.target, one.place) == ("s01e15c01", "Joey and Mrs. O'Neil", 1, 2)


def test_goemotions_reads_lone_quotes_and_drops_repeats_when_asked(tmp_path):
    (tmp_path / "train.tsv").write_text('say "what\t0,27\ta\nSame here\t3\tb\n', encoding="utf-8")
    (tmp_path / "test.tsv").write_text("same  HERE\t3\tc\n", encoding="utf-8")
    data = load("goemotions", tmp_path)
    assert data.samples[0].words == 'say "what' and np.flatnonzero(data.samples[0].target).tolist() == [0, 27]
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 2, "test": 1}
    assert [one.id for one in load("goemotions", tmp_path, repeats="drop").samples] == ["a", "c"]
    (tmp_path / "train.tsv").write_text("x\t28\ta\n", encoding="utf-8")
    with pytest.raises(DataError, match="0 to 27"):
        load("goemotions", tmp_path)


def test_brighter_gives_only_the_classes_a_language_was_asked_for(tmp_path):
    head = ["id", "text", "Anger", "Disgust", "Fear", "Joy", "Sadness", "Surprise"]
    table(tmp_path / "track_a" / "train" / "deu.csv", head, [["d1", "so", 1, 0, 0, 0, 1, 0]])
    table(tmp_path / "track_a" / "train" / "eng.csv", [*head[:3], *head[4:]], [["e1", "so", 1, 0, 0, 1, 0]])
    both = load("brighter", tmp_path)
    assert [one.id for one in both.samples] == ["d1"] and any("eng" in note for note in both.notes)
    english = load("brighter", tmp_path, language="eng")
    assert english.space.labels == ("anger", "fear", "joy", "sadness", "surprise")
    assert english.samples[0].target.tolist() == [1, 0, 0, 1, 0]
    with pytest.raises(RequestError, match="deu, eng"):
        load("brighter", tmp_path, language="xyz")
    (tmp_path / "track_a" / "train" / "deu.csv").unlink()
    with pytest.raises(RequestError, match="no language here was asked for all six; give language, one of: eng"):
        load("brighter", tmp_path)


def test_brighter_takes_the_english_test_labels_from_track_b(tmp_path):
    head = ["id", "text", "anger", "fear", "joy", "sadness", "surprise"]
    table(tmp_path / "track_a" / "train" / "eng.csv", head, [["e1", "so", 1, 0, 0, 1, 0]])
    table(tmp_path / "track_a" / "test" / "eng.csv", head, [["t1", "no", *[""] * 5], ["t2", "yes", *[""] * 5]])
    without = load("brighter", tmp_path, language="eng")
    assert set(without.parts) == {"train"} and "2 rows without any label are left out" in without.notes
    gold = tmp_path / "track_b" / "test" / "eng.csv"
    table(gold, head, [["b1", "no", 0, 3, 0, 0, 1], ["b2", "yes", 0, 0, 2, 0, 0]])
    data = load("brighter", tmp_path, language="eng")
    assert [one.id for one in data.samples] == ["e1", "t1", "t2"] and data.parts["test"] == (1, 2)
    assert [one.target.tolist() for one in data.samples[1:]] == [[0, 1, 0, 0, 1], [0, 0, 1, 0, 0]]
    table(gold, head, [["b1", "no", 0, 3, 0, 0, 1], ["b2", "else", 0, 0, 2, 0, 0]])
    with pytest.raises(DataError, match="has other texts than"):
        load("brighter", tmp_path, language="eng")


def test_mahaemotions_has_two_variants_and_clean_labels(tmp_path):
    rows = [["एक", "sadness"], ["दोन", "Happiness "], ["तीन", "Sarcasm"]]
    table(
        tmp_path / "anger-disgust-separate" / "test.csv",
        ["Tweet", "Label", "", ""],
        [[*r, "", ""] for r in [*rows, ["चार", "Anger"]]],
    )
    table(tmp_path / "test.csv", ["Tweet", "Label"], [*rows, ["चार", "Anger/Disgust"]])
    eleven, ten = load("mahaemotions", tmp_path), load("mahaemotions", tmp_path, variant="10")
    assert len(eleven.space.labels) == 11 and len(ten.space.labels) == 10
    assert [eleven.space.labels[one.target] for one in eleven.samples] == ["Sadness", "Happiness", "Sarcasm", "Anger"]
    assert ten.space.labels[ten.samples[3].target] == "Anger/Disgust"
    table(tmp_path / "test.csv", ["Tweet", "Label"], [["एक", "Joy"]])
    with pytest.raises(DataError, match="row 2: label 'Joy'"):
        load("mahaemotions", tmp_path, variant="10")


def test_mahaemotions_drops_texts_of_a_later_part(tmp_path):
    folder = tmp_path / "anger-disgust-separate"
    table(folder / "train.csv", ["Tweet", "Label"], [["अ", "Fear"], ["ब", "Fear"]])
    table(folder / "test.csv", ["Tweet", "Label"], [["ब", "Fear"]])
    assert len(load("mahaemotions", tmp_path).samples) == 3
    assert [one.id for one in load("mahaemotions", tmp_path, repeats="drop").samples] == ["train-2", "test-2"]


def test_ferplus_majority_and_pixels(tmp_path):
    head = [
        "Usage",
        "Image name",
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
        "unknown",
        "NF",
    ]
    rows = [
        ["Training", "a", 8, 1, 1, 0, 0, 0, 0, 0, 0, 0],
        ["Training", "b", 4, 4, 2, 0, 0, 0, 0, 0, 0, 0],
        ["PublicTest", "c", 0, 1, 0, 0, 6, 0, 0, 1, 1, 1],
    ]
    table(tmp_path / "fer2013new.csv", head, rows)
    bare = load("ferplus", tmp_path)
    assert [(one.id, bare.space.labels[one.target]) for one in bare.samples] == [
        ("00002", "neutral"),
        ("00004", "anger"),
    ]
    assert any("1 pictures without a majority" in note for note in bare.notes)
    assert any("no pictures" in note for note in bare.notes) and bare.parts == {"train": (0,), "valid": (1,)}
    pixels = " ".join(str(i % 256) for i in range(48 * 48))
    table(tmp_path / "fer2013.csv", ["emotion", "pixels", "Usage"], [[0, pixels, "Training"]] * 3)
    from mien.research.encoders.material import picture

    dropped = load("ferplus", tmp_path)
    assert [one.id for one in dropped.samples] == ["00004"], "all three are one picture, and the last part keeps it"
    assert any("2 pictures that also stand in a later part" in note for note in dropped.notes)
    assert picture(dropped.samples[0].clips["face"])[0, :3].tolist() == [0, 1, 2]
    kept = load("ferplus", tmp_path, repeats="keep")
    assert len(kept.samples) == 2 and "repeated-files" in {one.code for one in audit(kept).refused}
    table(tmp_path / "fer2013.csv", ["emotion", "pixels", "Usage"], [[0, pixels, "Training"]] * 2)
    with pytest.raises(DataError, match="paired by row"):
        load("ferplus", tmp_path)


def test_a_folder_of_ones_own(tmp_path):
    clip(tmp_path / "a.wav")
    np.save(tmp_path / "a.npy", np.ones(4))
    head = ["file", "label", "text", "speaker", "split", "start", "end", "text_features"]
    rows = [
        ["a.wav", "joy", "so glad", "P1", "train", "0", "0.1", "a.npy"],
        ["a.wav", "sad", "", "P1", "train", "0.1", "0.2", ""],
        ["b.mp4", "joy", "x", "P2", "test", "", "", ""],
    ]
    table(tmp_path / "labels.csv", head, rows)
    data = load("folder", tmp_path)
    assert recognise(tmp_path) == "folder" and data.space.labels == ("joy", "sad")
    assert [sorted(one.clips) for one in data.samples] == [["audio"], ["audio"], ["audio", "face"]]
    assert data.samples[0].features["text"].shape == (1, 4) and data.samples[1].clips["audio"].start == 0.1
    assert data.parts == {"train": (0, 1), "test": (2,)} and data.samples[1].features == {}
    with pytest.raises(DataError, match="row 2: label 'joy' is not in stress2; allowed: calm, stress"):
        load("folder", tmp_path, space="stress2")
    happy = load("folder", tmp_path, space="basic7")
    assert [happy.space.labels[one.target] for one in happy.samples] == ["happiness", "sadness", "happiness"]


def test_rows_without_a_file_or_an_id_are_named_by_their_place(tmp_path):
    table(tmp_path / "labels.csv", ["label", "text", "start", "end"], [["a", "x", "0", "1"], ["b", "y", "", ""]])
    assert [one.id for one in load("folder", tmp_path).samples] == ["row 2@0", "row 3"]


def test_a_folder_with_numbers_and_with_several_labels(tmp_path):
    table(
        tmp_path / "labels.tsv",
        ["id", "text", "valence", "group"],
        [["1", "so", "0.5", "g"], ["2", "no", "-1", "h"]],
        "\t",
    )
    data = load("folder", tmp_path, values="valence")
    assert data.task == "value" and data.samples[1].target.tolist() == [-1]
    with pytest.raises(DataError, match=r"outside \[0, 1\]"):
        load("folder", tmp_path, values="valence", low="0")
    table(tmp_path / "labels.tsv", ["id", "text", "label"], [["1", "so", "joy|fear"], ["2", "no", "joy"]], "\t")
    several = load("folder", tmp_path)
    assert several.task == "labels" and several.samples[0].target.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["a.xyz", "joy", ""], ["b.wav", "sad", ""]], "row 2: 'a.xyz': cannot tell"),
        ([["a.wav", "joy", "later"], ["b.wav", "sad", ""]], "row 2: split 'later'; allowed: train"),
        ([["a.wav", "joy", ""], ["a.wav", "sad", ""]], "two samples have the id 'a.wav'"),
        ([["a.wav", "joy", ""]], "has the one label joy"),
        ([["a.wav", "joy", "", "more"]], "row 2: has 4 cells, the header 3"),
        ([["a.wav", "joy", ""], ["b.wav", "sad"]], "row 3: has 2 cells, the header 3"),
        ([], "has no rows"),
    ],
)
def test_wrong_tables_of_ones_own(tmp_path, rows, said):
    table(tmp_path / "labels.csv", ["file", "label", "split"], rows)
    with pytest.raises(DataError, match=said):
        load("folder", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            b'id,label,text\na,joy,"so glad\nb,sad,no\nc,joy,yes\n',
            "is no table: unexpected end of data; is a quote left",
        ),
        ("id,label,text\na,joy,schön\nb,sad,no\n".encode("latin-1"), r"is not utf-8 \(byte 23\); save it as UTF-8"),
        (b"id,label,text,start\na,joy,x,-1\nb,sad,no,2\n", "row 2: starts at -1 s; 0 <= start < end"),
    ],
)
def test_tables_whose_rows_would_be_lost_or_shifted(tmp_path, text, said):
    (tmp_path / "labels.csv").write_bytes(text)
    with pytest.raises(DataError, match=said):
        load("folder", tmp_path)


def test_one_label_in_two_spellings_and_rows_of_no_part(tmp_path):
    rows = [["1", "joy", "x", "train"], ["2", "Joy", "y", "test"], ["3", "sad", "z", ""], ["4", "sad", "z", "test"]]
    table(tmp_path / "labels.csv", ["id", "label", "text", "split"], rows)
    data = load("folder", tmp_path)
    assert data.space.labels == ("Joy", "sad") and [one.target for one in data.samples] == [0, 0, 1, 1]
    assert "1 rows have no split and are in no part" in data.notes
    table(tmp_path / "labels.csv", ["id", "text", "Valence"], [["1", "so", "0.5"], ["2", "no", "-1"]])
    assert load("folder", tmp_path, values="Valence").space.labels == ("valence",)


def test_an_empty_parquet_cell_is_no_label(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def write(labels, **more):
        columns = {"id": ["a", "b", "c"], "label": labels, "text": ["x", "y", "z"], **more}
        parquet.write_table(arrow.table(columns), tmp_path / "labels.parquet")

    write(["joy", "sad", None])
    with pytest.raises(DataError, match="row 2: label '' is not in own; allowed: joy, sad"):
        load("folder", tmp_path)
    write(["joy", "sad", "joy"], start=[0.0, float("nan"), None], speaker=["p", None, "q"])
    assert [(one.speaker, one.place) for one in load("folder", tmp_path).samples] == [("p", 0), ("", 1), ("q", 2)]
    write([3, 4, 3], speaker=[0, 1, 0], split=["train", "train", "test"])
    with pytest.raises(DataError, match="group '0' is in train and in test"):
        load("folder", tmp_path)
    write([["joy"], ["sad", "joy"], []])
    several = load("folder", tmp_path)
    assert [one.target.tolist() for one in several.samples] == [[1, 0], [1, 1], [0, 0]]


def test_a_group_in_two_parts_and_wrong_features(tmp_path):
    table(
        tmp_path / "labels.csv",
        ["id", "label", "speaker", "split"],
        [["1", "a", "P", "train"], ["2", "b", "P", "test"]],
    )
    with pytest.raises(DataError, match="group 'P' is in train and in test"):
        load("folder", tmp_path)
    for values, said in (
        (np.array([np.nan, 1.0]), "NaN"),
        (np.array(["x"]), "must hold numbers"),
        (np.zeros((0, 3)), "not empty"),
        (np.zeros((3, 0)), "must hold numbers"),
    ):
        np.save(tmp_path / "x.npy", values)
        table(tmp_path / "labels.csv", ["id", "label", "audio_features"], [["1", "a", "x.npy"], ["2", "b", "x.npy"]])
        with pytest.raises(DataError, match=said):
            load("folder", tmp_path)


@pytest.mark.skipif(not importlib.util.find_spec("pyarrow"), reason="needs the table extra")
class TestRealCopies:
    """Counts of the real releases, as their owners give them."""

    def test_texts(self, shared):
        data = load("goemotions", shared / "data" / "goemotions")
        assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 43410, "valid": 5426, "test": 5427}
        assert len(load("brighter", shared / "data" / "brighter", language="eng").samples) == 2764 + 115
        meld = load("meld", shared / "data" / "meld")
        counts = np.bincount([meld.samples[row].target for row in meld.parts["train"]])
        assert dict(zip(meld.space.labels, counts.tolist(), strict=True))["neutral"] == 4710

    def test_votes(self, shared):
        votes = load("crema-d-votes", shared / "data" / "crema-d-votes")
        assert len(votes.samples) == 7442 - 420
        faces = load("ferplus", shared / "data" / "ferplus.parquet")
        assert {part: len(rows) for part, rows in faces.parts.items()} == {"train": 24435, "valid": 3191}
        whole = load("ferplus", shared / "data" / "ferplus.parquet", version="new", repeats="keep")
        assert {part: len(rows) for part, rows in whole.parts.items()} == {"train": 25054, "valid": 3199}
