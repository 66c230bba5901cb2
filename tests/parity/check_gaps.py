"""Gaps between groups and languages, robustness curves, video-level aggregation, marked transcripts."""

import numpy as np

from mien.metrics.classification import macro_f1, micro_f1, weighted_f1
from mien.metrics.gaps import by_group, gap_reduction, language_gaps, one_answer, prediction_gap
from mien.metrics.missing import auilc
from mien.metrics.regression import ccc
from mien.metrics.robustness import change, level_area, level_curve, relative_drop
from mien.metrics.transcript import EMOTIONTALK, Marks, clean_transcript
from mien.metrics.video import frame_labels, video_labels

from .compare import compare

LIMIT = "fraction_shift_over_"


def group_gaps(case):
    inputs, expected = case["inputs"], case["expected"]
    sex, speaker = inputs["sex"], inputs["speaker"]
    truth, clean, perturbed = (np.array(inputs[key]) for key in ("truth", "prediction_clean", "prediction_perturbed"))
    least = case["config"]["min_samples_per_speaker"]
    limits = {key: float(key.removeprefix(LIMIT)) for key in expected if key.startswith(LIMIT)}
    columns = []
    for at in range(len(case["config"]["dimensions"])):
        by_sex = by_group(truth[:, at], clean[:, at], sex, metric=ccc)
        by_speaker = by_group(truth[:, at], clean[:, at], speaker, metric=ccc, min_items=least)
        moved = change(truth[:, at], clean[:, at], perturbed[:, at], metric=ccc)
        columns.append(
            {
                "ccc_all": moved.clean,
                "sex_gap_female_minus_male": by_sex.gap("female", "male"),
                "ccc_female": by_sex.values["female"],
                "ccc_male": by_sex.values["male"],
                "speaker_ccc_mean": by_speaker.mean,
                "speaker_ccc_std_ddof0": by_speaker.std,
                "speaker_ccc_min": by_speaker.worst,
                "ccc_perturbed": moved.perturbed,
                "ccc_change": moved.change,
                "ccc_change_percent": moved.percent,
                "mean_absolute_prediction_shift": moved.shift,
                "mean_prediction_gap_female_minus_male": prediction_gap(
                    clean[:, at], groups=sex, first="female", second="male"
                ),
                **{
                    key: change(truth[:, at], clean[:, at], perturbed[:, at], metric=ccc, limit=limit).shifted
                    for key, limit in limits.items()
                },
                "speakers": by_speaker,
            }
        )
    speakers = [column.pop("speakers") for column in columns]
    kept = list(speakers[0].values)
    found = {key: [column[key] for column in columns] for key in columns[0]}
    found["speaker_counts"] = dict(speakers[0].counts)
    found["speakers_kept"] = kept
    found["speakers_excluded"] = list(speakers[0].excluded)
    found["speaker_ccc"] = {name: [one.values[name] for one in speakers] for name in kept}
    compare(case, found)


AVERAGES = {
    "macro": lambda gold, given, size: macro_f1(gold, given, labels=range(size), absent="zero"),
    "weighted": lambda gold, given, size: weighted_f1(gold, given),
    "micro": lambda gold, given, size: micro_f1(gold, given),
}


def languages(case):
    config, gold = case["config"], case["inputs"]["gold"]
    average = AVERAGES[config["average"]]
    systems = case["inputs"]["predictions"]
    scores = {
        system: {name: average(gold, given[name], config["n_classes"]) for name in config["languages"]}
        for system, given in systems.items()
    }
    gaps = {system: language_gaps(given, reference=config["reference"]) for system, given in scores.items()}
    first, *later = gaps
    found = {
        f"{config['average']}_f1": scores,
        "gap": {system: dict(one.gap) for system, one in gaps.items()},
        "mean_gap": {system: one.mean for system, one in gaps.items()},
        "mean_abs_gap": {system: one.mean_abs for system, one in gaps.items()},
        "relative_gap": {system: dict(one.relative) for system, one in gaps.items()},
        "std_over_languages": {system: one.std for system, one in gaps.items()},
        "worst": {system: one.worst for system, one in gaps.items()},
        "non_english_mean": {system: one.others for system, one in gaps.items()},
        "degenerate": {
            system: [name for name in config["languages"] if one_answer(given[name])]
            for system, given in systems.items()
        },
    }
    if later:
        found["gap_reduction"] = gap_reduction(gaps[first].mean, gaps[later[-1]].mean)
    compare(case, found)


def missing_curve(case):
    inputs, config = case["inputs"], case["config"]
    found = {}
    for key in inputs:
        prefix, _, name = key.rpartition("metric")
        if key.startswith("metric_"):
            found["auilc" + name] = auilc(inputs.get("rates", config.get("rates")), inputs[key])
        elif key.endswith("_metric"):
            found[prefix.rstrip("_")] = auilc(inputs[f"{prefix}rates"], inputs[key])
    compare(case, found)


def occlusion(case):
    levels, chance = case["config"]["levels"], case["config"]["chance"]
    found = {}
    for name, accuracy in case["inputs"]["accuracy"].items():
        curve = level_curve(levels, accuracy, chance=chance)
        assert curve.area == level_area(levels, accuracy)
        assert curve.relative_drop == relative_drop(levels, accuracy)
        found[name] = {
            "area": curve.area,
            "relative_drop": curve.relative_drop,
            "chance_corrected": list(curve.corrected),
            "retention": list(curve.retention),
        }
    compare(case, found)


RULES = {"vote": "vote", "avg_logits": "logits", "avg_probs": "probabilities"}


def video_levels(case):
    videos = {name: (one["label"], one["frame_logits"]) for name, one in case["inputs"]["videos"].items()}
    expected, size = case["expected"], case["config"]["num_classes"]
    found = {}
    for key in expected:
        if key in ("all_classes", "ignore_other"):
            found[key] = _levels(videos, case["config"]["other_index"] if key == "ignore_other" else None)
        elif key.endswith("_predictions"):
            how, rule = key.removesuffix("_predictions").split("_", 1)
            labels = video_labels(videos, rule=RULES[rule], as_published={"official": True, "stable": False}[how])
            found[key] = labels.prediction.tolist()
        elif key.startswith("fixed_label_"):
            name, how = key.removeprefix("fixed_label_").split("_of_")
            assert how == "stable"
            labels = video_labels(videos, rule="probabilities")
            found[key] = labels.scores(labels=tuple(range(size)))[name]
    compare(case, found)


def _levels(videos, drop):
    levels = {"frame": frame_labels(videos, drop=drop)}
    levels |= {f"video_frames_{name}": video_labels(videos, rule=rule, drop=drop) for name, rule in RULES.items()}
    told = {}
    for name, labels in levels.items():
        scores = labels.scores()
        told[name] = {
            "macro_f1": scores["macro_f1"],
            "weighted_f1": scores["weighted_f1"],
            "accuracy_percent": 100 * scores["accuracy"],
            "per_class_f1_over_union_of_present_labels": list(labels.per_class().values()),
            "labels_present": list(labels.per_class()),
            "confusion_row_normalised": labels.confusion_rates().tolist(),
            "n": len(labels.items),
            "predictions": labels.prediction.tolist(),
        }
    return told


def transcripts(case):
    marks = _marks(case["config"])
    items = []
    for raw in case["inputs"]["raw"]:
        one = clean_transcript(raw, marks=marks)
        items.append(
            {
                "text": one.text,
                "overlap_spans": [list(span) for span in one.overlaps],
                "events": list(one.events),
                "interrupted": one.interrupted,
                "unbalanced": one.unbalanced,
                "overlap_share": one.overlap_share,
            }
        )
    compare(case, {"items": items})


def _marks(config):
    if "marks" in config:
        assert all(mark in [*EMOTIONTALK.open, *EMOTIONTALK.close, "[interrupted]"] for mark in config["marks"])
        return EMOTIONTALK
    return Marks(tuple(config["open"]), tuple(config["close"]), config.get("inline", ""), tuple(config["events"]))


CHECKS = {
    "w2v2-gaps": group_gaps,
    "gap-languages": languages,
    "cider-auilc": missing_curve,
    "occlusion-robustness": occlusion,
    "tc-videoagg": video_levels,
    "emotiontalk-transcript": transcripts,
}
