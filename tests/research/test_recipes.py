"""Which optimiser trains a system and which distance it minimises, as its source has it; the plain baselines."""

import pytest

torch = pytest.importorskip("torch")

from mien.research.batch import collate  # noqa: E402
from mien.research.layers.pooling import masked_mean  # noqa: E402
from mien.research.systems import assemble, part, system  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
ADAM, ADAMW, SGD = {"adam"}, {"adamw"}, {"sgd"}
KINDS = [
    ("cider", None, ADAM), ("broad-mamba", None, ADAM), ("emotiontalk", None, ADAM), ("mdpe", None, ADAM),
    ("m2fnet", "paper-meld", ADAMW), ("m2fnet", "replicate-third-party", ADAM), ("m2fnet-extractor", None, ADAMW | ADAM),
    ("gaussian-adaptive-attention", "replicate-v1", ADAMW), ("pairwise-contrastive", "replicate-mosei", SGD),
    ("ras-compound", "replicate", ADAM), ("movie-affect", None, SGD), ("textualized-compound", "replicate-lfan", SGD),
    ("tfn", "replicate", ADAM), ("lmf", "replicate", ADAM), ("lf-dnn", "replicate", ADAM), ("ef-lstm", "replicate", ADAM),
    ("mult", "replicate", ADAM), ("misa", "replicate", ADAM), ("self-mm", "replicate", ADAM), ("mmim", "replicate", ADAM),
    ("mfn", None, ADAM), ("graph-mfn", None, ADAM), ("mfm", None, ADAM), ("mctn", None, ADAM), ("vaemo", None, ADAMW),
]  # fmt: skip
SQUARED = {"emotiontalk", "mdpe", "misa"}
"""Those that minimise the squared error of a value; all others the absolute one."""


@pytest.mark.parametrize(("name", "preset", "kinds"), KINDS)
def test_the_optimiser_is_that_of_the_source(name, preset, kinds):
    card = system(name)
    recipe = part(card, "recipe").recipe(card.configure(preset=preset))
    assert {group.kind for stage in recipe.stages for group in stage.groups} == kinds


@pytest.mark.parametrize(
    "name", ["emotiontalk", "mdpe", "misa", "tfn", "lmf", "lf-dnn", "ef-lstm", "mult", "self-mm", "mmim"]
)
def test_the_distance_of_values_is_that_of_the_source(name):
    data, card = made("value", n=6), system(name)
    built = assemble(card, card.configure(preset="tiny"), data.shape())
    batch = collate(data.samples, data.shape())
    output = built.model.eval()(batch)
    gap = output.scores - batch.target
    wanted = gap.square().mean() if name in SQUARED else gap.abs().mean()
    torch.testing.assert_close(built.losses(built.model, batch, output, built.config)["task"], wanted)


def test_the_plain_baselines_leave_out_what_is_absent():
    """Late average: the mean of the answers of those that are there. Linear: a modality that is not adds nothing."""
    data = made(n=6)
    batch = collate(data.samples, data.shape()).without("audio")
    late, line = (
        assemble(system(name), system(name).configure(), data.shape(), seed=1).model.eval()
        for name in ("late-average", "linear")
    )
    told = late(batch)
    alone = [told.extras[f"alone/{name}"].softmax(dim=1) for name in ("text", "face")]
    torch.testing.assert_close(told.scores.softmax(dim=1), sum(alone) / 2)
    wanted = line.bias + sum(
        line.layers[name](masked_mean(batch.inputs[name], batch.masks[name])) for name in ("text", "face")
    )
    torch.testing.assert_close(line(batch).scores, wanted)


def test_film_features_are_scaled_by_training_before_the_first_epoch():
    data, card = made(modalities=("audio",), n=6), system("movie-affect")
    for scaler, scaled in (("training", True), ("none", False)):
        built = assemble(card, card.configure({"scaler": scaler}, "tiny"), data.shape())
        fit(built, data.samples, (), Settings(epochs=1, quiet=True, device="cpu"))
        assert bool(built.model.scale.get_buffer("low_audio").any()) == scaled
