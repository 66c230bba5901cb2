"""CIDer: layers, head, losses, counterfactual text."""

import math
import re

import numpy as np
import pytest

from mien.metrics import METRICS
from mien.metrics.three_way import three_way_scores

from .cases import tensors
from .compare import compare


def by_role(case):
    """Weights and arrays of a case by role: param, input, output."""
    held = {"param": {}, "input": {}, "output": {}}
    for name, values in tensors(case).items():
        role, _, rest = name.partition("/")
        held[role][rest] = values
    return held


def close(found, wanted, case):
    np.testing.assert_allclose(
        found.detach().numpy(), wanted.numpy(), rtol=case["tolerance"]["rtol"], atol=case["tolerance"]["atol"]
    )


def fill(module, given, roles):
    """Load weights; roles turns the name of the case into the module's. Nothing is left over on either side."""
    module.load_state_dict({roles(name): values for name, values in given.items()}, strict=True)
    return module.eval()


def projection(name):
    for old, new in (("in_proj_weight", "projection.weight"), ("in_proj_bias", "projection.bias")):
        if name.endswith(old):
            return name[: -len(old)] + new
    return name


def attention_role(name):
    name = projection(name)
    for old, new in (
        ("final_out_proj.", "out."),
        ("s_l.", "summary.0."),
        ("s_a.", "summary.1."),
        ("s_v.", "summary.2."),
    ):
        name = name.replace(old, new)
    return name.replace("out_proj.", "branches.")


def encoder_role(name):
    name = name.replace("layer_norms.", "norms.").replace("layer_norm.", "norm.")
    name = name.replace("self_attn.", "attention.").replace("fc1.", "inner.").replace("fc2.", "outer.")
    return attention_role(name) if ".attention." in name else name


def wsam(case):
    held, config = by_role(case), case["config"]
    from mien.research.systems.cider.wsam import WordAlignment, attending

    assert config["num_heads"] == 1 and config["dropout"] == 0
    assert config["scaling"].startswith("head_dim ** -0.5")
    layer = fill(
        WordAlignment(config["embed_dim"]), held["param"], lambda name: projection(name).replace("out_proj.", "out.")
    )
    words, frames = held["input"].pop("query").transpose(0, 1), held["input"].pop("source").transpose(0, 1)
    assert words.shape[:2] == (config["batch"], config["text_len"]) and frames.shape[1] == config["source_len"]
    real, seen = held["input"].pop("text_mask").bool(), held["input"].pop("source_mask").bool()
    assert not held["input"] and set(case["inputs"]) <= {"text_lengths", "source_lengths"}
    assert (
        real.sum(1).tolist() == case["inputs"]["text_lengths"]
        and seen.sum(1).tolist() == case["inputs"]["source_lengths"]
    )
    rows = attending(real, marks=True)
    aligned, attention = layer(words, frames, rows, seen)
    close(aligned.transpose(0, 1), held["output"].pop("aligned"), case)
    close(attention, held["output"].pop("attention"), case)
    assert not held["output"]
    for name, value in case["expected"].items():
        assert (name, value) == ("output_row_cls", "equals out_proj bias (attention row zeroed)")
        assert (aligned[:, 0] == layer.out.bias).all() and (attention[~rows] == 0).all()


def mct(case):
    held, config = by_role(case), case["config"]
    from mien.research.systems.cider.mct import CompositeAttention

    assert config["dropout"] == 0 and not case["expected"] and not case["inputs"]
    layer = fill(CompositeAttention(config["embed_dim"], config["num_heads"], 3), held["param"], attention_role)
    x = held["input"].pop("x").transpose(0, 1)
    found, scores = layer(x, [config[f"{m}_len"] for m in "lav"])
    assert len(x) == config["batch"]
    close(found.transpose(0, 1), held["output"].pop("y"), case)
    close(scores.flatten(0, 1), held["output"].pop("raw_scores"), case)
    assert not held["input"] and not held["output"]


def mct_encoder(case):
    held, config = by_role(case), case["config"]
    from mien.research.systems.cider.mct import CompositeEncoder, by_batch_item

    assert config["pre_norm"] and config["final_layer_norm"]
    model = CompositeEncoder(config["embed_dim"], config["num_heads"], config["layers"], 3)
    fill(model, held["param"], encoder_role)
    assert model.norm.eps == config["layer_norm_eps"] and model.layers[0].inner.out_features == config["ffn"]
    x, lengths = held["input"].pop("x").transpose(0, 1), [config[f"{m}_len"] for m in "lav"]
    assert not held["input"] and not case["inputs"] and x.shape[0] == config["batch"]
    expected = dict(case["expected"])
    for name, positions in (("published", by_batch_item(x)), ("time", None)):
        found, scores = model(x, lengths, positions=positions)
        close(found.transpose(0, 1), held["output"].pop(f"y_{name}"), case)
        close(scores.flatten(0, 1), held["output"].pop(f"scores_last_{name}"), case)
        change = float((model(x.flip(0), lengths, positions=positions)[0].flip(0) - found).detach().abs().max())
        wanted = expected.pop(f"max_abs_change_when_batch_is_reversed_{'sound' if name == 'time' else name}")
        assert math.isclose(change, wanted, rel_tol=case["tolerance"]["rtol"], abs_tol=case["tolerance"]["atol"])
    assert not expected and not held["output"]


def mcm_head(case):
    held, config = by_role(case), case["config"]
    from mien.research.systems.cider.head import ClassMeansHead

    names = {"l": "text", "a": "audio", "v": "face"}
    widths = {"text": config["d_text"], "audio": config["d_audio"], "face": config["d_vision"]}
    embed = config["embed_dim"]
    unknown = set(config) - {
        "classes",
        "embed_dim",
        "d_text",
        "d_audio",
        "d_vision",
        "batch",
        "cross_dataset",
        "aligned",
    }
    assert not unknown, unknown
    # Norms between, where there are any, take two places more: the last layer is 6 then, else 4.
    normed = tuple(name for letter, name in names.items() if f"enc_{letter}.6.weight" in held["param"])
    assert normed == (("audio", "face") if config.get("cross_dataset") else ())
    head = ClassMeansHead(3 * embed, embed, widths, config["classes"], normed)
    given = {f"encoders.{names[k[4]]}{k[5:]}" if k.startswith("enc_") else k: v for k, v in held["param"].items()}
    given |= {"means": held["input"].pop("class_features"), "priors": held["input"].pop("priors")}
    fill(head, given, str)
    rep = held["input"].pop("rep")
    assert len(rep) == config["batch"]
    close(head(rep), held["output"].pop("log_p_train"), case)
    close(head(rep, average=True), held["output"].pop("log_p_eval"), case)
    assert not held["input"] and not held["output"] and not case["inputs"] and not case["expected"]


def counterfactual_text(case):
    from mien.research.systems.cider.counterfactual import biased_words, counterfactual, spreads

    config, inputs = case["config"], case["inputs"]
    assert set(config) <= {"task", "bias_thresh", "special_ids", "mask_id", "cv_min", "cv", "rank"}
    assert config["rank"] == "total count, descending, stable in order of first appearance"
    assert config["cv"].startswith("population std / mean of ")
    seven = config["task"].startswith("seven")
    assert seven or config["task"].startswith("binary")
    classes = range(7) if seven else (0, 2)
    ids, labels, special = inputs["ids"], inputs["labels"], config["special_ids"]
    found = {}
    for name, stale in (("published", True), ("sound", False)):
        known = {"special": special, "stale": stale}
        words = biased_words(ids, labels, classes, most=config["bias_thresh"], spread=config["cv_min"], **known)
        found[f"bias_words_{name}"] = words
        found[f"text_cf_{name}"] = [counterfactual(row, words, mask=config["mask_id"], special=special) for row in ids]
        values = spreads(ids, labels, classes, **known)
        found[f"cv_{name}"] = {str(word): value for word, value in values.items() if value >= config["cv_min"]}
    compare(case, found)
    for name in case["expected"]:
        if name.startswith("cv_"):
            assert case["expected"][name].keys() == found[name].keys()


def three_way(truth, scores):
    names = {
        "has0_acc2": "Has0_acc_2",
        "has0_f1": "Has0_F1_score",
        "non0_acc2": "Non0_acc_2",
        "non0_f1": "Non0_F1_score",
    }
    names |= {"acc3": "Acc_3", "f1_3": "F1_score_3"}
    return {names[name]: value for name, value in three_way_scores(truth, scores, scheme="cider").items()}


def seven_way(truth, scores):
    answer = np.argmax(scores, axis=1)
    return {"Acc_7": METRICS["accuracy"](truth, answer), "F1_score_7": METRICS["weighted_f1"](truth, answer)}


def counterfactual_eval(case):
    from mien.research.systems.cider.counterfactual import debiased, oracle_tau

    config, inputs = case["config"], case["inputs"]
    first, step, last = map(
        float, re.match(r"numpy arange\((.+), .+, (.+)\): \d+ values .+\.\.(.+)", config["tau_grid"]).group(1, 2, 3)
    )
    assert config["combine"] == "log p - tau * log p_cf" and config["f1"] == "weighted"
    assert config["classes_binary"] == ["negative", "neutral", "positive"]
    taus = np.arange(first, last + step / 2, step)
    found = {}
    for name, suffix, scores in (("binary", "", three_way), ("seven", "7", seven_way)):
        if f"log_p{suffix}" not in inputs:
            continue
        one, other = np.array(inputs[f"log_p{suffix}"]), np.array(inputs[f"log_p{suffix}_cf"])
        truth = np.array(inputs[f"truth{suffix}"])
        found[f"oracle_tau_{name}"] = oracle_tau(one, other, truth, scores, taus=taus)
        wanted = case["expected"].get(f"fixed_tau_{name}", {})
        found[f"fixed_tau_{name}"] = {tau: scores(truth, debiased(one, other, float(tau))) for tau in wanted}
    compare(case, found)


def mssd_losses(case):
    torch = pytest.importorskip("torch")
    from mien.research.systems.cider.losses import attention_divergence, reconstruction, unlikeness

    config, inputs = case["config"], {name: torch.tensor(values) for name, values in case["inputs"].items()}
    assert config["recon_default"].startswith("SmoothL1Loss beta=1, sum / (mask elements * dim + 1e-6)")
    assert config["attention"] == "KL(softmax(complete) || softmax(incomplete)), sum / first axis (batch*heads)"
    assert config["joint"] == "1 - mean cosine"
    told, truth, removed = inputs.pop("pred"), inputs.pop("target"), inputs.pop("mask").bool()
    names = {"SmoothL1Loss": "smooth_l1", "L1Loss": "l1", "MSELoss": "mse"}
    found = {
        "recon": {name: float(reconstruction(told, truth, removed, kind)) for name, kind in names.items()},
        "recon_all_zero_mask": float(reconstruction(told, truth, torch.zeros_like(removed))),
        "attn_kl": float(attention_divergence(inputs.pop("scores_complete"), inputs.pop("scores_missing"))),
        "joint": float(unlikeness(inputs.pop("rep_complete"), inputs.pop("rep_missing"))),
    }
    assert not inputs
    compare(case, found)


CHECKS = {
    "cider-wsam": wsam,
    "cider-mct": mct,
    "cider-mct-encoder": mct_encoder,
    "cider-mcm-head": mcm_head,
    "cider-counterfactual-text": counterfactual_text,
    "cider-counterfactual-eval": counterfactual_eval,
    "cider-mssd-losses": mssd_losses,
}
