"""How far people agree, and how well one of them does against the rest: CREMA-D and FER+ votes.

    OMP_NUM_THREADS=1 python benchmarks/raters.py [--data DIR] [--rounds 1000]

DIR holds crema-d-votes/votes.parquet and ferplus-votes/votes.parquet (default ../shared/data). Needs pandas; with
statsmodels and krippendorff installed, their numbers and times stand beside ours, measured in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import ROOT, save, table

from mien.metrics import METRICS
from mien.raters import Votes, agreement, human_ceiling, nested, targets

INTENDED = {"ANG": "A", "DIS": "D", "FEA": "F", "HAP": "H", "NEU": "N", "SAD": "S"}
FERPLUS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
CEILINGS = ("accuracy", "uar", "macro_f1", "weighted_f1")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result and the seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def sets(data: Path) -> dict[str, tuple[Votes, list[str] | None, float]]:
    """Name -> votes, what each item was meant to show (where known), seconds from the table to `Votes`."""
    crema = pd.read_parquet(data / "crema-d-votes" / "votes.parquet")
    ferplus = pd.read_parquet(data / "ferplus-votes" / "votes.parquet")
    found = {}
    for modality in ("voice", "face", "audiovisual"):
        rows = crema[crema["modality"] == modality]
        votes, seconds = timed(lambda rows=rows: Votes.from_counts(rows[list("ADFHNS")], items=rows["clip"].tolist()))
        found[f"crema-d {modality}"] = (votes, [INTENDED[clip.split("_")[2]] for clip in rows["clip"]], seconds)
    columns = [*FERPLUS, "unknown", "nf"]
    votes, seconds = timed(lambda: Votes.from_counts(ferplus[columns], labels="ferplus8", outside=["unknown", "nf"]))
    return found | {"fer+": (votes, None, seconds)}


def ceilings(votes: Votes, meant: list[str] | None, rounds: int) -> dict[str, Any]:
    """The human ceiling by each metric; beside it what the items were meant to show, as if it were a model."""
    result = {}
    for name in CEILINGS:
        one = human_ceiling(votes, METRICS[name], predictions=meant, rounds=rounds)
        result[name] = {"value": one.pooled, "interval": one.interval, "votes": one.votes, "ties_left_out": one.ties}
        if meant is not None:
            result[name]["intended_label"] = one.model
    return result


def losses(votes: Votes) -> dict[str, Any]:
    """What each rule throws away."""
    reports = {rule: targets(votes, rule).report for rule in ("majority", "plurality", "all")}
    return {
        rule: {"data_loss": one.data_loss, "rating_loss": one.rating_loss, "without_labels": one.without_labels}
        for rule, one in reports.items()
    }


def peers(votes: Votes) -> dict[str, Any]:
    """The same numbers from maintained packages where they are installed, with the seconds of both."""
    found: dict[str, Any] = {}
    try:
        import krippendorff

        ours, mine = timed(lambda: agreement(votes, rounds=0)["alpha_nominal"].value)
        theirs, seconds = timed(
            lambda: krippendorff.alpha(value_counts=votes.all_counts, level_of_measurement="nominal")
        )
        found["alpha_nominal"] = {"mien": ours, "krippendorff": theirs, "seconds": [mine, seconds]}
    except ImportError:
        print("krippendorff is not installed: no comparison")
    try:
        from statsmodels.stats.inter_rater import fleiss_kappa

        total = votes.all_counts.sum(axis=1)
        number = np.bincount(total).argmax()
        even = votes.pick(total == number)
        ours, mine = timed(lambda: agreement(even, rounds=0)["fleiss_kappa"].value)
        theirs, seconds = timed(lambda: fleiss_kappa(even.all_counts))
        found["fleiss_kappa"] = {
            "items": f"the {len(even)} with {number} votes",
            "mien": ours,
            "statsmodels": theirs,
            "seconds": [mine, seconds],
        }
    except ImportError:
        print("statsmodels is not installed: no comparison")
    return found


def measure(votes: Votes, meant: list[str] | None, loading: float, rounds: int) -> dict[str, Any]:
    """Everything about one set of votes."""
    found, seconds = timed(lambda: agreement(votes, rounds=rounds))
    height, ceiling_seconds = timed(lambda: ceilings(votes, meant, min(rounds, 200)))
    _, rules_seconds = timed(lambda: losses(votes))
    return {
        "items": len(votes),
        "votes": len(votes.item),
        "agreement": {name: {"value": one.value, "interval": one.interval} for name, one in found.items()},
        "human_ceiling": height,
        "rules": losses(votes),
        "test_sets": {name: int(mask.sum()) for name, mask in nested(votes).items()},
        "peers": peers(votes),
        "seconds": {
            "load": loading,
            "rules": rules_seconds,
            f"agreement, {rounds} rounds": seconds,
            f"{len(CEILINGS)} ceilings, {min(rounds, 200)} rounds": ceiling_seconds,
        },
    }


def shown(name: str, one: dict[str, Any]) -> list[Any]:
    """One row of the printed table."""
    kappa, alpha = (one["agreement"][key]["value"] for key in ("fleiss_kappa", "alpha_nominal"))
    height = [one["human_ceiling"][key]["value"] for key in ("accuracy", "uar", "weighted_f1")]
    loss = [one["rules"][rule]["data_loss"] for rule in ("majority", "plurality")]
    return [name, one["items"], kappa, alpha, one["agreement"]["best_answer"]["value"], *height, *loss]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=1000)
    options = parser.parse_args()
    results = {
        name: measure(votes, meant, seconds, options.rounds)
        for name, (votes, meant, seconds) in sets(options.data).items()
    }
    header = ["votes", "items", "fleiss", "alpha", "best answer", "accuracy", "UAR", "WF1", "MR loss", "PR loss"]
    table(header, [shown(name, one) for name, one in results.items()])
    for name, one in results.items():
        print(name, {key: round(value, 3) for key, value in one["seconds"].items()})
    digests = {
        name: hashlib.sha256((options.data / name / "votes.parquet").read_bytes()).hexdigest()
        for name in ("crema-d-votes", "ferplus-votes")
    }
    save("raters", {"rounds": options.rounds, "sha256": digests, "results": results}, seed=0)


if __name__ == "__main__":
    main()
