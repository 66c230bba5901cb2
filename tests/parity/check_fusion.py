"""Fusion baselines: tensor products, MISA's losses, Self-MM's labels, MMIM's bounds."""

import pytest

from .compare import compare


def _tensors(values):
    torch = pytest.importorskip("torch")
    return {name: torch.tensor(value) for name, value in values.items()}


def _only(found, *known):
    """A field that no one knows fails rather than being skipped."""
    assert not (unknown := set(found) - set(known)), f"no check knows {sorted(unknown)}"


def tensor_fusion(case):
    given = _tensors(case["inputs"])
    from mien.research.layers.tensors import full_weight, low_rank, tensor_product
    from mien.research.systems.tfn.model import bounded

    config = case["config"]
    assert config["order"].startswith("audio outer, then vision, then text innermost")
    names = ["audio", "vision", "text"]
    factor_names = [f"{name}_factor" for name in names]
    _only(config, "order", "rank", "output_dim")
    _only(given, *names, *factor_names, "fusion_weights", "fusion_bias")
    factors = [given[name] for name in factor_names]
    assert all(one.shape[0] == config["rank"] and one.shape[2] == config["output_dim"] for one in factors)
    vectors = [given[name] for name in names]
    flat = tensor_product(vectors)
    weights, bias = given["fusion_weights"].flatten(), given["fusion_bias"].flatten()
    found = low_rank(vectors, factors, weights, bias)
    expanded = flat @ full_weight(factors, weights).T + bias
    pytest.importorskip("torch").testing.assert_close(found, expanded, rtol=1e-4, atol=1e-4)
    logits = _tensors(case["expected"]["tfn_range"])["logit"]
    ranged = {"logit": logits.tolist(), "output": bounded(logits, -3.0, 3.0).tolist()}
    compare(case, {"tfn_tensor_flat": flat.tolist(), "lmf_output": found.tolist(), "tfn_range": ranged})


def misa_losses(case):
    given = _tensors(case["inputs"])
    from mien.research.layers.subspaces import central_moment_discrepancy, soft_orthogonality
    from mien.research.systems.misa.losses import difference, similarity

    names = {"t": "text", "v": "vision", "a": "audio"}
    private = {name: given[f"private_{name}"] for name in names.values()}
    shared = {name: given[f"shared_{name}"] for name in names.values()}
    _only(given, *(f"{kind}_{name}" for kind in ("private", "shared") for name in names.values()))
    _only(case["config"], "moments", "pairs_diff", "cmd")
    assert case["config"]["cmd"] == "mean of the 3 shared pairs"
    moments = case["config"]["moments"]
    every = {name: values.new_ones(len(values), dtype=bool) for name, values in private.items()}
    found = {"diff_total": difference(private, shared, every), "cmd_total": similarity(shared, every, moments)}
    for one in given:
        for other in given:
            found[f"diff_{one}_{other}"] = soft_orthogonality(given[one], given[other])
    for one in names:
        for other in names:
            found[f"cmd_{one}_{other}"] = central_moment_discrepancy(shared[names[one]], shared[names[other]], moments)
    found["diff_batch_of_one"] = soft_orthogonality(private["text"][:1], shared["text"][:1])
    compare(case, {name: float(value) for name, value in found.items()})


def selfmm_labels(case):
    given = _tensors(case["inputs"])
    from mien.research.layers import unimodal_labels as made

    config = case["config"]
    _only(config, "H", "epoch", "exclude_zero", "min", "momentum")
    assert config["momentum"] == "(n-1)/(n+1) old + 2/(n+1) new" and config["min"] == made.TINY
    _only(given, "features_fusion", "features_text", "labels_fusion", "labels_text", "indexes", "prediction_text")
    zero, at = config["exclude_zero"], given["indexes"]
    label, text_label = given["labels_fusion"].unsqueeze(1), given["labels_text"].unsqueeze(1)
    whole = made.centres(given["features_fusion"], label, exclude_zero=zero)
    text = made.centres(given["features_text"], text_label, exclude_zero=zero)
    of_whole = made.nearness(given["features_fusion"][at], *whole)
    of_text = made.nearness(given["features_text"][at], *text)
    new = made.generated(label[at], of_whole, of_text, config["H"])
    # The loss of a batch is taken before its labels move.
    loss = made.disagreement_loss(given["prediction_text"].unsqueeze(1), text_label[at], label[at])
    centres = {"fusion": whole, "text": text}
    found = {
        "centers": {name: {"pos": p[0].tolist(), "neg": n[0].tolist()} for name, (p, n) in centres.items()},
        "delta_fusion": of_whole[:, 0].tolist(),
        "delta_text": of_text[:, 0].tolist(),
        "new_labels": new[:, 0].tolist(),
        "updated_labels": made.momentum(text_label[at], new, config["epoch"])[:, 0].tolist(),
        "weighted_loss_text": float(loss),
    }
    compare(case, found)


def mmim_bounds(case):
    torch = pytest.importorskip("torch")
    from mien.research.layers.information import ContrastiveBound, GaussianBound, gaussian_entropy

    config, inputs = case["config"], case["inputs"]
    _only(config, "x_dim", "y_dim", "cpc_temperature", "entropy")
    assert config["entropy"] == "0.25 * (logdet(cov_pos) + logdet(cov_neg)), population covariance over memory + batch"
    weights = _tensors(inputs.pop("params"))
    given = _tensors(inputs)
    _only(given, "x", "y", "z", "labels", "memory_pos", "memory_neg")
    contrast = ContrastiveBound(config["x_dim"], given["z"].shape[1])
    bound = GaussianBound(config["x_dim"], config["y_dim"], len(weights["mmilb.entropy_prj.0.bias"]))
    roles = {
        "cpc.net": "net",
        "mmilb.mlp_mu": "mean",
        "mmilb.mlp_logvar": "log_variance",
        "mmilb.entropy_prj": "project",
    }
    for source, role in roles.items():
        own = {name.removeprefix(source + "."): weights.pop(name) for name in list(weights) if name.startswith(source)}
        getattr(contrast if role == "net" else bound, role).load_state_dict(own)
    assert not weights, f"no check knows {sorted(weights)}"
    with torch.no_grad():
        positive, negative = bound.groups(given["y"], given["labels"].flatten())
        groups = (torch.cat([given["memory_pos"], positive]), torch.cat([given["memory_neg"], negative]))
        found = {
            "nce": float(contrast(given["x"], given["z"], temperature=config["cpc_temperature"])),
            "lld": float(bound.log_density(given["x"], given["y"], normalised=False)),
            "entropy": float(gaussian_entropy(groups, ridge=0.0)),
            "pos": positive.tolist(),
            "neg": negative.tolist(),
        }
    compare(case, found)


CHECKS = {
    "msa-tensor-fusion": tensor_fusion,
    "msa-misa-losses": misa_losses,
    "msa-selfmm-labels": selfmm_labels,
    "msa-mmim-bounds": mmim_bounds,
}
