"""The options beside the defaults keep to what every system keeps to: gradients, padding, absence, batches of any size."""

import pytest

torch = pytest.importorskip("torch")

from mien.research.systems import assemble, system  # noqa: E402

from .made import made  # noqa: E402
from .test_conformance import all_losses, batch_of, close, garbage, longer, scores, some_lost  # noqa: E402

torch.set_num_threads(1)
OPTIONS = [
    ("mdpe", {"modalities": ("audio", "text")}),
    ("emotiontalk", {"softmax": True}),
    ("emotiontalk", {"level": "utterance"}),
    ("emotiontalk", {"compress": 2}),
    ("emotiontalk", {"front_padding": True}),
    ("movie-affect", {"head": "fc"}),
    ("movie-affect", {"head": "fc", "activation": "relu"}),
    *(("ras-compound", {"fuse": fuse}) for fuse in ("single", "dynamic", "attention", "mixed", "tempered", "mean")),
    *(("ras-compound", {"branch": branch}) for branch in ("mamba", "recurrent")),
    ("ras-compound", {"loss": "official"}),
    *(("ras-features", {"fuse": fuse}) for fuse in ("heads", "pooled")),
    ("ras-features", {"fuse": "context", "scene": "face"}),
    ("mfn", {"front_padding": True}),
    ("graph-mfn", {"front_padding": True}),
    ("mfm", {"front_padding": True, "sampled": True}),
    ("mctn", {"source": "audio"}),
    ("mag", {"before": 1}),
    *(("textualized-compound", {"fusion": fusion}) for fusion in ("can", "jmt", "mt", "text")),
    ("textualized-compound", {"weighing": "frames"}),
]


@pytest.fixture(params=OPTIONS, ids=lambda one: "-".join([one[0], *map(str, one[1].values())]))
def method(request):
    name, settings = request.param
    card = system(name)
    return assemble(card, card.configure(settings, "tiny"), made().shape())


def test_gradients(method):
    for data in (made(), some_lost(made())):
        method.model.train()
        for term, value in all_losses(method, batch_of(data)):
            assert torch.isfinite(value), term
            if value.requires_grad:
                value.backward(retain_graph=True)  # several terms share the model
    for name, values in method.model.named_parameters():
        assert values.grad is not None and torch.isfinite(values.grad).all(), name


def test_padding_absence_and_batch_size(method):
    data = some_lost(made())
    batch = batch_of(data)
    whole = scores(method, batch)
    close(whole, scores(method, garbage(longer(batch))))
    for row in range(len(batch)):
        close(whole[row : row + 1], scores(method, batch_of(data, [row])))
    nothing = batch.without(*batch.inputs)
    assert torch.isfinite(scores(method, nothing)).all()
    holed = batch.keep({name: torch.arange(mask.shape[1]) % 2 == 0 for name, mask in batch.masks.items()})
    close(scores(method, holed), scores(method, garbage(holed)))


def test_batch_of_one(method):
    method.model.train()
    for term, value in all_losses(method, batch_of(made(), [0])):
        assert torch.isfinite(value), term
