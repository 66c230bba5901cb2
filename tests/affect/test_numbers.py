"""Ranges, points, sentiment conventions and grouping."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.affect.circumplex import CENTROIDS, expected_point, nearest, polar, quadrant
from mien.affect.grouping import group, present
from mien.affect.ranges import read, rescale
from mien.affect.sentiment import CONVENTIONS, classes
from mien.affect.space import SPACES
from mien.errors import RequestError

SCALES = [name for name, own in SPACES.items() if own.kind == "dimensional"]
FINITE = st.floats(-10, 10)


@pytest.mark.parametrize("start", SCALES)
@pytest.mark.parametrize("goal", SCALES)
def test_ranges_are_exact_at_the_ends_and_in_the_middle(start, goal):
    first, last = SPACES[start], SPACES[goal]
    if not set(last.labels) <= set(first.labels):
        with pytest.raises(RequestError, match=f"{start} has no"):
            rescale(np.full(len(first.labels), first.low), first, last)
        return
    for share in (0.0, 0.5, 1.0):
        values = np.full(len(first.labels), first.low + share * (first.high - first.low))
        found = rescale(values, first, last)
        for label, value in zip(last.labels, found, strict=True):
            turned = (label in first.reversed) != (label in last.reversed)
            assert value == last.low + (1 - share if turned else share) * (last.high - last.low)


@given(st.lists(st.floats(1, 5), min_size=3, max_size=3))
def test_there_and_back_again(values):
    start, goal = SPACES["msp-improv-avd"], SPACES["deap-vad"]
    assert np.allclose(rescale(rescale(values, start, goal), goal, start), values)


def test_reversed_arousal_missing_marks_and_values_outside():
    calm = rescale([[1.0, 3.0, 3.0]], SPACES["msp-improv-avd"], SPACES["vad"])
    assert calm.tolist() == [[0, 1, 0]]
    assert np.isnan(rescale([[-5.0, -5.0], [1, 1]], SPACES["affwild2-va"], SPACES["va"])[0]).all()
    assert np.isnan(read([[-10.0], [2.0]], SPACES["emotiontalk-sentiment"])).tolist() == [[True], [False]]
    assert rescale([[np.nan, 0.5]], SPACES["va"], SPACES["affectnet-va"]).tolist() == [[-2, 0.5]]
    with pytest.raises(RequestError, match=r"valence 5.5 in row 1 is outside 1 to 5, the range of iemocap-vad"):
        rescale([[1, 1, 1], [5.5, 1, 1]], SPACES["iemocap-vad"], SPACES["vad"])
    assert rescale([[5.5, 1, 1]], SPACES["iemocap-vad"], SPACES["vad"], clip=True)[0, 0] == 1
    with pytest.raises(RequestError, match="3 numbers a row"):
        read([1.0, 2.0], SPACES["vad"])


@given(st.lists(st.tuples(FINITE, FINITE, FINITE), min_size=1, max_size=8))
def test_nearest_is_nearest_and_relabelling_follows(points):
    found = nearest(points)
    table = np.array(list(CENTROIDS.values()))
    distances = np.linalg.norm(np.array(points)[:, None] - table, axis=-1)
    assert np.allclose(found.distances, distances.min(axis=1))
    assert (found.runner_up_distances >= found.distances).all()
    assert all(one != two for one, two in zip(found.labels, found.runners_up, strict=True))
    renamed = nearest(points, {f"x{name}": place for name, place in CENTROIDS.items()})
    assert renamed.labels == tuple(f"x{name}" for name in found.labels)


@given(st.floats(0, 359.99), st.floats(0.2, 1))
def test_polar_finds_the_angle_it_was_made_from(angle, radius):
    point = [[radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle))]]
    (found,), (length,) = polar(point)
    assert 0 <= found < 360 and length == pytest.approx(radius)
    assert min(abs(found - angle), 360 - abs(found - angle)) < 1e-6
    side = quadrant(point)[0]
    assert side is not None and side.split("-")[0] == ("high" if point[0][1] >= 0 else "low")


def test_points_are_checked_and_pure_categories_lie_on_their_centroids():
    assert np.allclose(expected_point(np.eye(8), list(CENTROIDS)), list(CENTROIDS.values()))
    for call in (nearest, polar, quadrant):
        with pytest.raises(RequestError, match=r"finite|shape"):
            call([[np.nan, 0.0]])
        with pytest.raises(RequestError, match="shape"):
            call([0.1, 0.2])
    with pytest.raises(RequestError, match="no centroid for: boredom"):
        expected_point([1.0], ["boredom"])
    assert quadrant([[0.0, 0.05]]) == [None]


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=20))
def test_sentiment_classes_keep_the_order_of_scores(scores):
    for name in CONVENTIONS:
        found = classes(np.sort(scores), name)
        found = found[~np.isnan(found)]
        assert (np.diff(found) >= 0).all() and (found == np.rint(found)).all()


def test_halves_zeros_and_unknown_conventions():
    assert classes([0.5, 1.5, -2.5], "seven_numpy_round").tolist() == [0, 2, -2]
    assert classes([0.5, 1.5, -2.5], "seven_half_away").tolist() == [1, 2, -3]
    assert classes([0.0, -0.0], "two_has0").tolist() == [1, 1]
    assert np.isnan(classes([0.0], "two_non0")).all()
    assert classes([-0.7, -0.1, 0.1, 0.7, 1], "five_sims").tolist() == [-2, -1, 0, 1, 2]
    with pytest.raises(RequestError, match=r"seven_numpy_round: .*two_non0"):
        classes([1.0], "seven")
    with pytest.raises(RequestError, match="finite"):
        classes([np.nan], "three")


@settings(deadline=None)
@given(st.data())
def test_groups_follow_any_order_of_labels_and_stay_in_bounds(data):
    order = [f"l{index}" for index in range(6)]
    names = {"a": order[:2], "b": order[2:5], "c": order[5:]}
    values = np.array(data.draw(st.lists(st.floats(0, 1), min_size=6, max_size=6)))
    mixed = data.draw(st.permutations(range(6)))
    for how in ("max", "noisy_or"):
        found = group(values, order, names, how=how)
        assert np.allclose(group(values[mixed], [order[index] for index in mixed], names, how=how), found)
        assert ((found >= 0) & (found <= 1)).all()
    assert (group(values, order, names, how="noisy_or") >= group(values, order, names) - 1e-12).all()
    whole = (values + 0.01) / (values + 0.01).sum()
    assert group(whole, order, names, how="sum").sum() == pytest.approx(1)


def test_a_sum_of_independent_probabilities_is_refused():
    with pytest.raises(RequestError, match="only distributions can be summed"):
        group([[0.9, 0.8]], ["a", "b"], {"x": ["a", "b"]}, how="sum")
    with pytest.raises(RequestError, match="unknown labels: z; there are: a, b"):
        group([[0.9, 0.8]], ["a", "b"], {"x": ["z"]})
    with pytest.raises(RequestError, match="two groups"):
        group([[0.5, 0.5]], ["a", "b"], {"x": ["a"], "y": ["a"]}, how="sum")
    with pytest.raises(RequestError, match=r"in .0, 1."):
        group([[np.nan, 0.8]], ["a", "b"], {"x": ["a"]})
    assert present([[0.3, 0.31]], ["a", "b"], 0.3) == [["b"]]
