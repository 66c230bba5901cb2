"""Fusion baselines: every published quirk is an option, absence has a declared policy, odd batches train."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError, RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.information import gaussian_entropy  # noqa: E402
from mien.research.layers.tensors import full_weight, tensor_product  # noqa: E402
from mien.research.samples import Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.misa.losses import difference, reconstruction, similarity  # noqa: E402
from mien.research.systems.self_mm.tables import WHOLE  # noqa: E402
from mien.research.training.answering import answer  # noqa: E402
from mien.research.training.scoring import score_answers  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
DIALOGUES = ["dialogue-gru", "bc-lstm"]
NAMES = ["tfn", "lmf", "lf-dnn", "ef-lstm", "mult", "misa", "self-mm", "mmim", "mfn", "graph-mfn", "mfm", *DIALOGUES]
WORDS_LEAD = ["mctn", "mag"]
"""Those in which no vector stands for a modality but text: it is not translated into, or shifts no word."""
QUIET = {"quiet": True, "device": "cpu"}


def method_of(name, data, seed=0, **settings):
    card = system(name)
    return assemble(card, card.configure(settings, "tiny"), data.shape(), seed=seed)


def batch_of(data):
    return collate(data.samples, data.shape())


def scores(method, batch):
    method.model.eval()
    with torch.no_grad():
        return method.model(batch).scores


def with_features(batch, **changed):
    return dataclasses.replace(batch, inputs={**batch.inputs, **changed})


@pytest.mark.parametrize("inputs", ["vector", "sequence"])
@pytest.mark.parametrize("name", [*NAMES, *WORDS_LEAD])
def test_trains_with_a_last_batch_of_one(name, inputs):
    """65 clips in batches of 8, some without a modality, learn what their features say."""
    data = made(inputs=inputs, n=65, outputs=2, signal=1.0)
    data = without(data, lambda place, modality: place % 5 == 0 and modality == "audio")
    data = dataclasses.replace(data, samples=tuple(dataclasses.replace(s, group=s.id) for s in data.samples))
    method = method_of(name, data, rate=1e-2, batch=8)
    fit(method, data.samples, (), Settings(epochs=5, **QUIET))
    found = scores(method, batch_of(data))
    right = (found.argmax(dim=1) == batch_of(data).target).float().mean()
    assert torch.isfinite(found).all() and right > 0.7


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_for_an_absent_modality_is_learned(name):
    data = without(made(n=12), lambda place, modality: place % 2 == 0 and modality == "audio")
    method = method_of(name, data)
    method.model.train()
    batch = batch_of(data)
    sum(method.losses(method.model, batch, method.model(batch), method.config).values()).backward()
    stand_ins = {key: values.grad for key, values in method.model.named_parameters() if "absent" in key}
    assert any(grad.abs().sum() > 0 for key, grad in stand_ins.items() if key.endswith("audio"))
    assert not any(grad.abs().sum() > 0 for key, grad in stand_ins.items() if key.endswith(("text", "face")))


@pytest.mark.parametrize("name", [name for name in [*NAMES, *WORDS_LEAD] if name not in DIALOGUES])
def test_replicate_presets_run(name):
    data = made(task="value", n=6)
    card = system(name)
    for preset in set(card.presets) - {"tiny"}:
        small = {key: value for key, value in card.presets["tiny"].items() if "dropout" not in key}
        method = assemble(card, card.configure(small, preset), data.shape())
        assert torch.isfinite(scores(method, batch_of(data))).all(), preset


def test_the_released_steps_of_mmsa_are_presets():
    """Losses of several batches summed in a step; MISA's decay on MOSEI (config_regression.json)."""
    for name, batches in (("misa", 2), ("self-mm", 4), ("mult", 8)):
        card = system(name)
        data = made(task="value", n=4)
        for preset, wanted in ((None, 1), ("mosei", 1), ("replicate", batches), ("replicate-mosei", batches)):
            method = assemble(card, card.configure(preset=preset), data.shape())
            assert method.recipe.stages[0].summed == wanted
    assert system("misa").configure(preset="mosei").decay == 5e-5
    clips = {"mult": (0.6, None), "misa": (0.8, None), "mmim": (None, 1.0), "tfn": (None, None)}
    for name, clip in clips.items():
        stage = method_of(name, made(task="value", n=4)).recipe.stages[0]
        assert (stage.clip_value, stage.clip) == clip, name


def test_mult_is_its_equations():
    """Each modality asks every other, a memory reads its answers, the last real step goes through a residual network."""
    data = made(task="value", n=5)
    model, batch = method_of("mult", data).model.eval(), batch_of(data)
    masks = batch.masks
    values = {
        name: model.project[name]((batch.inputs[name] * masks[name].unsqueeze(-1)).transpose(1, 2)).transpose(1, 2)
        for name in model.names
    }
    summaries = []
    for name in model.names:
        others = [other for other in model.names if other != name]
        told = [model.ask[f"{name}<{one}"](values[name], masks[name], values[one], masks[one]) for one in others]
        memory = model.memory[name](torch.cat(told, dim=-1), masks[name])
        summaries.append(memory[torch.arange(5), masks[name].sum(dim=1) - 1])
    whole = torch.cat(summaries, dim=1)
    torch.testing.assert_close(model(batch).scores, model.head(model.body(whole) + whole), rtol=1e-4, atol=1e-5)


def test_misa_is_its_equations():
    """Projected, private and shared vectors, rebuilt from both; squared error + .1 diff + .3 sim + 1 recon."""
    data = made(task="value", n=5)
    built, batch = method_of("misa", data), batch_of(data)
    model = built.model.eval()
    output, norm = model(batch), torch.nn.functional.layer_norm
    tokens = []
    for name in model.names:
        linear, normed = model.project[name][0], model.project[name][2]
        projected = norm(linear(model._utterance(batch, name)).relu(), (16,), normed.weight, normed.bias)
        private, shared = (net[0](projected).sigmoid() for net in (model.private[name], model.shared))
        wanted = {"projected": projected, "private": private, "shared": shared}
        wanted["rebuilt"] = model.rebuild[name](private + shared)
        for kind, values in wanted.items():
            torch.testing.assert_close(output.extras[f"{kind}/{name}"], values)
        tokens += [private, shared]
    mixed = model.tokens(torch.stack(tokens, dim=1), torch.ones(5, 6, dtype=torch.bool))
    torch.testing.assert_close(output.scores, model.head(model.body(mixed.flatten(1))))
    kinds = [{n: output.extras[f"{k}/{n}"] for n in model.names} for k in ("private", "shared", "rebuilt", "projected")]
    wanted = {
        "task": (output.scores - batch.target).square().mean(),
        "diff": 0.1 * difference(*kinds[:2], batch.present),
        "sim": 0.3 * similarity(kinds[1], batch.present),
        "recon": reconstruction(*kinds[2:], batch.present),
    }
    torch.testing.assert_close(built.losses(model, batch, output, built.config), wanted)


def test_mmim_maximises_its_bounds():
    """Absolute error + .1 NCE - .1 log density - .1 entropy; what the entropy reads is projected once for all."""
    data = made(task="value", n=8)
    for settings in ({}, {"log_variance": False}):
        built, batch = method_of("mmim", data, **settings), batch_of(data)
        model = built.model.eval()
        output = model(batch)
        told = {name: output.extras[f"vector/{name}"] for name in model.names}
        wanted = dict.fromkeys(("contrast", "density", "entropy"), 0.0)
        for name, values in told.items():
            wanted["contrast"] += 0.1 * model.back[name](values, output.hidden)
        for name, bound in model.between.items():
            density = bound.log_density(told[model.root], told[name], normalised=not settings)
            wanted["density"] -= 0.1 * density
            projected = bound.project(told[name])
            groups = tuple(projected[rows] for rows in (batch.target[:, 0] > 0, batch.target[:, 0] < 0))
            wanted["entropy"] -= 0.1 * gaussian_entropy(groups, share=0.25, ridge=1e-4)
            assert not any(values.requires_grad for values in bound.project.parameters())
        wanted["task"] = (output.scores - batch.target).abs().mean()
        torch.testing.assert_close(built.losses(model, batch, output, built.config), wanted)
        assert model.root == "text" and len(model.between) == 2


def test_tfn_answers_within_its_range():
    data = made(task="value", n=6)
    free, bound = (method_of("tfn", data, low=-low, high=low) for low in (0.0, 3.0))
    batch = batch_of(data)
    torch.testing.assert_close(scores(bound, batch), 6 * scores(free, batch).sigmoid() - 3)


def test_tfn_refuses_a_product_too_large():
    with pytest.raises(RequestError, match=r"product .* has 336 entries, 300 are allowed: make hidden_\* smaller"):
        method_of("tfn", made(), largest=300)


def test_a_padded_mean_shrinks_short_clips():
    """The published mean divides by the longest clip: a clip of half its length seems half as loud."""
    long, short = (Sample(str(steps), str(steps), {"audio": np.ones((steps, 5), np.float32)}, 0) for steps in (4, 2))
    data = dataclasses.replace(made(modalities=("audio",)), samples=(long, short))
    for padded, share in ((False, 1.0), (True, 0.5)):
        method = method_of("lf-dnn", data, padded_mean=padded)
        seen = []
        method.model.parts.nets["audio"].norm.register_forward_pre_hook(
            lambda _, given, seen=seen: seen.append(given[0])
        )
        scores(method, batch_of(data))
        assert seen[0][0].tolist() == [1.0] * 5 and seen[0][1].tolist() == [share] * 5


def test_misa_reads_sequences_to_their_own_end():
    data = made(n=4)
    batch = batch_of(data)
    cut = batch.keep({"text": torch.arange(batch.masks["text"].shape[1]).expand_as(batch.masks["text"]) < 1})
    late = batch.inputs["audio"].clone()
    late[:, 1:] += 1
    for quirk in (False, True):
        method = method_of("misa", data, text_length=quirk)
        same = torch.allclose(scores(method, cut), scores(method, with_features(cut, audio=late)))
        assert same == quirk


def test_misa_losses_leave_out_absent_samples():
    private, shared = ({name: torch.rand(6, 4) for name in "abc"} for _ in range(2))
    present = {"a": torch.tensor([1, 1, 1, 1, 0, 0]).bool(), "b": torch.ones(6).bool(), "c": torch.zeros(6).bool()}
    less = {name: {"a": values["a"][:4], "b": values["b"][:4]} for name, values in (("p", private), ("s", shared))}
    every = {name: torch.ones(4).bool() for name in "ab"}
    torch.testing.assert_close(similarity(shared, present), similarity(less["s"], every))
    alone = {"b": torch.ones(6).bool()}
    whole = difference({"b": private["b"]}, {"b": shared["b"]}, alone)
    part = difference(less["p"], less["s"], every) - difference(
        {"b": private["b"][:4]}, {"b": shared["b"][:4]}, {"b": torch.ones(4).bool()}
    )
    torch.testing.assert_close(difference(private, shared, present), whole + part)
    nothing = {name: torch.zeros(6).bool() for name in "abc"}
    assert float(difference(private, shared, nothing)) == float(similarity(shared, nothing)) == 0


def test_mult_knows_the_order_of_time_only_by_positions():
    data = made(n=4)
    samples = tuple(
        dataclasses.replace(
            s, features={k: np.repeat(v, 3, 0)[:4] + np.arange(4)[:, None] for k, v in s.features.items()}
        )
        for s in data.samples
    )
    data = dataclasses.replace(data, samples=samples)
    batch = batch_of(data)
    swapped = with_features(batch, audio=batch.inputs["audio"][:, [1, 0, 2, 3]])
    for positions, blind in (("time", False), ("none", True)):
        method = method_of("mult", data, positions=positions, kernel_audio=1)
        assert torch.allclose(scores(method, batch), scores(method, swapped), atol=1e-5) == blind


def test_mult_takes_padding_for_data_only_when_asked():
    data = made(n=4)
    batch = batch_of(data)
    pad = torch.nn.functional.pad
    longer = dataclasses.replace(
        batch,
        inputs={name: pad(values, (0, 0, 0, 2)) for name, values in batch.inputs.items()},
        masks={name: pad(mask, (0, 2)) for name, mask in batch.masks.items()},
    )
    for quirk in (False, True):
        method = method_of("mult", data, padding=quirk)
        assert torch.allclose(scores(method, batch), scores(method, longer), atol=1e-5) == (not quirk)


def step(method, batch):
    method.model.train()
    return method.losses(method.model, batch, method.model(batch), method.config)


def test_self_mm_makes_labels_from_the_second_epoch_on():
    data = without(made(task="value", n=12), lambda place, modality: place == 3 and modality == "audio")
    method, batch = method_of("self-mm", data), batch_of(data)
    tables, fresh = method.model.tables, method.recipe.stages[0].fresh
    fresh(method.model, 0)
    assert all(float(step(method, batch)[name].detach()) == 0 for name in ("text", "audio", "face"))
    assert torch.equal(tables.get_buffer("labels_text"), batch.target)
    assert tables.get_buffer("labels_audio")[3].isnan().all(), "an absent modality has no label"
    fresh(method.model, 1)
    step(method, batch)
    moved = tables.get_buffer("labels_text")
    assert not torch.allclose(moved, batch.target) and moved.abs().max() <= batch.target.abs().max()
    assert torch.equal(tables.get_buffer(f"labels_{WHOLE}"), batch.target)
    assert step(method, batch)["text"] > 0


def test_self_mm_keeps_a_centre_without_samples():
    data = made(task="value", n=6)
    method, batch = method_of("self-mm", data), batch_of(data)
    only = dataclasses.replace(batch, target=batch.target.abs() + 0.1)
    for epoch in range(3):
        method.recipe.stages[0].fresh(method.model, epoch)
        terms = step(method, only)
        assert all(torch.isfinite(term) for term in terms.values())
    positive, negative = method.model.tables.get_buffer("centres_text")
    assert torch.isfinite(positive).all() and negative.isnan().all()
    assert torch.equal(method.model.tables.get_buffer("labels_text"), only.target), "no centre, no new label"


def test_self_mm_learns_nothing_from_other_parts():
    data = made(task="value", n=6)
    method, batch = method_of("self-mm", data), batch_of(data)
    step(method, dataclasses.replace(batch, index=-1 - batch.index))
    assert len(method.model.tables.get_buffer("labels_text")) == 0


def test_self_mm_keeps_no_sample_when_done():
    data = made(task="value", n=9)
    method = method_of("self-mm", data)
    fit(method, data.samples, (), Settings(epochs=3, **QUIET))
    assert len(method.model.tables.get_buffer("features_text")) == 0
    assert torch.isfinite(method.model.tables.get_buffer("centres_text")).all()


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_read_forwards_knows_no_later_turn(name):
    data = made(inputs="dialogue", n=8)
    batch = batch_of(data)
    changed = with_features(batch, text=batch.inputs["text"] + (batch.places == 3).float().reshape(-1, 1, 1))
    early = batch.places < 3
    for both in (False, True):
        method = method_of(name, data, both=both)
        same = torch.allclose(scores(method, batch)[early], scores(method, changed)[early], atol=1e-6)
        assert same != both


def test_a_dialogue_knows_who_speaks():
    data = made(inputs="dialogue", n=8)
    batch = batch_of(data)
    method = method_of("dialogue-gru", data)
    one = dataclasses.replace(batch, speakers=torch.zeros_like(batch.speakers))
    unknown = dataclasses.replace(batch, speakers=torch.full_like(batch.speakers, -1))
    assert not torch.allclose(scores(method, batch), scores(method, one))
    torch.testing.assert_close(scores(method, one), scores(method, unknown))


def test_the_dialogue_gru_is_its_equations():
    """Majumder et al. 2019, equations 1 to 6, turn by turn; then the same backwards, put in the order of time again."""
    data = made(inputs="dialogue", n=4)
    model, batch = method_of("dialogue-gru", data, attend=False).model.eval(), batch_of(data)
    turns = model.turn(torch.cat([model._mean(batch, name) for name in model.names], dim=1))
    who = batch.speakers.tolist()

    def course(net, order):
        past, parties, emotion, found = [], {}, torch.zeros(1, 16), {}
        for at in order:
            turn, party = turns[at : at + 1], parties.get(who[at], torch.zeros(1, 16))
            context = torch.zeros(1, 16)
            if past:
                states = torch.cat(past)
                context = (net.ask(turn) @ states.T).softmax(dim=1) @ states
            past.append(net.of_dialogue(torch.cat([turn, party], dim=1), past[-1] if past else torch.zeros(1, 16)))
            parties[who[at]] = net.of_party(torch.cat([turn, context], dim=1), party)
            emotion = found[at] = net.of_emotion(parties[who[at]], emotion)
        return torch.cat([found[at] for at in range(4)])

    both = torch.cat([course(model.courses[0], range(4)), course(model.courses[1], range(3, -1, -1))], dim=1)
    torch.testing.assert_close(model(batch).scores, model.head(model.body(both)))


def test_bc_lstm_reads_each_modality_for_itself_first():
    data = made(inputs="dialogue", n=8)
    two, one = method_of("bc-lstm", data), method_of("bc-lstm", data, levels=1)
    assert set(two.model.alone) == {"text", "audio", "face"} and not one.model.alone
    assert torch.isfinite(scores(one, batch_of(data))).all()
    with pytest.raises(RequestError, match="levels must be 1 or 2, got 3"):
        method_of("bc-lstm", data, levels=3)


def test_baselines_3_answers_that_are_no_numbers_are_an_error_naming_their_samples():
    for task in ("class", "value", "labels"):
        data = made(task=task)
        method = method_of("lf-dnn", data)
        found = answer(method, data.samples)
        found[[2, 5], 0] = np.nan, np.inf
        with pytest.raises(MienError, match=r"2 of 12 answers are NaN or infinite \(s2, s5\)"):
            score_answers(data, data.samples, found, rounds=0)


def test_baselines_3_the_order_of_samples_changes_no_score():
    for task in ("class", "value", "labels"):
        data = made(task=task, n=24)
        found = answer(method_of("lf-dnn", data), data.samples)
        order = np.random.default_rng(0).permutation(24)
        told = score_answers(data, data.samples, found, rounds=0)
        mixed = score_answers(data, [data.samples[at] for at in order], found[order], rounds=0)
        for one, other in zip(told, mixed, strict=True):
            assert one.score.value == pytest.approx(other.score.value, abs=1e-12)
            assert (one.floor or 0) == pytest.approx(other.floor or 0, abs=1e-12)


def test_baselines_4_tfn_with_the_expanded_factors_of_lmf_is_lmf():
    """Both read (4, 4, 4) vectors; LMF's answer is TFN's product times the weight its factors stand for."""
    data = made(n=6)
    widths = {"hidden_text": 8, "hidden_audio": 4, "hidden_video": 4}
    lmf, tfn = method_of("lmf", data, **widths).model.eval(), method_of("tfn", data, text_out=4, **widths).model.eval()
    assert list(lmf.parts.widths.values()) == list(tfn.parts.widths.values()) == [4, 4, 4]
    tfn.parts.load_state_dict(lmf.parts.state_dict())
    batch = batch_of(data)
    weight = full_weight([lmf.factors[name] for name in lmf.parts.order], lmf.weights[0])
    expanded = tensor_product(tfn.parts(batch)) @ weight.T + lmf.bias
    torch.testing.assert_close(lmf(batch).scores, expanded, rtol=1e-4, atol=1e-5)
