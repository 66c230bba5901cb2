"""RAS: windows, frames, zero-shot matching, feature similarity, probability fusion and its losses."""

import re

import numpy as np
import pytest

from mien.research.systems.ras_compound.clip import WORDS, match
from mien.research.systems.ras_compound.frames import (
    Video,
    frame_labels,
    frame_scores,
    segment_spans,
    submission,
)
from mien.research.systems.ras_compound.pfsa import cosine, prototypes, similarity_scores
from mien.research.systems.ras_compound.windows import windows as cut

from . import cases
from .check_ras import places
from .compare import compare

KINDS = {"v1": "single", "v2": "dynamic", "v3": "attention", "v4": "mixed", "v5": "tempered", "v6": "mhpf"}


def _known(case, *known):
    assert set(case["config"]) <= set(known), f"no check knows {sorted(set(case['config']) - set(known))}"
    return case["config"]


def _rounded(case, gain, least=5e-9):
    """The inputs are written with nine digits, and what follows from them is no more exact than that, times `gain`.

    least: what a sum whose parts cancel can be off by.
    """
    tolerance = {"rtol": max(case["tolerance"]["rtol"], 1e-8 * gain), "atol": max(case["tolerance"]["atol"], least)}
    return {**case, "tolerance": tolerance}


def windows(case):
    config = _known(case, "window_s", "hop_s", "min_tail_s")
    options = {"window": config["window_s"], "hop": config["hop_s"], "least": config["min_tail_s"]}
    found = {str(one): [list(span) for span in cut(one, **options)] for one in case["inputs"]["durations_s"]}
    compare(case, {"windows": found})


def frames(case):
    config = _known(case, "window_s", "hop_s", "min_tail_s", "frame_numbering", "overlap", "missing_frames")
    assert config["frame_numbering"].startswith("1-based, zero padded to 5")
    assert config["overlap"].startswith("mean") and config["missing_frames"].startswith("forward fill")
    options = {"window": config["window_s"], "hop": config["hop_s"], "least": config["min_tail_s"], "official": True}
    inputs = case["inputs"]
    videos = {name: Video(one["duration_s"], one["fps"]) for name, one in inputs["videos"].items()}
    spans = {k: list(v) for name, video in videos.items() for k, v in segment_spans(name, video, **options).items()}
    scores = frame_scores(videos, dict(zip(inputs["segment_names"], inputs["segment_scores"], strict=True)), **options)
    labels = frame_labels(inputs["submission_frames"], scores, fill="official")
    header, *rows = submission(labels)
    compare(
        case,
        {
            "segment_frame_span_inclusive": spans,
            "frame_labels": labels,
            "submission_header": header,
            "first_rows": rows[: len(case["expected"].get("first_rows", []))],
        },
    )


def clip(case):
    config = _known(case, "labels", "backbone", "frame_stride")
    compounds = sum(" " in label for label in config["labels"])
    assert set(config["labels"]) <= set(WORDS) and " " not in "".join(config["labels"][:-compounds])
    pictures = np.array(case["inputs"]["image_features_unit"])[:: config["frame_stride"]]
    words = np.array(case["inputs"]["text_features_unit"])
    found, best, gain = {}, {}, 1.0
    for name in case["expected"]:
        if scale := re.fullmatch(r"(?:official|with)_logit_scale_([\d.]+)", name):
            basic, compound = match(pictures, words, scale=float(scale[1]), compounds=compounds)
            found[name] = {"basic": basic.tolist(), "compound": compound.tolist()}
            best |= {f"{k}_scale_{scale[1]}": int(np.argmax(v)) for k, v in (("basic", basic), ("compound", compound))}
            gain = max(gain, float(scale[1]))
    compare(_rounded(case, gain), {**found, "argmax": best})


def pfsa(case):
    config = _known(case, "basic_order", "compound_order", "similarity", "eps", "prototypes")
    assert config["similarity"] == "cosine" and config["prototypes"].startswith("mean feature per basic class")
    columns = places(config["compound_order"])
    inputs, order = case["inputs"], config["basic_order"]
    means = prototypes(np.array(inputs["reference_features"]), inputs["reference_labels"], order)
    query = np.array(inputs["query_features"])
    found = {"prototypes": means.tolist(), "basic_similarity": cosine(query, means, config["eps"]).tolist()}
    for aggregate in ("similarity_sum", "midpoint"):
        scores = similarity_scores(query, means, order, aggregate=aggregate, eps=config["eps"])[:, columns]
        found |= {f"scores_{aggregate}": scores.tolist(), f"argmax_{aggregate}": scores.argmax(axis=1).tolist()}
    compare(_rounded(case, 10, least=5e-8), found)


def fusion(case):
    torch = pytest.importorskip("torch")
    tensors = cases.tensors(case)
    config = _known(case, "num_modalities", "num_classes", "num_heads", "class_order", "class_weights")
    answers = torch.stack([tensors.pop(f"input/modality_{m}") for m in range(config["num_modalities"])], dim=1)
    assert answers.shape[2] == config["num_classes"]
    params = {name.removeprefix("param/"): values for name, values in tensors.items() if name.startswith("param/")}
    assert len(config.get("class_order", range(answers.shape[2]))) == answers.shape[2]
    if "head_weights" in params:
        return _heads(case, config, answers, params, tensors)
    found = {}
    for variant in sorted({name.partition(".")[0] for name in params}):
        mine = {name.partition(".")[2]: values for name, values in params.items() if name.startswith(f"{variant}.")}
        found[variant] = _fused(KINDS[variant], mine, answers)[0]
    _arrays(case, tensors, found)
    compare(case, {})


def _heads(case, config, answers, params, tensors):
    import torch

    from mien.research.systems.ras_compound.losses import fusion_loss

    assert params["head_weights"].shape[0] == config["num_heads"]
    fused, model = _fused("mhpf", params, answers)
    shares = params["head_weights"].softmax(dim=1)
    found = {"fused": fused, "head_weights_softmax": shares, "combine_softmax": params["head_combine"].softmax(dim=0)}
    believed = model.believed(answers[:1], torch.ones(1, answers.shape[1], dtype=torch.bool))[0]
    torch.testing.assert_close(believed, (shares * found["combine_softmax"][:, None, None]).sum(dim=0))
    _arrays(case, tensors, found)
    target, weights = torch.tensor(case["inputs"]["targets"]), torch.tensor(config["class_weights"])
    sound = fusion_loss(fused, target, weights, normalise=False).item()
    official = fusion_loss(fused, target, weights, kind="official").item()
    compare(
        case,
        {
            "row_sums": fused.sum(dim=1).tolist(),
            "argmax": fused.argmax(dim=1).tolist(),
            "loss_official_cross_entropy_applied_to_probabilities": official,
            "loss_sound_weighted_nll_of_log_probabilities": sound,
        },
    )


def _fused(kind, params, answers):
    import torch

    from mien.research.systems.ras_compound.fusion import Fusion

    names = {"head_weights": "weights", "head_combine": "combine", "res_weight": "share"}
    names |= {f"mlp.{layer}.{part}": f"context.{layer}.{part}" for layer in (0, 2) for part in ("weight", "bias")}
    heads = len(params["head_weights"]) if "head_weights" in params else 1
    model = Fusion(*answers.shape[1:], kind, heads)
    state = {names.get(name, name): values for name, values in params.items()}
    if kind == "dynamic":
        state["absent"] = model.absent.data
    model.load_state_dict(state)
    with torch.no_grad():
        return model(answers, torch.ones(answers.shape[:2], dtype=torch.bool))[0], model


def _arrays(case, tensors, found):
    wanted = {name.removeprefix("output/"): values for name, values in tensors.items() if name.startswith("output/")}
    assert wanted and set(wanted) <= set(found), f"no check knows {sorted(set(wanted) - set(found))}"
    assert not [name for name in tensors if name.startswith("input/")]
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name].numpy(), values.numpy(), **case["tolerance"])


CHECKS = {
    "ras-clip": clip,
    "ras-frames": frames,
    "ras-mhpf": fusion,
    "ras-pfsa": pfsa,
    "ras-windows": windows,
}
