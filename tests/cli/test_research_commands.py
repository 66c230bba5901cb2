"""mien systems, train, evaluate, predict, as a person calls them."""

from __future__ import annotations

import dataclasses
import json
import pickle
import sys

import pytest
from click.testing import CliRunner
from tests.research.made import made, without

from mien.cli import bench, evaluate, predict, systems, train
from mien.errors import InputError, MienError, MissingExtra, RequestError


@pytest.fixture
def pack(tmp_path):
    from mien.research.datasets.pack import save_pack

    save_pack(made(n=60, signal=0.6), tmp_path / "made.npz")
    return tmp_path / "made.npz"


def call(module, *args):
    return CliRunner().invoke(module.command, [str(arg) for arg in args], catch_exceptions=False)


def test_systems_need_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    told = call(systems)
    assert told.exit_code == 0 and "concat-mlp" in told.stdout and "nearness" in told.stdout
    one = call(systems, "concat-mlp")
    assert "dropout" in one.stdout and "nearness: published" in one.stdout
    assert "ONNX: yes" in call(systems, "linear").stdout and "ONNX" not in call(systems, "cider").stdout
    listed = json.loads(call(systems, "--json").stdout)
    assert {"name", "source", "nearness", "options", "presets"} <= set(listed[0])
    assert json.loads(call(systems, "linear", "--json").stdout)["options"]["rate"] == 0.01
    with pytest.raises(RequestError, match=r"no system 'oracle'; systems: .*concat-mlp"):
        call(systems, "oracle")


@pytest.mark.parametrize("args", [(train, "linear"), (evaluate, "x"), (predict, "x")])
def test_without_torch(args, monkeypatch):
    monkeypatch.setattr("mien.cli.research.importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "mien\[train\]"'):
        call(*args, "--data", "made.npz")


def test_train_evaluate_predict(pack, tmp_path):
    pytest.importorskip("torch")
    from mien.research.datasets.pack import load_pack, save_pack

    out = tmp_path / "run"
    options = ("--data", pack, "--device", "cpu")
    made = call(train, "concat-mlp", *options, "--set", "hidden=16", "--set", "dropout=0", "--epochs", 8, "--out", out)
    assert made.exit_code == 0 and made.stdout.strip() == str(out)
    assert "made: no parts of the owners: whole groups at random (seed 0), 70/15/15" in made.stderr
    count = made.stderr.partition("concat-mlp: ")[2].partition(" parameters")[0]
    assert f"{count} parameters" in (out / "README.md").read_text() and int(count.replace(",", "")) > 0
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md", "config.json", "log.csv", "model.safetensors", "split.json",
    ]  # fmt: skip
    assert json.loads((out / "config.json").read_text())["config"]["hidden"] == 16
    resumed = ("--set", "hidden=16", "--set", "dropout=0", "--epochs", 8, "--out", out, "--resume")
    again = call(train, "concat-mlp", *options, *resumed)
    assert again.exit_code == 0 and "this run is done" in again.stderr
    for other, told in (
        (("linear", *options, "--out", out, "--resume"), "its system is concat-mlp, asked for is linear"),
        (("concat-mlp", *options, *resumed, "--seed", 4), "its seed is 0, asked for is 4; choose another --out"),
        (("concat-mlp", *options, "--out", out, "--resume"), "its config is .*16.*, asked for is .*128"),
    ):
        with pytest.raises(InputError, match=f"config.json: is of another run: {told}"):
            call(train, *other)
    with pytest.raises(InputError, match="holds a trained system; choose another --out"):
        call(train, "concat-mlp", *options, "--out", out, "--set", "hidden=8")
    (tmp_path / "stopped").mkdir()
    (tmp_path / "stopped" / "resume.safetensors").write_bytes(b"epochs of work")
    with pytest.raises(InputError, match="holds a run that was stopped; go on with --resume"):
        call(train, "concat-mlp", *options, "--out", tmp_path / "stopped")

    told = call(evaluate, out, "--data", pack, "--rounds", 50)
    assert told.exit_code == 0 and "made: test part, 8 samples" in told.stderr
    assert told.stdout.splitlines()[0].split() == ["metric", "value", "low", "high", "floor", "n"]
    rows = json.loads(call(evaluate, out, "--data", pack, "--json", "--part", "all").stdout)
    assert rows[0]["metric"] == "uar" and rows[0]["n"] == 60 and rows[0]["floor"] == pytest.approx(1 / 3)
    split = json.loads((out / "split.json").read_text())
    assert not set(split["train"]) & set(split["test"])
    renamed = load_pack(pack)
    save_pack(dataclasses.replace(renamed, name="renamed"), tmp_path / "renamed.npz")
    elsewhere = call(evaluate, out, "--data", tmp_path / "renamed.npz", "--rounds", 0)
    assert f"but {len(split['train'])} samples bear ids of those it was trained on" in elsewhere.stderr
    with pytest.raises(RequestError, match=r"concat-mlp tells no more than scores; these do: .*gaussian-adaptive-att"):
        call(evaluate, out, "--data", pack, "--explain")

    lines = [json.loads(line) for line in call(predict, out, "--data", pack).stdout.splitlines()]
    assert len(lines) == 60 and sum(lines[0]["values"].values()) == pytest.approx(1, abs=1e-5)
    assert lines[0]["answer"] == max(lines[0]["values"], key=lines[0]["values"].get)
    assert "absent" not in lines[0]
    table = call(predict, out, "--data", pack, "--format", "csv", "--out", tmp_path / "answers.csv")
    assert table.stdout == "" and (tmp_path / "answers.csv").read_text().startswith("id,l0,l1,l2\n")


def test_what_samples_lack_is_told(pack, tmp_path):
    """Answers without a modality, and answers from nothing at all, are not given as if all had been there."""
    pytest.importorskip("torch")
    from mien.research.datasets.pack import save_pack

    out = tmp_path / "run"
    call(train, "linear", "--data", pack, "--device", "cpu", "--quiet", "--epochs", 1, "--out", out)
    lost = without(made(n=60, signal=0.6), lambda place, name: name == "audio" or place == 3)
    save_pack(lost, tmp_path / "lost.npz")
    told = call(predict, out, "--data", tmp_path / "lost.npz")
    assert "made: all samples are answered without audio, which they lack" in told.stderr
    assert "made: 1 of 60 samples are answered without face" in told.stderr
    assert "made: 1 samples have nothing that linear reads: it can only guess" in told.stderr
    absent = [json.loads(line).get("absent") for line in told.stdout.splitlines()]
    assert absent[3] == ["text", "audio", "face"] and absent[4] == ["audio"]


def test_a_system_explains_its_answers(pack, tmp_path):
    pytest.importorskip("torch")
    out, options = tmp_path / "run", ("--data", pack, "--device", "cpu", "--quiet", "--epochs", 1)
    call(train, "gaussian-adaptive-attention", *options, "--set", "form=layers", "--out", out)
    told = call(evaluate, out, "--data", pack, "--rounds", 0, "--explain")
    assert "loss without it" in told.stderr and "Importance Factor is a heuristic" in told.stderr
    assert "loss without it" not in told.stdout


def test_wrong_requests(pack, tmp_path):
    pytest.importorskip("torch")
    for args, match in (
        (("oracle",), "no system 'oracle'; systems: "),
        (("linear", "--set", "hidden=3"), "linear has no option 'hidden'; it has: rate"),
        (("linear", "--set", "rate"), "--set takes KEY=VALUE, got 'rate'"),
        (("linear", "--set", "rate=fast"), "rate='fast' is no float"),
        (("linear", "--preset", "best"), "linear has no preset 'best'"),
        (("linear", "--select", "test"), "unknown select 'test'; allowed: loss"),
    ):
        with pytest.raises(RequestError, match=match):
            call(train, *args, "--data", pack, "--out", tmp_path / "run")
    with pytest.raises(InputError, match="is no trained system"):
        call(evaluate, tmp_path, "--data", pack)
    with pytest.raises(InputError, match="there is no such file"):
        call(train, "linear", "--data", tmp_path / "none.npz")


def test_words_are_encoded_on_the_way(tmp_path):
    """How features were made is kept with the run, so that the same is done to what it answers."""
    pytest.importorskip("torch")
    pack = tmp_path / "words.json"
    rows = [
        {"id": f"s{at}", "group": f"g{at // 2}", "features": {}, "words": ("glad and happy" if at % 2 else "sad and sorry") + f" {at}",
         "target": "positive" if at % 2 else "negative"}
        for at in range(24)
    ]  # fmt: skip
    pack.write_text(json.dumps({"task": "class", "space": "sentiment3", "samples": rows}))
    out = tmp_path / "run"
    options = ("--data", pack, "--store", tmp_path / "store")
    with pytest.raises(RequestError, match="has no features, only words; encode it: --encode text=NAME"):
        call(train, "linear", *options, "--out", out)
    call(train, "linear", *options, "--encode", "text=hash:width=32", "--device", "cpu", "--quiet", "--out", out)
    run = json.loads((out / "config.json").read_text())["run"]
    assert run["encode"] == ["text=hash:width=32"]
    rows = json.loads(call(evaluate, out, *options, "--json", "--part", "all").stdout)
    assert {row["metric"]: row["value"] for row in rows}["accuracy"] > 0.9
    assert len(call(predict, out, *options).stdout.splitlines()) == 24
    with pytest.raises(RequestError, match="linear reads text 32 wide; words has it 16 wide"):
        call(predict, out, *options, "--encode", "text=hash:width=16")


def test_owners_parts(tmp_path):
    """Parts of the owners are kept; where they made none to select on, groups are held out only when asked."""
    import dataclasses

    from mien.cli.research import split_of

    data = made(n=40)
    data = dataclasses.replace(data, parts={"train": tuple(range(32)), "test": tuple(range(32, 40))})
    split, told = split_of(data, None, 0)
    assert split.valid == () and len(split.train) == 32 and "the last epoch is kept" in told
    split, told = split_of(data, 0.25, 0)
    assert len(split.valid) == 8 and len(split.train) == 24 and "2 of 8 training groups" in told
    split.check(data.samples)


def changed(path, number, **values):
    """A pack whose sample of that number has other values; what `save_pack` itself would refuse is written as JSON."""
    rows = [
        {"id": one.id, "group": one.group, "target": int(one.target),
         "features": {name: rows.mean(axis=0).tolist() for name, rows in one.features.items()}}
        for one in made(n=24).samples
    ]  # fmt: skip
    parts = values.pop("parts", {})
    rows[number].update(values)
    space = {"labels": ["l0", "l1", "l2"], "kind": "categorical"}
    path.write_text(json.dumps({"task": "class", "space": space, "name": "made", "samples": rows, "parts": parts}))
    return path


NUMBERS = [0.0] * 5
IDS = [f"s{at}" for at in range(24)]


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"features": {"audio": [float("nan"), *NUMBERS[1:]]}}, "s7: audio has NaN or infinite features; mend them"),
        ({"features": {"audio": []}}, r"s7: audio must be \(time, width\) and not empty"),
        ({"features": {"audio": [*NUMBERS, 1.0]}}, r"s\d+: audio is \d wide, others \d"),
        ({"target": 9}, r"s7: class 9 is none of 0 to 2 \(l0, l1, l2\)"),
        ({"target": "joy"}, "space own has no label 'joy'; it has: l0, l1, l2"),
        ({"id": "s0"}, "two samples have the id 's0'"),
        ({"parts": {"train": IDS[:10], "valid": IDS[10:]}}, "group 'g2' is in train and in valid"),
        ({"parts": {"train": IDS[:12], "valid": IDS[8:]}}, "'s8' is in train and in valid"),
    ],
)
def test_bad_data_is_one_line_that_names_the_file(values, match, tmp_path):
    pytest.importorskip("torch")
    path = changed(tmp_path / "bad.json", 7, **values)
    for module, args in ((train, ("linear", "--out", tmp_path / "run")), (bench, ("seeds", "--systems", "linear"))):
        with pytest.raises(MienError, match=match) as raised:
            call(module, *args, "--data", path)
        assert str(path) in str(raised.value) and not (tmp_path / "run").exists()


def test_code_in_a_pickle_is_refused_by_every_command(pack, tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps({"train": {"text": Evil()}}))
    out = tmp_path / "run"
    call(train, "linear", "--data", pack, "--pool", "mean", "--epochs", 1, "--device", "cpu", "--out", out)
    for module, args in ((train, ("linear",)), (evaluate, (out,)), (predict, (out,)), (bench, ("seeds",))):
        more = ("--systems", "linear") if module is bench else ()
        with pytest.raises(InputError, match=r"evil.pkl: byte \d+: is refused: it calls for .*opcode"):
            call(module, *args, "--data", f"mosei:{tmp_path / 'evil.pkl'}", *more)


class Evil:
    """What nobody should unpickle."""

    def __reduce__(self):
        return (sys.exit, (1,))


def test_a_part_without_a_class_is_told(tmp_path):
    pytest.importorskip("torch")
    held = {"train": [name for at, name in enumerate(IDS[:20]) if at % 3 < 2], "test": IDS[20:]}
    path = changed(tmp_path / "made.json", 0, parts=held)
    options = ("--data", path, "--device", "cpu", "--out", tmp_path / "run")
    told = call(train, "linear", *options, "--epochs", 1)
    assert "made: test has classes that train lacks: l2" in told.stderr
    few = changed(tmp_path / "few.json", 0, parts={"train": IDS[:20], "test": [IDS[21], IDS[22]]})
    call(train, "linear", "--data", few, "--device", "cpu", "--out", tmp_path / "few", "--epochs", 1)
    said = call(evaluate, tmp_path / "few", "--data", few, "--rounds", 0).stderr
    assert "made: no sample of l2 is among them: means over classes leave it out" in said
    (tmp_path / "few" / "split.json").write_text("{")
    with pytest.raises(InputError, match=r"split\.json: is no split of a run"):
        call(evaluate, tmp_path / "few", "--data", few)


def test_a_full_disk_while_saving_loses_no_run(pack, tmp_path, monkeypatch):
    """The checkpoint of the run stays, and --resume ends it."""
    pytest.importorskip("torch")
    import mien.files

    real, out = mien.files.os.replace, tmp_path / "run"

    def full(source, target):
        if str(target).endswith("model.safetensors"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(mien.files.os, "replace", full)
    options = ("--data", pack, "--pool", "mean", "--device", "cpu", "--epochs", 3, "--out", out)
    with pytest.raises(InputError, match=r"model.safetensors: cannot be written \(No space left.*make room.*--resume"):
        call(train, "linear", *options)
    assert not (out / "config.json").exists() and not list(out.glob(".mien-*"))
    with pytest.raises(InputError, match="is no trained system"):
        call(predict, out, "--data", pack)
    monkeypatch.setattr(mien.files.os, "replace", real)
    assert call(train, "linear", *options, "--resume").exit_code == 0
    assert call(predict, out, "--data", pack).exit_code == 0
