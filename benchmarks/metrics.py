"""How long 1,000 bootstrap rounds over 100,000 items take, beside a plain loop over scikit-learn in the same run.

    python benchmarks/metrics.py [--items 100000] [--rounds 1000] [--plain 10]

Seven classes, 50 speakers, one core. The plain loop draws indices and calls the library's function on each draw; it is
run for `--plain` rounds and counted up to all rounds (its time per round is constant). Seconds are those of the
processor (other work on the machine does not count), the best of three runs, for both.
Also printed: the largest distance between the two ways' interval ends (they draw differently, so they differ a little),
the paired test of two systems, and the start of the metrics room beyond NumPy.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

# One core: must stand before NumPy is loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from common import save, table

SEED = 0


def timed(function: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Processor seconds of the fastest of some runs, and the answer."""
    best, answer = float("inf"), None
    for _ in range(repeats):
        start = time.process_time()
        answer = function()
        best = min(best, time.process_time() - start)
    return best, answer


def plain_loop(function: Callable[..., float], truth: Any, prediction: Any, rounds: int) -> np.ndarray:
    """What a person writes: draw, index, call the library."""
    rng = np.random.default_rng(SEED)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(truth), len(truth))
        values.append(function(truth[drawn], prediction[drawn]))
    return np.array(values)


def import_seconds() -> float:
    """Median seconds that `import mien.metrics` takes once NumPy is there."""
    code = "import numpy, time; s = time.perf_counter(); import mien.metrics; print(time.perf_counter() - s)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(7)]
    return float(np.median([float(run.stdout) for run in runs]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--plain", type=int, default=10, help="rounds of the plain loop that are really run")
    given = parser.parse_args()

    import scipy.stats
    import sklearn.metrics as sk

    from mien.metrics import compare, evaluate

    rng = np.random.default_rng(SEED)
    truth = rng.integers(0, 7, given.items)
    answers, better = (
        np.where(rng.random(given.items) < s, truth, rng.integers(0, 7, given.items)) for s in (0.6, 0.61)
    )
    numbers = rng.normal(size=given.items)
    guesses = numbers + rng.normal(size=given.items)
    speakers = rng.integers(0, 50, given.items)

    cases = {
        "uar": (sk.balanced_accuracy_score, truth, answers),
        "accuracy": (sk.accuracy_score, truth, answers),
        "macro_f1": (lambda t, p: sk.f1_score(t, p, average="macro"), truth, answers),
        "mae": (sk.mean_absolute_error, numbers, guesses),
        "pearson": (lambda t, p: scipy.stats.pearsonr(t, p)[0], numbers, guesses),
        "spearman": (lambda t, p: scipy.stats.spearmanr(t, p)[0], numbers, guesses),
        "roc_auc": (sk.roc_auc_score, (truth == 0).astype(int), guesses),
    }
    rows, found = [], {}
    for name, (function, t, p) in cases.items():
        seconds, score = timed(lambda n=name, t=t, p=p: evaluate(n, t, p, rounds=given.rounds))
        each, values = timed(lambda f=function, t=t, p=p: plain_loop(f, t, p, given.plain))
        plain = each / given.plain * given.rounds
        found[name] = {"seconds": seconds, "plain_seconds": plain, "ratio": plain / seconds, "value": score.value}
        found[name] |= {"interval": score.interval, "plain_std": float(values.std()), "plain_rounds_run": given.plain}
        rows.append([name, seconds, plain, f"{plain / seconds:.0f}", *score.interval])
    grouped, _ = timed(lambda: evaluate("uar", truth, answers, groups=speakers, rounds=given.rounds))
    paired, test = timed(lambda: compare("uar", truth, answers, better, rounds=given.rounds))
    start = import_seconds()
    table(["metric", "seconds", "plain loop", "ratio", "low", "high"], rows)
    print(f"uar, 50 speakers drawn whole: {grouped:.3f} s; two systems compared: {paired:.3f} s ({test})")
    print(f"import mien.metrics beyond NumPy: {start:.3f} s")
    result = {"items": given.items, "rounds": given.rounds, "metrics": found, "uar_grouped_seconds": grouped}
    save("metrics", result | {"uar_paired_seconds": paired, "import_seconds": start}, SEED)


if __name__ == "__main__":
    main()
