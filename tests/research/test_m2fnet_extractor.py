"""The extractor of M2FNet: its ResNet under masks, its stages, what triplets teach."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Sample, Shape  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.m2fnet.triplets import extractor_terms, triplets  # noqa: E402
from mien.research.systems.m2fnet_extractor.losses import losses, metric_losses  # noqa: E402
from mien.research.systems.m2fnet_extractor.model import build  # noqa: E402
from mien.research.systems.m2fnet_extractor.resnet import MaskedNorm, ResNet  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)
CARD = system("m2fnet-extractor")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def mask_of(lengths, steps):
    return torch.arange(steps) < torch.tensor(lengths)[:, None]


def test_the_network_is_resnet_18():
    inner = sum(values.numel() for name, values in ResNet().named_parameters() if not name.startswith("enter"))
    # torchvision's resnet18 without its classifier has 11,176,512, of which 9,408 are the first layer on three colours.
    assert inner == 11_176_512 - 9_408


@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing(training):
    net = ResNet(4, 1).train(training)
    x = torch.randn(3, 37, 16)
    lengths = [37, 20, 9]
    mask = mask_of(lengths, 37)
    out = net(x, mask)
    again = ResNet(4, 1).train(training)
    again.load_state_dict(net.state_dict())
    longer = torch.cat([torch.where(mask[..., None], x, torch.tensor(50.0)), torch.full((3, 30, 16), 9.0)], dim=1)
    torch.testing.assert_close(again(longer, mask_of(lengths, 67)), out, atol=1e-4, rtol=1e-4)


def test_a_clip_alone_is_as_in_a_batch():
    net = ResNet(4, 1).eval()
    x = torch.randn(2, 21, 16)
    batch = net(x, mask_of([21, 8], 21))
    torch.testing.assert_close(net(x[1:, :8], mask_of([8], 8)), batch[1:], atol=1e-5, rtol=1e-4)
    assert torch.isfinite(net(x, mask_of([0, 1], 21))).all()


def test_norm_is_that_of_torch_where_all_is_real():
    ours, theirs = MaskedNorm(3), torch.nn.BatchNorm2d(3)
    x = torch.randn(4, 3, 5, 6) * 2 + 1
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
    alone = MaskedNorm(3)(torch.ones(1, 3, 1, 1))
    assert torch.isfinite(alone).all()


def test_pictures_train_with_absent_modalities():
    data = without(made(n=9), lambda place, name: place % 3 == 0 and name == "audio")
    model = build(CARD.configure({"network": "resnet", "channels": 4, "blocks": 1, "width": 8}), data.shape())
    batch = collate(data.samples, data.shape())
    sum(metric_losses(model, batch, model(batch), CARD.configure()).values()).backward()
    learnt = [values for name, values in model.named_parameters() if not name.startswith("head")]
    assert all(values.grad is not None and torch.isfinite(values.grad).all() for values in learnt)


def classes(n, seed, names=("audio",)):
    """Three Gaussian classes in 10 dimensions, and 10 dimensions of noise."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(3, 10))
    rng = np.random.default_rng(seed)
    samples = []
    for at in range(n):
        values = np.concatenate([centres[at % 3] + 0.7 * rng.normal(size=10), rng.normal(size=10)])
        features = {name: values[None].astype(np.float32) for name in names}
        samples.append(Sample(f"{seed}-{at}", f"g{seed}-{at}", features, at % 3))
    return samples, Shape(dict.fromkeys(names, 20), "class", 3)


def test_triplets_then_head_on_frozen_embeddings():
    train, shape = classes(192, 0)
    test, _ = classes(96, 1)
    method = assemble(
        CARD, CARD.configure({"epochs": 15, "head_epochs": 10, "width": 8, "hidden": 32, "rate": 3e-3}), shape
    )
    before = method.model.eval()(collate(test, shape)).hidden.detach()
    run = fit(method, train, (), Settings(quiet=True, device="cpu"))
    assert list(run.best) == ["triplets", "head"]
    with torch.no_grad():
        output = method.model(collate(test, shape))
    target = torch.arange(96) % 3
    assert (output.scores.argmax(dim=1) == target).float().mean() > 0.85

    def gap(z):
        apart = torch.cdist(z, z)
        alike = target[:, None] == target[None, :]
        return float(apart[~alike].mean() - apart[alike].mean())

    assert gap(output.hidden.detach()) > gap(before) + 0.3
    torch.testing.assert_close(output.hidden.norm(dim=1), torch.ones(96))


def test_the_head_leaves_the_extractor_alone():
    data = made(n=12)
    config = CARD.configure(
        {"network": "resnet", "channels": 4, "blocks": 1, "width": 8, "epochs": 0, "head_epochs": 1}
    )
    method = assemble(CARD, config, data.shape())
    before = {name: values.clone() for name, values in method.model.networks.state_dict().items()}
    fit(method, data.samples, (), Settings(quiet=True, device="cpu"))
    assert all(torch.equal(values, before[name]) for name, values in method.model.networks.state_dict().items())


def test_triplets_move_the_extractor_and_answers_the_head_alone():
    data = made(n=12)
    for epochs, moved in ((1, {"networks", "projectors"}), (0, {"head"})):
        config = CARD.configure({"epochs": epochs, "head_epochs": 1 - epochs, "standardise": False}, "tiny")
        method = assemble(CARD, config, data.shape())
        before = {name: values.clone() for name, values in method.model.named_parameters()}
        fit(method, data.samples, (), Settings(quiet=True, device="cpu"))
        after = {
            name.split(".")[0] for name, one in method.model.named_parameters() if not torch.equal(one, before[name])
        }
        assert after == moved
    batch = collate(data.samples, data.shape())
    losses(method.model, batch, method.model(batch), config)["task"].backward()
    assert all(values.grad is None for values in method.model.projectors.parameters())


def test_held_out_triplets_are_always_the_same():
    data = made(n=12)
    batch = collate(data.samples, data.shape())
    model = build(CARD.configure(preset="tiny"), data.shape())
    config = CARD.configure(preset="tiny")

    def triplet():
        return metric_losses(model, batch, model(batch), config)["triplet"].item()

    model.eval()
    assert triplet() == triplet()
    model.train()
    assert len({triplet() for _ in range(5)}) > 1


@pytest.mark.parametrize("preset", [None, "printed", "replicate-third-party"])
def test_what_is_minimised_is_what_the_options_say(preset):
    """20 triplet + 5 covariance + 1 variance; the margin a number, or differentiable where the source is followed."""
    data = made(n=12, modalities=("audio",))
    batch = collate(data.samples, data.shape())
    config = CARD.configure({"network": "mlp", "hidden": 16, "width": 12}, preset)
    model = build(config, data.shape()).eval()
    output = model(batch)
    terms = metric_losses(model, batch, output, config)
    rows = triplets(batch.target, torch.Generator().manual_seed(0))
    z = output.extras["embedding/audio"]
    given = {
        None: {},
        "printed": {"margin_grad": "differentiable", "regulariser": "printed"},
        "replicate-third-party": {"margin_grad": "differentiable", "hinge": True, "eps": 1e-6},
    }[preset]
    wanted = extractor_terms(*(z[one] for one in rows), **given)
    grads = []
    for found in (terms, wanted):
        grads.append(torch.autograd.grad(sum(found.values()), model.projectors["audio"].weight, retain_graph=True)[0])
    torch.testing.assert_close(terms, wanted)
    torch.testing.assert_close(*grads)
