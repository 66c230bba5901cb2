"""MDPE: the network with both means, and the rows of a released batch."""

import numpy as np
import pytest

from . import cases
from .compare import compare


def network(case):
    torch = pytest.importorskip("torch")
    from mien.research.batch import Batch
    from mien.research.samples import Shape
    from mien.research.systems.mdpe.card import Config
    from mien.research.systems.mdpe.model import build

    config = case["config"]
    unknown = set(config) - {
        "feature_dims",
        "use_emotion",
        "use_personality",
        "hidden",
        "classes",
        "lengths",
        "dropout",
    }
    assert not unknown, f"no check knows {sorted(unknown)}"
    tensors = cases.tensors(case)
    names = [f"feature{place + 1}" for place in range(len(config["feature_dims"]))]
    sides = [side for side in ("personality", "emotion") if config[f"use_{side}"]]
    inputs, masks = {}, {}
    for name in names:
        inputs[name] = tensors.pop(f"input/{name}")
        masks[name] = torch.arange(inputs[name].shape[1]) < torch.tensor(config["lengths"])[:, None]
    for name in sides:
        inputs[name] = tensors.pop(f"input/{name}").unsqueeze(1)
        masks[name] = torch.ones(inputs[name].shape[:2], dtype=torch.bool)
    for side in {"personality", "emotion"} - set(sides):
        tensors.pop(f"input/{side}", None)  # in the file, but switched off
    n = len(config["lengths"])
    zeros = torch.zeros(n, dtype=torch.int64)
    batch = Batch(inputs, masks, zeros, zeros, zeros.float(), tuple(map(str, range(n))), zeros)
    assert [inputs[name].shape[2] for name in names] == config["feature_dims"]
    shape = Shape({name: values.shape[2] for name, values in inputs.items()}, "class", config["classes"], True)
    found = {}
    for mean in ("masked", "padded"):
        model = build(Config(mean=mean, hidden=tuple(config["hidden"]), emotion="emotion" in sides), shape).eval()
        linear = [module for module in model.body if isinstance(module, torch.nn.Linear)] + [model.head]
        with torch.no_grad():
            for place, layer in enumerate(linear, 1):
                layer.weight.copy_(tensors[f"param/linear{place}.weight"])
                layer.bias.copy_(tensors[f"param/linear{place}.bias"])
            found[f"logits_{mean}_mean"] = model(batch).scores
    assert not {name for name in tensors if name.startswith("input/")}
    assert len([name for name in tensors if name.startswith("param/")]) == 2 * len(linear)
    wanted = {name.removeprefix("output/") for name in tensors if name.startswith("output/")}
    assert wanted and wanted <= set(found), f"no check knows {sorted(wanted - set(found))}"
    for name in wanted:
        np.testing.assert_allclose(found[name].numpy(), tensors[f"output/{name}"].numpy(), **case["tolerance"])
    compare(case, {})


def rows(case):
    torch = pytest.importorskip("torch")
    from mien.research.batch import collate
    from mien.research.samples import Sample, Shape
    from mien.research.systems.mdpe.rows import released_order

    assert set(case["config"]) == {"quirk"} and "sorted by its own length" in case["config"]["quirk"]
    inputs = case["inputs"]
    labels = np.array(inputs.pop("item_labels"))
    names = sorted(name.removeprefix("lengths_") for name in inputs)
    lengths = {name: inputs[f"lengths_{name}"] for name in names}
    orders = {name: released_order(torch.tensor(lengths[name])).numpy() for name in names}
    found = {f"released_row_item_{name}": order.tolist() for name, order in orders.items()}
    found |= {f"released_labels_{name}": labels[order].tolist() for name, order in orders.items()}
    table = np.stack([orders[name] for name in names])
    found["rows_mixing_two_items"] = np.flatnonzero((table != table[0]).any(axis=0)).tolist()
    samples = [
        Sample(str(item), "g", {n: np.full((lengths[n][item], 1), item, np.float32) for n in names}, int(labels[item]))
        for item in range(len(labels))
    ]
    batch = collate(samples, Shape(dict.fromkeys(names, 1), "class", 2, True))
    items = {tuple(batch.inputs[name].amax(dim=(1, 2)).int().tolist()) for name in names}
    assert len(items) == 1
    found["sound_row_item"] = list(items.pop())
    compare(case, found)


CHECKS = {"mdpe-mlp": network, "mdpe-collate": rows}
