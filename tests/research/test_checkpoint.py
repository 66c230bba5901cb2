"""Folders of trained systems: what they hold, and what is said where one does not fit."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

torch = pytest.importorskip("torch")

from mien.errors import InputError, RequestError  # noqa: E402
from mien.research.systems import MEANS, assemble, system  # noqa: E402
from mien.research.systems.pretrained import from_pretrained  # noqa: E402
from mien.research.training.answering import answer, check_data  # noqa: E402
from mien.research.training.checkpoint import save_pretrained  # noqa: E402
from mien.research.training.recipe import Group, Recipe, Stage  # noqa: E402
from mien.research.training.scoring import score_answers  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402
from mien.research.training.weights import load_weights, weights  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)


def saved(path, name="late-average", data=None):
    data = data or made(n=24, signal=0.5)
    card = system(name)
    method = assemble(card, card.configure(), data.shape())
    run = fit(method, data.samples[:16], data.samples[16:], Settings(quiet=True, device="cpu", epochs=2, seed=7))
    save_pretrained(path, method, data.space, run, data=data.name, notes="## Scores\n\nnone yet")
    return method, data


def test_the_card_tells_what_picked_each_stage(tmp_path):
    """A stage with a loss of its own is picked by that, whatever was asked for; some end on their last epoch."""
    data, card, group = made(n=24), system("linear"), (Group(1e-3),)

    def own(model, batch, output, config):
        return {"quiet": output.scores.square().mean()}

    stages = (
        Stage("pretrain", 3, group, losses=own, labels=False),
        Stage("described", 3, group, losses=own, select=False),
        Stage("labels", 3, group),
    )
    method = dataclasses.replace(assemble(card, card.configure(), data.shape()), recipe=Recipe(stages))
    settings = Settings(quiet=True, device="cpu", epochs=2, select="uar", batch=8, labelled=0.5)
    run = fit(method, data.samples[:16], data.samples[16:], settings)
    save_pretrained(tmp_path, method, data.space, run)
    told = (tmp_path / "README.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:5]] for line in told.splitlines() if line.startswith("| ")]
    picked = {row[0]: row[3] for row in rows if row[0] in ("pretrain", "described", "labels")}
    assert picked == {"pretrain": "its own loss", "described": "last epoch", "labels": "uar"}
    assert "batches of 8; at most 2 epochs a stage" in told and "labels of 0.5 of the samples used" in told


def change(path, **more):
    told = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**told, **more}))


def test_folder(tmp_path):
    method, data = saved(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    card = (tmp_path / "README.md").read_text()
    for told in (
        "# late-average",
        "l0, l1, l2",
        "| text | 7 |",
        "16 samples, 8 held out to select on; seed 7. The run: batches of 32; at most 2 epochs a stage",
        "cpu, float32",
        "| train | 2 |",
        "| loss |",
        "none yet",
    ):
        assert told in card
    assert f"Nearness: published; late-average {MEANS['published']}." in card and system("late-average").source in card
    found = from_pretrained(tmp_path, expected="late-average")
    assert found.folder.run["seed"] == 7 and found.folder.space == data.space
    assert (answer(found.method, data.samples) == answer(method, data.samples)).all()


def test_the_card_of_a_recreation_says_that_it_reproduces_no_figure(tmp_path):
    data, card = made(), system("vaemo")
    save_pretrained(tmp_path, assemble(card, card.configure(preset="tiny"), data.shape()), data.space)
    told = (tmp_path / "README.md").read_text()
    assert card.source in told and "Nearness: re-creation;" in told
    assert "nothing here reproduces a published figure" in told


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"system": "oracle"}, r"config.json: no system 'oracle' in this Mien; it has: .*late-average"),
        ({"system": "linear"}, r"config.json: linear has no option 'hidden'; it has: rate"),
        ({"version": 99}, r"config.json: is version 99 of late-average, this Mien has 1; train again"),
        ({"format": 99}, r"config.json: is of format 99, this Mien reads 1"),
        (
            {"shape": {"widths": {"text": 9}, "task": "class", "outputs": 3}},
            r"model.safetensors: these weights are of another model",
        ),
        ({"config": {"hidden": 3}}, r"model.safetensors: weights of another shape: networks.text.0.*must be \(3"),
        ({"config": {"moods": 3}}, r"config.json: late-average has no option 'moods'"),
        ({"space": {}}, r"config.json: is no config of a trained system"),
        ({"shape": {"widths": "x", "task": "class", "outputs": 3}}, r"config.json: is no config of a trained system"),
        ({"shape": {"widths": {"text": -1}, "task": "class", "outputs": 3}}, r"config.json: is no config .*its shape"),
        ({"shape": {"widths": {"text": 7}, "task": "guess", "outputs": 3}}, r"config.json: is no config .*its shape"),
        (
            {"space": {"name": "x", "labels": ["a", "a"], "kind": "categorical", "source": ""}},
            r"config.json: is no config .*duplicate labels",
        ),
        ({"run": []}, r"config.json: is no config .*run is no table.; copy it again or train again"),
    ],
)
def test_other_checkpoints(more, match, tmp_path):
    saved(tmp_path)
    change(tmp_path, **more)
    with pytest.raises(InputError, match=match):
        from_pretrained(tmp_path)


def test_broken_files(tmp_path):
    saved(tmp_path)
    with pytest.raises(InputError, match="is a trained late-average, not cider"):
        from_pretrained(tmp_path, expected="cider")
    data = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(InputError, match=r"model.safetensors: is not what config.json was written with"):
        from_pretrained(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(data[:-9])
    with pytest.raises(InputError, match=r"model.safetensors: is no safetensors file"):
        from_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"model.safetensors: cannot be read"):
        from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match=r"config.json: is no config of a trained system"):
        from_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"is no trained system: it has no config.json; train one"):
        from_pretrained(tmp_path / "nowhere")


def test_buffers_may_grow():
    """What a system keeps by sample is as long as its training part was."""

    class Keeps(torch.nn.Module):
        def __init__(self, rows):
            super().__init__()
            self.register_buffer("kept", torch.arange(float(rows)))
            self.weight = torch.nn.Parameter(torch.zeros(2))

    grown, new = Keeps(5), Keeps(0)
    load_weights(new, weights(grown))
    assert torch.equal(new.kept, grown.kept)
    with pytest.raises(RequestError, match=r"of another model: .*weight"):
        load_weights(new, {"kept": torch.zeros(1)})
    with pytest.raises(RequestError, match=r"weight must be \(2,\), got \(3,\)"):
        load_weights(new, {"kept": torch.zeros(1), "weight": torch.zeros(3)})


def test_answers_do_not_depend_on_batch_or_order_or_target(tmp_path):
    method, data = saved(tmp_path)
    data = without(data, lambda place, name: place % 3 == 0 and name == "audio")
    found = answer(method, data.samples)
    assert found.shape == (24, 3) and abs(found.sum(axis=1) - 1).max() < 1e-6
    assert abs(found - answer(method, data.samples, batch=1)).max() < 1e-6
    assert abs(found[::-1] - answer(method, data.samples[::-1])).max() < 1e-6
    blind = [dataclasses.replace(sample, target=-5) for sample in data.samples]
    assert (found == answer(method, blind)).all()
    assert answer(method, []).shape == (0, 3)


def test_other_data_is_told_what_fits():
    data = made()
    shape, labels = data.shape(), data.space.labels
    check_data(shape, labels, made(modalities=("text",)), "x")
    check_data(shape, labels, made(modalities=("text", "scene")), "x")
    with pytest.raises(RequestError, match="x reads text, audio, face; made has only scene"):
        check_data(shape, labels, made(modalities=("scene",)), "x")
    with pytest.raises(
        RequestError, match="x answers the task 'class' with l0, l1, l2; made has the task 'value' with l0"
    ):
        check_data(shape, labels, made("value"), "x")
    with pytest.raises(RequestError, match="x reads text 8 wide; made has it 7 wide"):
        check_data(dataclasses.replace(shape, widths={"text": 8}), labels, data, "x")


@pytest.mark.parametrize("task", ["class", "labels", "value"])
def test_scores_with_floors(task):
    data = made(task, n=24, outputs=3)
    method = assemble(system("linear"), system("linear").configure(), data.shape())
    lines = score_answers(data, data.samples, answer(method, data.samples), rounds=20)
    assert len(lines) >= 3 and all(math.isfinite(line.score.value) and line.score.n == 24 for line in lines)
    assert lines[0].score.interval is not None
    if task != "labels":
        assert lines[0].floor is not None
