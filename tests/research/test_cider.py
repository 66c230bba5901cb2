"""CIDer: what its card promises beyond conformance and golden vectors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.protocols.curves import RATES, subsets, sweep  # noqa: E402
from mien.research.protocols.missing import Missing, only, remove  # noqa: E402
from mien.research.samples import Data, Sample, Shape  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.cider.counterfactual import (  # noqa: E402
    TAUS,
    biased_words,
    choose_tau,
    counterfactual,
    spreads,
)
from mien.research.systems.cider.counterfactual import with_counterfactual as with_biased_words  # noqa: E402
from mien.research.systems.cider.losses import incomplete, losses, reconstruction, views  # noqa: E402
from mien.research.systems.cider.mct import CompositeAttention  # noqa: E402
from mien.research.systems.cider.model import COUNTERFACTUAL, frame_places  # noqa: E402
from mien.research.systems.cider.recipe import prepare  # noqa: E402
from mien.research.systems.pretrained import from_pretrained  # noqa: E402
from mien.research.training.checkpoint import save_pretrained  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, space  # noqa: E402

torch.set_num_threads(1)
CARD = system("cider")
QUIET = {"quiet": True, "device": "cpu"}


def method_for(data, preset="tiny", seed=0, **settings):
    return assemble(CARD, CARD.configure(settings, preset), data.shape(), seed=seed)


def scores(method, samples):
    method.model.eval()
    with torch.no_grad():
        return method.model(collate(samples, method.shape)).scores


def aligned(n=32, seed=0):
    """Items whose three modalities have as many steps, their class in every mean."""
    rng = np.random.default_rng(seed)
    samples = []
    for place in range(n):
        steps, target = int(rng.integers(2, 9)), place % 3
        features = {
            name: (rng.normal(size=(steps, width)) + target).astype(np.float32)
            for name, width in (("text", 7), ("audio", 5), ("face", 6))
        }
        samples.append(Sample(f"s{place}", f"g{place // 2}", features, target))
    return Data("aligned", space("class", 3), "class", tuple(samples))


@pytest.mark.parametrize(
    ("widths", "longest", "classes", "layers", "weights"),
    [
        ((768, 5, 20), (50, 375, 500), 3, 1, 211_606),
        ((768, 5, 20), (50, 375, 500), 3, 4, 309_046),
        ((768, 74, 35), (50, 500, 500), 7, 1, 233_849),
        ((768, 74, 35), (50, 500, 500), 7, 4, 331_289),
    ],
)
def test_the_replica_has_the_published_number_of_weights(widths, longest, classes, layers, weights):
    names = ("text", "audio", "face")
    shape = Shape(dict(zip(names, widths, strict=True)), "class", classes, True, dict(zip(names, longest, strict=True)))
    model = assemble(CARD, CARD.configure({"layers": layers}, "replicate"), shape).model
    assert sum(values.numel() for values in model.parameters()) == weights


def test_frames_in_another_order_are_another_thing():
    data = made(n=4)
    method = method_for(data)
    whole = scores(method, data.samples)
    swapped = []
    for sample in data.samples:
        audio = sample.features["audio"].copy()
        audio[[0, -1]] = audio[[-1, 0]]
        swapped.append(dataclasses.replace(sample, features={**sample.features, "audio": audio}))
    assert ((scores(method, swapped) - whole).abs().amax(dim=1) > 1e-5).all()


def test_published_positions_depend_on_the_company():
    data = made(n=6)
    method = method_for(data, position_axis="batch")
    assert (scores(method, data.samples[::-1]).flip(0) - scores(method, data.samples)).abs().max() > 1e-4


def test_frames_stand_among_words_by_their_time():
    mask = torch.tensor([[True] * 4 + [False] * 2, [True] * 6])
    places = frame_places(mask, torch.tensor([2, 6]))
    torch.testing.assert_close(places[0, :4], torch.tensor([-0.25, 0.25, 0.75, 1.25]))
    torch.testing.assert_close(places[1], torch.arange(6.0))


def seven_softmaxes(layer, x, lengths, mask):
    """The attention as published: a masked softmax over all steps for every subset."""
    n, time, width = x.shape
    heads = layer.heads
    query, key, value = (
        part.view(n, time, heads, width // heads).transpose(1, 2) for part in layer.projection(x).chunk(3, dim=-1)
    )
    scores = query @ key.transpose(-1, -2) * (width // heads) ** -0.5
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    branches = []
    for branch, members in zip(layer.branches, layer.sets, strict=True):
        inside = torch.isin(owner, torch.tensor(members))
        keys = inside & mask
        weights = scores.masked_fill(~keys[:, None, None], -1e9).softmax(-1) * keys[:, None, None] * inside[:, None]
        branches.append(branch((weights @ value).transpose(1, 2).reshape(n, time, width)))
    found = []
    for at, part in enumerate(layer.summary):
        own = [b[:, owner == at] for b, members in zip(branches, layer.sets, strict=True) if at in members]
        found.append(part(torch.cat(own, dim=-1)))
    return layer.out(torch.cat(found, dim=1)), scores


@pytest.mark.parametrize("lengths", [(4, 3, 5), (6, 2), (7,), (2, 2, 2, 3)])
def test_subsets_at_once_equal_a_softmax_for_each(lengths):
    torch.manual_seed(0)
    layer = CompositeAttention(8, 2, len(lengths)).eval()
    x = torch.randn(5, sum(lengths), 8) * 3
    mask = torch.rand(5, sum(lengths)) > 0.4
    mask[0] = True
    mask[1, : lengths[0]] = False
    mask[2] = False
    found, raw = layer(x, lengths, mask)
    wanted, raw_wanted = seven_softmaxes(layer, x, lengths, mask)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(raw, raw_wanted)
    bare, _ = layer(x, lengths)
    torch.testing.assert_close(bare, seven_softmaxes(layer, x, lengths, torch.ones_like(mask))[0], rtol=1e-4, atol=1e-5)


def test_dropout_acts_on_the_full_set_alone():
    torch.manual_seed(0)
    layer = CompositeAttention(8, 2, 2, dropout=0.5).train()
    x = torch.randn(2, 6, 8)
    one, other = (layer(x, (3, 3))[0] for _ in range(2))
    assert not torch.equal(one, other)
    for branch in layer.branches[:1]:
        torch.nn.init.zeros_(branch.weight)
    torch.testing.assert_close(layer(x, (3, 3))[0], layer(x, (3, 3))[0])


def test_nothing_hidden_costs_nothing_to_tell():
    data = made(n=6)
    method = method_for(data)
    batch = collate(data.samples, method.shape)
    prepare(method.model, [batch])
    output = method.model.train()(batch)
    kept = {name: torch.ones_like(mask) for name, mask in batch.masks.items()}
    import mien.research.systems.cider.losses as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "views", lambda *given, **more: kept)
        terms = losses(method.model, batch, output, method.config)
    assert terms["reconstruction"] == 0
    assert terms["representation"].abs() < 1e-6 and terms["attention"].abs() < 1e-6
    sum(terms.values()).backward()
    assert all(torch.isfinite(values.grad).all() for values in method.model.parameters() if values.grad is not None)


def test_every_term_has_its_weight_and_modalities_add_up():
    """Complete + incomplete + .5 representation + .1 attention + .6 (text + audio + face), as in the published script."""
    data = made(n=6)
    assert [getattr(CARD.configure(), name) for name in ("representation", "attention", "reconstruction")] == [
        0.5, 0.1, 0.6,
    ]  # fmt: skip
    bare = {"representation": 1.0, "attention": 1.0, "reconstruction": 1.0}
    found = []
    for settings in (bare, {}):
        method = method_for(data, **settings)
        batch = collate(data.samples, method.shape)
        model = method.model.eval()
        found.append(losses(model, batch, model(batch), method.config))
    alone, told = found
    for name, weight in {
        "complete": 1,
        "incomplete": 1,
        "representation": 0.5,
        "attention": 0.1,
        "reconstruction": 0.6,
    }.items():
        torch.testing.assert_close(told[name], weight * alone[name])
    kept = views(batch, method.config, training=False)
    gaps = batch.keep(kept)
    view = model.view(gaps, model.words(batch))
    each = [
        reconstruction(model.decode(name, view, mask), batch.inputs[name], mask & ~kept[name])
        for name, mask in batch.masks.items()
    ]
    torch.testing.assert_close(alone["reconstruction"], sum(each))


def test_the_head_knows_the_means_and_shares_of_the_training_part_alone():
    """Features to mean 0 and deviation 1 first; a class that never has a modality gets the mean over all."""
    data = aligned(12)
    samples = [
        dataclasses.replace(s, features={k: v for k, v in s.features.items() if k != "audio" or s.target != 2})
        for s in data.samples[:10]
    ]
    method = method_for(data)
    fit(method, samples, data.samples[10:], Settings(epochs=1, **QUIET))
    model, steps = method.model, {name: [] for name in ("text", "audio", "face")}
    for sample in samples:
        for name, values in sample.features.items():
            steps[name].append(values)
    wanted = []
    for name, rows in steps.items():
        whole = np.concatenate(rows)
        mean, scale = whole.mean(axis=0), whole.std(axis=0)
        told = [(s.target, ((s.features[name] - mean) / scale).mean(axis=0)) for s in samples if name in s.features]
        means = [np.mean([v for c, v in told if c == one] or [v for _, v in told], axis=0) for one in range(3)]
        wanted.append(np.stack(means))
    torch.testing.assert_close(
        model.head.means, torch.tensor(np.concatenate(wanted, axis=1)).float(), rtol=1e-4, atol=1e-4
    )
    torch.testing.assert_close(model.head.priors, torch.tensor([4, 3, 3]) / 10)


def test_adam_as_published():
    (group,) = method_for(made()).recipe.stages[0].groups
    assert (group.kind, group.rate) == ("adam", 1e-3)


def test_training_hides_by_one_rate_a_sample_and_keeps_marks():
    rng = np.random.default_rng(0)
    long = [Sample(f"s{at}", "g", {"text": rng.normal(size=(400, 2)).astype(np.float32)}, 0) for at in range(200)]
    batch = collate(long, Shape({"text": 2}, "class", 2, True, {"text": 400}))
    torch.manual_seed(0)
    config = CARD.configure({"marks": True}, "tiny")
    shares = views(batch, config, training=True)["text"].float().mean(dim=1)
    assert 0.2 < shares.std() < 0.36
    by_step = views(batch, dataclasses.replace(config, rate_per="position"), training=True)["text"]
    assert by_step.float().mean(dim=1).std() < 0.05 and abs(by_step.float().mean() - 0.5) < 0.02
    assert by_step[:, 0].all() and by_step[:, -1].all()


def test_single_missing_steps_reach_the_model():
    data = aligned(6)
    gaps = remove(data.samples, Missing("rmfm", 0.5))
    assert any(sample.seen for sample in gaps)
    shape = data.shape()
    batch, fed = collate(gaps, shape), Feed(gaps, shape).batch(range(len(gaps)))
    for name in shape.widths:
        assert torch.equal(batch.masks[name], fed.masks[name])
        assert torch.equal(batch.inputs[name], fed.inputs[name] * fed.masks[name].unsqueeze(-1))
        kept = sum(
            int(s.seen.get(name, np.ones(len(s.features[name]), bool)).sum()) for s in gaps if name in s.features
        )
        assert int(batch.masks[name].sum()) == kept


def test_trains_saves_loads_and_is_swept_by_all_six_protocols(tmp_path):
    data = aligned(32)
    method = method_for(data, epochs=2)
    fit(method, data.samples[:24], data.samples[24:], Settings(epochs=2, batch=8, **QUIET))
    save_pretrained(tmp_path / "cider", method, data.space)
    again = from_pretrained(tmp_path / "cider").method
    held = data.samples[24:]
    assert torch.equal(scores(method, held), scores(again, held))

    def accuracy(samples):
        truth = torch.tensor([sample.target for sample in samples])
        return {"accuracy": float((scores(again, samples).argmax(dim=1) == truth).float().mean())}

    for mode in ("rmfm", "rmfm_same", "rmm", "tmfm", "stmfm"):
        curve = sweep(accuracy, held, mode)
        assert curve.rates == RATES and 0 <= curve.auilc["accuracy"] <= 1
        assert curve.values["accuracy"][0] == accuracy(held)["accuracy"]
    assert len(subsets(accuracy, held)) == 7


@pytest.mark.parametrize("name", ["text", "audio", "face"])
def test_a_modality_that_is_none_equals_one_at_rate_one(name):
    data = made(n=6)
    method = method_for(data)
    gone = [dataclasses.replace(s, features={k: v for k, v in s.features.items() if k != name}) for s in data.samples]
    at_one = remove(data.samples, Missing("rmfm_same", 0.0, rates={name: 1.0}))
    others = [k for k in ("text", "audio", "face") if k != name]
    assert torch.equal(scores(method, gone), scores(method, at_one))
    assert torch.equal(scores(method, gone), scores(method, only(data.samples, others)))


def test_frames_are_heard_without_a_word():
    data = made(n=6)
    method = method_for(data)
    wordless = only(data.samples, ["audio", "face"])
    other = [
        dataclasses.replace(s, features={**s.features, "audio": s.features["audio"][::-1].copy() + 1}) for s in wordless
    ]
    assert (scores(method, wordless) - scores(method, other)).abs().max() > 1e-4


@pytest.mark.parametrize("settings", [{"aligned": True}, {"frozen_lengths": True}, {"marks": True}, {"normed": True}])
def test_every_option_trains(settings):
    data = aligned(12)
    method = method_for(data, **settings)
    run = fit(method, data.samples[:8], data.samples[8:], Settings(epochs=1, **QUIET))
    assert np.isfinite(run.rows[-1]["loss"]) and torch.isfinite(scores(method, data.samples)).all()


def test_half_precision_trains():
    data = aligned(12)
    method = method_for(data)
    run = fit(method, data.samples[:8], data.samples[8:], Settings(epochs=1, precision="bf16", **QUIET))
    assert np.isfinite(run.rows[-1]["loss"])


def test_the_carried_gradient_is_the_sum_of_both():
    data = aligned(8)
    method = method_for(data, carry_gradient=True, rate=1e-2)
    fit(method, data.samples, (), Settings(epochs=1, batch=8, seed=5, **QUIET))
    by_hand = method_for(data, carry_gradient=True, rate=1e-2)
    model, config = by_hand.model, by_hand.config
    feed = Feed(data.samples, by_hand.shape, training=True)
    prepare(model.eval(), [feed.batch(range(8))])
    adam = torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)  # as the trainer
    (rows,) = feed.order(8, np.random.default_rng([5, 0, 0]))
    batch = feed.batch(rows)
    torch.manual_seed(5)
    output = model.train()(batch)
    sum(losses(model, batch, output, config).values()).backward()
    adam.step()
    sum(incomplete(model, batch, output, config).values()).backward()
    adam.step()
    for one, other in zip(method.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def with_counterfactual(n=24):
    """Text leans on the label only by its bias, which the counterfactual text holds alone."""
    rng = np.random.default_rng(3)
    samples = []
    for place in range(n):
        target, steps = place % 3, int(rng.integers(2, 5))
        text = (rng.normal(size=(steps, 7)) + target).astype(np.float32)
        bias = (text * 0.5).astype(np.float32)
        samples.append(Sample(f"s{place}", f"g{place}", {"text": text, COUNTERFACTUAL: bias}, target))
    return Data("biased", space("class", 3), "class", tuple(samples))


def test_tau_comes_from_validation_and_stays_with_the_model(tmp_path):
    data = with_counterfactual()
    method = method_for(data)
    assert method.model.names == ("text",)
    fit(method, data.samples[:12], data.samples[12:18], Settings(epochs=2, **QUIET))
    tau = float(method.model.tau)
    assert min(abs(tau - one) for one in TAUS) < 1e-6
    before = scores(method, data.samples[18:])
    assert float(method.model.tau) == tau
    save_pretrained(tmp_path / "one", method, data.space)
    assert float(from_pretrained(tmp_path / "one").method.model.tau) == tau
    method.model.tau.fill_(0.7)
    batch = collate(data.samples[18:], method.shape)
    with torch.no_grad():
        log_p, log_p_cf, _ = method.model.factual_and_counterfactual(batch, method.model.view(batch))
    torch.testing.assert_close(scores(method, data.samples[18:]), log_p - 0.7 * log_p_cf)
    assert not torch.equal(scores(method, data.samples[18:]), before) or tau == pytest.approx(0.7)
    unheard = [dataclasses.replace(s, features={COUNTERFACTUAL: s.features[COUNTERFACTUAL]}) for s in data.samples[18:]]
    taken = scores(method, unheard)
    method.model.tau.zero_()
    assert torch.equal(taken, scores(method, unheard)), "without text there is nothing to take off"


def test_tau_is_that_of_the_best_validation_accuracy():
    """Answers whose text alone leans to class 0: taking that off sets half of them right."""
    data = with_counterfactual()
    method = method_for(data)
    held = collate(data.samples[:4], method.shape)
    held = dataclasses.replace(held, target=torch.tensor([0, 1, 1, 0]))
    log_p = torch.tensor([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.5, 0.4, 0.1], [0.9, 0.05, 0.05]]).log()
    bias = torch.tensor([0.6, 0.3, 0.1]).log().expand(4, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(method.model, "factual_and_counterfactual", lambda *given: (log_p, bias, torch.ones(4, 1) > 0))
        method.recipe.stages[0].tuned(method.model, [held])
    assert float(method.model.tau) == pytest.approx(0.4), "ln(5/4) / ln 2 is .32: the smallest tau beyond it"


def test_a_word_that_is_missing_is_missing_in_the_counterfactual_text_too():
    data = with_counterfactual()
    method = method_for(data)
    batch = collate(data.samples[:6], method.shape)
    gone = {"text": torch.arange(batch.masks["text"].shape[1]) != 1}
    other = {**batch.inputs, COUNTERFACTUAL: batch.inputs[COUNTERFACTUAL].clone()}
    other[COUNTERFACTUAL][:, 1] += 5
    with torch.no_grad():
        found = [
            method.model.factual_and_counterfactual(one.keep(gone), method.model.view(one.keep(gone)))[1]
            for one in (batch, dataclasses.replace(batch, inputs=other))
        ]
    assert torch.equal(*found)


def test_without_validation_or_where_told_tau_is_nought():
    data = with_counterfactual()
    for settings, held in (({}, ()), ({"tau": "none"}, data.samples[12:])):
        method = method_for(data, **settings)
        fit(method, data.samples[:12], held, Settings(epochs=1, **QUIET))
        assert method.model.tau == 0


def test_the_smallest_tau_of_equals_is_chosen():
    log_p = np.log([[0.6, 0.4], [0.7, 0.3]])
    assert choose_tau(log_p, log_p, [0, 0], lambda t, s: float((s.argmax(axis=1) == t).mean())) == 0.0


def test_biased_words():
    sentences = [s.split() for s in ("good film", "good plot", "bad film", "dull plot so so", "so good")]
    labels = [2, 2, 0, 0, 2]
    assert biased_words(sentences, labels, (0, 2), most=2) == ["good", "so"]
    assert spreads(sentences, labels, (0, 2))["film"] == 0
    assert counterfactual(["so", "good", "a", "plot"], ["good", "so"], mask="[MASK]") == [
        "so",
        "good",
        "[MASK]",
        "[MASK]",
    ]
    assert "fine" not in spreads([["fine"], ["good"]], [1, 2], (0, 2))
    with pytest.raises(RequestError, match="no word before 'fine'"):
        spreads([["fine"], ["good"]], [1, 2], (0, 2), stale=True)
    assert spreads([["good"], ["fine"]], [2, 1], (0, 2), stale=True)["fine"] == 1.0
    with pytest.raises(RequestError, match="1 sentences, 2 labels"):
        spreads([["a"]], [0, 1], (0, 1))


def test_counterfactual_features_come_from_training_labels_alone():
    words = ("good film", "good plot", "bad film", "dull plot", "awful bore")
    heard = []
    samples = [
        Sample(f"s{at}", "g", {"text": np.zeros((2, 3), np.float32)}, 2 * (at < 2), words=one)
        for at, one in enumerate(words)
    ]
    samples.append(Sample("mute", "g", {"audio": np.zeros((1, 3), np.float32)}, 0))

    def encode(sentence):
        heard.append(" ".join(sentence))
        return np.ones((len(sentence), 3), np.float32)

    found = with_biased_words(samples, range(4), encode, classes=(0, 2), most=1)
    assert heard == ["good [MASK]", "good [MASK]", "[MASK] [MASK]", "[MASK] [MASK]", "[MASK] [MASK]"]
    assert all(sample.features[COUNTERFACTUAL].shape == (2, 3) for sample in found[:5])
    assert COUNTERFACTUAL not in found[5].features and COUNTERFACTUAL not in samples[0].features


def test_biased_words_are_not_counted_in_other_parts():
    """ "dull" would be the most frequent one, were the last sentence counted."""
    words, heard = ("good film", "good plot", "bad film", "dull dull dull"), []
    samples = [
        Sample(f"s{at}", "g", {"text": np.zeros((2, 3), np.float32)}, 2 * (at < 2), words=one)
        for at, one in enumerate(words)
    ]

    def encode(sentence):
        heard.append(" ".join(sentence))
        return np.ones((len(sentence), 3), np.float32)

    with_biased_words(samples, range(3), encode, classes=(0, 2), most=1)
    assert heard == ["good [MASK]", "good [MASK]", "[MASK] [MASK]", "[MASK] [MASK] [MASK]"]
    found = biased_words([one.split() for one in words], [2, 2, 0, 0], (0, 2), most=1)
    assert found == ["dull"]


def test_what_is_refused():
    with pytest.raises(RequestError, match="selection on the test part, as published, is refused"):
        CARD.configure({"selection": "test"})
    with pytest.raises(RequestError, match="rate_per 'word'; allowed: sample, position"):
        CARD.configure({"rate_per": "word"})
    with pytest.raises(RequestError, match="embed 30 must be a multiple of heads 8"):
        CARD.configure({"embed": 30})
    with pytest.raises(RequestError, match="tau 'oracle'; allowed: validation, none"):
        CARD.configure({"tau": "oracle"})
    lone = Data(
        "lone", space("class", 3), "class", (Sample("s", "g", {COUNTERFACTUAL: np.zeros((2, 3), np.float32)}, 0),)
    )
    with pytest.raises(RequestError, match="at least one modality"):
        method_for(lone)
