"""MoSEAR: the experts and gates of one layer; attention reallocated."""

import pytest

from .cases import tensors
from .compare import compare


def mose(case):
    torch = pytest.importorskip("torch")
    from mien.research.systems.mosear.mose import Mose

    config = case["config"]
    known = {"rank", "alpha", "experts_per_modality", "top_k", "gate_input", "expert_scaling", "modality_weight_input"}
    assert set(config) == known and not case["inputs"], "no check knows a further option or input"
    assert config["gate_input"] == "mean over the modality's tokens"
    assert config["expert_scaling"] == "selected softmax probability"
    assert config["modality_weight_input"] == "concat(mean visual, mean audio)"
    held = {name: values.double() for name, values in tensors(case).items()}
    names = ("visual", "audio")
    x = {name: held.pop(f"input/{name}") for name in names}
    masks = {name: torch.ones(values.shape[:2], dtype=torch.bool) for name, values in x.items()}
    base = held.pop("param/W0")
    layer = torch.nn.Linear(base.shape[1], base.shape[0], bias=False)
    model = Mose(
        base.shape[1], base.shape[0], names, rank=config["rank"], alpha=config["alpha"],
        experts=config["experts_per_modality"], top_k=config["top_k"],
    ).double()  # fmt: skip
    own = {"shared": held.pop("param/A_shared"), "modality_gate": held.pop("param/modality_gate")}
    for name in names:
        own |= {f"experts.{name}": held.pop(f"param/B_{name}"), f"gates.{name}": held.pop(f"param/gate_{name}")}
    model.load_state_dict(own)
    layer.weight = torch.nn.Parameter(base)
    y, routing = model(layer, x, masks)
    found = {"output/modality_weights": routing.weights}
    for name in names:
        found |= {f"output/{name}": y[name], f"output/gate_{name}": routing.gates[name]}
    assert set(held) == set(found), f"no check knows {sorted(set(held) ^ set(found))}"
    for name, values in held.items():
        torch.testing.assert_close(found[name], values, **case["tolerance"])
    told = {f"load_balance_{name}": routing.load(name).item() for name in names}
    for name in names:
        chosen = routing.chosen[name]
        told[f"selected_{name}"] = (chosen.squeeze(1) if config["top_k"] == 1 else chosen).tolist()
    compare(case, {**told, "regulariser_modality_balance": routing.balance().item()})


def reallocated(case):
    torch = pytest.importorskip("torch")
    from mien.research.systems.mosear.reallocation import Reallocation, reallocate

    config = case["config"]
    known = {"beta", "tau", "visual_tokens", "audio_tokens", "per_token"}
    assert {"beta", "tau", "visual_tokens", "audio_tokens"} <= set(config) <= known, "no check knows a further option"
    assert set(case["inputs"]) == {"attention"}
    attention = torch.tensor(case["inputs"]["attention"], dtype=torch.float64)
    seen = {}
    for name in ("visual", "audio"):
        seen[name] = torch.zeros(attention.shape[-1], dtype=torch.bool)
        seen[name][config[f"{name}_tokens"]] = True
    rule = Reallocation("visual", "audio", config["beta"], config["tau"], config.get("per_token", False))
    found, moved = reallocate(attention, seen["visual"], seen["audio"], rule)
    compare(case, {"reallocated": found.tolist(), "moved_audio_to_visual": moved.tolist()})


CHECKS = {"mosear-mose": mose, "mosear-ar": reallocated}
