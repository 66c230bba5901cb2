"""Every metric says what it is; floors; and the room stays light."""

import math
import subprocess
import sys

import pytest

from mien.errors import RequestError
from mien.metrics import METRICS, Score, evaluate, metric
from mien.metrics.floors import best_constant, majority


@pytest.mark.parametrize("name", list(METRICS))
def test_every_metric_is_described(name):
    entry = METRICS[name]
    assert entry.definition.endswith((".", ")"))
    assert len(entry.definition) > 20
    assert entry.formula
    assert entry.reference
    assert entry.better in ("higher", "lower", "zero", "neither")
    assert entry.id == name


def test_one_id_one_metric():
    with pytest.raises(ValueError, match="two metrics are called 'uar'"):
        metric("uar", kind="classification", better="higher", formula="", reference="")(METRICS["uar"].compute)
    with pytest.raises(RequestError, match=r"unknown metric 'acc'; allowed: .*accuracy"):
        METRICS["acc"]


def test_a_score_prints_as_one_line():
    assert str(Score("uar", 0.5, (0.4, 0.6), 10)) == "uar 0.500 [0.400, 0.600] (n=10)"
    assert str(evaluate("mae", [1, 2], [1, 3], rounds=0)) == "mae 0.500 (n=2)"


def test_floors():
    assert majority(["b", "a", "b"]) == "b"
    assert majority([1, 0]) == 0
    assert best_constant("accuracy", ["b", "a", "b"]) == ("b", 2 / 3)
    assert best_constant("uar", ["b", "a", "b"])[1] == 0.5
    assert best_constant("mae", [0.0, 0.0, 3.0]) == (0.0, 1.0)
    assert best_constant("mse", [0.0, 0.0, 3.0]) == (1.0, 2.0)
    constant, score = best_constant("pearson", [1.0, 2.0])
    assert constant is None
    assert math.isnan(score)
    with pytest.raises(RequestError, match="constant answer has no place"):
        best_constant("kl", [[1.0]])


def test_importing_the_metrics_brings_no_heavy_library():
    code = "import sys, mien.metrics; print([n for n in ('torch', 'scipy', 'sklearn', 'pandas', 'polars') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
