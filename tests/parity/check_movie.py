"""Movie affect: both heads with the released weights' names, the loss with temperature, windows."""

import numpy as np
import pytest

from . import cases
from .compare import compare

STREAMS = {"scene": "rgb", "flow": "flow", "audio": "audio"}


def _loaded(case):
    torch = pytest.importorskip("torch")
    from mien.research.batch import Batch
    from mien.research.systems.movie_affect.released import from_released

    tensors, config = cases.tensors(case), case["config"]
    widths = {ours: config[f"{theirs}_dim"] for ours, theirs in STREAMS.items() if f"{theirs}_dim" in config}
    state = {name.removeprefix("param/"): values for name, values in tensors.items() if name.startswith("param/")}
    model = from_released(state, widths)
    x = tensors["input/x"] if tensors["input/x"].dim() == 3 else tensors["input/x"].unsqueeze(1)
    parts = dict(zip(widths, x.split(list(widths.values()), dim=2), strict=True))
    mask = torch.ones(x.shape[:2], dtype=torch.bool)
    target = torch.tensor(case["inputs"].get("targets", [0] * len(x)))
    zeros = torch.zeros(len(x), dtype=torch.int64)
    ids = tuple(map(str, range(len(x))))
    batch = Batch(parts, dict.fromkeys(parts, mask), target, zeros, zeros.float(), ids, zeros)
    with torch.no_grad():
        return model, batch, model(batch), tensors


def _arrays(case, tensors, found):
    assert [name for name in tensors if name.startswith("input/")] == ["input/x"]
    wanted = {name.removeprefix("output/"): values for name, values in tensors.items() if name.startswith("output/")}
    assert wanted and set(wanted) <= set(found), f"no check knows {sorted(set(wanted) - set(found))}"
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name].numpy(), values.numpy(), **case["tolerance"])


def _known(case, *known):
    assert set(case["config"]) <= set(known), f"no check knows {sorted(set(case['config']) - set(known))}"
    return case["config"]


def fc(case):
    config = _known(case, "rgb_dim", "flow_dim", "audio_dim", "reduced_dim", "fc_dim", "num_classes", "temperature")
    model, batch, output, tensors = _loaded(case)
    from mien.research.systems.movie_affect.card import Config
    from mien.research.systems.movie_affect.losses import losses

    warmth = config["temperature"]
    assert (model.head.first.out_features, output.scores.shape[1]) == (config["fc_dim"], config["num_classes"])
    assert {layer.out_features for layer in model.reduce.values()} == {config["reduced_dim"]}
    loss = losses(model, batch, output, Config(head="fc", temperature=warmth))["task"]
    name = f"{warmth:g}"
    _arrays(case, tensors, {"logits": output.scores, f"probabilities_T{name}": (output.scores / warmth).softmax(1)})
    compare(case, {f"loss_ce_temperature_{name}": loss.item(), "argmax": output.scores.argmax(dim=1).tolist()})


def lstm(case):
    config = _known(
        case, "rgb_dim", "flow_dim", "audio_dim", "reduced_dim", "hidden_dim", "num_layers", "num_classes", "seq_length"
    )
    model, batch, output, tensors = _loaded(case)
    net = model.read.net
    assert (net.hidden_size, net.num_layers) == (config["hidden_dim"], config["num_layers"])
    assert {values.shape[1] for values in batch.inputs.values()} == {config["seq_length"]}
    assert output.scores.shape[1] == config["num_classes"]
    assert {layer.out_features for layer in model.reduce.values()} == {config["reduced_dim"]}
    _arrays(case, tensors, {"logits": output.scores})
    compare(case, {"argmax": output.scores.argmax(dim=1).tolist()})


def windows(case):
    from mien.research.systems.movie_affect.windows import windows as found

    config = _known(case, "seq_length", "hop", "label")
    assert config["label"] == "of the last frame"
    lengths = case["inputs"]["movie_lengths"]
    told = {
        f"{name}_windows_first_last": [
            [list(one[0]), list(one[-1])] for one in found(lengths, config["seq_length"], config["hop"], cross=cross)
        ]
        for name, cross in (("official", True), ("sound", False))
    }
    compare(case, told)


CHECKS = {"movie-fc": fc, "movie-lstm": lstm, "movie-windows": windows}
