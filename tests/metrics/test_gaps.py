import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics import METRICS
from mien.metrics.gaps import by_group, gap_reduction, language_gaps, one_answer, prediction_gap
from mien.metrics.missing import auilc
from mien.metrics.robustness import change, level_curve

ACCURACY = METRICS["accuracy"]
scores = st.dictionaries(st.sampled_from(["en", "de", "fr", "hi", "zh"]), st.floats(0.01, 1), min_size=2).filter(
    lambda found: "en" in found
)


def test_small_groups_are_named_and_not_scored():
    found = by_group([1, 1, 0, 0, 1], [1, 0, 0, 0, 1], ["a", "a", "b", "b", "c"], metric=ACCURACY, min_items=2)
    assert found.values == {"a": 0.5, "b": 1.0}
    assert found.excluded == ("c",)
    assert (found.mean, found.std, found.worst) == (0.75, 0.25, 0.5)
    assert found.gap("b", "a") == -found.gap("a", "b") == 0.5
    with pytest.raises(RequestError, match="'c' \\(1 items, too few\\); there are: a, b"):
        found.gap("a", "c")


def test_any_container_and_any_metric():
    table = pd.DataFrame({"t": [1.0, 2, 3, 4], "p": [1.0, 2, 3, 5], "sex": ["f", "f", "m", "m"]})
    found = by_group(table.t, table.p, table.sex, metric=METRICS["mae"])
    assert found.values == {"f": 0.0, "m": 0.5}
    assert METRICS["group_gap"](
        table.t, table.p, groups=table.sex, metric=METRICS["mae"], first="f", second="m"
    ) == pytest.approx(-0.5)
    assert prediction_gap(table.p, groups=table.sex, first="m", second="f") == 2.5


def test_no_group_large_enough_is_an_error():
    with pytest.raises(RequestError, match="none has 9 items; the largest has 2"):
        by_group([1, 0], [1, 0], ["a", "a"], metric=ACCURACY, min_items=9)
    with pytest.raises(RequestError, match="there are: a"):
        prediction_gap([1, 2], groups=["a", "a"], first="a", second="b")


@given(scores, st.floats(0.1, 3))
def test_language_gaps(found, factor):
    gaps = language_gaps(found)
    assert gaps.mean == pytest.approx(found["en"] - gaps.others)
    assert gaps.mean_abs >= abs(gaps.mean) - 1e-12
    assert found[gaps.worst] == min(found.values())
    scaled = language_gaps({name: value * factor for name, value in found.items()})
    assert scaled.relative == {name: pytest.approx(value, abs=1e-9) for name, value in gaps.relative.items()}


def test_gap_reduction():
    assert gap_reduction(0.2, 0.1) == 0.5
    assert gap_reduction(0.2, 0.0) == 1
    assert math.isnan(gap_reduction(0.0, 0.1))


@pytest.mark.parametrize("given_scores", [{"de": 0.3}, {"en": 0.3}, {"en": 0.3, "de": math.nan}])
def test_gaps_need_a_reference_another_language_and_numbers(given_scores):
    with pytest.raises(RequestError):
        language_gaps(given_scores)


def test_a_collapsed_model_is_seen():
    assert one_answer(["joy"] * 5)
    assert not one_answer(["joy", "fear"])


@given(st.floats(0, 1), st.lists(st.floats(0.01, 0.99), max_size=8, unique=True))
def test_a_constant_curve_has_its_own_value_over_all_rates(value, between):
    rates = [0.0, *sorted(between), 1.0]
    assert auilc(rates, [value] * len(rates)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("rates", [[0.0], [0.0, 0.0], [0.5, 0.1], [0, 2], [0, math.nan]])
def test_rates_must_ascend_from_0_to_1(rates):
    with pytest.raises(RequestError):
        auilc(rates, [0.5] * len(rates))


def test_a_level_curve_that_starts_at_chance_keeps_nothing():
    curve = level_curve([0, 1], [0.25, 0.2], chance=0.25)
    assert all(math.isnan(kept) for kept in curve.retention)
    assert curve.relative_drop == pytest.approx(0.2)
    assert level_curve([0, 0.5, 1], [0.7, 0.7, 0.7], chance=0.1).retention == (1, 1, 1)
    with pytest.raises(RequestError, match="chance 1"):
        level_curve([0, 1], [0.5, 0.5], chance=1)


def test_change_under_perturbation():
    truth, clean = np.arange(6.0), np.arange(6.0) + 0.1
    moved = change(truth, clean, clean + np.array([0, 0, 0, 1, 1, 1]), metric=METRICS["mae"], limit=0.5)
    assert (moved.clean, moved.perturbed, moved.percent) == (
        pytest.approx(0.1), pytest.approx(0.6), pytest.approx(500),
    )  # fmt: skip
    assert (moved.shift, moved.shifted) == (pytest.approx(0.5), 0.5)
    same = change(truth, clean, clean, metric=METRICS["mae"])
    assert (same.change, same.shift, same.shifted) == (0, 0, 0)
