"""The training loop: seeds, stages, selection, resuming, several processes, what it writes and refuses."""

from __future__ import annotations

import csv
import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import DataError, InputError, MienError, RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.training import keep  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402
from mien.research.training.labelled import chosen  # noqa: E402
from mien.research.training.optimisers import optimisers, parameters  # noqa: E402
from mien.research.training.recipe import Group, Recipe, Stage  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.state import pack, unpack  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402
from mien.research.training.weights import weights  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
SCRIPT = Path(__file__).parent / "run_made.py"


def method_of(data, name="concat-mlp", recipe=None, **settings):
    card = system(name)
    method = assemble(card, card.configure(settings), data.shape(), seed=0)
    return dataclasses.replace(method, recipe=recipe) if recipe else method


def quiet(**settings):
    return Settings(quiet=True, device="cpu", **settings)


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def run_made(*args, launch=()):
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(SCRIPT.parents[2] / "src")}
    return subprocess.run(
        [sys.executable, *launch, str(SCRIPT), *map(str, args)], env=env, capture_output=True, text=True, timeout=300
    )


# What is fed


@pytest.mark.parametrize("task", ["class", "labels", "value"])
@pytest.mark.parametrize("inputs", ["vector", "sequence", "dialogue"])
def test_feed_is_collate(task, inputs):
    data = without(made(task, inputs), lambda place, name: place % 5 == 0 and name == "audio")
    feed = Feed(data.samples, data.shape(), dialogue=inputs == "dialogue", training=True)
    for rows in feed.order(3 if inputs == "dialogue" else 5, np.random.default_rng(0)):
        given, wanted = feed.batch(rows), collate([data.samples[row] for row in rows], data.shape(), rows)
        for name in wanted.inputs:
            assert torch.equal(given.inputs[name], wanted.inputs[name])
            assert torch.equal(given.masks[name], wanted.masks[name])
        assert torch.equal(given.target, wanted.target) and torch.equal(given.places, wanted.places)
        assert torch.equal(given.index, wanted.index) and given.ids == wanted.ids
        assert torch.equal(given.groups[:, None] == given.groups, wanted.groups[:, None] == wanted.groups)
        assert torch.equal(given.speakers[:, None] == given.speakers, wanted.speakers[:, None] == wanted.speakers)


def test_dialogues_stay_whole():
    data = made(inputs="dialogue", n=24)
    feed = Feed(data.samples, data.shape(), dialogue=True)
    for rows in feed.order(2, np.random.default_rng(1)):
        groups = [data.samples[row].group for row in rows]
        assert all(sum(s.group == one for s in data.samples) == groups.count(one) for one in groups)
    assert sorted(row for rows in feed.order(2, np.random.default_rng(1)) for row in rows) == list(range(24))
    assert (feed.batch([0, 1]).index < 0).all(), "samples that are not trained on have no place among those that are"


def test_two_processes_share_whole_units():
    data = made(inputs="dialogue", n=24)
    feed = Feed(data.samples, data.shape(), dialogue=True)
    rows = feed.order(3)[0]
    parts = [feed.part(rows, rank, 2) for rank in range(2)]
    assert sorted(parts[0] + parts[1]) == sorted(rows) and len(parts[0]) == 8 and len(parts[1]) == 4


def test_two_processes_share_a_sample_that_was_drawn_twice():
    data = made(n=12)
    feed = Feed(data.samples, data.shape())
    assert [feed.part((3, 3, 5, 3), rank, 2) for rank in range(2)] == [(3, 5), (3, 3)]


@pytest.mark.parametrize(
    ("features", "target", "match"),
    [
        ({"text": np.full((1, 7), np.nan, np.float32)}, 0, "s0: text has NaN or infinite features"),
        (
            {"text": np.zeros((0, 7), np.float32)},
            0,
            r"s0: text must be \(time, 7\), got \(0, 7\); leave the modality out",
        ),
        ({"text": np.zeros((2, 6), np.float32)}, 0, r"s0: text must be \(time, 7\), got \(2, 6\)"),
        ({}, 3, "s0: the class must be 0 to 2, got 3"),
    ],
)
def test_bad_samples(features, target, match):
    data = made()
    bad = Sample("s0", "g0", features, target)
    with pytest.raises(DataError, match=match):
        fit(method_of(data), [bad, *data.samples[1:]], (), quiet())


def test_bad_numbers():
    data = made("value")
    bad = dataclasses.replace(data.samples[0], target=np.array([np.nan], np.float32))
    with pytest.raises(DataError, match="s0: the target must be 1 finite numbers"):
        fit(method_of(data), [bad, *data.samples[1:]], (), quiet())


# The loop


def test_learns_and_selects():
    data = made(n=120, signal=0.6)
    run = fit(method_of(data), data.samples[:80], data.samples[80:], quiet(epochs=15, select="uar"))
    assert run.selected == "uar" and run.samples == 80 and run.held == 40
    best = max(row["valid"] for row in run.rows)
    assert best > 0.6
    assert run.rows[run.best["train"] - 1]["valid"] == best


def test_ends_on_the_best_epoch():
    """The weights that stay are those of the epoch that validation chose, not of the last."""
    data = made(n=24)
    kept = {}

    def remember(model, epoch):
        kept[epoch] = weights(model)

    stage = Stage("train", 30, (Group(0.05),), patience=4, fresh=remember)
    method = method_of(data, recipe=Recipe((stage,), 8), dropout=0.0)
    run = fit(method, data.samples[:16], data.samples[16:], quiet())
    assert len(run.rows) == run.best["train"] + 4 < 30
    assert same(kept[run.best["train"]], weights(method.model))


def test_no_validation_keeps_the_last():
    data = made()
    run = fit(method_of(data), data.samples, (), quiet(epochs=3))
    assert run.best == {"train": 3} and run.selected == "last epoch" and "valid" not in run.rows[0]


def test_accumulation_is_one_large_batch():
    data = made(n=20)
    found = []
    for batch, accumulate in ((8, 1), (2, 4)):
        method = method_of(data, dropout=0.0)
        fit(method, data.samples, (), quiet(epochs=3, batch=batch, accumulate=accumulate))
        found.append(weights(method.model))
    for name in found[0]:
        torch.testing.assert_close(found[0][name], found[1][name], rtol=1e-4, atol=1e-5)


def test_stages_and_groups():
    """Each stage moves only the parameters of its groups; hooks are called in order."""
    data, seen = made(), []
    before = Stage(
        "one",
        2,
        (Group(0.1, ("head",), kind="sgd"),),
        before=lambda model, batches: seen.append(("before", sum(map(len, batches)))),
        fresh=lambda model, epoch: seen.append(("fresh", epoch)),
        stepped=lambda model, step: seen.append(("stepped", step)),
        after=lambda model, batches: seen.append(("after", len(batches))),
    )
    method = method_of(data, recipe=Recipe((before,), 8))
    start = weights(method.model)
    fit(method, data.samples, (), quiet())
    end = weights(method.model)
    assert {name for name in start if not torch.equal(start[name], end[name])} == {"head.weight", "head.bias"}
    assert seen == [
        ("before", 12), ("fresh", 0), ("stepped", 0), ("stepped", 1), ("fresh", 1), ("stepped", 2), ("stepped", 3), ("after", 2),
    ]  # fmt: skip


def test_a_parameter_belongs_to_one_group():
    data = made()
    model = method_of(data).model
    rest, heads = optimisers(model, (Group(1.0), Group(2.0, ("head",))))
    assert len(parameters([heads])) == 2
    assert (
        len(parameters([rest, heads])) == len(set(map(id, parameters([rest, heads])))) == len(list(model.parameters()))
    )
    with pytest.raises(RequestError, match=r"starts with haed; left: .*head.weight"):
        optimisers(model, (Group(1.0, ("haed",)),))
    with pytest.raises(RequestError, match="unknown optimiser 'lion'; allowed: adamw"):
        optimisers(model, (Group(1.0, kind="lion"),))


def test_schedule_and_rate_in_the_log():
    data = made()
    stage = Stage("train", 4, (Group(1.0, kind="sgd"),), schedule=lambda share: 0.0 if share >= 0.5 else 1e-3)
    method = method_of(data, recipe=Recipe((stage,), 12))
    rows = fit(method, data.samples, (), quiet()).rows
    assert [row["rate"] for row in rows] == [1e-3, 1e-3, 0.0, 0.0]


def test_rates_fall_on_a_plateau():
    """A model that does not move has no better epoch than its first."""
    data = made(n=24)
    stage = Stage("train", 7, (Group(1e-20, kind="sgd"),), plateau=(0.1, 2))
    method = method_of(data, recipe=Recipe((stage,), 8), dropout=0.0)
    rows = fit(method, data.samples[:16], data.samples[16:], quiet()).rows
    assert [row["rate"] / 1e-20 for row in rows] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.01])


def test_own_losses_of_a_stage_select_it():
    """Pre-training without labels is judged by what it minimises, on the validation part."""
    data = made(n=24)

    def quietness(model, batch, output, config):
        return {"quiet": (output.scores - 1).square().mean()}

    stage = Stage("pretrain", 5, (Group(1e-3, ("body",)),), losses=quietness)
    method = method_of(data, recipe=Recipe((stage,), 8))
    rows = fit(method, data.samples[:16], data.samples[16:], quiet()).rows
    assert rows[-1]["valid"] < 0 and rows[-1]["valid"] > rows[0]["valid"] and "quiet" in rows[0]


def test_the_loop_sees_no_other_samples():
    """A group on both sides is refused, so test samples cannot come in by it either."""
    data = made(n=12)
    with pytest.raises(RequestError, match="group 'g1' is in the training and in the validation part"):
        fit(method_of(data), data.samples[:6], data.samples[6:], quiet())
    fit(method_of(data), data.samples[:6], data.samples[6:], quiet(epochs=1, shared_groups=True))


def test_not_a_number():
    data = made()
    stage = Stage("train", 3, (Group(1e30, kind="sgd"),))
    with pytest.raises(MienError, match=r"the loss 'task' of stage 'train' is (nan|inf) in epoch [123]: a lower rate"):
        fit(method_of(data, recipe=Recipe((stage,), 2)), data.samples, (), quiet())


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"accumulate": 0}, "accumulate must be 1 or more, got 0"),
        ({"precision": "fp8"}, "unknown precision 'fp8'; allowed: auto, float32, bf16"),
        ({"select": "test"}, "unknown select 'test'; allowed: loss, uar"),
        ({"resume": True}, "resume needs the folder"),
        ({"tensorboard": True}, "tensorboard needs the folder"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"seed": 2**64}, "seed must be a whole number from 0"),
    ],
)
def test_bad_settings(settings, match):
    with pytest.raises(RequestError, match=match):
        Settings(**settings)


def test_bad_requests():
    data = made("value")
    with pytest.raises(RequestError, match="'value' cannot be selected by 'uar'; allowed: loss, mae, ccc"):
        fit(method_of(data), data.samples, (), quiet(select="uar"))
    with pytest.raises(RequestError, match="no samples to train on"):
        fit(method_of(data), (), data.samples, quiet())
    with pytest.raises(RequestError, match=r"no device 'abacus' here .* allowed: auto, cpu, cuda"):
        fit(method_of(data), data.samples, (), Settings(device="abacus", quiet=True))


def test_weights_that_are_no_numbers_are_not_kept():
    """The loss of the only step is fine, what it makes of the weights is not."""
    data = made()
    recipe = Recipe((Stage("train", 1, (Group(1e39, kind="sgd"),)),), 12)
    with pytest.raises(MienError, match=r"is not finite after stage 'train': a lower rate"):
        fit(method_of(data, recipe=recipe), data.samples, (), quiet())


def test_losses_in_half_precision_are_added_up_in_full():
    """A sum in bf16 stands still at 256 times what is added."""
    data = made(n=600)

    def constant(model, batch, output, config):
        return {"one": output.scores.sum().to(torch.bfloat16) * 0 + 1}

    method = dataclasses.replace(
        method_of(data, "linear", Recipe((Stage("train", 1, (Group(1e-3),)),), 1)), losses=constant
    )
    assert fit(method, data.samples, (), quiet(precision="bf16")).rows[0]["loss"] == 1


def test_half_precision_trains():
    data = made(n=24, signal=0.5)
    rows = fit(method_of(data), data.samples, (), quiet(epochs=6, precision="bf16")).rows
    assert rows[-1]["loss"] < rows[0]["loss"]


# What it writes


def test_log_and_progress(tmp_path, capsys):
    data = made(n=24)
    settings = Settings(epochs=3, out=tmp_path, device="cpu")
    run = fit(method_of(data), data.samples[:16], data.samples[16:], settings)
    with open(tmp_path / "log.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert list(rows[0]) == ["stage", "epoch", "rate", "loss", "task", "valid", "seconds"]
    assert float(rows[-1]["valid"]) == run.rows[-1]["valid"]
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.splitlines()) == 3
    assert "train 2/3  loss" in told.err and "at most 0:00:0" in told.err


def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboard")
    data = made()
    fit(method_of(data), data.samples, (), quiet(epochs=2, out=tmp_path, tensorboard=True))
    assert list((tmp_path / "tensorboard").glob("events.*"))


# Stopping and going on


def test_state_is_packed_to_the_bit(tmp_path):
    state = {
        "a": [1, 2.5, None, True, ("x", -float("inf"))],
        3: {"t": torch.randn(3, 2)},
        "b": torch.tensor([1 + 2**40]),
    }
    back = unpack(pack(state), tmp_path)
    assert back["a"] == state["a"] and torch.equal(back[3]["t"], state[3]["t"]) and torch.equal(back["b"], state["b"])
    for broken in (b"", b"nonsense", pack(state)[:-3]):
        with pytest.raises(InputError, match="is no checkpoint of Mien"):
            unpack(broken, tmp_path)


def logged(out):
    with open(out / "log.csv", newline="") as stream:
        return [[row[name] for name in ("stage", "epoch", "loss", "valid")] for row in csv.DictReader(stream)]


def test_killed_runs_go_on_to_the_same_bits(tmp_path):
    whole = run_made(tmp_path / "whole", tmp_path / "whole.bits")
    assert whole.returncode == 0, whole.stderr
    wanted = (tmp_path / "whole.bits").read_bytes()
    out, bits = tmp_path / "killed", tmp_path / "killed.bits"
    for die in (8, 11, 14):  # inside the first stage, in the second, and after going on twice
        died = run_made(out, bits, "--resume", "--die", die)
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert not bits.exists() and not list(out.glob(".mien-*.part"))
    last = run_made(out, bits, "--resume")
    assert last.returncode == 0, last.stderr
    assert bits.read_bytes() == wanted
    assert logged(tmp_path / "whole") == logged(out)


def test_checkpoint_of_another_run(tmp_path):
    data = made()
    fit(method_of(data), data.samples, (), quiet(epochs=1, out=tmp_path, every=0.0))
    for method, samples, settings, match in (
        (method_of(data, "linear"), data.samples, {"epochs": 1}, "its system is concat-mlp, asked for is linear"),
        (method_of(data, hidden=8), data.samples, {"epochs": 1}, "its config is .*128.*, asked for is .*8"),
        (method_of(data), data.samples[:8], {"epochs": 1}, "the samples differ"),
        (method_of(data), made(seed=1).samples, {"epochs": 1}, "the samples differ"),
        (method_of(data), data.samples, {"epochs": 1, "seed": 2}, "its settings is .*asked for is .*'seed': 2"),
    ):
        with pytest.raises(InputError, match=f"{keep.NAME}: is of another run: {match}.*choose another --out"):
            fit(method, samples, (), quiet(out=tmp_path, resume=True, **settings))


def test_what_a_killed_write_left_is_cleared_away(tmp_path):
    (tmp_path / ".mien-x.part").write_bytes(b"half")
    data = made()
    fit(method_of(data), data.samples, (), quiet(epochs=1, out=tmp_path, resume=True))
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_full_disk(tmp_path, monkeypatch):
    data = made()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mien.files.os.fsync", full)
    with pytest.raises(InputError, match=r"cannot be written .No space left on device.; "):
        fit(method_of(data), data.samples, (), quiet(epochs=1, out=tmp_path))
    assert not list(tmp_path.iterdir())


def test_two_processes_take_the_steps_of_one(tmp_path):
    pytest.importorskip("accelerate")
    one = run_made(tmp_path / "one", tmp_path / "one.bits", "--dropout", 0)
    assert one.returncode == 0, one.stderr
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    device = "cpu" if torch.cuda.is_available() else "auto"
    two = run_made(tmp_path / "two", tmp_path / "two.bits", "--dropout", 0, "--device", device, launch=launch)
    assert two.returncode == 0, two.stderr
    alone, shared = (unpack((tmp_path / f"{name}.bits").read_bytes(), name) for name in ("one", "two"))
    assert alone["best"] == shared["best"] and shared["machine"] == "2 processes, cpu, float32"
    for name, values in alone["weights"].items():
        torch.testing.assert_close(values, shared["weights"][name], rtol=1e-3, atol=1e-5)


def test_a_share_of_the_labels_is_the_same_for_every_system_and_stages_without_labels_see_all():
    data = made("class", "sequence")
    samples = data.samples
    some = chosen(samples, 0.5, 3)
    assert [one.id for one in some] == [one.id for one in chosen(samples, 0.5, 3)] and len(some) < len(samples)
    assert {one.target for one in some} == {one.target for one in samples}
    assert {one.id for one in some} != {one.id for one in chosen(samples, 0.5, 4)}
    turns = chosen(samples, 0.5, 3, dialogue=True)
    assert all(sum(o.group == one.group for o in turns) == sum(o.group == one.group for o in samples) for one in turns)
    seen = {}

    def count(name):
        def look(model, batches):
            seen[name] = (sum(len(batch) for batch in batches), any(batch.target.any() for batch in batches))

        return look

    group = (Group(1e-3),)
    stages = (
        Stage("bare", 1, group, before=count("bare"), labels=False),
        Stage("told", 1, group, before=count("told")),
    )
    run = fit(method_of(data, recipe=Recipe(stages)), samples, (), quiet(labelled=0.5, seed=3))
    assert seen == {"bare": (len(samples), False), "told": (len(some), True)} and run.samples == len(samples)
    with pytest.raises(RequestError, match="labelled must be above 0"):
        quiet(labelled=0)


def test_a_stage_that_is_off_stays_off_whatever_epochs_are_asked_for():
    group = (Group(1e-3),)
    recipe = Recipe((Stage("pretrain", 0, group), Stage("train", 9, group)))
    run = fit(method_of(made(), recipe=recipe), made().samples, (), quiet(epochs=2))
    assert [row["stage"] for row in run.rows] == ["train", "train"]
