"""Compound emotions (pairs and pairwise probability aggregation)."""

import numpy as np

from mien.affect.compound import compound_pairs, compound_scores


def pairs(case):
    for name, order in case["inputs"]["basic_label_orders"].items():
        expected = case["expected"]["constituent_indices_sorted"][name]
        assert [sorted(pair) for pair in compound_pairs(order)] == expected


def aggregation(case):
    order = case["config"]["basic_order"]
    values = np.array(case["inputs"]["probabilities"])
    expected = case["expected"]
    variants = expected if "scores" not in expected else {"balanced_False_mask_False": expected}
    for name, wanted in variants.items():
        if not isinstance(wanted, dict):
            continue
        scores = compound_scores(values, order, balanced="balanced_True" in name, masked="mask_True" in name)
        np.testing.assert_allclose(scores, wanted["scores"], **case["tolerance"])
        assert scores.argmax(axis=1).tolist() == wanted["argmax"]


CHECKS = {"ras-pairs": pairs, "ras-ppa": aggregation}
