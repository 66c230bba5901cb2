"""Broad Mamba: the scan, its convolution form, the block, both directions, broad nodes, probability-guided fusion."""

import pytest

from .compare import compare


def _torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def _known(case, config, inputs):
    """A key of the configuration or the inputs that is not known must fail."""
    unknown = (set(case["config"]) - set(config)) | (set(case["inputs"]) - set(inputs))
    assert not unknown, f"no check knows {sorted(unknown)}"
    return case["config"]


def _tensors(torch, values):
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}


def _scan(torch, u, dt, a, b, c, bias=None, **more):
    """The scan with the shapes of the file: (n, channels, time)."""
    from mien.research.layers.scan import selective_scan

    delta = torch.nn.functional.softplus(dt if bias is None else dt + bias.unsqueeze(-1))
    turned = [values.transpose(1, 2) for values in (u, delta, b, c)]
    y, last = selective_scan(turned[0], turned[1], a, *turned[2:], **more)
    return y.transpose(1, 2), last


def _both_widths(case, found):
    """float64 to the tolerance of the file, float32 to 1e-4 (card)."""
    torch = _torch()
    compare(case, found(torch.float64))
    loose = {"rtol": 1e-4, "atol": 1e-4}
    compare({**case, "tolerance": loose}, found(torch.float32))


def scan(case):
    torch = _torch()
    config = _known(
        case,
        ("batch", "channels", "state", "length", "delta", "discretisation"),
        ("u", "dt", "A", "B", "C", "D", "z", "dt_bias"),
    )
    assert config["delta"] == "softplus(dt + bias)" and config["discretisation"].startswith(
        "Abar = exp(delta A), Bbar u = delta B u"
    )

    def found(dtype):
        given = {name: values.to(dtype) for name, values in _tensors(torch, case["inputs"]).items()}
        z = given.pop("z")
        assert given["u"].shape == (config["batch"], config["channels"], config["length"])
        assert given["A"].shape == (config["channels"], config["state"])
        plain = [given[name] for name in ("u", "dt", "A", "B", "C")]
        y, last = _scan(torch, *plain, given["dt_bias"], skip=given["D"])
        return {
            "y": (y * torch.nn.functional.silu(z)).tolist(),
            "last_state": last.tolist(),
            "y_no_skip_no_gate_no_bias": _scan(torch, *plain)[0].tolist(),
        }

    _both_widths(case, found)


def bidirectional(case):
    torch = _torch()
    from mien.research.layers.mamba import flip_real

    names = [f"{name}_{way}" for way in ("fwd", "bwd") for name in ("dt", "B", "C", "A", "D", "dt_bias")]
    config = _known(case, ("combine", "D_shared", "dt_bias_shared"), ("u", "D", "dt_bias", "lengths", *names))
    assert config["combine"] in ("sum", "mean")
    given = _tensors(torch, case["inputs"])
    u = given["u"]
    lengths = torch.tensor(case["inputs"]["lengths"])
    mask = torch.arange(u.shape[2]) < lengths[:, None]

    def one(way, real):
        def turn(values):
            return flip_real(values.transpose(1, 2), real).transpose(1, 2) if way == "bwd" else values

        skip = given["D"] if config["D_shared"] else given[f"D_{way}"]
        bias = given["dt_bias"] if config["dt_bias_shared"] else given[f"dt_bias_{way}"]
        dt, b, c = (turn(given[f"{name}_{way}"]) for name in ("dt", "B", "C"))
        return turn(_scan(torch, turn(u), dt, given[f"A_{way}"], b, c, bias, skip=skip)[0])

    def summed(real):
        total = one("fwd", real) + one("bwd", real)
        return total / 2 if config["combine"] == "mean" else total

    sound = torch.where(mask.unsqueeze(1), summed(mask), torch.zeros(()))
    compare(case, {"y_full": summed(None).tolist(), "y_with_lengths": sound.tolist()})


def convolution(case):
    torch = _torch()
    from mien.research.layers.scan import causal_convolution, selective_scan, ssm_kernel

    config = _known(case, ("delta", "state", "length"), ("A_diag", "B", "C", "x"))
    given = _tensors(torch, case["inputs"])
    a, b, c, x = (given[name] for name in ("A_diag", "B", "C", "x"))
    assert len(a) == config["state"] and len(x) == config["length"]
    found = {}
    for way in ("zoh", "euler"):
        kernel = ssm_kernel(a, b, c, config["delta"], len(x), discretisation=way)
        found[f"kernel_{way}"], found[f"y_{way}"] = kernel.tolist(), causal_convolution(x, kernel).tolist()
        same = torch.ones(1, len(x), 1, dtype=x.dtype)
        y, _ = selective_scan(
            x.reshape(1, -1, 1), same * config["delta"], a.unsqueeze(0), same * b, same * c, discretisation=way
        )
        torch.testing.assert_close(y.flatten(), torch.tensor(found[f"y_{way}"], dtype=x.dtype))
    compare(case, found)


def block(case):
    torch = _torch()
    from mien.research.layers.mamba import Mamba

    config = _known(
        case,
        ("d_model", "expand", "d_conv", "d_state", "dt_rank", "bias", "conv_bias", "rows_in_proj", "x_proj_split"),
        ("x", "params"),
    )
    assert config["rows_in_proj"] == "first d_inner rows = x, rest = gate z"
    assert config["x_proj_split"] == "dt_rank, then B, then C"
    assert config["bias"] is False and config["conv_bias"] is True
    shape = {
        "state": config["d_state"],
        "expand": config["expand"],
        "conv": config["d_conv"],
        "rank": config["dt_rank"],
    }
    own = {
        "in_proj": "in_proj.weight",
        "conv_w": "ahead.conv_weight",
        "conv_b": "ahead.conv_bias",
        "x_proj": "ahead.x_proj.weight",
        "dt_proj_w": "ahead.dt_proj.weight",
        "dt_proj_b": "ahead.dt_proj.bias",
        "A_log": "ahead.a_log",
        "D": "ahead.skip",
        "out_proj": "out_proj.weight",
    }

    def found(dtype):
        model = Mamba(config["d_model"], **shape).to(dtype)
        model.load_state_dict({own[name]: values for name, values in _tensors(torch, case["inputs"]["params"]).items()})
        x = torch.tensor(case["inputs"]["x"], dtype=dtype)
        y = model(x)
        other = x.clone()
        other[:, -1] += 1
        leak = (model(other) - y)[:, :-1].abs().sum()
        return {"y": y.tolist(), "causal_leak": leak.item()}

    _both_widths(case, found)


def bls(case):
    torch = _torch()
    from mien.research.systems.broad_mamba.broad import PHI, BroadNodes, fit_ridge, ridge

    config = _known(
        case,
        (
            "feature_groups",
            "nodes_per_group",
            "enhancement_nodes",
            "bias",
            "phi",
            "enhancement_activation",
            "samples",
            "columns",
        ),
        ("x", "feature_weights", "enhancement_weights", "labels", "targets_one_hot"),
    )
    assert config["phi"] in PHI and config["enhancement_activation"] == "tanh"
    assert config["bias"] == "a constant 1 column appended to the inputs of both maps; none in the ridge"
    given = _tensors(torch, case["inputs"])
    x, y = given["x"], given["targets_one_hot"]
    assert y.argmax(dim=1).tolist() == case["inputs"]["labels"]
    groups, nodes, enhance = (config[name] for name in ("feature_groups", "nodes_per_group", "enhancement_nodes"))
    model = BroadNodes(x.shape[1], groups=groups, nodes=nodes, enhance=enhance, phi=config["phi"]).double()
    model.load_state_dict({"feature": given["feature_weights"], "enhancement": given["enhancement_weights"]})
    a = model(x)
    assert a.shape == (config["samples"], config["columns"]) and model.columns == config["columns"]
    by = {}
    for penalty in case["expected"]["by_lambda"]:
        w = fit_ridge(a, y, float(penalty))
        primal = ridge(a.T @ a, a.T @ y, float(penalty))
        dual = a.T @ ridge(a @ a.T, y, float(penalty))
        for other in (primal, dual) if float(penalty) >= 1e-4 else ():  # below, rounding decides
            torch.testing.assert_close(a @ other, a @ w, rtol=1e-5, atol=1e-6)
        by[penalty] = {"weights": w.tolist(), "predictions": (a @ w).tolist()}
    split = groups * nodes
    compare(
        case,
        {"feature_nodes": a[:, :split].tolist(), "enhancement_nodes": a[:, split:].tolist(), "by_lambda": by},
    )


def fusion(case):
    torch = _torch()
    from mien.research.systems.broad_mamba.guidance import confidence, fuse, guidance

    config = _known(
        case, ("modalities", "utterances", "dim", "classes", "default", "option"), ("hidden", "logits", "labels")
    )
    assert config["default"] == "confidence weight = max class probability, normalised over modalities"
    assert config["option"] == "entropy: 1 - H/log K, normalised"
    given = _tensors(torch, case["inputs"])
    hidden, logits = given["hidden"], given["logits"]
    assert hidden.shape == (config["modalities"], config["utterances"], config["dim"])
    assert logits.shape == (config["modalities"], config["utterances"], config["classes"])
    found = {}
    for rule in ("max", "entropy"):
        for lost in (None, *range(config["modalities"])):
            present = torch.ones(logits.shape[:2], dtype=torch.bool)
            if lost is not None:
                present[lost] = False
            weights = guidance(confidence(logits, rule=rule), present)
            end = "" if lost is None else f"_without_modality_{lost}"
            found[f"weights_{rule}{end}"] = weights.tolist()
            found[f"fused_{rule}{end}"] = fuse(hidden, weights).tolist()
            found[f"fused_probability_{rule}{end}"] = fuse(logits.softmax(dim=-1), weights).tolist()
    compare(case, found)


CHECKS = {
    "broad-mamba-bidirectional": bidirectional,
    "broad-mamba-bls-ridge": bls,
    "broad-mamba-convolution": convolution,
    "broad-mamba-mamba-block": block,
    "broad-mamba-probability-fusion": fusion,
    "broad-mamba-scan": scan,
}
