"""Votes, targets, agreement, reliability, penalties and rater heads."""

import math

import numpy as np

from mien.metrics import METRICS
from mien.raters import (
    ICC_FORMS,
    Votes,
    class_balanced_weights,
    cohen_kappa,
    cooccurrence,
    cooccurrence_weights,
    cronbach_alpha,
    effective_number,
    evaluator_weighted,
    fleiss_kappa,
    fused,
    icc,
    krippendorff_alpha,
    level_summary,
    multihot,
    pair_agreement,
    penalised_loss,
    penalty_matrix,
    randolph_kappa,
    rater_accuracy,
    rater_loss,
    rater_targets,
    samples_per_class,
    soft_loss,
    with_prior,
)

from .compare import compare

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def rules(case):
    config = case["config"]
    votes = Votes.of(
        case["inputs"]["votes"], labels=config["classes"], outside=config.get("outside", ()), repeats="keep"
    )
    majority, plurality, everything = (votes.targets(rule) for rule in ("majority", "plurality", "all"))
    inside = votes.targets("plurality", outside_can_win=False).names()
    smoothed = everything.smoothed(config["eps"], smoothing=config["smoothing"])
    names = {"majority": majority, "plurality": plurality, "all_inclusive": everything}
    samples = [
        {
            "counts": votes.counts[row],
            "outside": int(votes.all_counts[row].sum() - votes.counts[row].sum()),
            "majority": majority.names()[row],
            "plurality": plurality.names()[row],
            "plurality_inside_only": inside[row],
            "top": [label for label, top in zip(votes.labels, everything.top[row], strict=True) if top],
            "distribution": everything.distribution[row] if kept else None,
            "smoothed": smoothed[row] if kept else None,
            "multihot": everything.sets[row].astype(int) if kept else None,
        }
        for row, kept in enumerate(everything.kept)
    ]
    losses = {
        "data_loss": {name: rule.report.data_loss for name, rule in names.items()},
        "rating_loss": {name: rule.report.rating_loss for name, rule in names.items()},
    }
    compare(case, {"samples": samples, "losses": losses})


def prior(case):
    assert len(case["inputs"]["counts"][0]) == case["config"]["n_classes"]
    compare(case, {"soft": with_prior(case["inputs"]["counts"], case["config"]["alpha"])})


def nominal(case):
    ratings, partial = np.array(case["inputs"]["ratings"]), case["inputs"]["ratings_missing"]
    number, offset = case["config"]["n_classes"], case["config"]["ratio_offset"]
    shifted = [[None if cell is None else cell + offset for cell in row] for row in partial]
    found = {
        "fleiss": fleiss_kappa(ratings).value,
        "randolph": randolph_kappa(ratings, number).value,
        "fleiss_all_same_class": fleiss_kappa(np.full_like(ratings, ratings[0, 0])).value,
    }
    for kind in (None, "linear", "quadratic"):
        name = "cohen_01" if kind is None else f"cohen_01_{kind}"
        found[name] = cohen_kappa(ratings[:, 0], ratings[:, 1], weights=kind).value
    for level in LEVELS:
        full, holes = (ratings + offset, shifted) if level == "ratio" else (ratings, partial)
        found[f"alpha_{level}_full"] = krippendorff_alpha(full, level).value
        found[f"alpha_{level}_missing"] = krippendorff_alpha(holes, level).value
    compare(case, found)


def continuous(case):
    ratings = np.array(case["inputs"]["ratings"])
    labels, scores = case["inputs"]["binary_labels"], case["inputs"]["binary_scores"]
    first, second = ratings[:, 0], ratings[:, 1]
    forms, weighted = icc(ratings), evaluator_weighted(ratings)
    flat = np.full_like(first, 0.5)
    compare(
        case,
        {
            "icc": {name: forms[name].value for name in forms},
            "icc_types_reported": [ICC_FORMS[name] for name in forms],
            "ccc_pop": METRICS["ccc"](first, second),
            "ccc_audmetric": METRICS["ccc"](first, second),
            "ccc_sample": METRICS["ccc_sample"](first, second),
            "pearson": METRICS["pearson"](first, second),
            "ccc_vs_constant": METRICS["ccc"](first, flat),
            "ccc_two_equal_constants": METRICS["ccc"](flat, flat),
            "rmse": METRICS["rmse"](first, second),
            "ewe": weighted.values,
            "ewe_weights": weighted.weights,
            "auc": METRICS["roc_auc"](labels, scores),
            "average_precision": METRICS["average_precision"](labels, scores),
        },
    )


def penalty(case):
    inputs, config = case["inputs"], case["config"]
    logits, counts = np.array(inputs["logits"]), inputs["train_counts"]
    matrix = penalty_matrix(counts, count=config["count"])
    assert matrix.shape == (config["n_classes"],) * 2
    frequency = cooccurrence(counts, count=config["count"])
    targets = {"ce": "target_hard", "bce": "target_multihot", "kld": "target_distribution"}

    def value(loss, scores=logits, **options):
        return penalised_loss(scores, inputs[targets[loss]], matrix, loss, form=config["form"], **options)

    def amounts(loss):
        found = {}
        for name in case["expected"]["losses"][loss]:
            what, _, reduction = name.rpartition("_")
            beta, alpha = {"base": (1, 0), "penalty": (0, 1)}.get(what) or map(
                float, what.removeprefix("beta").split("_alpha")
            )
            found[name] = float(value(loss, beta=beta, alpha=alpha, reduction=reduction))
        return found

    def slope(loss):
        """Central differences of fourth order: what a network would learn from the value."""
        result = np.zeros_like(logits)
        for place in np.ndindex(*logits.shape):
            step = np.zeros_like(logits)
            step[place] = 1e-3
            one, two = (
                float(value(loss, logits + k * step, beta=0, reduction="sum"))
                - float(value(loss, logits - k * step, beta=0, reduction="sum"))
                for k in (1, 2)
            )
            result[place] = (8 * one - two) / 12e-3
        return result

    gradients = {name: slope(name.split("_")[2]) for name in case["expected"] if name.startswith("grad_penalty_")}
    assert config["normalise"] == "column"
    compare(
        case,
        {
            "cooccurrence": frequency,
            "weights": cooccurrence_weights(frequency),
            "penalty": matrix,
            "row_sums": matrix.sum(axis=1),
            "losses": {loss: amounts(loss) for loss in case["expected"]["losses"]},
            **gradients,
        },
    )


def balanced(case):
    inputs = case["inputs"]
    train, logits, targets = inputs["train_labels"], inputs["logits"], inputs["targets"]
    config = case["config"]
    assert (len(train), len(targets[0])) == (config["n_train"], config["n_classes"])
    beta = config["beta"] if isinstance(config["beta"], float) else None
    assert beta is not None or config["beta"] == "(N-1)/N"
    weights = class_balanced_weights(train, beta)

    def losses(wanted, factor):
        return {name: soft_loss(logits, targets, weights=factor, reduction=name) for name in wanted}

    compare(
        case,
        {
            "samples_per_class": samples_per_class(train),
            "effective_number": effective_number(train, beta),
            "weights": weights,
            "class_balanced": losses(case["expected"]["class_balanced"], weights),
            "plain": losses(case["expected"]["plain"], None),
        },
    )


def heads(case):
    logits = np.array(case["inputs"]["logits"])
    missing = case["config"]["missing"]
    ratings = [[-1 if cell in (missing, None) else cell for cell in row] for row in case["inputs"]["ratings"]]
    loss = rater_loss(logits, ratings)
    assert len(ratings[0]) == case["config"]["n_raters"]
    holes = [[None if cell < 0 else cell for cell in row] for row in ratings]
    compare(
        case,
        {
            "loss_over_ratings": loss.over_ratings,
            "loss_per_rater": loss.per_rater,
            "loss_macro_over_raters": loss.over_raters,
            "mean_distribution": fused(logits),
            "rating_weighted_distribution": fused(logits, ratings),
            "soft_targets": rater_targets(ratings, case["config"]["n_classes"]),
            "accuracy_per_rater": rater_accuracy(logits, ratings),
            "pair_agreement": pair_agreement(holes),
        },
    )


def levels(case):
    ratings = [[math.nan if cell == "NaN" else cell for cell in row] for row in case["inputs"]["ratings"]]
    found = level_summary(ratings, tuple(case["config"]["levels"]))
    # The expected values are written with nine digits, which is less than the stated relative tolerance.
    compare(
        {**case, "tolerance": {**case["tolerance"], "rtol": 1e-8}},
        {
            "mean_level": found.mean,
            "unanimous": found.unanimous,
            "majority_present": found.majority_present,
            "cronbach_alpha": cronbach_alpha(ratings).value,
        },
    )


def scores(case):
    config = case["config"]
    targets, predictions = np.array(case["inputs"]["targets"]), np.array(case["inputs"]["predictions"])
    truth, found = multihot(targets), multihot(predictions)
    size = config["batch_size"]
    absent = {0: "zero"}[config["zero_division"]]

    def macro(rows):
        return METRICS["multilabel_macro_f1"](truth[rows], found[rows], absent=absent)

    batches = [macro(slice(start, start + size)) for start in range(0, len(truth), size)]
    each = [METRICS["kl"](one[None], other[None]) for one, other in zip(targets, predictions, strict=True)]
    compare(
        case,
        {
            "target_binary": truth.astype(int),
            "pred_binary": found.astype(int),
            "macro_f1_corpus": macro(slice(None)),
            "macro_f1_batches": batches,
            "macro_f1_mean_of_batches": np.mean(batches),
            "micro_f1": METRICS["multilabel_micro_f1"](truth, found),
            "weighted_f1": METRICS["multilabel_weighted_f1"](truth, found),
            "hamming": METRICS["hamming_loss"](truth, found),
            "ranking": METRICS["ranking_loss"](truth, predictions),
            "coverage": METRICS["coverage_error"](truth, predictions),
            "kld_each": each,
            "kld_mean": METRICS["kl"](targets, predictions),
        },
    )


CHECKS = {
    "annotator-rules": rules,
    "annotator-soft": prior,
    "agreement-nominal": nominal,
    "agreement-continuous": continuous,
    "annotator-penalty": penalty,
    "annotator-cbce": balanced,
    "annotator-raters": heads,
    "annotator-metrics": scores,
    "emonet-ratings": levels,
}
