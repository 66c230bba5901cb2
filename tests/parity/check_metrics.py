"""Metrics: concordance, sentiment conventions, classes, detection, tags, intensities, curves of films."""

import math
import re

import numpy as np

from mien.metrics import METRICS
from mien.metrics.concordance import ccc_loss, ccc_loss_gradient, ccc_per_dimension
from mien.metrics.confusion import confusion, recalls
from mien.metrics.curve import affect_curve, curve_scores
from mien.metrics.detection import above
from mien.metrics.floors import majority
from mien.metrics.intensity import intensity_scores
from mien.metrics.ranking import average_precision_per_label, roc_auc_per_label
from mien.metrics.sentiment import sentiment_classes
from mien.metrics.tags import values_of_tags
from mien.metrics.three_way import three_way_scores

WORDS = {"nan": math.nan, "undefined": math.nan, "null": math.nan, "inf": math.inf, "-inf": -math.inf}


def number(value):
    """Numbers as the case spells them: those that are undefined or infinite are words or null."""
    if isinstance(value, list):
        return [number(one) for one in value]
    return math.nan if value is None else WORDS.get(str(value).lower(), value)


def compare(found, wanted, tolerance, where=""):
    """Every field that is wanted is there and equal; a field that nobody computed is an error."""
    plain = wanted if isinstance(wanted, dict) else number(wanted)
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert key in found, f"nobody computes {where}/{key}"
            compare(found[key], value, tolerance, f"{where}/{key}")
    elif isinstance(plain, str):
        assert found == plain, where
    elif isinstance(plain, list) and any(isinstance(value, str) for value in plain):
        assert list(found) == plain, where
    else:
        np.testing.assert_allclose(found, np.array(plain, dtype=float), err_msg=where, **tolerance)


def mixed_loss(truth, prediction):
    return [1 - METRICS["ccc_mixed"](t, p) for t, p in zip(truth.T, prediction.T, strict=True)]


def ccc(case):
    truth, prediction = np.array(case["inputs"]["truth"]), np.array(case["inputs"]["prediction"])
    ddof = case["config"].get("ddof", case["config"].get("default_ddof", 0))
    edges = case["inputs"].get("edge", {})
    assert len(case["config"].get("dimensions", truth.T)) == truth.shape[1]
    found = {
        "ccc_ddof0": ccc_per_dimension(truth, prediction, ddof=0),
        "ccc_ddof1": ccc_per_dimension(truth, prediction, ddof=1),
        "loss_mean_over_dimensions_ddof0": ccc_loss(truth, prediction, ddof=0),
        "loss_mean_over_dimensions_ddof1": ccc_loss(truth, prediction, ddof=1),
        "loss_elementwise_variant_per_dimension": mixed_loss(truth, prediction),
        "edge_ccc_ddof0": {name: METRICS["ccc"](t, p) for name, (t, p) in edges.items()},
        "edge_ccc_ddof1": {name: METRICS["ccc_sample"](t, p) for name, (t, p) in edges.items()},
        "loss": ccc_loss(truth, prediction, ddof=ddof),
    }
    if "grad_prediction" in case["expected"]:
        assert case["config"]["reduction"] == "mean over dimensions"
        found["grad_prediction"] = ccc_loss_gradient(truth, prediction, ddof=ddof)
    compare(found, case["expected"], case["tolerance"])


def sentiment_regression(case):
    truth, prediction = case["inputs"]["truth"], case["inputs"]["prediction"]
    ids = {
        "Has0_acc_2": "acc2_has0",
        "Has0_F1_score": "f1_2_has0",
        "Has0_F1_weighted": "f1_2_has0",
        "Non0_acc_2": "acc2_non0",
        "Non0_F1_score": "f1_2_non0",
        "Non0_F1_weighted": "f1_2_non0",
        "Non0_F1_macro": "f1_2_non0_macro",
        "Non0_F1_binary": "f1_2_non0_binary",
        "strict_positive_acc_2": "acc2_strict",
        "Mult_acc_2": "acc2_sims",
        "Mult_acc_3": "acc3",
        "Mult_acc_5": "acc5",
        "Mult_acc_7": "acc7",
        "Acc_3": "acc3",
        "Acc_5": "acc5",
        "Acc_7": "acc7",
        "MAE": "mae",
        "Corr": "pearson",
        "CCC_population": "ccc",
        "CCC_sample": "ccc_sample",
    }
    for classes in (3, 5, 7):
        ids[f"Acc_{classes}_round_half_even"] = f"acc{classes}"
        ids[f"Acc_{classes}_round_half_away"] = f"acc{classes}_half_away"
    exact = {name: METRICS[id](truth, prediction) for name, id in ids.items()}
    compare({"official_rounded_4": rounded(exact, case), "unrounded": exact}, case["expected"], case["tolerance"])


def rounded(exact, case):
    """To four digits; a value halfway between two may have gone either way in the file."""
    told = case["expected"].get("official_rounded_4", {})
    return {
        name: told[name] if abs(value - told.get(name, math.inf)) < 5.00001e-5 else round(value, 4)
        for name, value in exact.items()
    }


def sentiment_classification(case):
    assert case["config"]["classes"] == ["negative", "neutral", "positive"]
    truth, logits = case["inputs"]["truth"], case["inputs"]["logits"]
    mmsa, cider, sound = (three_way_scores(truth, logits, scheme=name) for name in ("mmsa", "cider", "sound"))
    names = {
        "has0_acc2": "Has0_acc_2",
        "has0_f1": "Has0_F1_score",
        "non0_acc2": "Non0_acc_2",
        "non0_f1": "Non0_F1_score",
    }
    names |= {"acc3": "Acc_3", "f1_3": "F1_score_3"}
    official = rounded({names[name]: value for name, value in mmsa.items()}, case)
    variants = {
        "Acc_3": sound["acc3"],
        "F1_score_3": sound["f1_3"],
        "Has0_acc_2_neutral_positive": cider["has0_acc2"],
        "Has0_acc_2_neutral_negative": mmsa["has0_acc2"],
        "Non0_acc_2_two_way": sound["non0_acc2"],
        "Non0_acc_2_three_way": cider["non0_acc2"],
    }
    compare({"official_rounded_4": official, "variants": variants}, case["expected"], case["tolerance"])


def academic(case):
    truth, prediction = case["inputs"]["labels"], case["inputs"]["predictions"]
    codes = range(len(case["config"]["classes"]))
    found = {
        "war": 100 * METRICS["accuracy"](truth, prediction, labels=codes),
        "recalls_percent": 100 * recalls(confusion(truth, prediction, labels=codes)[1]),
        "uar_present_classes": 100 * METRICS["uar"](truth, prediction, labels=codes),
        "uar_released": 100 * METRICS["uar"](truth, prediction, labels=codes, absent="nan"),
    }
    compare(found, case["expected"], case["tolerance"])


def class_scores(truth, scores):
    prediction = scores.argmax(axis=1)
    values = {name: METRICS[name](truth, prediction) for name in ("weighted_f1", "accuracy", "macro_f1", "uar")}
    printed = f"f1:{values['weighted_f1']:.4f}_acc:{values['accuracy']:.4f}"
    return values | {"printed": printed, "n": len(truth)}


def emotiontalk(case):
    inputs, config = case["inputs"], case["config"]
    truth, scores = np.array(inputs["labels"]), np.array(inputs["scores"])
    four = [config["classes"].index(name) for name in config["four"]]
    kept = np.isin(truth, four)
    few = np.searchsorted(np.sort(four), truth[kept])
    sentiment, predicted = inputs["sentiment"], inputs["sentiment_pred"]
    how = re.match(r"half (away from zero|to even), clipped to -2\.\.2", config["sentiment_rounding"])
    rounding = {"away from zero": "half_away", "to even": "half_even"}[how[1]]
    suffix = "_half_away" if rounding == "half_away" else ""
    found = {
        "seven": class_scores(truth, scores),
        "four": class_scores(few, scores[kept][:, np.sort(four)]),
        "sentiment": {
            "five": sentiment_classes(sentiment, 2, rounding=rounding),
            "five_pred": sentiment_classes(predicted, 2, rounding=rounding),
            "five_accuracy": METRICS[f"acc5{suffix}"](sentiment, predicted),
            "five_weighted_f1": METRICS[f"f1_5{suffix}"](sentiment, predicted),
            "mse": METRICS["mse"](sentiment, predicted),
            "mae": METRICS["mae"](sentiment, predicted),
            "ccc": METRICS["ccc"](sentiment, predicted),
            "pearson": METRICS["pearson"](sentiment, predicted),
            "nonzero_binary_weighted_f1": METRICS["f1_2_non0"](sentiment, predicted),
            "nonzero_binary_accuracy": METRICS["acc2_non0"](sentiment, predicted),
            "nonzero_n": int(np.count_nonzero(sentiment)),
        },
    }
    compare(found, case["expected"], case["tolerance"])


def mdpe(case):
    labels, scores = np.array(case["inputs"]["labels"]), np.array(case["inputs"]["scores"])
    assert case["config"]["positive"] == "lie (label > 0)"
    truth, prediction = above(labels, 0), above(scores, case["config"]["threshold"])
    found = {
        "accuracy": METRICS["accuracy"](truth, prediction),
        "detection_rate": METRICS["detection_rate"](truth, prediction),
        "false_alarm_rate": METRICS["false_alarm_rate"](truth, prediction),
        "f1": METRICS["f1_positive"](truth, prediction),
        "precision": METRICS["precision_positive"](truth, prediction),
        "auc": METRICS["roc_auc"](truth, scores),
        "balanced_accuracy": METRICS["uar"](truth, prediction),
        "majority_accuracy": METRICS["accuracy"](truth, [majority(truth)] * len(truth)),
    }
    compare(found, case["expected"], case["tolerance"])


def movie_metrics(case):
    truth, prediction = case["inputs"]["target"], case["inputs"]["prediction"]
    within, exactly = METRICS["accuracy_within_1"](truth, prediction), METRICS["exactly_1_off"](truth, prediction)
    found = {
        "accuracy": METRICS["accuracy"](truth, prediction, labels=range(case["config"]["num_classes"])),
        "accuracy_within_1": within,
        "exactly_1_off": exactly,
        "official_2fc_printed_within_1": exactly,
        "official_lstm_printed_within_1": within,
    }
    compare(found, case["expected"], case["tolerance"])


def movie_curve(case):
    config, inputs = case["config"], case["inputs"]
    assert config["filter"].startswith(("causal", "zero"))
    assert config["rescale"] == "(class-3)/3"
    curve = affect_curve(
        np.array(inputs["predicted_class"], dtype=float),
        rate=config["fs_hz"],
        cutoff=config["cutoff_hz"],
        order=config["butter_order"],
        window=config["savgol_window"],
        degree=config["savgol_polyorder"],
        mode=config["savgol_mode"],
        kernel=config["median_kernel"],
        causal=config["filter"].startswith("causal"),
    )
    steps = {
        "after_lowpass": curve.filtered,
        "after_savgol": curve.smoothed,
        "rescaled": curve.rescaled,
        "final": curve.final,
    }
    scores = curve_scores(inputs["ground_truth"], curve.final, kernel=config["median_kernel"])
    compare(steps | scores, case["expected"], case["tolerance"])


def music(case):
    inputs = case["inputs"]
    assert case["config"]["average"] == "macro"
    tags, scores = inputs["tags"], inputs["scores"]
    assert len(tags[0]) == case["config"]["num_tags"]
    values = np.stack([inputs["tag_valence"], inputs["tag_arousal"]], axis=1)
    truth, prediction = np.array(inputs["va_target"]), np.array(inputs["va_prediction"])
    r2 = [METRICS["r2"](t, p) for t, p in zip(truth.T, prediction.T, strict=True)]
    rmse = [METRICS["rmse"](t, p) for t, p in zip(truth.T, prediction.T, strict=True)]
    roc, pr = METRICS["roc_auc_macro"], METRICS["average_precision_macro"]
    found = {
        "va_from_tags": values_of_tags(inputs["tag_rows"], values),
        "roc_auc_per_tag": roc_auc_per_label(tags, scores, undefined="library"),
        "roc_auc_macro": roc(tags, scores, undefined="library"),
        "pr_auc_per_tag": average_precision_per_label(tags, scores, undefined="library"),
        "pr_auc_macro": pr(tags, scores, undefined="library"),
        "roc_auc_macro_defined_tags_only": roc(tags, scores),
        "pr_auc_macro_tags_with_positives_only": pr(tags, scores),
        "r2_valence": r2[0],
        "r2_arousal": r2[1],
        "r2_both_uniform_average": np.mean(r2),
        "rmse_valence": rmse[0],
        "rmse_arousal": rmse[1],
    }
    compare(found, case["expected"], case["tolerance"])


def emonet(case):
    config, inputs = case["config"], case["inputs"]
    zero, step, twice = map(
        float, re.search(r"0/1/2 mapped linearly to (\S+)/(\S+)/(\S+)", config["truth_scale"]).groups()
    )
    assert (zero, twice) == (0, 2 * step)
    levels, answers = (np.array(number(inputs[name]), dtype=float) for name in ("expert_level", "prediction"))
    mode = {"dropped": "drop", "worst": "worst"}[config["refused"].split()[0]]
    scores = intensity_scores(
        levels, answers, names=config["emotions"], refused=inputs["refused"], mode=mode, step=step
    )
    found = {
        "per_emotion": {
            name: values | {"n": scores.n[name], "refused": scores.refused[name]}
            for name, values in scores.per_emotion.items()
        },
        "macro_over_defined": scores.macro,
        "pooled_all_cells": scores.pooled,
        "refusal_rate": scores.refusal_rate,
        "undefined_emotions": scores.undefined,
    }
    compare(found, case["expected"], case["tolerance"])


CHECKS = {
    "ccc": ccc,
    "msa-metrics-regression": sentiment_regression,
    "msa-metrics-classification": sentiment_classification,
    "academic-metrics": academic,
    "emotiontalk-metrics": emotiontalk,
    "mdpe-metrics": mdpe,
    "movie-metrics": movie_metrics,
    "movie-curve": movie_curve,
    "music-metrics": music,
    "emonet-metrics": emonet,
}
