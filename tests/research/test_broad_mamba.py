"""Broad Mamba beyond what every system keeps to."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import mien  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.broad_mamba.broad import BroadNodes, fit_ridge, ridge  # noqa: E402
from mien.research.systems.broad_mamba.guidance import confidence, fuse, guidance  # noqa: E402
from mien.research.systems.broad_mamba.recipe import temperature  # noqa: E402
from mien.research.training.optimisers import optimisers  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
CARD = system("broad-mamba")


def method(data, **settings):
    return assemble(CARD, CARD.configure(settings, "tiny"), data.shape())


def batch_of(data, rows=None):
    rows = list(range(len(data.samples)) if rows is None else rows)
    return collate([data.samples[row] for row in rows], data.shape(), rows)


@pytest.fixture
def data():
    return made("class", "dialogue", n=24, signal=1.0)


@pytest.mark.parametrize(
    "settings",
    [{"bls": "off"}, {"bls": "trainable"}, {"direction": "forward"}, {"discretisation": "zoh"}, {"combine": "mean"},
     {"confidence": "entropy"}, {"guide_gradient": True}, {"balanced": True}, {"speakers": 2}, {"speakers": 1},
     {"crossed": False}, {"phi": "identity"}, {"reverse": "padded"}],
)  # fmt: skip
def test_options_train(data, settings):
    one = method(data, rate=1e-2, **settings)
    run = fit(one, data.samples[:16], data.samples[16:], Settings(epochs=8, quiet=True, device="cpu"))
    assert run.rows[-1]["loss"] < 0.8 * run.rows[0]["loss"]
    assert torch.isfinite(one.model(batch_of(data)).scores).all()


def test_live_sees_no_later_turn(data):
    model = method(data, direction="forward").model.eval()
    model.refit([batch_of(data)])
    batch = batch_of(data, range(4))
    scores = model(batch).scores
    late = torch.tensor([False, False, False, True])
    inputs = {name: values + late.reshape(-1, 1, 1) for name, values in batch.inputs.items()}
    other = model(dataclasses.replace(batch, inputs=inputs)).scores
    assert torch.equal(scores[:3], other[:3]) and not torch.equal(scores[3], other[3])


def test_labels_move_neither_weights_nor_answers(data):
    model = method(data).model.eval()
    batch = batch_of(data)
    model.refit([batch])
    other = dataclasses.replace(batch, target=(batch.target + 1) % 3)
    for name, values in model(batch).extras.items():
        assert torch.equal(values, model(other).extras[name])


def test_weights_sum_to_one_over_what_is_there(data):
    model = method(data).model.eval()
    output = model(batch_of(data).without("audio"))
    assert (output.extras["weight/audio"] == 0).all()
    total = sum(values for name, values in output.extras.items() if name.startswith("weight/"))
    torch.testing.assert_close(total, torch.ones(24))


@pytest.mark.parametrize("rule", ["max", "entropy"])
@pytest.mark.parametrize("outputs", [2, 3, 7, 28])
@pytest.mark.parametrize("task", ["class", "labels"])
def test_unsure_of_everything_weighs_equally(rule, outputs, task):
    sure = confidence(torch.zeros(3, 5, outputs), task, rule=rule)
    there = torch.tensor([True, True, False]).unsqueeze(1).expand(3, 5)
    torch.testing.assert_close(guidance(sure, there), torch.tensor([0.5, 0.5, 0.0]).unsqueeze(1).expand(3, 5))
    assert (guidance(sure, there & False) == 0).all()


def test_sure_of_everything_is_one():
    logits = torch.tensor([[100.0, 0.0, 0.0], [float("inf"), 0.0, 0.0]])[:1]
    assert confidence(logits, rule="max").item() == pytest.approx(1)
    assert confidence(logits, rule="entropy").item() == pytest.approx(1)


def test_what_weighs_nothing_is_not_read():
    values = torch.tensor([[[1.0, 2.0]], [[float("nan"), float("inf")]]])
    assert fuse(values, torch.tensor([[1.0], [0.0]])).tolist() == [[1.0, 2.0]]


def test_what_is_sure_weighs_by_the_rule_the_temperatures_and_no_gradient(data):
    batch = batch_of(data)
    for settings in ({}, {"confidence": "entropy"}, {"guide_gradient": True}):
        model = method(data, **settings).model.eval()
        model.get_buffer("temperatures").copy_(torch.tensor([0.2, 3.0, 1.0]))
        output = model(batch)
        told = torch.stack([output.extras[f"alone/{name}"] for name in model.names])
        cooled = told / torch.tensor([0.2, 3.0, 1.0]).reshape(-1, 1, 1)
        there = torch.ones(3, len(batch), dtype=torch.bool)
        wanted = guidance(confidence(cooled, rule=settings.get("confidence", "max")), there)
        found = torch.stack([output.extras[f"weight/{name}"] for name in model.names])
        torch.testing.assert_close(found, wanted)
        assert found.requires_grad == ("guide_gradient" in settings)


def test_broad_nodes_send_nothing_back_into_the_tower(data):
    h, groups = torch.randn(24, 16, requires_grad=True), torch.arange(24)
    for bls in ("closed_form", "trainable"):
        broad = method(data, bls=bls, dropout=0.5).model.broad["text"].train()
        broad(h, groups).sum().backward()
        assert h.grad is None
    one, other = broad(h, groups), broad(h, groups)
    assert not torch.equal(one, other), "nodes are dropped out while they are learnt"


def test_the_ridge_reads_turns_that_have_the_modality(data):
    lost = without(data, lambda place, name: name == "audio" and place % 2 == 0)
    model, seen = method(lost).model.eval(), []
    model.broad["audio"].fit = lambda h, target, groups: seen.append((h, target, groups))
    batch = batch_of(lost)
    model.refit([batch])
    ((h, target, groups),) = seen
    odd = torch.arange(24) % 2 == 1
    torch.testing.assert_close(h, model.features(batch)["audio"][odd])
    assert torch.equal(target.argmax(dim=1), batch.target[odd]) and torch.equal(groups, batch.groups[odd])


def test_who_speaks_is_told_by_party_and_unknown_people_by_nothing(data):
    batch = batch_of(data, range(4))

    def alike(one, other, speakers):
        model = method(data, speakers=speakers).model.eval()
        found = [model(dataclasses.replace(batch, speakers=torch.tensor(who))).scores for who in (one, other)]
        return torch.allclose(*found, atol=1e-6)

    assert not alike([0, 0, 0, 0], [-1, -1, -1, -1], 1), "the first party has an embedding"
    assert not alike([0, 1, 0, 1], [0, 0, 0, 0], 2) and alike([5, 3, 5, 3], [0, 1, 0, 1], 2)
    assert alike([0, 1, 2, 3], [0, 1, 1, 1], 2), "the last one serves every further speaker"


def test_each_modality_learns_by_itself_with_a_share_of_its_loss(data):
    batch = batch_of(data)
    built = method(data, bls="off")
    built.model.eval()
    output = built.model(batch)
    terms = built.losses(built.model, batch, output, built.config)
    for name in built.model.names:
        alone = torch.nn.functional.cross_entropy(output.extras[f"alone/{name}"], batch.target)
        torch.testing.assert_close(terms[f"alone/{name}"], 0.3 * alone)
    torch.testing.assert_close(terms["task"], torch.nn.functional.cross_entropy(output.scores, batch.target))


def test_ridge_needs_a_penalty(data):
    with pytest.raises(RequestError, match=r"penalty must be above 0 .*, got 0"):
        method(data, penalty=0.0)
    assert method(data, penalty=0.0, bls="off")
    with pytest.raises(ValueError, match="above 0, got 0"):
        ridge(torch.eye(2), torch.eye(2), 0.0)


@pytest.mark.parametrize("samples", [5, 200])
def test_identity_nodes_can_be_fitted(samples):
    """Rank 5 of 24 columns: the solution is not unique, what it predicts is."""
    torch.manual_seed(0)
    nodes = BroadNodes(4, groups=2, nodes=12, enhance=0, phi="identity")
    h = torch.randn(samples, 4)
    y = h @ torch.randn(4, 2) + 1
    torch.testing.assert_close(nodes(h) @ fit_ridge(nodes(h), y, 1e-6), y, rtol=1e-3, atol=1e-3)


def test_a_learning_dialogue_gets_the_ridge_that_has_not_seen_it(data):
    """With labels drawn by chance the ridge knows its own dialogues and no others."""
    torch.manual_seed(0)
    broad = method(data, groups=4, nodes=16, enhance=64).model.broad["text"]
    h, y = torch.randn(40, 16), torch.nn.functional.one_hot(torch.randint(0, 3, (40,)), 3).float()
    groups = torch.arange(40) // 4
    broad.fit(h, y, groups)
    with torch.no_grad():
        broad.lift = torch.nn.Identity()
        broad.eval()
        known = (broad(h, groups).argmax(dim=1) == y.argmax(dim=1)).float().mean()
        broad.train()
        unseen = (broad(h, groups).argmax(dim=1) == y.argmax(dim=1)).float().mean()
    assert known > 0.9 and unseen < 0.6


def test_ridge_waits_for_the_warm_up_and_then_follows(data):
    cold = method(data, warm=5)
    fit(cold, data.samples[:16], (), Settings(epochs=2, quiet=True, device="cpu"))
    assert not cold.model.broad["text"].weights.any()
    warm = method(data, warm=1)
    fit(warm, data.samples[:16], (), Settings(epochs=2, quiet=True, device="cpu"))
    assert warm.model.broad["text"].weights.any()


def test_temperature_of_a_loud_head():
    torch.manual_seed(0)
    logits = torch.randn(4000, 3)
    target = torch.distributions.Categorical(logits=logits).sample()
    assert temperature(logits * 4, target, "class") == pytest.approx(4, rel=0.1)


def test_temperatures_come_from_the_validation_part(data):
    for calibrate, held in ((True, data.samples[16:]), (True, ()), (False, data.samples[16:])):
        one = method(data, calibrate=calibrate, epochs=2)
        fit(one, data.samples[:16], held, Settings(quiet=True, device="cpu"))
        assert (one.model.temperatures != 1).any() == bool(calibrate and held)


def test_decay_spares_a_log_and_skip(data):
    one = method(data)
    (adam,) = optimisers(one.model, one.recipe.stages[0].groups)
    names = {id(values): name for name, values in one.model.named_parameters()}
    spared = [names[id(values)] for part in adam.param_groups if not part["weight_decay"] for values in part["params"]]
    assert len(spared) == 3 * 2 * 2 and all(name.endswith(("a_log", "skip")) for name in spared)


def test_balanced_needs_classes():
    with pytest.raises(RequestError, match="balanced=true needs the task class"):
        method(made("labels", "dialogue"), balanced=True)


def test_a_dialogue_of_one_turn_and_one_of_many(data):
    many = made("class", "dialogue", n=4)
    samples = [dataclasses.replace(many.samples[at % 4], id=str(at), group="g", place=float(at)) for at in range(110)]
    alone = [dataclasses.replace(many.samples[0], id="alone", group="h")]
    model = method(many).model.eval()
    both = model(collate(alone + samples, many.shape())).scores
    torch.testing.assert_close(both[:1], model(collate(alone, many.shape())).scores, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(both[1:], model(collate(samples, many.shape())).scores, rtol=1e-4, atol=1e-5)


PLAIN = """
import sys
for name in ("mamba_ssm", "causal_conv1d", "triton", "ninja"):
    sys.modules[name] = None  # importing it fails
from pathlib import Path
import torch
from made import made
from mien.research.systems import assemble, system
from mien.research.training.settings import Settings
from mien.research.training.trainer import fit
data = made("class", "dialogue", n=24, signal=1.0)
card = system("broad-mamba")
for bls in ("closed_form", "trainable", "off"):
    method = assemble(card, card.configure({"bls": bls, "epochs": 2}, "tiny"), data.shape())
    fit(method, data.samples[:16], data.samples[16:], Settings(quiet=True))
    print(bls, next(method.model.parameters()).device.type)
"""


def test_broad_mamba_9_no_compiler_and_no_gpu_is_needed(tmp_path):
    """Nothing in the package is compiled, and it trains where no compiler, kernel package or GPU can be found."""
    folder = Path(mien.__file__).parent
    sources = {path.suffix for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert not sources & {".c", ".cpp", ".cu", ".pyx", ".so", ".pyd"}
    nowhere = str(tmp_path)
    paths = [str(Path(__file__).parent), str(folder.parent)]
    env = {"PATH": nowhere, "CC": nowhere, "CXX": nowhere, "CUDA_VISIBLE_DEVICES": "", "HOME": nowhere}
    env |= {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "TORCH_EXTENSIONS_DIR": nowhere}
    done = subprocess.run([sys.executable, "-c", PLAIN], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["closed_form", "cpu", "trainable", "cpu", "off", "cpu"]
    assert not list(tmp_path.rglob("*.so")), "nothing was compiled on the way"
