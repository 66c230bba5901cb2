"""The audit finds every leak that is planted, and keeps quiet on data without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.affect.space import Space, space
from mien.errors import DataError, RequestError
from mien.research.datasets.audit import CODES, audit
from mien.research.samples import Clip, Data, Sample, Split

RNG = np.random.default_rng(0)
SPACE = space("sentiment3")
PARTS = {"train": tuple(range(24)), "valid": tuple(range(24, 32)), "test": tuple(range(32, 40))}


def clean(n=40, width=20):
    """n samples of groups of four, nothing shared."""
    rows = [
        Sample(
            f"s{i}", f"g{i // 4}", {"audio": RNG.normal(size=(5, width)).astype(np.float32)}, i % 3,
            words=" ".join(f"w{RNG.integers(10**6)}" for _ in range(7)), speaker=f"p{i // 4}", place=float(i),
        )
        for i in range(n)
    ]  # fmt: skip
    return Data("made", SPACE, "class", tuple(rows), PARTS)


def changed(data, **edits):
    """edits: s3=dict(...) replaces fields of the sample s3."""
    rows = tuple(replace(one, **edits[one.id]) if one.id in edits else one for one in data.samples)
    return replace(data, samples=rows)


def codes(found, weight=None):
    return {one.code for one in found.findings if weight in (None, one.weight)}


def test_clean_data_is_let_through():
    found = audit(clean())
    assert not found.refused and codes(found) == {"balance", "shared-people"} and not codes(found, "warn")
    found.require()
    (table,) = [one.table for one in found.findings if one.code == "balance"]
    assert table[0] == ("label", "train", "valid", "test") and table[1] == ("negative", "8", "3", "3")


def test_shared_groups_and_people():
    data = clean()
    found = audit(changed(data, s39={"group": "g0", "speaker": "p0"}))
    assert {one.code for one in found.refused} == {"shared-groups"}
    assert "'g0' (train and test)" in found.refused[0].text
    with pytest.raises(DataError, match="shared-groups"):
        found.require()
    assert codes(audit(changed(data, s39={"speaker": "p0"})), "warn") == {"shared-people"}
    split = Split(tuple(range(20)), (), tuple(range(20, 40)))
    assert not audit(changed(data, s23={"group": "g0"}), split, allow=["shared-groups"]).refused


def test_speakers_of_one_dialogue_alone_say_nothing_of_people():
    data = clean()
    numbered = {f"s{i}": {"speaker": f"{i // 4}-{i % 2}"} for i in range(40)}
    (found,) = [one for one in audit(changed(data, **numbered)).findings if one.code == "shared-people"]
    assert found.weight == "tell" and "whether people are in two parts cannot be seen" in found.text


def test_texts_equal_and_nearly_equal():
    data = clean()
    words = "so this is quite a long line that somebody wrote down once and then again for all to see"
    exact = changed(data, s0={"words": words}, s39={"words": words.upper() + "  "})
    text_in = [replace(one, features={"text": one.features["audio"]}) for one in exact.samples]
    exact = replace(exact, samples=tuple(text_in))
    assert next(one for one in audit(exact).findings if one.code == "repeated-texts").examples == ("s39",)
    nearly = changed(exact, s39={"words": words + " indeed"})
    assert "0 texts of 5 words and more stand in two parts, 1 more nearly so" in str(audit(nearly).findings)
    many = {f"s{i}": {"words": f"{words} {i % 8}"} for i in (*range(8), *range(32, 40))}
    assert "repeated-texts" in {one.code for one in audit(changed(exact, **many)).refused}
    short = changed(exact, s39={"words": "what?"}, s0={"words": "what?"})
    assert "repeated-texts" not in codes(audit(short))


def test_features_of_short_texts_repeat_by_themselves():
    data = clean()
    vector = data.samples[0].features["audio"]
    for words, refused in (
        ("oh yeah", set()),
        ("yeah that is what they said", {"repeated-texts", "repeated-features"}),
    ):
        same = {f"s{i}": {"words": words, "features": {"text": vector}} for i in (0, *range(32, 40))}
        text_in = [replace(one, features={"text": one.features["audio"]}) for one in data.samples]
        found = audit(changed(replace(data, samples=tuple(text_in)), **same))
        assert {one.code for one in found.refused} == refused


def test_a_script_read_by_all_is_told_but_does_not_refuse():
    data = clean()
    same = {f"s{i}": {"words": "dogs are sitting by the door"} for i in range(40)}
    found = audit(changed(data, **same))
    assert not found.refused and "repeated-texts" in codes(found, "tell")


def test_features_equal_and_nearly_equal():
    data = clean()
    rows = data.samples[0].features["audio"]
    equal = audit(changed(data, s39={"features": {"audio": rows.copy()}}))
    assert "repeated-features" in codes(equal, "warn") and "1 samples outside training" in str(equal.findings)
    near = {
        f"s{i}": {"features": {"audio": data.samples[i - 32].features["audio"] * np.float32(1.0001)}}
        for i in range(32, 40)
    }
    assert "repeated-features" in {one.code for one in audit(changed(data, **near)).refused}


def voice(seed, steps=200):
    """A sequence that moves as log-mel frames do: smooth over some ten steps."""
    rows = np.random.default_rng(seed).normal(size=(steps + 9, 20))
    return np.stack([rows[at : at + 10].mean(axis=0) for at in range(steps)]).astype(np.float32)


def test_a_recording_cut_padded_or_coded_again_is_told_and_others_are_not():
    data = clean()
    own = changed(data, **{f"s{i}": {"features": {"audio": voice(i)}} for i in range(40)})
    assert "repeated-features" not in codes(audit(own))
    flat = {f"s{i}": voice(i) - voice(i).mean(axis=0) + np.float32(0.01 * i) for i in range(40)}
    flat = changed(own, **{name: {"features": {"audio": rows}} for name, rows in flat.items()})
    assert "repeated-features" not in codes(audit(flat)), "means that differ in one direction alone tell nothing"
    silence, noise = np.zeros((40, 20), np.float32), RNG.normal(size=(200, 20)).astype(np.float32)
    again = {
        "s32": voice(3)[15:],
        "s33": np.concatenate([silence, voice(4)]),
        "s34": 1.2 * voice(5) + 0.05 + 0.01 * noise,
        "s28": voice(33),  # a part to select on shares with the one to report on
    }
    planted = changed(own, **{name: {"features": {"audio": rows}} for name, rows in again.items()})
    (found,) = [one for one in audit(planted).findings if one.code == "repeated-features"]
    assert found.weight == "refuse" and found.count == 3 and "3 more nearly so" in found.text
    folds = {f"fold {k}": tuple(range(8 * k, 8 * k + 8)) for k in range(5)}
    (found,) = [one for one in audit(planted, folds).findings if one.code == "repeated-features"]
    assert "6 more nearly so" in found.text, "without a training part both sides are told"


def test_slow_drifts_are_not_taken_for_each_other():
    data = clean()
    time = np.linspace(0, 1, 240, dtype=np.float32)[:, None]
    slow = {f"s{i}": {"features": {"signal": time * RNG.normal() + RNG.normal(size=2).astype("f4")}} for i in range(40)}
    assert "repeated-features" not in codes(audit(changed(data, **slow)))


def test_features_too_coarse_to_tell_repeats():
    data = clean()
    few = {f"s{i}": {"features": {"audio": np.eye(4, dtype=np.float32)[[i % 4]]}} for i in range(40)}
    found = audit(changed(data, **few))
    assert "repeated-features" in codes(found, "tell") and not found.refused


def test_recordings_by_content_and_by_part(tmp_path):
    for name, content in (("a", b"RIFF one"), ("b", b"RIFF one"), ("c", b"RIFF two")):
        (tmp_path / name).write_bytes(content)

    def at(name, start=None, end=None):
        return {"clips": {"audio": Clip(str(tmp_path / name), start, end)}}

    data = clean()
    assert not audit(changed(data, s0=at("a"), s39=at("c"))).refused
    for edits in ({"s0": at("a"), "s39": at("b")}, {"s0": at("a"), "s39": at("a", 1, 2)}):
        assert {one.code for one in audit(changed(data, **edits)).refused} == {"repeated-files"}
    assert not audit(changed(data, s0=at("a", 0, 1), s39=at("a", 1, 2))).refused
    gone = audit(changed(data, s0=at("none"), s1=at("a")))
    assert "missing-files" in codes(gone, "warn") and "1 of 2 recordings are not on disk" in str(gone.findings)
    assert "missing-files" not in codes(audit(changed(data, s0=at("none")), files=False))
    (tmp_path / "e").write_bytes(b"")
    (tmp_path / "p").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 90\n")
    found = audit(changed(data, s0=at("none"), s1=at("e"), s2=at("p"), s3=at("a")))
    told = {one.text: one.examples for one in found.findings if one.code == "missing-files"}
    assert told == {
        "1 of 4 recordings are not on disk": (str(tmp_path / "none"),),
        "1 of 4 recordings are empty": (str(tmp_path / "e"),),
        "1 of 4 recordings are pointers to Git LFS (`git lfs pull` fetches them)": (str(tmp_path / "p"),),
    }


def test_windows_that_share_signal():
    data = clean()
    line = RNG.normal(size=(40, 20)).astype(np.float32)
    cut = {f"s{i}": {"features": {"audio": line[i * 5 : i * 5 + 10]}} for i in range(4)}
    assert "overlapping-windows" in codes(audit(changed(data, **cut)), "warn")
    apart = {f"s{i}": {"features": {"audio": line[i * 10 : i * 10 + 10]}} for i in range(4)}
    assert "overlapping-windows" not in codes(audit(changed(data, **apart)))
    again = {
        name: {"features": {"audio": (one["features"]["audio"] * np.float32(1 + 1e-6))}} for name, one in cut.items()
    }
    assert "overlapping-windows" in codes(audit(changed(data, s1=again["s1"], s0=cut["s0"])), "warn"), "computed anew"
    spans = {f"s{i}": {"clips": {"audio": Clip("a.wav", i * 0.5, i * 0.5 + 1)}} for i in range(3)}
    (found,) = [one for one in audit(changed(data, **spans), files=False).findings if one.code == "overlapping-windows"]
    assert found.weight == "warn" and found.examples == ("s1", "s2")
    apart = {f"s{i}": {"clips": {"audio": Clip("a.wav", i * 0.5, i * 0.5 + 0.5)}} for i in range(3)}
    assert "overlapping-windows" not in codes(audit(changed(data, **apart), files=False))
    quiet = np.tile(np.arange(20, dtype=np.float32), (4, 1))
    loud = {
        f"s{i}": {"features": {"audio": np.concatenate([quiet, RNG.normal(size=(5, 20)), quiet])}} for i in range(4)
    }
    assert "overlapping-windows" not in codes(audit(changed(data, **loud))), "silence is no shared signal"
    crossing = {"train": tuple(range(3)), "test": (3, *range(8, 40))}
    found = audit(changed(data, **cut), crossing)
    assert {"overlapping-windows", "shared-groups"} <= {one.code for one in found.refused}
    alone = {name: {**one, "group": f"window {name}", "speaker": ""} for name, one in cut.items()}
    found = audit(changed(data, **alone), crossing)
    assert [one.code for one in found.refused] == ["overlapping-windows"], "each window a group of its own"


def test_inputs_that_never_change_inside_a_group():
    data = clean()
    codes_ = {f"s{i}": {"features": {"side": np.full((1, 3), i // 4, np.float32)}} for i in range(40)}
    found = audit(changed(data, **codes_))
    assert "constant-inputs" in codes(found, "warn") and not found.refused
    shared = audit(changed(data, **codes_), {"train": (0, 1, 4, 5, 8, 9), "test": (2, 3, 6, 7, 10, 11)})
    assert {"constant-inputs", "shared-groups"} <= {one.code for one in shared.refused}


def test_the_label_in_the_input():
    data = clean()
    named = {f"s{i}": {"words": f"{i} this was {SPACE.labels[i % 3]} they said"} for i in range(40)}
    assert {one.code for one in audit(changed(data, **named)).refused} == {"labels-in-words"}
    made = {
        f"s{i}": {"features": {"audio": np.append(RNG.normal(size=9), i % 3).astype(np.float32)[None]}}
        for i in range(40)
    }
    found = audit(changed(data, **made))
    assert {one.code for one in found.refused} == {"labels-in-features"} and "1 of 10 columns" in found.refused[0].text


def test_a_column_in_step_with_a_value():
    goal = Space("made", ("valence",), "dimensional", "tests", -3, 3)
    rows = tuple(
        Sample(
            f"s{i}", f"g{i}", {"audio": np.array([[RNG.normal(), 2 * v + 1]], np.float32)}, np.array([v], np.float32)
        )
        for i, v in enumerate(RNG.uniform(-3, 3, 40))
    )
    found = audit(Data("made", goal, "value", rows, PARTS))
    assert {one.code for one in found.refused} == {"labels-in-features"}
    assert next(one for one in found.findings if one.code == "balance").table[0] == (
        "part",
        "n",
        "mean",
        "sd",
        "min",
        "max",
    )


def test_zeros_and_absent_modalities():
    data = clean()
    found = audit(changed(data, s1={"features": {"audio": np.zeros((2, 20), np.float32)}}, s2={"features": {}}))
    assert "zeros" in codes(found, "warn") and "missing-modality" in codes(found, "tell")


def test_classes_by_part():
    data = clean()
    rare = {f"s{i}": {"target": 0} for i in range(24) if i % 3 == 2}
    found = audit(changed(data, **rare))
    assert "valid has classes that train lacks: positive" in found.refused[0].text
    lacking = audit(changed(data, **{f"s{i}": {"target": 0} for i in range(32, 40) if i % 3 == 2}))
    assert "test has no positive" in str([one.text for one in lacking.findings]) and not lacking.refused


def test_features_fitted_on_the_labels_of_groups():
    data = replace(clean(), fitted=frozenset({"g9"}))
    assert {one.code for one in audit(data).refused} == {"fitted-features"}
    assert not audit(replace(data, fitted=frozenset({"g0"}))).refused
    assert not audit(data, allow=["fitted-features"]).refused


def test_an_unknown_code_lists_those_that_exist():
    with pytest.raises(RequestError, match=", ".join(list(CODES)[:2])):
        audit(clean(), allow=["everything"])


def test_no_parts_and_few_samples():
    data = replace(clean(), parts={})
    assert not audit(data).refused
    assert not audit(replace(data, samples=data.samples[:1])).refused
