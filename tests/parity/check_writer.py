"""Expressions typical of texts whose writer and readers differ."""

import numpy as np

from mien.scoring.association import associations

from .compare import compare


def mining(case):
    config, inputs = case["config"], case["inputs"]
    assert config["prior"] == "counts of both groups together times prior_scale"
    found = associations(
        inputs["counts_detected"],
        inputs["counts_rest"],
        prior_scale=config["prior_scale"],
        ratio_add=config["ratio_add"],
    )
    words = inputs["words"]
    per_word = [
        {
            "word": word,
            "log_odds": found.log_odds[at],
            "z": found.z[at],
            "chi2": found.chi2[at],
            "g2": found.g2[at],
            "smoothed_ratio": found.ratio[at],
            "pmi": found.pmi[at],
        }
        for at, word in enumerate(words)
    ]
    rankings = {
        f"ranking_by_{name}": [words[at] for at in np.argsort(-values, kind="stable") if not np.isnan(found.z[at])]
        for name, values in (("z", found.z), ("log_odds", found.log_odds), ("g2", found.g2), ("chi2", found.chi2))
    }
    compare(case, {"per_word": per_word, **rankings})


CHECKS = {"writer-mining": mining}
