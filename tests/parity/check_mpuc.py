"""Pairwise contrast: the loss of a pair, the total, a batch of one, the MOSEI metrics."""

import numpy as np
import pytest

from .compare import compare


def _torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def _config(case, *known):
    unknown = set(case["config"]) - set(known)
    assert not unknown, f"no check knows the options {sorted(unknown)}"
    return case["config"]


def _temperatures(config):
    return {name: config[name] for name in ("temperature", "base_temperature")}


def pair(case):
    torch = _torch()
    from mien.research.systems.pairwise_contrastive.contrast import other_view, same_view

    config = _config(case, "temperature", "base_temperature", "contrast_mode", "views", "normalised", "pos_denominator")
    assert config["pos_denominator"] == "number of positives + 1"
    assert config["contrast_mode"] in ("all", "one")
    inputs = case["inputs"]
    a = torch.tensor(inputs["features_a"], requires_grad=True)
    b = torch.tensor(inputs["features_b"])
    assert a.shape[1] == config["views"]
    assert not config["normalised"] or torch.allclose(a.norm(dim=-1), torch.ones(()))
    options = {**_temperatures(config), "anchors": config["contrast_mode"]}
    loss = other_view(a, b, **options)
    loss.backward()
    with torch.no_grad():
        found = {
            "loss": loss.item(),
            "loss_swapped": other_view(b, a, **options).item(),
            "loss_unnormalised_times3": other_view(3 * a, 3 * b, **options).item(),
            "grad_a": a.grad.tolist(),
            "clean_symmetric_infonce_view1": same_view(a[:, 0], b[:, 0], temperature=config["temperature"]).item(),
        }
        if "labels" in inputs:
            found["loss_supervised"] = other_view(a, b, labels=torch.tensor(inputs["labels"]), **options).item()
    compare(case, found)


def total(case):
    torch = _torch()
    from mien.research.systems.pairwise_contrastive.contrast import pair_losses

    config = _config(case, "modalities", "temperature", "base_temperature", "reduce")
    assert config["reduce"] == "mean over ordered pairs i != j"
    names = config["modalities"]
    views = dict(zip(names, torch.tensor(case["inputs"]["features"]), strict=True))
    raw = dict(zip(names, torch.tensor(case["inputs"]["projections"]), strict=True))
    present = {name: torch.ones(len(values), dtype=torch.bool) for name, values in views.items()}
    options = _temperatures(config)

    def matrix(**more):
        found = pair_losses(views, present, **options, **more)
        rows = [[float(found.get(f"{one}>{other}", 0.0)) for other in names] for one in names]
        return rows, float(torch.stack(list(found.values())).mean())

    published, mean = matrix(positives="other_view")
    clean, clean_mean = matrix()
    whole = pair_losses(raw, present, positives="other_view", pairs="concatenated", **options)
    compare(
        case,
        {
            "total": mean,
            "pair_matrix": published,
            "clean_pair_matrix": clean,
            "clean_total": clean_mean,
            "total_concatenated": float(whole["all>all"]),
        },
    )


def one(case):
    torch = _torch()
    from mien.research.systems.pairwise_contrastive.contrast import other_view, same_view

    config = _config(case, "temperature", "base_temperature")
    a, b = (torch.tensor(case["inputs"][f"features_{side}"], requires_grad=True) for side in "ab")
    loss = other_view(a, b, **_temperatures(config))
    clean = same_view(a[:, 0], b[:, 0], temperature=config["temperature"])
    (loss + clean).backward()
    assert torch.isfinite(a.grad).all() and torch.isfinite(b.grad).all()
    compare(case, {"loss": loss.item(), "clean": clean.item()})


def metrics(case):
    _torch()
    from mien.research.systems.pairwise_contrastive.emotions import emotions

    config = _config(case, "classes", "threshold", "w_acc")
    assert config["threshold"].startswith("round(sigmoid)") and config["w_acc"].startswith("(tp*n/p + tn)/(2n)")
    found = emotions(case["inputs"]["truth"], case["inputs"]["probability"], config["classes"])
    accuracy = [100 * each.balanced_accuracy for each in found]
    compare(
        case,
        {
            "wacc_percent": accuracy,
            "weighted_f1": [each.weighted_f1 for each in found],
            "binary_f1": [each.present_f1 for each in found],
            "mean_wacc": float(np.nanmean(accuracy)),
            "mean_weighted_f1": float(np.mean([each.weighted_f1 for each in found])),
        },
    )


CHECKS = {
    "mpuc-batch-of-one": one,
    "mpuc-mosei-metrics": metrics,
    "mpuc-pair-loss": pair,
    "mpuc-total-loss": total,
}
