"""EmotionTalk's attention baseline with the released weights, at utterance and at frame level."""

import numpy as np
import pytest

from . import cases
from .compare import compare

ROLES = {"audio": "audio", "text": "text", "video": "face"}
LEVELS = {"utt": "utterance", "frm_align": "frames", "frm_unalign": "frames"}


def attention(case):
    torch = pytest.importorskip("torch")
    from mien.research.batch import Batch
    from mien.research.samples import Shape
    from mien.research.systems.emotiontalk.card import Config
    from mien.research.systems.emotiontalk.model import build

    config = case["config"]
    known = {"feature_level", "audio_dim", "text_dim", "video_dim", "hidden", "classes", "attention_softmax"}
    assert set(config) <= known, f"no check knows {sorted(set(config) - known)}"
    tensors = cases.tensors(case)
    inputs = {ours: tensors.pop(f"input/{theirs}s") for theirs, ours in ROLES.items()}
    inputs = {name: values if values.dim() == 3 else values.unsqueeze(1) for name, values in inputs.items()}
    masks = {name: torch.ones(values.shape[:2], dtype=torch.bool) for name, values in inputs.items()}
    widths = {ours: config[f"{theirs}_dim"] for theirs, ours in ROLES.items()}
    n = len(inputs["audio"])
    zeros = torch.zeros(n, dtype=torch.int64)
    batch = Batch(inputs, masks, zeros, zeros, zeros.float(), tuple(map(str, range(n))), zeros)
    level = LEVELS[config["feature_level"]]
    found = {}
    for task, head, outputs in (("class", "fc_out_1", config["classes"]), ("value", "fc_out_2", 1)):
        ours = Config(level=level, hidden=config["hidden"], softmax=config.get("attention_softmax", False))
        model = build(ours, Shape(widths, task, outputs, level == "frames")).eval()
        names = {name: values for name, values in tensors.items() if name.startswith("param/")}
        _load(model, names, head, level)
        with torch.no_grad():
            output = model(batch)
        found["emotion_logits" if task == "class" else "sentiment"] = output.scores
        found["features"] = output.hidden
    assert not [name for name in tensors if name.startswith("input/")]
    wanted = [name.removeprefix("output/") for name in tensors if name.startswith("output/")]
    assert wanted and set(wanted) <= set(found), f"no check knows {sorted(set(wanted) - set(found))}"
    for name in wanted:
        np.testing.assert_allclose(found[name].numpy(), tensors[f"output/{name}"].numpy(), **case["tolerance"])
    compare(case, {})


def _load(model, names, head, level):
    import torch

    roles = {}
    for place, (theirs, ours) in enumerate(ROLES.items()):
        assert model.order[place] == ours
        if level == "utterance":
            for layer in range(3):
                roles[f"{theirs}_encoder.linear_{layer + 1}"] = f"encoders.{place}.layers.layers.{layer}"
        else:
            roles[f"{theirs}_encoder.rnn"] = f"encoders.{place}.read.net"
            roles[f"{theirs}_encoder.linear_1"] = f"encoders.{place}.linear"
    for layer in range(3):
        roles[f"attention_mlp.linear_{layer + 1}"] = f"attention.layers.{layer}"
    roles |= {"fc_att": "weights", head: "head"}
    state, given = model.state_dict(), {}
    for name, values in names.items():
        role, _, kind = name.removeprefix("param/").rpartition(".")
        if role in roles:
            given[f"{roles[role]}.{kind}"] = values
        else:
            assert role in ("fc_out_1", "fc_out_2"), f"no check knows the weight {name}"
    lacking = [name for name in state if name not in given and not name.startswith(("absent", "standard"))]
    assert not lacking, lacking
    with torch.no_grad():
        model.load_state_dict({**state, **given})


CHECKS = {"emotiontalk-attention": attention}
