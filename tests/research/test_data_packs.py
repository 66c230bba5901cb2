"""Feature pickles, MOSI vectors with their leak, conversation packs, EmotionTalk, MDPE, WESAD: made-up copies."""

from __future__ import annotations

import csv
import pickle

import numpy as np
import pytest
from click.testing import CliRunner

from mien.cli.data import command as data_command
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets import load, recognise
from mien.research.datasets.audit import audit

RNG = np.random.default_rng(0)


def dump(path, value, protocol=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value, protocol))


def feature_part(n, aligned=False, first=0, **more):
    """n items of 6 text steps of which 2 to 6 are real, audio of 9 and vision of 8 (6 where aligned)."""
    real = [2 + place % 5 for place in range(n)]
    mask = np.array([[1] * r + [0] * (6 - r) for r in real])
    times = {"text": 6, "audio": 6 if aligned else 9, "vision": 6 if aligned else 8}
    part = {
        "id": [f"vid{(first + place) // 2}$_${place}" for place in range(n)],
        "raw_text": np.array([f"words {place}" for place in range(n)]),
        "text_bert": np.stack([np.full((n, 6), 7) * mask, mask, np.zeros_like(mask)], axis=1).astype(np.float32),
        "regression_labels": np.linspace(-3, 3, n).astype(np.float32),
    }
    for (name, steps), width in zip(times.items(), (4, 3, 2), strict=True):
        values = RNG.normal(size=(n, steps, width))
        for place, r in enumerate(real):
            values[place, r:] = 0
        part[name] = values
    if not aligned:
        part["audio_lengths"] = list(real)
        part["vision_lengths"] = np.array(real)
    return part | more


def pack(aligned=False):
    return {
        name: feature_part(n, aligned, 100 * place)
        for place, (name, n) in enumerate((("train", 8), ("valid", 4), ("test", 4)))
    }


@pytest.mark.parametrize("aligned", [True, False])
def test_feature_pickle_without_its_padding(tmp_path, aligned):
    dump(tmp_path / "unaligned_50.pkl", pack(aligned))
    data = load("mosi", tmp_path)
    assert data.task == "value" and data.shape().widths == {"text": 4, "audio": 3, "face": 2}
    assert [len(one.features["audio"]) for one in data.samples[:5]] == [2, 3, 4, 5, 6]
    assert [len(one.features["text"]) for one in data.samples[:5]] == [2, 3, 4, 5, 6]
    assert [one.group for one in data.samples[:3]] == ["vid0", "vid0", "vid1"] and data.samples[1].words == "words 1"
    assert all(isinstance(rows, np.ndarray) and rows.dtype == np.float32 for rows in data.samples[0].features.values())
    seven = load("mosei", tmp_path, label="sentiment7")
    assert [one.target for one in seven.samples[:8]] == [0, 1, 2, 3, 3, 4, 5, 6]
    tokens = load("mosi", tmp_path, text="tokens")
    assert tokens.samples[1].features["text"].tolist() == [[7.0]] * 3


def test_values_that_are_not_finite_and_modalities_of_zeros_are_told(tmp_path):
    held = pack()
    held["train"]["audio"][0, 1, 2] = -np.inf
    held["train"]["vision"][1] = 0
    dump(tmp_path / "a.pkl", held, 2)
    data = load("mosi", tmp_path / "a.pkl")
    assert data.samples[0].seen["audio"].tolist() == [True, False] and "face" not in data.samples[1].features
    assert set(data.samples[0].seen) == {"audio"} and all(not one.seen for one in data.samples[1:])
    assert set(data.notes) == {
        "1 steps of audio with values that are not finite are masked", "1 samples without face (zeros alone)",
    }  # fmt: skip


def test_a_stated_length_of_nothing_is_told(tmp_path):
    held = pack()
    held["train"]["audio_lengths"] = np.array([0, *held["train"]["audio_lengths"][1:]])
    dump(tmp_path / "a.pkl", held, 2)
    data = load("mosi", tmp_path / "a.pkl")
    assert len(data.samples[0].features["audio"]) == 2
    assert data.notes == ("1 samples state a length of 0 for audio that is there: what is not zero is kept",)


def test_ch_sims_keeps_the_labels_of_single_modalities(tmp_path):
    held = pack()
    for part in held.values():
        part["regression_labels"] = part["regression_labels"] / 3
        for letter, sign in (("T", 1), ("A", -1), ("V", 0.1)):
            part[f"regression_labels_{letter}"] = part["regression_labels"] * sign
    dump(tmp_path / "unaligned_39.pkl", held)
    one = load("ch-sims", tmp_path).samples[0]
    assert {name: float(value[0]) for name, value in one.labels.items()} == pytest.approx(
        {"text": -1, "audio": 1, "face": -0.1}
    )
    five = load("ch-sims", tmp_path, label="sentiment5")
    assert (five.samples[0].target, five.samples[0].labels) == (0, {"text": 0, "audio": 4, "face": 1})
    assert set(five.parts) == {"train", "valid", "test"} and not five.notes


def test_ch_sims_as_released_shares_its_videos_and_gives_its_parts_by_name_alone(tmp_path):
    held = {name: feature_part(n) for name, n in (("train", 8), ("valid", 4), ("test", 4))}
    for part in held.values():
        part["regression_labels"] = part["regression_labels"] / 3
    dump(tmp_path / "unaligned_39.pkl", held)
    data = load("ch-sims", tmp_path)
    assert not data.parts and len({one.group for one in data.samples}) == 4
    assert data.notes == (
        "2 of 4 videos are in two released parts or more: no parts here, cut whole videos; split=released gives them",
    )
    released = load("ch-sims", tmp_path, split="released")
    assert {part: len(rows) for part, rows in released.parts.items()} == {"train": 8, "valid": 4, "test": 4}
    assert [one.code for one in audit(released).refused] == ["shared-people"]
    told = [one for one in audit(released).findings if one.text.startswith("LEAK, asked for by name: 2 of 4 videos")]
    assert [one.weight for one in told] == ["warn"]
    with pytest.raises(RequestError, match="split 'official'; allowed: videos, released"):
        load("ch-sims", tmp_path, split="official")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held["train"].pop("id"), "train has no 'id'; it has: raw_text"),
        (
            lambda held: held["test"].update(audio=np.zeros((3, 2, 3))),
            r"test: audio has shape \(3, 2, 3\), but there are 4 ids",
        ),
        (lambda held: held["train"].update(regression_labels=np.full(8, 5.0)), r"outside \[-3, 3\]"),
        (lambda held: held["valid"].update(id=held["train"]["id"][:4]), "group 'vid0' is in train and in valid"),
        (lambda held: held.pop("train"), "needs the parts train"),
        (lambda held: held.update(train=None), "train is a NoneType; a dict of arrays is needed"),
        (lambda held: held.update(test={"id": []}), "test has no items"),
        (lambda held: held["train"].update(regression_labels=np.full(8, np.nan)), r"of vid0\$_\$0 is nan, outside"),
        (lambda held: held["train"].update(regression_labels_T=[np.nan] * 8), "regression_labels_T of vid0"),
        (lambda held: held["train"].update(audio_lengths=[2, 2]), "is not laid out as mosi .IndexError"),
        (lambda held: held["train"].update(vision=[np.ones((n, 2)) for n in range(1, 9)]), "is not laid out as mosi"),
    ],
)
@pytest.mark.parametrize("label", ["score", "sentiment3", "sentiment7"])
def test_feature_pickles_that_are_wrong(tmp_path, change, said, label):
    held = pack()
    change(held)
    dump(tmp_path / "a.pkl", held)
    with pytest.raises(DataError, match=said):
        load("mosi", tmp_path, label=label)


def test_a_feature_pickle_of_two_parts_says_so(tmp_path):
    held = pack()
    held.pop("test")
    dump(tmp_path / "a.pkl", held)
    assert load("mosi", tmp_path).notes == ("the test part is not there",)


def test_a_feature_pickle_with_code_or_too_large(tmp_path):
    class Run:
        def __reduce__(self):
            return print, ("ran",)

    dump(tmp_path / "a.pkl", pack() | {"more": Run()})
    with pytest.raises(InputError, match=r"builtins.print \(opcode STACK_GLOBAL\)"):
        load("mosi", tmp_path)
    with pytest.raises(InputError, match="GiB"):
        load("mosi", tmp_path, limit_gib="0.000001")


@pytest.fixture
def vectors(tmp_path):
    """Six utterances of three videos in the 62/31 layout, and MERBench's labels for them."""
    names = [f"{video}_{n}" for video in ("aa_1", "bb", "cc") for n in (1, 2)]
    labels = [1, 0, 1, 0, 0, 1]
    home = tmp_path / "data"
    for folder in ("text", "audio", "video"):
        (home / folder).mkdir(parents=True)

    def write(path, rows):
        with open(path, "w", newline="") as out:
            csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)

    write(home / "transcripts.csv", [[n, f"WORDS {n}", 1, label] for n, label in zip(names, labels, strict=True)])
    for part, rows in (("train", [0, 1, 2, 3]), ("test", [4, 5])):
        write(home / f"text_{part}.csv", [[row, 0.5] for row in rows])
        for folder, width in (("text", 3), ("audio", 2), ("video", 4)):
            write(home / folder / f"{folder}_{part}0.csv", [[*RNG.normal(size=width), labels[row]] for row in rows])
    scores = {n: {"emo": 0, "val": 2.0 * label - 1} for n, label in zip(names, labels, strict=True)}
    parts = {"train_corpus": names[:2], "val_corpus": names[4:], "test_corpus": names[2:4]}
    merbench = {key: np.array({n: scores[n] for n in own}, object) for key, own in parts.items()}
    np.savez(tmp_path / "label.npz", **merbench)
    return tmp_path


def test_mosi_vectors_and_the_leak_by_name(vectors):
    data = load("mosi-62", vectors)
    assert recognise(vectors) == "mosi-62"
    assert data.parts == {"train": (0, 1, 2, 3), "test": (4, 5)} and data.fitted == {"aa_1", "bb"}
    assert data.shape().widths == {"text": 3, "audio": 2, "face": 4} and data.samples[1].group == "aa_1"
    assert not audit(data).refused
    official = {"split": "official", "scores": str(vectors / "label.npz")}
    with pytest.raises(RequestError, match="allow=label-fitted-features"):
        load("mosi-62", vectors, **official)
    heard = load("mosi-62", vectors, modalities="audio", **official)
    assert heard.parts == {"train": (0, 1), "valid": (4, 5), "test": (2, 3)} and not heard.fitted
    asked = load("mosi-62", vectors, allow="label-fitted-features", **official)
    assert [one.code for one in audit(asked).refused] == ["fitted-features"]
    assert not audit(asked, allow=["fitted-features"]).refused
    scored = load("mosi-62", vectors, label="score", scores=str(vectors / "label.npz"))
    assert scored.task == "value" and scored.samples[0].target.tolist() == [1]
    with pytest.raises(RequestError, match="scores=PATH"):
        load("mosi-62", vectors, label="score")


def test_no_part_to_select_on_is_cut_from_groups_the_features_know(vectors):
    from mien.cli.research import split_of

    data = load("mosi-62", vectors)
    assert split_of(data, None, 0)[0].valid == ()
    with pytest.raises(RequestError, match="leave --held off"):
        split_of(data, 0.2, 0)
    assert split_of(load("mosi-62", vectors, modalities="audio"), 0.5, 0)[0].valid


def test_mosi_vectors_whose_rows_do_not_match(vectors):
    text = (vectors / "data" / "audio" / "audio_test0.csv").read_text().splitlines()
    (vectors / "data" / "audio" / "audio_test0.csv").write_text("\n".join(reversed(text)))
    with pytest.raises(DataError, match="audio has label 1, the transcript 0"):
        load("mosi-62", vectors)
    (vectors / "data" / "audio" / "audio_test0.csv").write_text(text[0])
    with pytest.raises(DataError, match="audio has 1 test rows"):
        load("mosi-62", vectors)


def conversation(kind):
    ids = ["Ses01F_impro01", "Ses02M_script01"] if kind == "iemocap" else [0, 1]
    speakers = {i: (["F", "M"] if kind == "iemocap" else [[1, 0, 0], [0, 1, 0]]) for i in ids}
    labels = {ids[0]: [0, 4], ids[1]: [5, 2]}
    words = {i: ["yes", "no"] for i in ids}
    rows = {
        name: {i: [RNG.normal(size=w) for _ in range(2)] for i in ids} for name, w in (("t", 3), ("a", 2), ("v", 4))
    }
    sentiment = {i: [0, 2] for i in ids}
    if kind == "iemocap":
        return (words, speakers, labels, rows["t"], rows["a"], rows["v"], words, {ids[0]}, [ids[1]])
    if kind == "meld":
        return (words, speakers, labels, rows["t"], rows["a"], words, [0], [1], sentiment)
    if kind == "meld13":
        text = rows["t"]
        return (words, speakers, labels, text, text, text, text, rows["a"], rows["v"], words, [0], [1], sentiment)
    return [speakers, labels, words, [ids[0]], [ids[1]], []]


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_conversation_packs(tmp_path, protocol):
    dump(tmp_path / "IEMOCAP_features.pkl", conversation("iemocap"), protocol)
    data = load("iemocap-conversation", tmp_path)
    assert data.shape().widths == {"text": 3, "audio": 2, "face": 4} and data.parts == {"train": (0, 1), "test": (2, 3)}
    assert [(one.speaker, data.space.labels[one.target]) for one in data.samples[:2]] == [
        ("Ses01F", "happy"),
        ("Ses01M", "excited"),
    ]
    assert any("no validation part" in note for note in data.notes)
    for kind, widths in (("meld", {"text": 3, "audio": 2}), ("meld13", {"text": 3, "audio": 2, "face": 4})):
        dump(tmp_path / "meld.pkl", conversation(kind), protocol)
        found = load("meld-conversation", tmp_path / "meld.pkl")
        assert found.shape().widths == widths and found.space.labels[found.samples[1].target] == "joy"
        assert recognise(tmp_path / "meld.pkl") == "meld-conversation", "a plain pickle alone must be named"
        turned = load("meld-conversation", tmp_path / "meld.pkl", label="sentiment")
        assert turned.space.labels[turned.samples[1].target] == "negative"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held[:5], "has 5 entries in an order not known; known layouts have 9 or 6"),
        (lambda held: (*held[:2], {k: [9, 9] for k in held[2]}, *held[3:]), "label 9 is none of 0 to 5"),
        (lambda held: (*held[:4], {k: v[:1] for k, v in held[4].items()}, *held[5:]), "differ in length"),
        (lambda held: {"train": 1}, "is no conversation pack but a dict"),
        (lambda held: (*held[:2], {k: [0.7, 1] for k in held[2]}, *held[3:]), "label 0.7 is none of 0 to 5 .happy"),
        (lambda held: (*held[:2], {k: ["hap", 1] for k in held[2]}, *held[3:]), "label hap is none of 0 to 5"),
        (lambda held: (*held[:4], {}, *held[5:]), "dialogue Ses01F_impro01 has no audio"),
        (lambda held: (*held[:3], {k: 3 for k in held[3]}, *held[4:]), "is not laid out as iemocap-conversation"),
    ],
)
def test_conversation_packs_that_are_wrong(tmp_path, change, said):
    dump(tmp_path / "IEMOCAP_features.pkl", change(conversation("iemocap")))
    with pytest.raises(DataError, match=said):
        load("iemocap-conversation", tmp_path)


def test_dialogues_of_a_set_come_in_one_order(tmp_path):
    held = list(conversation("iemocap"))
    names = [f"Ses01F_impro{n:02d}" for n in range(12)]
    held = [{name: next(iter(one.values())) for name in names} if isinstance(one, dict) else one for one in held]
    dump(tmp_path / "IEMOCAP_features.pkl", (*held[:7], set(names), []))
    data = load("iemocap-conversation", tmp_path)
    assert [one.group for one in data.samples[::2]] == names


@pytest.fixture
def talk(tmp_path):
    """Five utterances with four labels each; in text alone the fourth is surprised, the fifth disgusted."""
    names = ["G00009_42_14_001", "G00009_42_15_002", "G00001_01_01_001", "G00003_01_02_001", "G00003_01_02_002"]
    said = {"mm": [0, 3, 1, 2, 6], "audio": [0, 3, 1, 0, 6], "video": [0, 0, 1, 2, 6], "txt": [0, 1, 1, 4, 5]}
    for kind, places in said.items():
        entries = {
            n: {"emo": place, "val": np.float64(0.4) if kind == "mm" and n != names[4] else -10}
            for n, place in zip(names, places, strict=True)
        }
        parts = {"train_corpus": names[:2], "val_corpus": names[2:3], "test_corpus": names[3:]}
        np.savez(
            tmp_path / f"{kind}_label.npz",
            **{k: np.array({n: entries[n] for n in own}, object) for k, own in parts.items()},
        )
    with open(tmp_path / "transcription.csv", "w", encoding="utf-8", newline="") as out:
        rows = [["name", "emotion", "chinese"], [f"G00009/G00009_42/{names[0]}", "neutral", "[over/]给他[/over]饭。"]]
        csv.writer(out).writerows(rows)
    (tmp_path / "features" / "hubert").mkdir(parents=True)
    np.save(tmp_path / "features" / "hubert" / f"{names[0]}.npy", np.ones(5))
    return tmp_path


def test_emotiontalk_2_split_classes_four_and_sentinel(talk):
    data = load("emotiontalk", talk, features="audio=hubert")
    named = {part: [data.samples[row].id for row in rows] for part, rows in data.parts.items()}
    assert named == {
        "train": ["G00009_42_14_001", "G00009_42_15_002"],
        "valid": ["G00001_01_01_001"],
        "test": ["G00003_01_02_001", "G00003_01_02_002"],
    }
    labels = ("neutral", "happy", "sad", "angry", "surprised", "disgusted", "fearful")
    assert data.space.labels == labels and [one.target for one in data.samples] == [0, 3, 1, 2, 6]
    first = data.samples[0]
    assert (first.group, first.speaker, first.words, first.place) == ("G00009_42", "14", "给他饭。", 1)
    assert data.samples[1].labels == {"audio": 3, "face": 0, "text": 1} and first.features["audio"].shape == (1, 5)
    assert "audio" not in data.samples[1].features
    four = {kind: load("emotiontalk", talk, label=kind, task="four") for kind in ("joint", "audio", "face", "text")}
    left = {kind: [one.id[-3:] for one in data.samples] for kind, data in four.items()}
    assert left == {kind: ["001", "002", "001", "001"] for kind in ("joint", "audio", "face")} | {
        "text": ["001", "002", "001"]
    }, "each by its own labels: the fourth is surprised in text, no item of four classes there"
    assert all(data.space.labels == labels[:4] for data in four.values())
    assert "text" not in four["joint"].samples[3].labels
    felt = load("emotiontalk", talk, task="sentiment")
    assert len(felt.samples) == 4 and felt.samples[0].target.tolist() == pytest.approx([0.4])
    with pytest.raises(RequestError, match="joint alone"):
        load("emotiontalk", talk, label="audio", task="sentiment")
    with pytest.raises(InputError, match="no features/wavlm"):
        load("emotiontalk", talk, features="audio=wavlm")


def test_emotiontalk_epochs_can_be_chosen_without_the_speakers_of_test(talk):
    names = [f"G{at:05d}_01_{at:02d}_001" for at in range(4, 16)]
    parts = {"train_corpus": names[:11], "val_corpus": names[11:], "test_corpus": ["G00003_01_02_001"]}
    held = {k: np.array({n: {"emo": 0, "val": -10} for n in own}, object) for k, own in parts.items()}
    for kind in ("mm", "audio", "video", "txt"):
        np.savez(talk / f"{kind}_label.npz", **held)
    data = load("emotiontalk", talk, early_stop="train_fold")
    named = {part: [data.samples[row].id for row in rows] for part, rows in data.parts.items()}
    assert named == {"train": names[:9], "valid": names[9:11], "test": ["G00003_01_02_001"]}
    assert any("the released validation part is not used" in note for note in data.notes)
    assert [one.id for one in load("emotiontalk", talk).samples] == [*names, "G00003_01_02_001"]
    with pytest.raises(RequestError, match="early_stop 'test'; allowed: valid, train_fold"):
        load("emotiontalk", talk, early_stop="test")


def test_emotiontalk_3_the_audit_prints_who_is_in_which_part(talk):
    """As released: training shares nobody, validation and test share the speakers 02 and 13."""
    who = {"train": ("14", "15"), "val": ("02", "13", "01"), "test": ("02", "13", "20")}
    for kind in ("mm", "audio", "video", "txt"):
        held = {
            f"{part}_corpus": np.array({f"G{part}_01_{one}_{at:03d}": {"emo": at % 2, "val": -10}
                                        for at, one in enumerate(names)}, object)
            for part, names in who.items()
        }  # fmt: skip
        np.savez(talk / f"{kind}_label.npz", **held)
    told = CliRunner().invoke(data_command, ["check", str(talk), "--data", "emotiontalk"]).stdout
    assert "2 speakers are in two parts" in told
    assert "valid and test share 2; none: train and valid, train and test; 0% of the samples" in told
    apart = load("emotiontalk", talk)
    (one,) = [one for one in audit(apart, {"train": (0, 1), "test": (5, 6)}).findings if one.code == "shared-people"]
    assert (one.weight, one.text) == ("tell", "no speaker is in two of the parts train, test")


@pytest.fixture
def answers(tmp_path):
    """Three people with eight answers each, three of them lies."""
    for person in ("001", "002", "003"):
        for encoder, width, ending in (("sbert", 4, "npy"), ("wavlm", 3, "csv")):
            home = tmp_path / "features" / encoder / person
            home.mkdir(parents=True)
            for answer in range(1, 9):
                values = RNG.normal(size=(3, width))
                if ending == "npy":
                    np.save(home / f"p-{answer}-x.npy", values)
                else:
                    np.savetxt(home / f"p-{answer}-x.csv", values, delimiter=",")
        (tmp_path / "labels").mkdir(exist_ok=True)
        rows = "\n".join(f"{n},q,x,{int(n % 3 == 0) * 2 if n < 9 else 0}" for n in range(1, 9))
        (tmp_path / "labels" / f"{person}.csv").write_text(f"a,b,c,lie\n{rows}\n")
    (tmp_path / "personality.csv").write_text(
        "\n".join(
            [",".join(["id", *[f"q{i}" for i in range(60)]]), *[",".join(["1", *["3"] * 59, str(p)]) for p in range(3)]]
        )
    )
    np.savetxt(tmp_path / "emotion.csv", RNG.normal(size=(3, 128)), delimiter=",")
    return tmp_path


def test_mdpe_people_apart_by_default_and_the_released_split_by_name(answers):
    data = load("mdpe", answers, text="sbert", audio="wavlm", personality=True, emotion=True)
    assert recognise(answers) == "mdpe" and len(data.samples) == 24 and not data.parts
    assert data.shape().widths == {"text": 4, "audio": 3, "personality": 60, "emotion": 128}
    assert sum(one.target for one in data.samples) == 6 and {one.group for one in data.samples} == {"001", "002", "003"}
    codes = {
        one.code: one.weight for one in audit(data, {"train": tuple(range(12)), "test": tuple(range(12, 24))}).findings
    }
    assert codes["shared-groups"] == "refuse" and codes["constant-inputs"] == "refuse"
    apart = audit(data, {"train": tuple(range(16)), "test": tuple(range(16, 24))})
    assert not apart.refused and {one.code for one in apart.findings} >= {"constant-inputs"}
    within = load("mdpe", answers, text="sbert", personality=True, split="within-subject-released")
    assert {part: len(rows) for part, rows in within.parts.items()} == {"train": 9, "test": 15}
    assert {"shared-people", "constant-inputs"} <= {one.code for one in audit(within).refused}
    with pytest.raises(RequestError, match="sbert, wavlm"):
        load("mdpe", answers)
    for old in (answers / "features" / "sbert" / "001", answers / "labels" / "001.csv"):
        old.rename(old.with_name(old.name.replace("001", "anna")))
    assert {one.speaker for one in load("mdpe", answers, text="sbert").samples} == {"anna", "002", "003"}
    np.save(answers / "features" / "sbert" / "002" / "p-1-x.npy", np.array(["a"], object))
    with pytest.raises(DataError, match=r"is not laid out as mdpe .ValueError: could not convert string"):
        load("mdpe", answers, text="sbert")


def test_wesad_windows_of_one_state(tmp_path):
    seconds = 150
    state = np.repeat([1, 2, 0], [60 * 700, 60 * 700, 30 * 700])
    wrist = {"ACC": RNG.normal(size=(seconds * 32, 3)), "BVP": RNG.normal(size=(seconds * 64, 1)),
             "EDA": RNG.normal(size=(seconds * 4, 1)), "TEMP": RNG.normal(size=(seconds * 4, 1))}  # fmt: skip
    dump(tmp_path / "S2" / "S2.pkl", {"signal": {"wrist": wrist, "chest": {}}, "label": state, "subject": "S2"}, 2)
    data = load("wesad", tmp_path)
    assert recognise(tmp_path) == "wesad"
    assert [(one.target, one.group, one.features["signal"].shape) for one in data.samples] == [
        (0, "S2", (240, 42)),
        (1, "S2", (240, 42)),
    ]
    np.testing.assert_allclose(data.samples[0].features["signal"][:, 40], wrist["EDA"][:240, 0].astype(np.float32))
    over = load("wesad", tmp_path, window="20", step="10")
    assert [one.code for one in audit(over).findings if one.weight == "warn"] == ["overlapping-windows"]
    half = {"train": tuple(range(3)), "test": tuple(range(3, len(over.samples)))}
    assert {"overlapping-windows", "shared-groups"} <= {one.code for one in audit(over, half).refused}
    ends = {"signal": {"wrist": wrist | {"TEMP": wrist["TEMP"][:-4]}}, "label": state, "subject": "S2"}
    dump(tmp_path / "S2" / "S2.pkl", ends)
    assert len(load("wesad", tmp_path).samples) == 2, "one channel ends earlier than the others"
    dump(tmp_path / "S2" / "S2.pkl", {**ends, "signal": {"wrist": wrist | {"ACC": np.ones((4800, 4))}}})
    with pytest.raises(DataError, match=r"ACC has shape \(4800, 4\)"):
        load("wesad", tmp_path)
    dump(tmp_path / "S2" / "S2.pkl", {"signal": {}, "label": state, "subject": "S2"}, 2)
    with pytest.raises(DataError, match="no person of WESAD"):
        load("wesad", tmp_path)
