"""M2FNet: losses of the extractor, weighted faces, fusion layers, the dialogue network."""

import re

import pytest

from .cases import tensors
from .compare import compare


def _torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def _config(case, *known):
    unknown = set(case["config"]) - set(known)
    assert not unknown, f"no check knows the options {sorted(unknown)}"
    return case["config"]


def _tensors(case):
    """Inputs, weights and expected values of the .safetensors, each by its name."""
    found = {"input": {}, "param": {}, "output": {}}
    for name, values in tensors(case).items():
        kind, _, rest = name.partition("/")
        found[kind][rest] = values
    return found["input"], found["param"], found["output"]


def _inputs(case, tensors, listed):
    """An input that is not known must fail; the file may list the tensors by name too."""
    known = {"text", "audio", "vision"}
    unknown = (set(tensors) - known) | (set(case["inputs"]) - listed - known)
    assert not unknown and listed <= set(case["inputs"]), f"no check knows the inputs {sorted(unknown)}"


def _attention(params, prefix):
    """torch's packed attention (rows q | k | v) by the names of ours."""
    weights = {}
    for kind in ("weight", "bias"):
        parts = params.pop(f"{prefix}.in_proj_{kind}").chunk(3)
        for name, part in zip(("query", "key", "value"), parts, strict=True):
            weights[f"{name}.{kind}"] = part
        weights[f"out.{kind}"] = params.pop(f"{prefix}.out_proj.{kind}")
    return weights


def _columns(weight, order, wanted):
    """The column blocks of a linear layer, from the order of the file to ours."""
    parts = dict(zip(order, weight.chunk(len(order), dim=1), strict=True))
    assert set(order) == set(wanted)
    return [parts[name] for name in wanted]


def _dialogues(torch, mask):
    """Dialogues of this mask (d, turns), whose rows are the real turns one after another."""
    from mien.research.layers.dialogue import Dialogues

    rows = (mask.flatten().cumsum(0) - 1).clamp(min=0).reshape(mask.shape).masked_fill(~mask, 0)
    return Dialogues(rows, mask, mask.flatten().nonzero()[:, 0], torch.full(mask.shape, -1))


def _bimodal(torch, params, prefix=""):
    """Weights of the third-party fusion layer: its concatenation is [attended, text]."""
    weights = {f"attentions.0.{k}": v for k, v in _attention(params, f"{prefix}multihead_attention").items()}
    blocks = _columns(params.pop(f"{prefix}linear.weight"), ["attended", "text"], ["text", "attended"])
    return weights | {"linear.weight": torch.cat(blocks, dim=1), "linear.bias": params.pop(f"{prefix}linear.bias")}


def _check(torch, case, found, outputs):
    """found: name -> (values, real positions or None); every output of the file must be among them, all in tensors."""
    compare(case, {})
    assert set(outputs) <= set(found), f"no check knows {sorted(set(outputs) - set(found))}"
    for name, wanted in outputs.items():
        values, mask = found[name]
        if mask is not None:
            values, wanted = values[mask], wanted[mask]
        torch.testing.assert_close(values, wanted, **case["tolerance"])


def fusion_bimodal(case):
    torch = _torch()
    from mien.research.systems.m2fnet.network import FusionLayer, Talk

    config = _config(case, "dim", "heads", "batch", "length")
    inputs, params, outputs = _tensors(case)
    _inputs(case, inputs, {"padding_mask"})
    layer = FusionLayer(config["dim"], config["heads"], 1).eval()
    layer.load_state_dict(_bimodal(torch, params))
    assert not params
    mask = ~torch.tensor(case["inputs"]["padding_mask"])
    assert mask.shape == (config["batch"], config["length"])
    # Padded turns ask too in the file: every turn is a row here, and only real ones are keys.
    every = torch.ones_like(mask)
    talk = Talk(_dialogues(torch, every), mask[:, None, None, :], torch.arange(mask.numel()))
    with torch.no_grad():
        y = layer(inputs["text"].flatten(0, 1), [inputs["audio"].flatten(0, 1)], talk)
    _check(torch, case, {"y": (y.reshape(*mask.shape, -1), None)}, outputs)


def fusion_trimodal(case):
    torch = _torch()
    from mien.research.systems.m2fnet.network import FusionLayer, Talk

    config = _config(case, "dim", "heads", "length", "fusion_layers", "activation_after_fc", "concat_order")
    inputs, params, outputs = _tensors(case)
    _inputs(case, inputs, set())
    others = ["audio", "vision"]
    order = [name.removesuffix("-keyed") for name in re.findall(r"[\w-]+", config["concat_order"])]
    activation = {"none": "none", "relu": "after"}[config["activation_after_fc"]]
    mask = torch.ones(inputs["text"].shape[:2], dtype=torch.bool)
    talk = Talk.of(_dialogues(torch, mask), causal=False)
    main = inputs["text"].flatten(0, 1)
    assert mask.shape[1] == config["length"]
    for at in range(config["fusion_layers"]):
        layer = FusionLayer(config["dim"], config["heads"], 2, activation=activation).eval()
        weights = {}
        for place, name in enumerate(others):
            weights |= {f"attentions.{place}.{k}": v for k, v in _attention(params, f"layers.{at}.{name}").items()}
        blocks = _columns(params.pop(f"layers.{at}.fc.weight"), order, ["text", *others])
        weights |= {"linear.weight": torch.cat(blocks, dim=1), "linear.bias": params.pop(f"layers.{at}.fc.bias")}
        layer.load_state_dict(weights)
        with torch.no_grad():
            main = layer(main, [inputs[name].flatten(0, 1) for name in others], talk)
    assert not params
    main = main.reshape(*mask.shape, -1)
    final = torch.cat([main, *(inputs[name] for name in others)], dim=-1)
    _check(torch, case, {"fused": (main, None), "final": (final, None)}, outputs)


def network(case):
    torch = _torch()
    from mien.research.systems import system
    from mien.research.systems.m2fnet.network import DialogueNetwork

    config = _config(
        case,
        "d_audio",
        "d_text",
        "d_fusion",
        "heads",
        "transformers_per_modality",
        "layers_per_transformer",
        "ffn",
        "fusion_layers",
        "classifier_hidden",
        "classes",
        "post_norm",
        "ffn_activation",
    )
    assert config["post_norm"] and config["ffn_activation"] == "relu"
    inputs, params, outputs = _tensors(case)
    _inputs(case, inputs, {"padding_mask"})
    settings = {
        "width": config["d_fusion"],
        "heads": config["heads"],
        "encoders": config["transformers_per_modality"],
        "layers": config["layers_per_transformer"],
        "fusion_layers": config["fusion_layers"],
        "hidden": config["classifier_hidden"],
        "inner": config["ffn"],
    }
    norms = {
        name: [params.pop(f"{name}_encoders.{at}.norm.weight") for at in range(settings["encoders"])]
        for name in ("text", "audio")
    }
    settings["shared_norm"] = all(torch.equal(each[0], other) for each in norms.values() for other in each)
    model = DialogueNetwork(
        system("m2fnet").configure(settings, "replicate-third-party"),
        {"text": config["d_text"], "audio": config["d_audio"]},
        config["classes"],
    ).eval()
    weights = {}
    for name in ("text", "audio"):
        for at in range(settings["encoders"]):
            # A shared norm stands in the file once for each encoder.
            place = 0 if settings["shared_norm"] else at
            weights[f"encoders.{name}.norms.{place}.weight"] = norms[name][at]
            weights[f"encoders.{name}.norms.{place}.bias"] = params.pop(f"{name}_encoders.{at}.norm.bias")
        for kind in ("weight", "bias"):
            weights[f"encoders.{name}.leave.0.{kind}"] = params.pop(f"{name}_proj.{kind}")
        for at in range(settings["encoders"]):
            for layer in range(settings["layers"]):
                theirs = f"{name}_encoders.{at}.layers.{layer}"
                weights |= _encoder_layer(params, theirs, f"encoders.{name}.encoders.{at}.{layer}")
    for at in range(settings["fusion_layers"]):
        layer = _bimodal(torch, params, f"fusion_layers.{at}.")
        weights |= {f"fusion.{at}.{key}": values for key, values in layer.items()}
    blocks = _columns(params.pop("output_layer.0.weight"), ["audio", "text"], ["text", "audio"])
    weights |= {
        "body.0.weight": torch.cat(blocks, dim=1),
        "body.0.bias": params.pop("output_layer.0.bias"),
        "head.weight": params.pop("output_layer.3.weight"),
        "head.bias": params.pop("output_layer.3.bias"),
    }
    assert not params
    model.load_state_dict(weights)
    mask = ~torch.tensor(case["inputs"]["padding_mask"])
    with torch.no_grad():
        rows = model({name: values[mask] for name, values in inputs.items()}, _dialogues(torch, mask))[0]
    logits = rows.new_zeros(*mask.shape, rows.shape[1])
    logits[mask] = rows
    _check(torch, case, {"logits": (logits, mask)}, outputs)


def _encoder_layer(params, theirs, ours):
    """torch's post-norm transformer layer by the names of ours."""
    weights = {f"{ours}.attention.{k}": v for k, v in _attention(params, f"{theirs}.self_attn").items()}
    pairs = {"linear1": "body.0", "linear2": "body.3", "norm1": "norms.0", "norm2": "norms.1"}
    for kind in ("weight", "bias"):
        weights |= {f"{ours}.{to}.{kind}": params.pop(f"{theirs}.{name}.{kind}") for name, to in pairs.items()}
    return weights


def triplet(case):
    torch = _torch()
    from mien.research.systems.m2fnet.triplets import adaptive_triplet, distance, margins

    config = _config(case, "distance", "code_eps", "hinge_paper", "hinge_code")
    assert config["distance"] == "euclidean"
    paper = {"hinge": config["hinge_paper"]}
    code = {"hinge": config["hinge_code"], "eps": config["code_eps"], "margin_grad": "differentiable"}

    def sides(suffix=""):
        a, p, n = (
            torch.tensor(case["inputs"][f"{name}{suffix}"], dtype=torch.float64, requires_grad=True)
            for name in ("anchor", "positive", "negative")
        )
        return (a, p, n), (distance(a, p), distance(a, n), distance(p, n))

    vectors, distances = sides()
    near, far = margins(*distances[:2])
    loss = adaptive_triplet(*distances, margin_grad="differentiable", **paper)
    loss.mean().backward()
    assert all(torch.isfinite(values.grad).all() for values in vectors), "zero distances have finite gradients"
    slopes = {}
    for kind in ("differentiable", "detach"):
        free = [values.detach().requires_grad_() for values in distances]
        adaptive_triplet(*free, margin_grad=kind, **paper).sum().backward()
        slopes[kind] = [values.grad.tolist() for values in free]
    assert slopes["differentiable"][2] == slopes["detach"][2]
    by_code = adaptive_triplet(*distances, **code)
    found = {
        "d_ap": distances[0].tolist(),
        "d_an": distances[1].tolist(),
        "d_pn": distances[2].tolist(),
        "margin_sim": near.tolist(),
        "margin_dissim": far.tolist(),
        "loss_paper_per_item": loss.tolist(),
        "loss_paper_mean": loss.mean().item(),
        "loss_code_per_item": by_code.tolist(),
        "loss_code_mean": by_code.mean().item(),
        "dloss_d_dap_published": slopes["differentiable"][0],
        "dloss_d_dan_published": slopes["differentiable"][1],
        "dloss_d_dap_detached": slopes["detach"][0],
        "dloss_d_dan_detached": slopes["detach"][1],
        "dloss_d_dpn": slopes["detach"][2],
    }
    if "anchor_2" in case["inputs"]:
        found["loss_code_mean_2"] = adaptive_triplet(*sides("_2")[1], **code).mean().item()
    compare(case, found)


def extractor(case):
    torch = _torch()
    from mien.research.systems.m2fnet.triplets import covariance_term, extractor_terms, variance_term

    config = _config(case, "weights", "gamma", "eps", "variance")
    assert config["variance"] == "unbiased" and set(config["weights"]) == {"triplet", "covariance", "variance"}
    weights = tuple(config["weights"][name] for name in ("triplet", "covariance", "variance"))
    sides = [torch.tensor(case["inputs"][name], dtype=torch.float64) for name in ("anchor", "positive", "negative")]
    options = {
        "margin_grad": "differentiable",
        "normalise": False,
        "hinge": True,
        "eps": config["eps"],
        "spread": config["gamma"],
        "spread_eps": config["eps"],
    }
    raw = extractor_terms(*sides, weights=(1.0, 1.0, 1.0), **options)
    printed = {"regulariser": "printed"}
    compare(
        case,
        {
            "variance_code": raw["variance"].item(),
            "covariance_code": raw["covariance"].item(),
            "triplet_code": raw["triplet"].item(),
            "total_code": sum(extractor_terms(*sides, weights=weights, **options).values()).item(),
            "variance_paper_no_hinge": sum(
                variance_term(z, gamma=config["gamma"], eps=config["eps"], **printed) for z in sides
            ).item(),
            "covariance_paper_not_squared": sum(covariance_term(z, **printed) for z in sides).item(),
        },
    )


def faces(case):
    from mien.research.systems.m2fnet.faces import utterance_face, weighted_face

    config = _config(case, "frames", "pool", "no_face")
    assert config["pool"] == "max over frames" and config["no_face"] == "zero vector for the frame"
    frames = [
        ([face["feature"] for face in frame], [face["area"] for face in frame]) for frame in case["inputs"]["faces"]
    ]
    assert len(frames) == config["frames"]
    width = next(len(feature) for features, _ in frames for feature in features)
    found = {}
    for scale in ("sum", "max"):
        found[f"frame_features_area_{scale}"] = [
            weighted_face(*frame, width=width, scale=scale).tolist() for frame in frames
        ]
        found[f"utterance_area_{scale}"] = utterance_face(frames, width=width, scale=scale).tolist()
    compare(case, found)


CHECKS = {
    "m2fnet-adaptive-triplet": triplet,
    "m2fnet-extractor-loss": extractor,
    "m2fnet-fusion-bimodal": fusion_bimodal,
    "m2fnet-fusion-trimodal": fusion_trimodal,
    "m2fnet-network-bimodal": network,
    "m2fnet-weighted-face": faces,
}
