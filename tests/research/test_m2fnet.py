"""M2FNet beyond the golden vectors: dialogues of any length, time's arrow, absent modalities, the extractor's losses."""

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.affect.space import Space  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.metrics.classification import weighted_f1  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.dialogue import Dialogues  # noqa: E402
from mien.research.samples import Data, Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.m2fnet.faces import utterance_face, weighted_face  # noqa: E402
from mien.research.systems.m2fnet.losses import losses  # noqa: E402
from mien.research.systems.m2fnet.model import build  # noqa: E402
from mien.research.systems.m2fnet.network import FusionLayer, Talk  # noqa: E402
from mien.research.systems.m2fnet.triplets import (  # noqa: E402
    adaptive_triplet,
    covariance_term,
    distance,
    extractor_terms,
    triplets,
    variance_term,
)
from mien.research.systems.pretrained import from_pretrained  # noqa: E402
from mien.research.training.checkpoint import save_pretrained  # noqa: E402

torch.set_num_threads(1)
CARD = system("m2fnet")
WIDTHS = {"text": 6, "audio": 5, "face": 4}


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def talk(lengths, names=("text", "audio", "face"), seed=0):
    """Dialogues of these lengths, one vector a turn."""
    rng = np.random.default_rng(seed)
    samples = [
        Sample(
            f"d{group}t{turn}",
            f"d{group}",
            {name: rng.normal(size=(1, WIDTHS[name])).astype(np.float32) for name in names},
            int(rng.integers(7)),
            speaker=f"p{turn % 2}",
            place=float(turn),
        )
        for group, length in enumerate(lengths)
        for turn in range(length)
    ]
    labels = ("neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust")
    return Data("talk", Space("meld7", labels, "categorical", "tests"), "class", tuple(samples))


def model_of(data, **settings):
    return build(CARD.configure(settings, "tiny"), data.shape()).eval()


def scores(model, data, samples=None):
    with torch.no_grad():
        return model(collate(data.samples if samples is None else samples, data.shape())).scores


def test_one_turn_and_a_hundred_and_ten():
    data = talk([1, 110, 4])
    model = model_of(data)
    whole = scores(model, data)
    assert torch.isfinite(whole).all()
    parts = [scores(model, data, part) for part in (data.samples[:1], data.samples[1:111], data.samples[111:])]
    torch.testing.assert_close(torch.cat(parts), whole, atol=1e-5, rtol=1e-5)


def changed(data, row):
    """The same dialogue with other features in one turn."""
    other = {name: values + 3 for name, values in data.samples[row].features.items()}
    return [replace(sample, features=other) if at == row else sample for at, sample in enumerate(data.samples)]


@pytest.mark.parametrize("names", [("text", "audio", "face"), ("audio",)])
def test_a_causal_network_does_not_see_what_comes(names):
    data = talk([8], names)
    for causal in (True, False):
        model = model_of(data, causal=causal, encoders=2)
        before, after = scores(model, data), scores(model, data, changed(data, 5))
        assert torch.allclose(before[:5], after[:5], atol=1e-6) is causal
        assert not torch.allclose(before[5], after[5])
        future = model(collate(data.samples, data.shape())).extras["future"]
        assert future.tolist() == [not causal] * 7 + [False]


def test_order_of_turns_counts_unless_published():
    data = talk([6])
    turned = [replace(sample, place=5 - sample.place) for sample in data.samples]
    assert not torch.allclose(scores(model_of(data), data), scores(model_of(data), data, turned), atol=1e-4)
    blind = model_of(data, positions="none")
    torch.testing.assert_close(scores(blind, data), scores(blind, data, turned), atol=1e-5, rtol=1e-5)


SUBSETS = [("text",), ("audio",), ("face",), ("text", "audio"), ("audio", "face"), ("text", "audio", "face")]


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
@pytest.mark.parametrize("fusion", ["attention", "concat"])
def test_any_modalities_train_and_answer(names, fusion):
    data = talk([3, 2], names)
    model = model_of(data, fusion=fusion).train()
    assert model.network.names[0] == ("text" if "text" in names else names[0])
    batch = collate(data.samples, data.shape())
    losses(model, batch, model(batch), model.config)["task"].backward()
    assert all(torch.isfinite(values.grad).all() for values in model.parameters())


def test_absent_turns_get_a_learned_vector_or_are_refused():
    data = talk([4])
    batch = collate(data.samples, data.shape())
    lost = batch.without("audio")
    model = model_of(data)
    before = model(lost).scores
    with torch.no_grad():
        model.absent.vectors["audio"].add_(1.0)
    assert not torch.allclose(model(lost).scores, before), "the vector is what stands there"
    strict = model_of(data, absent="refuse")
    assert torch.isfinite(strict(batch).scores).all()
    with pytest.raises(RequestError, match=r"turn d0t0 has no audio, .*give all of text, audio, face"):
        strict(lost)


def test_hidden_turns_teach_the_vector():
    data = talk([40])
    model = model_of(data, hide=0.5).train()
    batch = collate(data.samples, data.shape())
    losses(model, batch, model(batch), model.config)["task"].backward()
    assert all(values.grad.abs().sum() > 0 for values in model.absent.parameters())
    assert torch.equal(model.eval()(batch).scores, model(batch).scores)


def test_in_fusion_the_other_modality_is_the_key_and_says_nothing_itself():
    layer = FusionLayer(4, 2, 1).eval()
    data = talk([3])
    meeting = Talk.of(Dialogues.of(collate(data.samples, data.shape())), causal=False)
    main = torch.randn(1, 4).expand(3, 4)
    one, other = (layer(main, [torch.randn(3, 4)], meeting) for _ in range(2))
    torch.testing.assert_close(one, other, msg="equal turns deliver the same, whoever is asked")


def test_the_order_of_turns_counts_unless_positions_are_left_out():
    data = talk([5])
    other = replace(
        data, samples=tuple(replace(s, place=float(at)) for s, at in zip(data.samples, (3, 0, 4, 1, 2), strict=True))
    )
    for settings, blind in (({}, False), ({"positions": "none"}, True)):
        model = build(CARD.configure(settings, "tiny"), data.shape()).eval()
        one, two = (model(collate(each.samples, data.shape())).scores for each in (data, other))
        assert torch.allclose(one, two, atol=1e-5) == blind


def test_labels_are_smoothed_when_asked_for():
    data = talk([4])
    batch = collate(data.samples, data.shape())
    model = build(CARD.configure(preset="tiny"), data.shape()).eval()
    output = model(batch)
    for smoothing in (0.0, 0.1):
        found = losses(model, batch, output, CARD.configure({"smoothing": smoothing}, "tiny"))["task"]
        wanted = torch.nn.functional.cross_entropy(output.scores, batch.target, label_smoothing=smoothing)
        torch.testing.assert_close(found, wanted)


def test_heads_must_divide_the_width():
    data = talk([2])
    with pytest.raises(RequestError, match="8 heads do not divide a width of 6; heads that do: 1, 2, 3, 6"):
        build(CARD.configure({"heads": 8}, "paper-meld"), data.shape())


def test_published_presets_run():
    data = talk([2, 3], ("text",))
    for preset in ("paper-meld", "paper-iemocap", "replicate-third-party"):
        config = CARD.configure({"heads": 2, "width": 8, "layers": 1, "hidden": 8}, preset)
        model = build(config, data.shape())
        batch = collate(data.samples, data.shape())
        assert torch.isfinite(losses(model, batch, model(batch), config)["task"])


def test_label_order_is_kept_with_the_model(tmp_path):
    data = talk([3, 3])
    method = assemble(CARD, CARD.configure(preset="tiny"), data.shape())
    save_pretrained(tmp_path, method, data.space)
    assert list(data.space.labels) == json.loads((tmp_path / "config.json").read_text())["space"]["labels"]
    again = from_pretrained(tmp_path)
    assert again.folder.space.labels == data.space.labels and again.method.config == method.config


def test_weighted_f1_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth, given = rng.integers(7, size=500), rng.integers(7, size=500)
    assert weighted_f1(truth, given) == pytest.approx(metrics.f1_score(truth, given, average="weighted"))


def test_faces_and_their_absence():
    one = weighted_face([[1.0, 2.0], [3.0, 4.0]], [1, 3], width=2)
    assert one.tolist() == [2.5, 3.5] and weighted_face([], [], width=2).tolist() == [0, 0]
    assert utterance_face([], width=2) is None, "no frame: the modality is absent"
    assert utterance_face([([[1.0, -2.0]], [5.0]), ([], [])], width=2).tolist() == [1, 0]
    with pytest.raises(RequestError, match="1 faces with 2 areas"):
        weighted_face([[1.0, 2.0]], [1, 2], width=2)
    with pytest.raises(RequestError, match=r"above 0, got 0\.0"):
        weighted_face([[1.0, 2.0]], [0], width=2)


def test_triplets_are_of_the_right_labels():
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    anchor, positive, negative = triplets(labels)
    assert anchor.tolist() == [0, 1, 2, 3, 4], "label 2 has no pair"
    assert (labels[anchor] == labels[positive]).all() and (anchor != positive).all()
    assert (labels[anchor] != labels[negative]).all()
    assert all(len(rows) == 0 for rows in triplets(torch.zeros(4, dtype=torch.int64)))


def test_losses_stay_finite_at_the_edges():
    same = torch.ones(3, 4, requires_grad=True)
    terms = extractor_terms(same, same, same)
    sum(terms.values()).backward()
    assert torch.isfinite(same.grad).all()
    one = torch.randn(1, 4, requires_grad=True)
    sum(extractor_terms(one, one + 1, one - 1).values()).backward()
    assert torch.isfinite(one.grad).all()
    assert distance(same, same).tolist() == [0, 0, 0]
    assert variance_term(torch.randn(50, 3) * 5) == 0 and covariance_term(torch.ones(4, 3)) == 0


def trained_distances(margin_grad):
    """The card's test: three Gaussian classes in 10 dimensions; mean D_ap and D_an after 400 steps of 64 triplets."""
    rng = torch.Generator().manual_seed(3)
    centres = torch.randn(3, 10, generator=rng)
    net = torch.nn.Sequential(torch.nn.Linear(10, 32), torch.nn.ReLU(), torch.nn.Linear(32, 8))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)

    def draw():
        first = torch.randint(3, (64,), generator=rng)
        second = (first + torch.randint(1, 3, (64,), generator=rng)) % 3
        points = [centres[which] + 0.7 * torch.randn(64, 10, generator=rng) for which in (first, first, second)]
        a, p, n = (torch.nn.functional.normalize(net(x), dim=1) for x in points)
        return distance(a, p), distance(a, n), distance(p, n)

    for _ in range(400):
        optimiser.zero_grad()
        adaptive_triplet(*draw(), margin_grad=margin_grad).mean().backward()
        optimiser.step()
    with torch.no_grad():
        found = draw()
    return float(found[0].mean()), float(found[1].mean())


def test_the_detached_margin_separates_and_the_printed_one_does_not():
    near, far = trained_distances("detach")
    assert near < 0.3 and far > 1.2
    near, far = trained_distances("differentiable")
    assert abs(near - far) < 0.2


def test_the_third_party_preset_is_its_configuration():
    """config.yaml and torch's own encoder layer @a279b91: inner networks of 2048, Adam with the decay in the gradient."""
    data = talk([2])
    settings = {"fusion_layers": 1, "layers": 1, "heads": 1}
    method = assemble(CARD, CARD.configure(settings, "replicate-third-party"), data.shape())
    (group,) = method.recipe.stages[0].groups
    assert (group.kind, group.rate, group.decay) == ("adam", 5e-5, 0.01) and method.recipe.batch == 32
    assert method.model.network.encoders["text"].encoders[0][0].body[0].out_features == 2048
    (plain,) = assemble(CARD, CARD.configure(settings), data.shape()).recipe.stages[0].groups
    assert plain.kind == "adamw"
