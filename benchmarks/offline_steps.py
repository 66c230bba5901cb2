"""How far the offline steps of the free-text scorers agree with what was published, and the published figures again.

    python benchmarks/offline_steps.py --texts final-EMER-reason.csv --store ov_store

--texts: EMER/dataset-v2/final-EMER-reason.csv of zeroQiaoba/AffectGPT (commit e0aec19); --store: MER2024/ov_store of
zeroQiaoba/MERTools (commit 89120b7), its openset-synonym.zip beside the two lists. Nothing of them is kept here.

1. The lexicon reader on the 332 English descriptions against their label lists (read off by a language model and
   checked by people). Its list of ordinary words was drawn up on every second clip (sorted by name, the first one
   included); the other half was not looked at.
2. The offline groups of synonyms against those that a language model made, on the example predictions.
3. Figures that cards and code state for these files: wheels, constant answers, set level.
4. The sign of GoEmotions labels by the wheels against the data set's own sentiment groups.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from common import save, table

from mien.affect.mapping import SENTIMENT_GROUPS
from mien.scoring.answers import READERS
from mien.scoring.constants import FIVE_WORDS
from mien.scoring.lists import bracketed_list, nested_list
from mien.scoring.openset import mean_figure, overlap
from mien.scoring.polarity import sign_of
from mien.scoring.released import synonym_groups
from mien.scoring.setlevel import set_level, united, wheel_groups
from mien.scoring.wheels import GROUPINGS, tables


def column(path: Path, key: str, value: str) -> dict[str, str]:
    """One column of a table by another."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row[key]: row[value] for row in csv.DictReader(stream)}


def figures(truth: list, given: list, edition: str = "2026") -> dict[str, float]:
    """Level-1 F, precision, recall and level-2 F, in percent."""
    found = overlap(truth, given, held=tables(edition))
    first, second = mean_figure(found, "level1"), mean_figure(found, "level2")
    values = {"f": first.fscore, "precision": first.precision, "recall": first.recall, "f_level2": second.fscore}
    return {name: round(100 * value, 2) for name, value in values.items()}


def reading(texts: dict[str, str], truth: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Every reader of descriptions, on the half that was looked at and on the other."""
    names = sorted(truth)
    rows = {}
    for reader, read in READERS.items():
        for half, chosen in (("looked at", names[::2]), ("held out", names[1::2]), ("all", names)):
            labels = [list(read(texts[name], False).labels) for name in chosen]
            found = figures([truth[name] for name in chosen], labels)
            rows[f"{reader}, {half}"] = found | {"labels": round(float(np.mean(list(map(len, labels)))), 2)}
    return rows


def grouping(truth: list, given: list, groups: list) -> dict[str, dict[str, float]]:
    """Set-level scores under the released groups and under every offline grouping, and their correlation."""
    official = set_level(truth, given, groups, strip=False)
    rows = {
        "released": {"accuracy": official.accuracy, "recall": official.recall, "average": official.average, "r": 1.0}
    }
    for name in GROUPINGS:
        found = set_level(truth, given, wheel_groups(name)(united(truth, given)))
        mine, theirs = (one.sample_accuracy + one.sample_recall for one in (found, official))
        both = np.isfinite(mine) & np.isfinite(theirs)
        r = float(np.corrcoef(mine[both], theirs[both])[0, 1])
        rows[name] = {"accuracy": found.accuracy, "recall": found.recall, "average": found.average, "r": r}
    return {name: {key: round(value, 4) for key, value in row.items()} for name, row in rows.items()}


def signs() -> dict[str, object]:
    """Labels on which the wheels and GoEmotions' own sentiment groups disagree."""
    sides = {"positive": 1, "negative": -1}
    wanted = {label: sign for side, sign in sides.items() for label in SENTIMENT_GROUPS[side]}
    wrong = sorted(label for label, sign in wanted.items() if sign_of(label) != sign)
    return {"labels": len(wanted), "agree": len(wanted) - len(wrong), "disagree": wrong}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    chosen = parser.parse_args()
    truth = {
        name: bracketed_list(cell)
        for name, cell in column(chosen.store / "check-openset.csv", "name", "openset").items()
    }
    given = {
        name: bracketed_list(cell)
        for name, cell in column(chosen.store / "predict-openset.csv", "name", "openset").items()
    }
    released = synonym_groups(chosen.store / "check-openset.csv") or {}
    names = sorted(set(truth) & set(given) & set(released))
    lists = [truth[name] for name in names]
    same = {
        "happy": ["happy"],
        "angry, worried, sad": ["angry", "worried", "sad"],
        "five basic words": list(FIVE_WORDS),
    }
    result = {
        "reading": reading(column(chosen.texts, "name", "english"), truth),
        "grouping": grouping(lists, [given[name] for name in names], [nested_list(released[name]) for name in names]),
        "published": {
            **{
                f"example predictions, {edition} tables": figures(lists, [given[name] for name in names], edition)
                for edition in ("2025", "2026")
            },
            **{
                f"always {title}, 2025 tables": figures(lists, [words] * len(lists), "2025")
                for title, words in same.items()
            },
        },
        "signs": signs(),
    }
    for title in ("reading", "grouping", "published"):
        rows = result[title]
        header = list(next(iter(rows.values())))
        table([title, *header], [[name, *row.values()] for name, row in rows.items()])
        print()
    print(result["signs"])
    save("offline_steps", result)


if __name__ == "__main__":
    main()
