"""Label spaces, mappings, EmoNet's taxonomy and label cells, MahaEmotions' aggregation, writer and reader labels."""

import re

import numpy as np

from mien.affect.circumplex import expected_point, nearest, polar, quadrant
from mien.affect.emonet import EMONET_BUTTONS, coarse, read_cell, threshold
from mien.affect.grouping import group, present
from mien.affect.groups import EKMAN_GROUPS
from mien.affect.names import clean, resolve
from mien.affect.perspective import inverse_frequency, perspective, released_text
from mien.affect.perspective import present as felt
from mien.affect.ranges import from_unit, to_unit
from mien.affect.sentiment import classes
from mien.affect.space import SPACES, Space
from mien.affect.translate import translate_labels
from mien.metrics import METRICS
from mien.metrics.label_sets import pooled, set_scores
from mien.raters.kappa import cohen_kappa
from mien.raters.targets import targets
from mien.raters.votes import Votes

from .compare import compare

NAMED = {"joy": "happiness"}


def goemotions(case):
    config, inputs = case["config"], case["inputs"]
    groups, order = config["groups"], config["source_order"]
    ours = {NAMED.get(name, name): set(labels) for name, labels in groups.items() if name != "neutral"}
    assert ours == {name: set(labels) for name, labels in EKMAN_GROUPS.items()}
    assert tuple(order) == SPACES["goemotions28"].labels
    found = {}
    if "multilabel_probabilities" in inputs:
        values = np.array(inputs["multilabel_probabilities"])
        strongest = group(values, order, groups)
        found["group_max"] = _named(strongest, groups)
        found["group_noisy_or"] = _named(group(values, order, groups, how="noisy_or"), groups)
        found["labels_at_threshold_from_max"] = present(strongest, list(groups), config["threshold"])
    if "distribution" in inputs:
        found["group_sum_of_distribution"] = _named(
            group(np.array(inputs["distribution"]), order, groups, how="sum"), groups
        )
    compare(case, found)


def sentiment(case):
    low, high = case["config"]["range"]
    scores = case["inputs"]["score"]
    compare(case, {name: classes(scores, name, low=low, high=high).tolist() for name in case["expected"]})


def vad(case):
    config, inputs = case["config"], case["inputs"]
    centroids, (low, high) = config["centroids"], config["range"]
    points = np.array(inputs["vad"])
    angle, radius = polar(points)
    found = {
        "expected_vad": expected_point(inputs["distributions"], list(centroids), centroids).tolist(),
        "nearest_vad": list(nearest(points, centroids).labels),
        "nearest_va": list(nearest(points[:, :2], centroids).labels),
        "angle_degrees": angle.tolist(),
        "radius": radius.tolist(),
        "quadrant": quadrant(points, neutral_radius=config["neutral_radius"]),
        "unit_to_range": from_unit(inputs["unit"], low, high).tolist(),
        "unit_to_signed": from_unit(inputs["unit"], -1, 1).tolist(),
        "range_to_unit_of_mid": float(to_unit((low + high) / 2, low, high)),
    }
    compare(case, found)


def emonet_labels(case):
    assert case["config"]["scale"] == "level*5 -> 0/5/10"
    cells = [read_cell(text) for text in case["inputs"]["label_cells"]]
    parsed = [
        cell
        and {
            "label": cell.label,
            "in_40": cell.known,
            "scores": dict(cell.levels),
            "mean_0_10": float(cell.scores.mean()),
            "median_0_10": float(np.median(cell.scores)),
            "std_0_10_ddof1": float(cell.scores.std(ddof=1)) if len(cell.scores) > 1 else float("nan"),
            "all_raters_heard_it": cell.unanimous,
        }
        for cell in cells
    ]
    # The expected values are written with nine digits, which is less than the stated relative tolerance.
    tolerance = case["tolerance"] | {"rtol": max(case["tolerance"]["rtol"], 1e-8)}
    compare(case | {"tolerance": tolerance}, {"parsed": parsed})


def emonet_taxonomy(case):
    own = SPACES["emonet40"]
    assert len(own.labels) == case["config"]["count"] == sum(map(len, EMONET_BUTTONS.values()))
    compare(
        case, {"order": list(own.labels), "resolved": {n: resolve(n, own) for n in case["inputs"]["names_to_resolve"]}}
    )


def emonet_coarse(case):
    config = case["config"]
    rule = re.search(r"probability above ([\d.]+) / mapped_count", config["rule"])
    assert rule and config["mapped_count"] == len(config["mapping"])
    factor = float(rule.group(1))
    held, labels, sums = coarse(case["inputs"]["scores"], config["mapping"], order=config["order"], factor=factor)
    found = {
        "threshold": threshold(len(config["mapping"]), factor),
        "present": held,
        "summed_probability": _named(sums, labels),
    }
    compare(case, found)


def maha(case):
    labels = case["config"]["labels"]
    assert case["config"]["zero_division"] == 0 and case["config"]["macro_over"].startswith("all")
    own = Space("case", tuple(labels), "categorical", "the case")
    known = next((one for one in SPACES.values() if one.labels == own.labels), None)
    assert known is not None, "the order is no published one"
    gold, first, second = (clean(case["inputs"][key], known) for key in ("gold_raw", "annotator_a", "annotator_b"))
    votes = Votes.of(list(zip(first, second, strict=True)), labels=known)
    union, shared = targets(votes, "union"), targets(votes, "intersection")
    truth, one, two = (_one_hot(names, known) for names in (gold, first, second))
    together = pooled(truth, union.sets, shared.sets)
    merged = [translate_labels(names, known, "maha10").labels for names in (gold, first)]
    small = [_one_hot(names, SPACES["maha10"]) for names in merged]
    found = {
        "clean_labels": gold,
        "union": [list(names) for names in union.named_sets()],
        "intersection": [list(names) for names in shared.named_sets()],
        "agreement": float(np.mean([x == y for x, y in zip(first, second, strict=True)])),
        "union_contains_gold": together.hit_rate,
        "intersection_coverage": together.coverage,
        "intersection_accuracy": together.accuracy,
        "intersection_accuracy_over_all": together.accuracy_over_all,
        "union_multilabel": set_scores(truth, union.sets),
        "intersection_multilabel": set_scores(truth, shared.sets),
        "single_a": {"accuracy": METRICS["accuracy"](gold, first), **set_scores(truth, one)},
        "single_b": {"accuracy": METRICS["accuracy"](gold, second), **set_scores(truth, two)},
        "merged10_labels": list(SPACES["maha10"].labels),
        "merged10_a": {"accuracy": METRICS["accuracy"](*merged), **set_scores(*small)},
        "kappa_ab": cohen_kappa(first, second).value,
    }
    compare(case, found)


def writer_labels(case):
    config, inputs = case["config"], case["inputs"]
    writer, readers = inputs["writer"], inputs["readers"]
    exact = perspective(writer, readers)
    if "writer_min" in config:
        options = {"writer_min": config["writer_min"], "reader_max": config["reader_max"]}
        one = perspective(writer, readers, rule="threshold", aggregate=config["reader_aggregate"], **options)
        found = _threshold(one, writer, readers, inputs["scores"])
    else:
        assert config["threshold"] == "gap > 1"
        assert config["reader_average"].startswith("rounded")
        found = _published(exact, writer, readers, inputs)
        text = case["expected"]["first_text"]
        found["first_text"] = released_text(text.replace(" ", "\\n"))
    compare(case, found)


def _threshold(one, writer, readers, scores):
    hidden = one.hidden.astype(int)
    return {
        "hidden": hidden.tolist(),
        "over_read": one.over_read.astype(int).tolist(),
        "gap": one.gap.tolist(),
        "n_hidden": one.counts()["hidden"],
        "prevalence": one.prevalence,
        "auc": METRICS["roc_auc"](hidden, scores),
        "average_precision": METRICS["average_precision"](hidden, scores),
        "writer_reader_mae": METRICS["mae"](writer, np.mean(readers, axis=1)),
        "writer_reader_qwk": [
            cohen_kappa(writer, seen, weights="quadratic").value for seen in zip(*readers, strict=True)
        ],
    }


def _published(exact, writer, readers, inputs):
    shown = inputs["avg_readers_rounded"]
    gap = perspective(writer, readers, rule="gap_gt1_rounded", averages=shown)
    assert np.array_equal(gap.gap, perspective(writer, readers, rule="gap_gt1_rounded").gap)
    hidden, logits = gap.hidden.astype(int), np.array(inputs["logits"])
    classes_, items = inverse_frequency(hidden)
    counts = np.bincount(hidden).tolist()
    return {
        "writer_binary": felt(writer).astype(int).tolist(),
        "writer_value": writer,
        "reader_binary": felt(shown).astype(int).tolist(),
        "reader_value": shown,
        "gap_binary": hidden.tolist(),
        "gap_value": gap.gap.tolist(),
        "gap_exact_mean": exact.gap.tolist(),
        "gap_exact_binary": exact.hidden.astype(int).tolist(),
        "items_where_rounding_matters": np.flatnonzero(gap.hidden != exact.hidden).tolist(),
        "auc_logit_of_class_1": METRICS["roc_auc"](hidden, logits[:, 1]),
        "auc_probability": METRICS["roc_auc"](hidden, logits[:, 1] - logits[:, 0]),
        "class_counts": counts,
        "sampler_weight_per_item": items.tolist(),
        "loss_weights": classes_.tolist(),
        "effective_positive_emphasis_double_correction": classes_[1] / classes_[0],
    }


def _named(rows, names):
    return [dict(zip(names, row, strict=True)) for row in np.asarray(rows).tolist()]


def _one_hot(names, own):
    return np.eye(len(own.labels))[[own.index(name) for name in names]]


CHECKS = {
    "mapping-goemotions": goemotions,
    "mapping-sentiment": sentiment,
    "mapping-vad": vad,
    "emonet-labels": emonet_labels,
    "emonet-taxonomy": emonet_taxonomy,
    "emonet-coarse": emonet_coarse,
    "maha-aggregate": maha,
    "writer-labels": writer_labels,
}
