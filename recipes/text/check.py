"""The shipped weights through the public reader: do they give the card's figures, and what does guessing the language cost?

python recipes/text/check.py --data DIR/data
"""

from __future__ import annotations

import argparse
from pathlib import Path

import corpora
import numpy as np
from measure import f1

from mien.analysis.senses.model import card
from mien.analysis.senses.text import read_text


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    facts = card("text")
    test = corpora.goemotions(args.data, "test")
    cuts = np.array([row["threshold"] for row in facts["goemotions"]["classes"].values()])
    for language in ("en", None):
        p = read_text(test.texts, language).goemotions
        figure = f1(test.targets, np.nan_to_num(p, nan=0.0) >= cuts).mean()
        print(f"GoEmotions test, language {language}: macro F1 {figure:.4f}, not read {np.isnan(p[:, 0]).mean():.4f}")
    print(f"  the card says {facts['goemotions']['test_macro_f1']}")
    scores: dict[str, list[float]] = {"given": [], "recognised": []}
    for code, rows in corpora.brighter(args.data, "dev").items():
        classes = facts["brighter"]["languages"][code]["classes"]
        has = [corpora.BRIGHTER.index(label) for label in classes]
        cut = np.array([row["threshold"] for row in classes.values()])
        for name, language in (("given", code), ("recognised", None)):
            reading = read_text(rows.texts, language)
            own = np.array([found == code for found in reading.language])
            said = (np.nan_to_num(reading.brighter[:, has], nan=0.0) >= cut) & own[:, None]
            scores[name].append(float(f1(rows.targets[:, has], said).mean()))
    print(
        f"BRIGHTER dev, mean of {len(scores['given'])}: { ({k: round(float(np.mean(v)), 4) for k, v in scores.items()}) }"
    )
    print(f"  the card says {facts['brighter']['mean_macro_f1']} (another language's answer counts as none here)")


if __name__ == "__main__":
    main()
