"""Compound emotions (pairs and pairwise probability aggregation)."""

import re

import numpy as np

from mien.affect.compound import PAIRS, compound_pairs, compound_scores, compound_shares
from mien.affect.space import SPACES

from .compare import compare


def places(names):
    """Where the compounds of a file stand among ours."""
    words = [re.sub(r"[\W_]", "", name.lower()) for name in names]
    own = [re.sub(r"\W", "", label) for label in SPACES["cexpr7"].labels]
    assert sorted(words) == sorted(own)
    return [own.index(word) for word in words]


def pairs(case):
    config, orders = case["config"], case["inputs"]["basic_label_orders"]
    names = config["compound_index_order"]
    at = places(names)
    assert config["other_class_index"] == len(names)
    found = {
        "constituents_by_name": {name: sorted(PAIRS[place]) for name, place in zip(names, at, strict=True)},
        "constituent_indices_sorted": {
            name: [sorted(compound_pairs(order)[place]) for place in at] for name, order in orders.items()
        },
    }
    compare(case, found)


def aggregation(case):
    config = case["config"]
    at = places(config["compound_order"])
    values = np.array(case["inputs"]["probabilities"])
    # The file has nine digits: its 0.142857143 was 1/7, which the mask takes away.
    values = np.where(np.isclose(values, 1 / 7, rtol=1e-8, atol=0), 1 / 7, values)

    def told(balanced, masked):
        raw = compound_scores(values, config["basic_order"], balanced=balanced, masked=masked)[:, at]
        shares = compound_shares(raw)
        return {
            "scores": (shares if config.get("normalise") else raw).tolist(),
            "argmax": raw.argmax(axis=1).tolist(),
            "scores_l1_normalised": shares.tolist(),
            "row_sums": raw.sum(axis=1).tolist(),
        }

    variants = {f"balanced_{one}_mask_{other}": told(one, other) for one in (False, True) for other in (False, True)}
    compare(case, {**variants, **told(False, False)})


CHECKS = {"ras-pairs": pairs, "ras-ppa": aggregation}
