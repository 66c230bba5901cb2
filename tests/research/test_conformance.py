"""What every system keeps to, run over the registry: `pytest tests/research/test_conformance.py -k NAME`.

A system's preset "tiny" is used where its card has one. `card.excused` maps the name of a test (without "test_") to
the reason why it does not apply.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.task import answers  # noqa: E402
from mien.research.systems import assemble, systems  # noqa: E402
from mien.research.systems.pretrained import from_pretrained  # noqa: E402
from mien.research.training.checkpoint import save_pretrained  # noqa: E402
from mien.research.training.export import export_onnx  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import WIDTHS, made, without  # noqa: E402

torch.set_num_threads(1)
ALL = systems()
CASES = [(name, task) for name, card in ALL.items() for task in card.tasks]


@pytest.fixture(params=list(ALL))
def card(request):
    found = ALL[request.param]
    test = request.function.__name__.removeprefix("test_")
    if test in found.excused:
        pytest.skip(f"{found.name}: {found.excused[test]}")
    return found


def config_of(card, **settings):
    return card.configure(settings, "tiny" if "tiny" in card.presets else None)


def data_of(card, task=None, **more):
    given = {"modalities": tuple(card.needs) or ("text", "audio", "face"), **more}
    return made(task or card.tasks[0], card.inputs, **given)


def method_of(card, data, seed=0):
    return assemble(card, config_of(card), data.shape(), seed=seed)


def batch_of(data, rows=None, **more):
    rows = range(len(data.samples)) if rows is None else rows
    return collate([data.samples[row] for row in rows], data.shape(), list(rows), **more)


def some_lost(data):
    """Every modality is absent somewhere, none everywhere, and each sample keeps one."""
    names = list(data.shape().widths)
    return without(data, lambda place, name: len(names) > 1 and names.index(name) == place % (len(names) + 1))


def scores(method, batch):
    method.model.eval()
    with torch.no_grad():
        return method.model(batch).scores


def all_losses(method, batch):
    """Every term that any stage minimises."""
    for stage in method.recipe.stages:
        if stage.before:
            stage.before(method.model, [batch])
        if stage.refit:
            stage.refit(method.model, [batch], 0)
        output = method.model(batch)
        for name, term in (stage.losses or method.losses)(method.model, batch, output, method.config).items():
            yield f"{stage.name}: {name}", term


def close(one, other, atol=1e-5):
    torch.testing.assert_close(one, other, rtol=1e-4, atol=atol)


def garbage(batch, seed=0):
    """Large numbers wherever nothing real stands."""
    torch.manual_seed(seed)
    inputs = {
        name: torch.where(batch.masks[name].unsqueeze(-1), values, torch.randn_like(values) * 1000)
        for name, values in batch.inputs.items()
    }
    return dataclasses.replace(batch, inputs=inputs)


def longer(batch, steps=3):
    """The same batch with further steps of padding."""
    pad = torch.nn.functional.pad
    inputs = {name: pad(values, (0, 0, 0, steps)) for name, values in batch.inputs.items()}
    masks = {name: pad(mask, (0, steps)) for name, mask in batch.masks.items()}
    return dataclasses.replace(batch, inputs=inputs, masks=masks)


def permuted(batch, order):
    return dataclasses.replace(
        batch,
        inputs={name: values[order] for name, values in batch.inputs.items()},
        masks={name: mask[order] for name, mask in batch.masks.items()},
        target=batch.target[order],
        groups=batch.groups[order],
        places=batch.places[order],
        ids=tuple(batch.ids[place] for place in order.tolist()),
        index=batch.index[order],
        speakers=batch.speakers[order],
    )


def test_excuses_have_reasons():
    for card in ALL.values():
        for test, reason in card.excused.items():
            assert f"test_{test}" in globals() and len(reason) > 15, (card.name, test, reason)


def test_cards_need_no_torch():
    code = "import sys; sys.modules['torch'] = None; from mien.research.systems import systems; systems()"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_card_is_told(card):
    assert card.title and card.source and card.tasks and card.nearness in ("published", "partial", "re-creation")
    assert set(card.quirks) <= {entry.name for entry in dataclasses.fields(card.config)}
    for preset in card.presets:
        card.configure(preset=preset)


AS_PUBLISHED = {
    "broad-mamba": {"discretisation": "euler"},  # kernels and papers differ
    "cider": {"average_means": True, "selection": "validation", "tau": "validation"},  # no trained model sees test
    "emotiontalk": {"softmax": False},
    "movie-affect": {"activation": "none", "temperature": 2.0},
    "ras-compound": {"balanced": True},
    "ras-features": {"cycle": 10},
    "vaemo": {"one_speaker": True},  # no code to replicate
}
"""Quirks that no preset turns on, and their default: what the source does, or nothing can be replicated."""


def test_replicas_gather_the_quirks():
    """What a source does otherwise is off by default, and on in a preset that follows it."""
    for name, card in ALL.items():
        followed = [
            card.configure(preset=one) for one in card.presets if one.startswith(("replicate", "paper", "printed"))
        ]
        usual = card.config()
        alike = {
            one: getattr(usual, one)
            for one in card.quirks
            if all(getattr(each, one) == getattr(usual, one) for each in followed)
        }
        assert alike == AS_PUBLISHED.get(name, {}), name


@pytest.mark.parametrize("lost", [False, True], ids=["complete", "some-lost"])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_gradients(name, task, lost):
    card = ALL[name]
    if "gradients" in card.excused:
        pytest.skip(card.excused["gradients"])
    data = data_of(card, task)
    method = method_of(card, data)
    batch = batch_of(some_lost(data) if lost else data)
    method.model.train()
    for term, value in all_losses(method, batch):
        assert value.dim() == 0 and torch.isfinite(value), term
        if value.requires_grad:
            value.backward(retain_graph=True)  # several terms share the model
    for parameter, values in method.model.named_parameters():
        if values.requires_grad:
            assert values.grad is not None, f"{parameter} gets no gradient from any stage"
            assert torch.isfinite(values.grad).all(), parameter


@pytest.mark.parametrize(("name", "task"), CASES)
def test_output_shape(name, task):
    card = ALL[name]
    if "output_shape" in card.excused:
        pytest.skip(card.excused["output_shape"])
    data = data_of(card, task)
    output = method_of(card, data).model(batch_of(data))
    assert output.scores.shape == (len(data.samples), data.shape().outputs)
    assert output.hidden is None or output.hidden.shape[0] == len(data.samples)


def test_padding(card):
    data = some_lost(data_of(card))
    method = method_of(card, data)
    batch = batch_of(data)
    close(scores(method, batch), scores(method, garbage(longer(batch))))


def losses_of(method, batch):
    method.model.eval()
    with torch.no_grad():
        return method.losses(method.model, batch, method.model(batch), method.config)


def test_padding_of_losses(card):
    """What stands where nothing is real is no part of what is minimised either."""
    data = some_lost(data_of(card))
    method = method_of(card, data)
    batch = batch_of(data)
    one, other = losses_of(method, batch), losses_of(method, garbage(longer(batch)))
    assert one.keys() == other.keys()
    for term in one:
        close(one[term], other[term])


def test_absent_is_not_read(card):
    data = data_of(card)
    method = method_of(card, data)
    batch = batch_of(data)
    for name in batch.inputs:
        lost = batch.without(name)
        close(scores(method, lost), scores(method, garbage(lost)))
    mixed = batch_of(some_lost(data))
    close(scores(method, mixed), scores(method, garbage(mixed)))


def test_absent_is_not_zeros(card):
    """A modality that is not there is answered otherwise than one whose features are all zero (or can be: what stands
    for it may start at zero, and is moved first)."""
    data = data_of(card)
    method = method_of(card, data)
    batch = batch_of(data)
    torch.manual_seed(0)
    with torch.no_grad():
        for values in method.model.parameters():
            values.add_(torch.randn_like(values), alpha=0.1)
    for name, values in batch.inputs.items() if len(batch.inputs) > 1 else ():
        zeros = dataclasses.replace(batch, inputs={**batch.inputs, name: torch.zeros_like(values)})
        assert not torch.allclose(scores(method, batch.without(name)), scores(method, zeros), atol=1e-6), name


def test_answers_read_no_target(card):
    """Nor which sample it is: what is kept by sample is for training alone."""
    data = data_of(card)
    method = method_of(card, data)
    batch = batch_of(data)
    other = dataclasses.replace(batch, target=batch.target.roll(1, 0), index=-1 - batch.index, ids=batch.ids[::-1])
    assert torch.equal(scores(method, batch), scores(method, other))


def test_gaps(card):
    """Steps that are missing inside a sequence are not read either."""
    data = data_of(card)
    method = method_of(card, data)
    batch = batch_of(data)
    rng = torch.Generator().manual_seed(0)
    holed = batch.keep({name: torch.rand(mask.shape, generator=rng) < 0.6 for name, mask in batch.masks.items()})
    found = scores(method, holed)
    assert torch.isfinite(found).all()
    close(found, scores(method, garbage(holed)))


def test_batch_size(card):
    data = some_lost(data_of(card))
    method = method_of(card, data)
    whole = scores(method, batch_of(data))
    parts = [[place] for place in range(len(data.samples))]
    if card.inputs == "dialogue":
        groups = [sample.group for sample in data.samples]
        parts = [[place for place, one in enumerate(groups) if one == group] for group in dict.fromkeys(groups)]
    for rows in parts:
        close(whole[rows], scores(method, batch_of(data, rows)))


def test_order_of_batch(card):
    data = some_lost(data_of(card))
    method = method_of(card, data)
    batch = batch_of(data)
    order = torch.tensor([7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4])
    close(scores(method, batch)[order], scores(method, permuted(batch, order)))


def test_order_of_losses(card):
    data = some_lost(data_of(card))
    method = method_of(card, data)
    method.model.eval()
    batch = batch_of(data)
    order = torch.tensor([7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4])
    with torch.no_grad():
        one = method.losses(method.model, batch, method.model(batch), method.config)
        batch = permuted(batch, order)
        other = method.losses(method.model, batch, method.model(batch), method.config)
    assert one.keys() == other.keys()
    for term in one:
        close(one[term], other[term])


def test_batch_of_one(card):
    data = data_of(card)
    method = method_of(card, data)
    method.model.train()
    for term, value in all_losses(method, batch_of(data, [0])):
        assert torch.isfinite(value), term


def test_missing_modalities(card):
    data = data_of(card)
    names = list(data.shape().widths)
    method = method_of(card, data)
    batch = batch_of(data)
    for kept in names:
        assert torch.isfinite(scores(method, batch.without(*[name for name in names if name != kept]))).all(), kept
    assert torch.isfinite(scores(method, batch.without(*names))).all(), "nothing there"


def test_other_modalities(card):
    """Data that never had a modality builds a smaller model, unless the card needs it."""
    names = list(data_of(card).shape().widths)
    for name in names if len(names) > 1 else []:
        less = data_of(card, modalities=tuple(one for one in names if one != name))
        if name in card.needs:
            with pytest.raises(RequestError, match=f"needs .*{name}"):
                method_of(card, less)
        else:
            assert torch.isfinite(scores(method_of(card, less), batch_of(less))).all()


def test_one_modality_or_all(card):
    """Data of one modality alone, and of all that there are, build a model whose losses are finite, or are refused with
    a word on how many it takes."""
    every = tuple(WIDTHS)
    for names in (*((name,) for name in every if set(card.needs) <= {name}), every):
        data = data_of(card, modalities=names)
        try:
            method = method_of(card, data)
        except RequestError as refused:
            assert len(names) == 1 and "two modalities at least" in str(refused)
            continue
        method.model.train()
        for term, value in all_losses(method, batch_of(data)):
            assert torch.isfinite(value), (names, term)


def learnt(method, batch, task):
    found = scores(method, batch)
    if task == "class":
        return bool((found.argmax(dim=1) == batch.target).all())
    if task == "labels":
        return bool(((found > 0) == (batch.target > 0.5)).all())
    return float((found - batch.target).abs().mean()) < 0.25


@pytest.mark.parametrize(("name", "task"), CASES)
def test_overfits(name, task):
    """Eight samples (two dialogues of four turns) are learnt by heart."""
    card = ALL[name]
    if "overfits" in card.excused:
        pytest.skip(card.excused["overfits"])
    data = data_of(card, task, n=8, outputs=2)
    method = method_of(card, data)
    batch = batch_of(data)
    torch.manual_seed(0)
    for stage in method.recipe.stages:
        if stage.before:
            stage.before(method.model, [batch])
        method.model.train()
        optimiser = torch.optim.Adam(method.model.parameters(), lr=1e-2)
        for step in range(300):
            if step % 20 == 19 and learnt(method, batch, task):
                break
            method.model.train()
            if stage.fresh and step % 10 == 0:
                stage.fresh(method.model, step // 10)
            if stage.refit and step % 10 == 0:
                stage.refit(method.model, [batch], step // 10)
            terms = (stage.losses or method.losses)(method.model, batch, method.model(batch), method.config)
            total = sum(terms.values())
            if not total.requires_grad:
                break
            optimiser.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(method.model.parameters(), 5.0)
            optimiser.step()
        if stage.after:
            stage.after(method.model, [batch])
    assert learnt(method, batch, task), scores(method, batch)


def test_seeds(card):
    data = data_of(card)
    one, same, other = (method_of(card, data, seed) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(one.model.parameters(), same.model.parameters(), strict=True))
    learnt = [p for p in one.model.parameters() if p.numel() > 1 and p.std() > 0]
    assert not learnt or any(
        not torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True)
    )


def test_training_reproduces(card):
    data = some_lost(data_of(card, n=12))
    found = []
    for seed in (3, 3):
        method = method_of(card, data, seed)
        fit(method, data.samples[:8], data.samples[8:], Settings(seed=seed, epochs=2, quiet=True, device="cpu"))
        found.append(scores(method, batch_of(data)))
    assert torch.isfinite(found[0]).all()
    assert torch.equal(*found)


def test_half_precision(card):
    """bf16 is what a GPU that has it trains in unless told otherwise."""
    for task in card.tasks:
        data = some_lost(data_of(card, task))
        method = method_of(card, data)
        fit(method, data.samples[:8], data.samples[8:], Settings(epochs=1, quiet=True, device="cpu", precision="bf16"))
        assert torch.isfinite(scores(method, batch_of(data))).all()


def test_saved_and_loaded(card, tmp_path):
    data = data_of(card)
    method = method_of(card, data)
    fit(method, data.samples, (), Settings(epochs=1, quiet=True, device="cpu"))
    save_pretrained(tmp_path / "one", method, data.space)
    again = from_pretrained(tmp_path / "one").method
    assert again.config == method.config and again.shape == method.shape
    assert torch.equal(scores(method, batch_of(data)), scores(again, batch_of(data)))


def test_config_round_trip(card):
    for preset in [None, *card.presets]:
        config = card.configure(preset=preset)
        told = json.loads(json.dumps(dataclasses.asdict(config)))
        assert card.configure(told) == config
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(config, dataclasses.fields(config)[0].name, 0)


def test_unknown_option(card):
    known = dataclasses.fields(card.config)[0].name
    with pytest.raises(RequestError, match=f"no option 'nonsense'; it has: .*{known}"):
        card.configure({"nonsense": 1})
    with pytest.raises(RequestError, match="no preset 'nonsense'"):
        card.configure(preset="nonsense")


def test_wrong_shape(card):
    data = data_of(card)
    method = method_of(card, data)
    batch = batch_of(data)
    for name, width in data.shape().widths.items():
        want = rf"{name} as \(12, time, {width}\)"
        steps = batch.inputs[name].shape[1]
        for values, told in (
            (torch.zeros(12, 2, width + 1), rf"{want}, got \(12, 2, {width + 1}\)"),
            (torch.zeros(12, width), rf"{want}, got \(12, {width}\)"),
            (torch.zeros(11, steps, width), rf"{want}, got \(11, {steps}, {width}\)"),
            (
                torch.zeros(12, steps + 1, width),
                rf"the mask of {name} must be \(12, {steps + 1}\), got \(12, {steps}\)",
            ),
        ):
            with pytest.raises(RequestError, match=told):
                method.model(dataclasses.replace(batch, inputs={**batch.inputs, name: values}))
        rest = {other: values for other, values in batch.inputs.items() if other != name}
        with pytest.raises(RequestError, match=f"{want}; it has: .*mask what is absent"):
            method.model(dataclasses.replace(batch, inputs=rest))


def test_wrong_task(card):
    for task in {"class", "labels", "value"} - set(card.tasks):
        with pytest.raises(RequestError, match=f"does not take the task '{task}'; it takes: {card.tasks[0]}"):
            method_of(card, data_of(card, task))


def test_onnx(card, tmp_path):
    if not card.onnx:
        pytest.skip(f"{card.name} does not promise it")
    ort = pytest.importorskip("onnxruntime")
    data = some_lost(data_of(card))
    method = method_of(card, data)
    fit(method, data.samples, (), Settings(epochs=1, quiet=True, device="cpu"))
    export_onnx(method, tmp_path / "one.onnx")
    session = ort.InferenceSession(tmp_path / "one.onnx")
    for rows in (range(12), range(1), range(3, 8)):
        batch = batch_of(data, rows)
        given = {name: values.numpy() for name, values in batch.inputs.items()}
        given |= {f"{name}_mask": mask.numpy() for name, mask in batch.masks.items()}
        close(torch.from_numpy(session.run(None, given)[0]), answers(scores(method, batch), data.task))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_gpu_agrees(card):
    data = some_lost(data_of(card))
    method = method_of(card, data)
    here = scores(method, batch_of(data))
    method.model.to("cuda")
    close(here, scores(method, batch_of(data).to("cuda")).cpu(), atol=1e-3)
