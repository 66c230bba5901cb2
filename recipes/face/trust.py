"""Quality: the chance that the top label is right, from what can be seen of the conditions; what it is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import Faces, public_halves
from degrade import VARIANTS
from numpy.typing import NDArray
from scores import calibration_error, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import from_numpy

from mien.analysis.moments.measure import light, sharpness
from mien.analysis.senses.face_quality import conditions

#: Side of the face's box in source pixels; FER+ faces fill 48 pixels, of which the box is 40.
SIZES = {"24 pixels": 20.0, "16 pixels": 40 / 3, "12 pixels": 10.0, "nearer, 24 pixels, JPEG": 20.0}


#: Parts of the answers that are kept, the surest first.
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)


def fit_trust(ready: dict[str, NDArray[np.float64]], public: Faces) -> dict[str, Any]:
    """Logistic regression on the even rows of all variants; how well it holds on the odd rows."""
    even, odd = public_halves(public)
    rows = {name: _rows(name, logits, public) for name, logits in ready.items()}
    x, y = (np.concatenate([rows[name][i][even] for name in rows]) for i in (0, 1))
    fit = LogisticRegression(C=10.0, max_iter=1000).fit(x, y)
    x, y = (np.concatenate([rows[name][i][odd] for name in rows]) for i in (0, 1))
    chance = fit.predict_proba(x)[:, 1]
    two = np.stack([1 - chance, chance], axis=1)
    sure = np.where(chance[:, None] >= 0.5, two, 1 - two)
    gap = calibration_error(sure, np.where(chance >= 0.5, y, 1 - y).astype(int))
    return {
        "inputs": ["top probability", "entropy", "size", "sharpness", "light"],
        "bias": round(float(fit.intercept_[0]), 5),
        "weights": fit.coef_[0].round(5).tolist(),
        "odd_rows_all_variants": {"auc": round(float(roc_auc_score(y, chance)), 4), "ece": round(gap, 4)},
    }


def risk_at_coverage(chance: NDArray[np.float64], right: NDArray[np.int64]) -> dict[str, float]:
    """Share of wrong answers among the surest parts of them; ties keep their order."""
    wrong = 1 - right[np.argsort(-chance, kind="stable")]
    return {f"{share:.0%}": round(float(wrong[: round(share * len(wrong))].mean()), 4) for share in COVERAGES}


def _rows(name: str, logits: NDArray[np.float64], public: Faces) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Conditions (n, 5) and whether the top label is right (n,)."""
    return conditions_of(name, logits, public.images), (logits.argmax(axis=1) == public.majority).astype(np.int64)


def conditions_of(name: str, logits: NDArray[np.float64], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Conditions (n, 5) of faces (n, 48, 48) changed as `name` says, as the face sense measures them."""
    faces = VARIANTS[name](from_numpy(images)[:, None].float() / 255)[:, 0]
    crops = np.pad((faces.clamp(0, 1) * 255).round().byte().numpy(), ((0, 0), (5, 11), (8, 8)), mode="reflect")
    sharp = np.array([sharpness(crop) for crop in crops])
    lit = np.array([light(crop) for crop in crops])
    return conditions(softmax(logits), SIZES.get(name, 40.0), sharp, lit)
