"""Pairwise contrast beyond the golden vectors: absent modalities, views, encoders, what is learnt, probes."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.probe import Probe, freeze  # noqa: E402
from mien.research.samples import Sample, Shape, Split  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.pairwise_contrastive import transfer as told  # noqa: E402
from mien.research.systems.pairwise_contrastive import views  # noqa: E402
from mien.research.systems.pairwise_contrastive.contrast import other_view, pair_losses, same_view  # noqa: E402
from mien.research.systems.pairwise_contrastive.emotions import emotions, emotions_text  # noqa: E402
from mien.research.systems.pairwise_contrastive.encoders import KINDS, encoder, kinds  # noqa: E402
from mien.research.systems.pairwise_contrastive.graph import face_adjacency  # noqa: E402
from mien.research.systems.pairwise_contrastive.losses import contrast, losses  # noqa: E402
from mien.research.systems.pairwise_contrastive.model import build  # noqa: E402
from mien.research.systems.pairwise_contrastive.recipe import balanced  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
CARD = system("pairwise-contrastive")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def tiny(**settings):
    return CARD.configure(settings, "tiny")


def random_sides(n=6, views=2, width=5, names=("audio", "face", "text")):
    sides = {name: torch.randn(n, views, width) for name in names}
    return sides, {name: torch.ones(n, dtype=torch.bool) for name in names}


@pytest.mark.parametrize("positives", ["same_view", "other_view"])
def test_pairs_are_computed_on_the_clips_that_have_both(positives):
    sides, present = random_sides()
    present["audio"][:2] = False
    present["face"][3] = False
    found = pair_losses(sides, present, positives=positives)
    cut = {name: values[[2, 4, 5]] for name, values in sides.items()}
    wanted = pair_losses(cut, {name: torch.ones(3, dtype=torch.bool) for name in cut}, positives=positives)
    torch.testing.assert_close(found["audio>face"], wanted["audio>face"])
    garbage = {**sides, "audio": sides["audio"].clone()}
    garbage["audio"][:2] = float("nan")
    assert all(
        torch.equal(a, b)
        for a, b in zip(found.values(), pair_losses(garbage, present, positives=positives).values(), strict=True)
    )


def test_an_empty_pair_adds_nothing():
    sides, present = random_sides()
    present["text"][:] = False
    assert set(pair_losses(sides, present)) == {"audio>face", "face>audio"}
    data = made()
    model = build(tiny(), data.shape())
    batch = collate(data.samples, data.shape()).without("text", "audio")
    term = contrast(model, batch, model(batch), model.config)["contrast"]
    assert term.item() == 0
    term.backward()
    assert all(torch.isfinite(values.grad).all() for values in model.projectors.parameters())


@pytest.mark.parametrize("positives", ["same_view", "other_view"])
def test_order_of_clips_and_a_common_rotation_change_nothing(positives):
    sides, present = random_sides(width=5)
    whole = pair_losses(sides, present, positives=positives)
    order = torch.randperm(6)
    turn, _ = torch.linalg.qr(torch.randn(5, 5))
    for other in ({k: v[order] for k, v in sides.items()}, {k: v @ turn for k, v in sides.items()}):
        for name, loss in pair_losses(other, present, positives=positives).items():
            torch.testing.assert_close(loss, whole[name], atol=1e-5, rtol=1e-5)


def test_clips_of_one_group_can_be_spared():
    a = torch.nn.functional.normalize(torch.randn(4, 5), dim=1)
    b = torch.nn.functional.normalize(torch.randn(4, 5), dim=1)
    groups = torch.tensor([0, 0, 1, 2])
    sides = {"audio": a[:, None], "text": b[:, None]}
    present = {name: torch.ones(4, dtype=torch.bool) for name in sides}
    spared = pair_losses(sides, present, groups=groups)["audio>text"]
    logits = a @ b.T / 0.07
    logits[0, 1] = logits[1, 0] = -torch.inf
    target = torch.arange(4)
    cross = torch.nn.functional.cross_entropy
    torch.testing.assert_close(spared, (cross(logits, target) + cross(logits.T, target)) / 2)
    assert spared < same_view(a, b)
    alone = pair_losses(sides, present, groups=torch.zeros(4, dtype=torch.int64), positives="other_view")
    assert torch.isfinite(torch.stack(list(alone.values()))).all()


def test_supervised_form_has_no_anchors_in_the_last_modality():
    sides, present = random_sides()
    found = pair_losses(sides, present, labels=torch.tensor([0, 0, 1, 1, 2, 2]))
    assert set(found) == {"audio>face", "audio>text", "face>audio", "face>text"}


def test_published_loss_falls_with_agreement():
    a = torch.randn(8, 1, 6).expand(-1, 2, -1)
    a = torch.nn.functional.normalize(a, dim=-1)
    assert other_view(a, a) < other_view(a, a.flip(0)) / 10


def test_a_shared_cause_is_found_without_labels():
    """The card's synthetic test: x and y share a 4-d cause each under louder private noise."""
    rng = torch.Generator().manual_seed(1)
    maps = [torch.randn(rows, width, generator=rng) for rows, width in ((4, 40), (4, 50), (12, 40), (12, 50))]

    def draw(n):
        z, p, q = (torch.randn(n, width, generator=rng) for width in (4, 12, 12))
        return z, z @ maps[0] + 2 * p @ maps[2], z @ maps[1] + 2 * q @ maps[3]

    def mlp(width):
        return torch.nn.Sequential(torch.nn.Linear(width, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8))

    def retrieval(x, y):
        x, y = (torch.nn.functional.normalize(side, dim=1) for side in (x, y))
        return float(((x @ y.T).argmax(dim=1) == torch.arange(len(x))).float().mean())

    one, other = mlp(40), mlp(50)
    with torch.no_grad():
        _, x, y = draw(64)
        assert retrieval(one(x), other(y)) < 0.15
    optimiser = torch.optim.Adam([*one.parameters(), *other.parameters()], lr=2e-3)
    for _ in range(600):
        _, x, y = draw(128)
        present = torch.ones(128, dtype=torch.bool)
        sides = {"x": one(x)[:, None], "y": other(y)[:, None]}
        loss = pair_losses(sides, {"x": present, "y": present}, temperature=0.1)["x>y"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        found = np.mean([retrieval(one(x), other(y)) for _, x, y in (draw(64) for _ in range(10))])
        assert found >= 0.85
        (z, x, _), (truth, seen, _) = draw(500), draw(500)
        sign = (z > 0).float()
        known, given = one(x), one(seen)
    answer = told.linear(known, sign, given, "labels", outputs=4)
    assert ((answer > 0.5) == (truth > 0)).float().mean() >= 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_encoders_read_real_steps_alone(kind):
    width = 102 if kind == "graph" else 6
    module, out = encoder(kind, width, CARD.configure({"width": 8, "channels": 8, "layers": 1}))
    module.eval()
    x = torch.randn(3, 5, width)
    full = module(x, torch.ones(3, 5, dtype=torch.bool))
    assert full.shape == (3, out)
    padded = torch.cat([x, torch.zeros(3, 4, width)], dim=1)
    mask = torch.arange(9).expand(3, -1) < 5
    torch.testing.assert_close(module(padded, mask), full, atol=1e-5, rtol=1e-4)
    order = torch.tensor([2, 0, 1])
    torch.testing.assert_close(module(x[order], mask[:, :5]), full[order], atol=1e-5, rtol=1e-4)
    nothing = module(x, torch.zeros(3, 5, dtype=torch.bool))
    assert torch.isfinite(nothing).all()


def test_words_have_an_order_unless_published():
    x, mask = torch.randn(2, 5, 6), torch.ones(2, 5, dtype=torch.bool)
    for axis, blind in (("time", False), ("batch", True)):
        module, _ = encoder("transformer", 6, CARD.configure({"width": 8, "layers": 1, "position_axis": axis}))
        module.eval()
        assert torch.allclose(module(x, mask), module(x.flip(1), mask), atol=1e-5) is blind
        assert torch.allclose(module(x, mask).flip(0), module(x.flip(0), mask), atol=1e-5) is not blind


def test_encoder_kinds():
    config = CARD.configure({"encoders": ("face=graph", "audio=mean")})
    assert kinds(config, ("audio", "text"), True) == {"audio": "mean", "text": "transformer"}
    assert kinds(CARD.configure(), ("audio", "text"), False) == {"audio": "mlp", "text": "mlp"}
    with pytest.raises(RequestError, match="'face=cnn' is not MODALITY=KIND with a kind of: tcn, "):
        kinds(CARD.configure({"encoders": ("face=cnn",)}), ("face",), True)
    with pytest.raises(RequestError, match=r"51 landmarks \(102 wide\), got 6"):
        encoder("graph", 6, CARD.configure())


def test_the_face_is_one_connected_graph():
    table = face_adjacency()
    assert torch.equal(table, table.T) and table.shape == (51, 51)
    assert (torch.linalg.matrix_power(table, 50) > 0).all()


def test_the_graph_is_normalised_on_both_sides():
    table = face_adjacency()
    lines = (table > 0).float()
    degree = lines.sum(dim=1)
    torch.testing.assert_close(table, lines / (degree[:, None] * degree[None, :]).sqrt())


def test_views_are_windows_at_one_place():
    masks = {
        "audio": torch.arange(40).expand(3, -1) < torch.tensor([[40], [20], [0]]),
        "face": torch.arange(20).expand(3, -1) < torch.tensor([[20], [10], [20]]),
        "text": torch.arange(6).expand(3, -1) < 6,
    }
    cut = views.by_share(masks, 0.5, torch.tensor([0.0, 1.0, 0.5]))
    assert cut["text"].equal(masks["text"])
    assert cut["audio"].sum(dim=1).tolist() == [20, 10, 0] and cut["face"].sum(dim=1).tolist() == [10, 5, 10]
    assert cut["audio"][0, :20].all() and cut["audio"][1, 10:20].all() and cut["face"][2, 5:15].all()
    frames = views.by_frames(masks, 8, torch.tensor([1.0, 0.0, 0.0]))
    assert frames["audio"][0, 32:].all() and frames["audio"].sum(dim=1).tolist() == [8, 8, 0]
    assert frames["text"].all(), "text that ends before the window keeps its words"


def test_only_training_draws_windows():
    data = made(n=4)
    batch = collate(data.samples, data.shape())
    for settings in ({"window": 0.5}, {"frames": 2}, {"window": 0.5, "positives": "other_view"}):
        model = build(tiny(**settings), data.shape())
        model.train()
        assert not torch.equal(model(batch).hidden, model(batch).hidden)
        model.eval()
        output = model(batch)
        assert torch.equal(output.hidden, model(batch).hidden)
        assert torch.equal(output.hidden, build_like(model, data, tiny())(batch).hidden), "whole clips"


def build_like(model, data, config):
    other = build(config, data.shape()).eval()
    other.load_state_dict(model.state_dict())
    return other


def test_one_modality_needs_windows_of_it():
    data = made(modalities=("audio",))
    with pytest.raises(RequestError, match="two modalities at least, the data has audio"):
        build(tiny(), data.shape())
    model = build(tiny(pairs="concatenated", window=0.5), data.shape())
    batch = collate(data.samples, data.shape())
    term = contrast(model, batch, model(batch), model.config)["contrast"]
    assert torch.isfinite(term) and term > 0


def test_probe_is_the_concatenation_where_all_is_there():
    probe = Probe({"a": 3, "b": 2}, 0, 4)
    features = {"a": torch.randn(5, 3), "b": torch.randn(5, 2)}
    present = {name: torch.ones(5, dtype=torch.bool) for name in features}
    weight = torch.cat([probe.first["a"].weight, probe.first["b"].weight], dim=1)
    whole = torch.cat([features["a"], features["b"]], dim=1) @ weight.T + probe.bias
    torch.testing.assert_close(probe(features, present), whole)
    present["b"][0] = False
    torch.testing.assert_close(
        probe(features, present)[0], 2 * features["a"][0] @ probe.first["a"].weight.T + probe.bias
    )


def test_the_probe_leaves_the_encoders_alone():
    data = made(n=12)
    method = assemble(CARD, tiny(pretraining=1, epochs=2), data.shape())
    before = {name: values.clone() for name, values in method.model.named_parameters()}
    assert method.recipe.stages[1].before is freeze
    replaced = replace(method, recipe=replace(method.recipe, stages=method.recipe.stages[1:]))
    fit(replaced, data.samples, (), Settings(quiet=True, device="cpu"))
    moved = {name for name, values in method.model.named_parameters() if not torch.equal(values, before[name])}
    assert moved and all(name.startswith("probe.") for name in moved)


@pytest.mark.parametrize("tuning", ["frozen", "fine", "joint"])
@pytest.mark.parametrize("task", ["class", "labels"])
def test_every_tuning_trains(tuning, task):
    data = made(task, n=12)
    config = tiny(
        tuning=tuning, unimodal=True, probe="mlp", positives="other_view", window=0.5, pretraining=1, epochs=1
    )
    method = assemble(CARD, config, data.shape())
    run = fit(method, data.samples[:8], data.samples[8:], Settings(quiet=True, device="cpu"))
    names = {"frozen": ["pretrain", "probe"], "fine": ["pretrain", "probe", "fine-tune"], "joint": ["joint"]}
    assert list(run.best) == names[tuning]


def test_the_published_sampler_sees_rare_labels_as_often_as_common_ones():
    """1 / count of each label of a clip, and of having none."""
    data = made("labels", n=40, outputs=2)
    aims = [(1, 0)] * 20 + [(0, 1)] * 4 + [(1, 1)] * 4 + [(0, 0)] * 12
    samples = tuple(replace(s, target=np.array(aim, np.float32)) for s, aim in zip(data.samples, aims, strict=True))
    feed = Feed(samples, data.shape())
    drawn = [row for seed in range(100) for batch in balanced(feed, 16, np.random.default_rng(seed)) for row in batch]
    assert len(drawn) == 4000
    shares = np.bincount(drawn, minlength=40)
    weights = np.array([1 / 24] * 20 + [1 / 8] * 4 + [1 / 24 + 1 / 8] * 4 + [1 / 12] * 12)
    np.testing.assert_allclose(shares / 4000, weights / weights.sum(), atol=0.012)
    classes = Feed(made(n=12, outputs=3).samples[:4], made(n=12, outputs=3).shape())
    assert sum(map(len, balanced(classes, 3, np.random.default_rng(0)))) == 4
    values = made("value", n=6)
    with pytest.raises(RequestError, match="needs classes or labels, not values"):
        balanced(Feed(values.samples, values.shape()), 3, np.random.default_rng(0))
    with pytest.raises(RequestError, match="needs tuning=joint, not frozen"):
        assemble(CARD, tiny(balanced=True), data.shape())
    joint = assemble(CARD, tiny(balanced=True, tuning="joint", pretraining=2), data.shape())
    assert np.isfinite(fit(joint, samples, (), Settings(quiet=True, device="cpu")).rows[-1]["loss"])


def test_the_published_text_encoder_is_as_wide_inside_as_torch_makes_it():
    for settings, wide in ((CARD.configure({"width": 8}, "replicate-mosei"), 2048), (tiny(), 4 * 8)):
        module, _ = encoder("transformer", 8, settings)
        assert {layer.linear1.out_features for layer in module.layers.layers} == {wide}


def test_pretraining_reads_no_label():
    data = made(n=6)
    batch = collate(data.samples, data.shape())
    model = build(tiny(), data.shape()).eval()
    blind = replace(batch, target=torch.full_like(batch.target, -7))
    assert torch.equal(*(contrast(model, one, model(one), model.config)["contrast"] for one in (batch, blind)))


def test_positive_weights_are_one_a_label():
    data = made("labels")
    model = build(tiny(positive_weights=(1.0, 2.0)), data.shape())
    batch = collate(data.samples, data.shape())
    with pytest.raises(RequestError, match="positive_weights: 2 numbers for 3 labels"):
        losses(model, batch, model(batch), model.config)


def test_the_contrast_is_the_mean_over_ordered_pairs():
    """Clips of one group spare each other only where that is asked for."""
    data = made(n=8)
    batch = collate(data.samples, data.shape())
    for spare in (False, True):
        model = build(tiny(spare_group=spare), data.shape()).eval()
        output = model(batch)
        sides = {name: output.extras[f"projection/{name}"] for name in model.projectors}
        pairs = pair_losses(sides, batch.present, groups=batch.groups if spare else None)
        assert len(pairs) == 6
        found = contrast(model, batch, output, model.config)["contrast"]
        torch.testing.assert_close(found, torch.stack(list(pairs.values())).mean())


def test_labels_that_are_there_weigh_as_told():
    data = made("labels", outputs=2)
    model = build(tiny(positive_weights=(1.0, 5.0)), data.shape()).eval()
    batch = collate(data.samples, data.shape())
    output = model(batch)
    chance = output.scores.sigmoid()
    each = -(batch.target * torch.tensor([1.0, 5.0]) * chance.log() + (1 - batch.target) * (1 - chance).log())
    torch.testing.assert_close(losses(model, batch, output, model.config)["task"], each.mean())


def test_a_joint_probe_reads_features_of_one_scale_and_sends_nothing_back():
    data = made(n=8)
    batch = collate(data.samples, data.shape())
    model = build(tiny(tuning="joint", unimodal=True), data.shape()).train()
    sum(losses(model, batch, model(batch), model.config).values()).backward()
    assert all(values.grad is None for values in model.encoders.parameters())
    seen = []
    model.probe.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model(batch)
    for values in seen[0].values():
        torch.testing.assert_close(values.mean(dim=1), torch.zeros(8), atol=1e-5, rtol=0)
        torch.testing.assert_close(values.var(dim=1, correction=0), torch.ones(8), atol=1e-2, rtol=0)
    fine = build(tiny(tuning="fine"), data.shape()).train()
    losses(fine, batch, fine(batch), fine.config)["task"].backward()
    assert all(values.grad is not None for values in fine.encoders.parameters())


def test_held_out_views_are_the_whole_clip_and_its_end():
    data = made(n=4)
    batch = collate(data.samples, data.shape())
    model = build(tiny(window=0.5, positives="other_view"), data.shape()).eval()
    found = model(batch).extras["projection/audio"]
    end = views.by_share(batch.masks, 0.5, torch.ones(4))
    for place, masks in enumerate((batch.masks, end)):
        torch.testing.assert_close(found[:, place], model.projectors["audio"](model.encode(batch, masks)["audio"]))


def test_holes_of_the_audio_encoder_grow_and_begin_again():
    module, _ = encoder("tcn", 4, CARD.configure({}))
    assert [block.depth.dilation[0] for block in module.blocks] == [1, 2, 4, 8, 16] * 2


def test_supervised_contrast_takes_classes():
    data = made("value")
    model = build(tiny(supervised=True), data.shape())
    batch = collate(data.samples, data.shape())
    with pytest.raises(RequestError, match="takes classes, not 'value'"):
        contrast(model, batch, model(batch), model.config)


def test_the_published_presets_run():
    shape = Shape({"audio": 128, "text": 300}, "labels", 6, True, {"audio": 40, "text": 40})
    rng = np.random.default_rng(0)
    samples = [
        Sample(
            f"s{at}",
            f"g{at}",
            {name: rng.normal(size=(40, width)).astype(np.float32) for name, width in shape.widths.items()},
            np.ones(6, np.float32),
        )
        for at in range(2)
    ]
    config = CARD.configure({"layers": 1, "blocks": 2}, preset="replicate-mosei")
    method = assemble(CARD, config, shape)
    batch = collate(samples, shape)
    stage = method.recipe.stages[0]
    terms = stage.losses(method.model, batch, method.model(batch), config)
    assert set(terms) == {"contrast", "task", "task/audio", "task/text"}
    assert stage.schedule(6 / 2000) == pytest.approx(0.9) and stage.schedule(0.0) == 1
    sum(terms.values()).backward()
    assert all(values.grad is not None for values in method.model.parameters())


def test_test_clips_are_refused_unless_asked_for_by_name():
    with pytest.raises(RequestError, match=r"4 clips of the test list .*\(c, d, e, \.\.\.\); leave them out") as found:
        told.refuse_test_clips("abcdef", "cdefxyz")
    assert found.value.exit_code != 0
    assert told.refuse_test_clips("abcdef", "cdefxyz", transductive=True) == 4
    assert told.refuse_test_clips("ab", "xy") == 0


def test_transfer_report_tells_what_was_learnt_from():
    rows = [told.Row("frozen linear", "uar", (0.5, 0.7)), told.Row("kNN (k = 20)", "uar", (0.4, 0.4))]
    honest = told.transfer(rows, unlabelled=["a", "b", "c"], test=["x"], labelled=10, seeds=(1, 2))
    assert "0.6000" in honest.text() and "3 unlabelled clips (none of them test clips)" in honest.text()
    other = told.transfer(rows, unlabelled=["a", "x"], test=["x"], labelled=10, seeds=(1, 2), transductive=True)
    assert "TRANSDUCTIVE: 1 of them test clips" in other.text()
    with pytest.raises(RequestError, match="2 values for 3 seeds"):
        told.transfer(rows, unlabelled=["a"], test=[], labelled=1, seeds=(1, 2, 3))


def test_mpuc_8_probes_are_listed_with_seeds_and_unlabelled_clips():
    data, more = made(n=48, signal=1.0), made(n=8, seed=1)
    split = Split(tuple(range(24)), tuple(range(24, 36)), tuple(range(36, 48)))
    extra = tuple(replace(one, id=f"x{one.id}", group=f"x{one.group}") for one in more.samples)
    settings = Settings(epochs=2, quiet=True, device="cpu")
    found = told.probes(data, split, preset="tiny", unlabelled=extra, seeds=(0, 1), settings=settings)
    assert [(row.probe, row.metric, len(row.values)) for row in found.rows] == [
        ("frozen linear", "uar", 2), ("kNN (k = 20)", "uar", 2), ("fine-tuned", "uar", 2)
    ]  # fmt: skip
    assert "32 unlabelled clips (none of them test clips), 24 labelled ones, seeds 0, 1" in found.text()
    with pytest.raises(RequestError, match="1 clips of the test list"):
        told.probes(
            data, split, preset="tiny", unlabelled=(replace(extra[0], id="s40"),), seeds=(0,), settings=settings
        )


@pytest.mark.parametrize("task", ["class", "labels", "value"])
def test_probes_on_frozen_features(task):
    train, test = torch.randn(200, 6), torch.randn(50, 6)
    aims = {
        "class": lambda x: (x[:, 0] > 0).long(),
        "labels": lambda x: (x[:, :2] > 0).float(),
        "value": lambda x: x[:, :2] * 2 + 1,
    }
    target, truth = aims[task](train), aims[task](test)
    for answer in (
        told.linear(train, target, test, task, outputs=2),
        told.nearest(train, target, test, task, outputs=2),
    ):
        assert answer.shape == (50, 2)
        if task == "class":
            assert (answer.argmax(dim=1) == truth).float().mean() > 0.75
            torch.testing.assert_close(answer.sum(dim=1), torch.ones(50))
        elif task == "labels":
            assert ((answer > 0.5) == (truth > 0.5)).float().mean() > 0.75
        else:
            assert (answer - truth).square().mean() < truth.var()
    assert told.nearest(train[:3], target[:3], test, task, outputs=2).shape == (50, 2)


def test_features_come_with_their_targets():
    data = made(n=7)
    model = build(tiny(), data.shape())
    batches = [collate(data.samples[:4], data.shape()), collate(data.samples[4:], data.shape())]
    found, target = told.features(model, batches)
    assert found.shape == (7, 48) and target.tolist() == [sample.target for sample in data.samples]


def test_a_rare_emotion_is_shown_with_its_floor():
    truth = np.zeros((10, 2))
    truth[0, 0] = 0.5
    found = emotions(truth, np.zeros((10, 2)), ("fear", "never"))
    assert found[0].weighted_f1 == pytest.approx(2 * 0.9**2 / 1.9) and found[0].balanced_accuracy == 0.5
    assert found[0].present_f1 == 0 and found[0].prevalence == 0.1
    assert np.isnan(found[1].balanced_accuracy)
    assert "0.8526" in emotions_text(found).splitlines()[1]
    with pytest.raises(RequestError, match=r"expected two tables \(n, 6\), got \(10, 2\)"):
        emotions(truth, truth)
