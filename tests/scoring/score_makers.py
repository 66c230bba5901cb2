"""Results for the tests of the report: every shape that a scorer can return."""

from __future__ import annotations

import numpy as np

from mien.metrics.score import Score
from mien.scoring.result import Part, Reading, ScoreResult

BASIC = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
MANY = tuple(f"emotion {at} of a long list" for at in range(28))
HOSTILE = '</script><script>alert("x")</script> "quoted" & \u202e backwards \ud800 ' + "long" * 300


def _part(name: str, count: int, labels: tuple[str, ...] = BASIC, seed: int = 0) -> Part:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(labels), count)
    read = np.where(rng.random(count) < 0.6, truth, rng.integers(0, len(labels), count))
    counts = np.zeros((len(labels), len(labels)), int)
    np.add.at(counts, (truth, read), 1)
    recalls = {label: float(counts[at, at] / max(counts[at].sum(), 1)) for at, label in enumerate(labels)}
    uar = float(np.mean(list(recalls.values())))
    spans = {label: (max(value - 0.1, 0.0), min(value + 0.1, 1.0)) for label, value in recalls.items()}
    readings = tuple(
        Reading(f"{name}_{at:04d}", f"She seems {labels[read[at]]}.", (labels[truth[at]],), (labels[read[at]],), credit)
        for at, credit in enumerate((truth == read).astype(float).tolist())
    )
    return Part(
        name,
        (Score("uar", uar, (uar - 0.05, uar + 0.04), count, recalls, "", spans), Score("accuracy", 0.6, None, count)),
        {"majority": (Score("uar", 1 / len(labels), n=count),), "names every label": (Score("uar", 0.2, n=count),)},
        readings,
        (labels, tuple(map(tuple, counts.tolist()))),
        tuple((0.05 + 0.1 * at, 0.1 + 0.08 * at, 10 * at) for at in range(10)),
    )


def one() -> ScoreResult:
    """One data set with everything: intervals, floors, confusion, calibration, samples, a warning."""
    warning = "12 of 400 samples have no prediction (a, b, c, ...); counted as wrong"
    return ScoreResult("classification", "rule: plain labels", {"rounds": 100}, (_part("all", 400),), (), (warning,))


def several() -> ScoreResult:
    """Several data sets with an overall score; one of numbers, one of many labels."""
    rng = np.random.default_rng(1)
    truth = rng.normal(size=200).round(3)
    numbers = tuple(
        Reading(str(at), "", (f"{one:g}",), (f"{one + 0.3:g}",), 0.7, ("error +0.3",)) for at, one in enumerate(truth)
    )
    valence = Part("valence", (Score("ccc", 0.6, (0.5, 0.7), 200), Score("mae", 1.3, n=200)), {}, numbers)
    parts = (_part("first", 60, seed=2), valence, _part("many", 300, MANY, 3))
    return ScoreResult("mer-unibench", "rule: wheels", {"edition": "2026"}, parts, (Score("mean_figure", 0.5, n=3),))


def bare() -> ScoreResult:
    """Nothing but a score that is not defined."""
    undefined = Score("mcc", float("nan"), None, 3, note="undefined: one class only")
    return ScoreResult("classification", "rule", {}, (Part("all", (undefined,)),))


def hostile() -> ScoreResult:
    """Texts that try to be markup, break the layout or are no Unicode."""
    reading = Reading(HOSTILE, HOSTILE, (HOSTILE,), (), 0.0, (HOSTILE,))
    part = Part(HOSTILE, (Score("uar", 0.1, n=1),), {HOSTILE: (Score("uar", 0.2, n=1),)}, (reading,))
    confused = Part("x", (Score("uar", 0.1, n=1),), {}, (reading,), ((HOSTILE, "b"), ((0, 1), (1, 0))))
    return ScoreResult("classification", HOSTILE, {"edition": HOSTILE}, (part, confused), (), (HOSTILE,))


def perfect() -> ScoreResult:
    """All right: nothing to show below the pictures."""
    reading = Reading("a", "", ("joy",), ("joy",), 1.0)
    part = Part("all", (Score("accuracy", 1.0, n=1),), {}, (reading,), (("joy",), ((1,),)))
    return ScoreResult("classification", "rule", {}, (part,))


STATES = {"one": one, "several": several, "bare": bare, "hostile": hostile, "perfect": perfect}
