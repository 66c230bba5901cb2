"""Textualized compound: the LFAN block, the decisions behind a sentence, pooled frames."""

import re

import numpy as np
import pytest

from mien.research.systems.textualized_compound.textualize import ACTION_UNITS, Thresholds, decide, seconds
from mien.research.systems.textualized_compound.windows import centred, chunks

from . import cases
from .compare import compare


def _known(case, *known):
    assert set(case["config"]) <= set(known), f"no check knows {sorted(set(case['config']) - set(known))}"
    return case["config"]


def lfan(case):
    torch = pytest.importorskip("torch")
    from mien.research.systems.textualized_compound.lfan import LeaderFollower

    config = _known(case, "modalities", "input_dim", "modal_dim", "num_heads", "leader", "num_classes")
    tensors = cases.tensors(case)
    names = config["modalities"]
    params = {name.removeprefix("param/"): values for name, values in tensors.items() if name.startswith("param/")}
    block = LeaderFollower(
        {name: config["input_dim"][name] for name in names}, config["modal_dim"], config["num_heads"]
    )
    state = {"norm.weight": params.pop("layers.norm1.weight"), "norm.bias": params.pop("layers.norm1.bias")}
    for kind in ("weight", "bias"):
        state[f"out.{kind}"] = params.pop(f"layers.self_attn.o_proj.{kind}")
        for name in names:
            state[f"project.{name}.{kind}"] = params.pop(f"layers.self_attn.qkv_proj.{name}.{kind}")
    block.load_state_dict(state)
    inputs = {name: tensors.pop(f"input/{name}") for name in names}
    assert set(names) <= set(config["input_dim"]) and not [name for name in tensors if name.startswith("input/")]
    seen = {name: torch.ones(values.shape[:2], dtype=torch.bool) for name, values in inputs.items()}
    with torch.no_grad():
        follower = block(inputs, seen)
        led = torch.cat((inputs[config["leader"]], follower), dim=-1)
        logits = led @ params.pop("classifier.weight").T + params.pop("classifier.bias")
    assert not params and logits.shape[-1] == config["num_classes"]
    found = {"follower": follower, "logits": logits}
    wanted = {name.removeprefix("output/"): values for name, values in tensors.items() if name.startswith("output/")}
    assert wanted and set(wanted) <= set(found), f"no check knows {sorted(set(wanted) - set(found))}"
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name].numpy(), values.numpy(), **case["tolerance"])
    compare(case, {})


def _number(rule, text):
    found = re.fullmatch(rule, text)
    assert found, f"no check knows the rule {text!r}"
    return [float(one) for one in found.groups()]


def textualize(case):
    config = _known(
        case, "au_names", "au_threshold", "top_k_emotions", "prosody_high", "level_high", "order", "emotion_tie"
    )
    assert config["au_names"].items() <= ACTION_UNITS.items() and config["order"] == ["speech", "visual", "audio"]
    assert config["emotion_tie"] == "input column order"
    decimals, level = _number(r"value rounded to (\d) decimals >= ([\d.]+)", config["level_high"])
    limits = Thresholds(
        unit=_number(r"strictly greater than ([\d.]+)", config["au_threshold"])[0],
        emotions=config["top_k_emotions"],
        prosody=_number(r"strictly greater than ([\d.]+)", config["prosody_high"])[0],
        level=level,
        decimals=int(decimals),
    )
    rows = []
    for row in case["inputs"]["rows"]:
        assert set(row) <= {"au", "emotions", "vad", "prosody_scores"}, sorted(row)
        told = decide(
            row["au"], row["emotions"], row["vad"], row["prosody_scores"], thresholds=limits, no_au_as_no_face=True
        )
        rows.append(
            {
                "active_aus": list(told.active),
                "face_missing_marker": told.no_face,
                "top_emotions": list(told.emotions),
                "prosody": told.prosody and [{"level": level, "name": name} for level, name in told.prosody],
                "levels": dict(told.levels),
            }
        )
    times = case["inputs"].get("times", [])
    found = {"times_s_official": [seconds(text, official=True) for text in times]}
    compare(case, {"rows": rows, **found, "times_s_sound": [seconds(text) for text in times]})


def windows(case):
    config = _known(case, "window_hop", "window_size", "reduce")
    assert config["reduce"] == "max over frames"
    frames = np.array(case["inputs"]["frame_features"])
    found = {
        "train_chunks": chunks(frames, config["window_hop"]).tolist(),
        "eval_per_frame": centred(frames, config["window_size"]).tolist(),
    }
    compare(case, found)


CHECKS = {"tc-lfan": lfan, "tc-textualize": textualize, "tc-windows": windows}
