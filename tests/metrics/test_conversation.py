import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics.gaze import episodes, gaze
from mien.metrics.turns import conversation, join_segments, participation_entropy

TALK = {
    "Ana": [(0.0, 3.0), (5.0, 9.0), (14.0, 15.0)],
    "Ben": [(3.3, 4.8), (6.0, 6.4), (8.7, 11.0)],
    "Cy": [(2.0, 2.3), (11.2, 13.5)],
}


@st.composite
def talks(draw):
    """Whole hundredths of a second, so that a shift in time changes no comparison."""
    people = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4, unique=True))
    cuts = st.lists(st.integers(0, 2000), min_size=2, max_size=12, unique=True).map(sorted)
    return {
        name: [(a / 100, b / 100) for a, b in zip(times[::2], times[1::2], strict=False)]
        for name, times in ((name, draw(cuts)) for name in people)
    }


def test_three_persons_with_back_channels():
    talk = conversation(TALK, duration=16.0)
    assert [turn.speaker for turn in talk.turns] == ["Ana", "Ben", "Ana", "Ben", "Cy", "Ana"]
    assert talk.within == {"Ana": 0, "Ben": 1, "Cy": 1}
    assert [round(offset, 3) for offset in talk.offsets] == [0.3, 0.2, -0.3, 0.2, 0.5]
    assert talk.interruptions() == {"Ana": 0, "Ben": 1, "Cy": 0}
    assert talk.transitions() == {
        "Ana": {"Ben": 1.0, "Cy": 0.0},
        "Ben": {"Ana": 0.5, "Cy": 0.5},
        "Cy": {"Ana": 1.0, "Ben": 0.0},
    }
    assert talk.dominance == pytest.approx(talk.shares["Ana"] - 1 / 3)


def test_pauses_inside_a_turn_are_kept():
    (turn,) = conversation({"A": [(0, 1), (2, 3), (3.1, 4)]}).turns
    assert turn.pauses == (1.0,)


def test_a_silent_person_counts_among_those_present():
    alone = conversation({"A": [(0, 1)], "B": []})
    assert alone.entropy == 0
    assert alone.dominance == 0.5
    assert math.isnan(conversation({"A": [(0, 1)]}).entropy)
    assert participation_entropy([2, 2, 2]) == pytest.approx(1)


def test_nothing_said():
    quiet = conversation({"A": [], "B": []}, duration=3)
    assert quiet.silence == 1
    assert quiet.turns == ()
    assert math.isnan(quiet.entropy)
    assert math.isnan(quiet.gap_share)


@given(talks(), st.integers(0, 10_000))
def test_shifting_all_times_changes_only_times(talk, shift):
    moved = {name: [(a + shift, b + shift) for a, b in spans] for name, spans in talk.items()}
    first, second = conversation(talk), conversation(moved)
    assert [turn.speaker for turn in first.turns] == [turn.speaker for turn in second.turns]
    assert first.within == second.within
    np.testing.assert_allclose(first.offsets, second.offsets, atol=1e-6)
    assert first.entropy == pytest.approx(second.entropy, nan_ok=True)


@given(talks())
def test_names_change_nothing_but_names(talk):
    renamed = {name.lower(): spans for name, spans in talk.items()}
    first, second = conversation(talk), conversation(renamed)
    assert [turn.speaker.lower() for turn in first.turns] == [turn.speaker for turn in second.turns]
    assert first.offsets == second.offsets
    assert first.silence == second.silence


@given(talks())
def test_shares_are_shares(talk):
    found = conversation(talk)
    assert 0 <= found.silence <= 1
    assert 0 <= found.overlap <= 1 - found.silence + 1e-9
    if found.turns:
        assert sum(found.shares.values()) == pytest.approx(1)
        assert len(found.transfers) == len(found.turns) - 1
        assert all(one.giver != one.taker for one in found.transfers)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)), max_size=12))
def test_units_are_apart_and_cover_the_speech(spans):
    segments = [(start / 100, (start + length) / 100) for start, length in spans]
    units = join_segments(segments, 0.2)
    assert all(later[0] - earlier[1] >= 0.2 - 1e-9 for earlier, later in pairwise(units))
    assert all(any(a <= start and end <= b for a, b in units) for start, end in segments)


def test_a_pause_of_just_the_limit_ends_a_unit_wherever_it_lies():
    for start in (0.0, 2.1, 7.3, 100.4):
        assert len(join_segments([(start, start + 1), (start + 1.2, start + 2)], 0.2)) == 2


@pytest.mark.parametrize(
    ("segments", "words"),
    [
        ({}, "no speaker"),
        ({"A": [(2, 1)]}, "segment 0 is \\(2, 1\\)"),
        ({"A": [(0, math.nan)]}, "finite"),
        ({"A": [(0, 1), (3,)]}, "segment 1"),
    ],
)
def test_wrong_segments_are_named(segments, words):
    with pytest.raises(RequestError, match=words):
        conversation(segments)


def test_speech_beyond_the_recording_is_an_error():
    with pytest.raises(RequestError, match="until 9 s"):
        conversation({"A": [(0, 9)]}, duration=5)


def test_gaze_episodes_need_a_length():
    first, second = ["B"] * 5 + ["cup"], ["A", "A", "cup", "A", "A", "cup"]
    look = gaze(first, second, rate=10.0)
    assert look.episodes == ((0, 2), (3, 5))
    assert look.joint == pytest.approx(1 / 6)
    assert gaze(first, second, rate=10.0, min_episode=0.3).episodes == ()


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_episodes_cover_all_true_frames(flags):
    found = episodes(np.array(flags))
    assert sum(end - start for start, end in found) == sum(flags)
    assert all(all(flags[start:end]) for start, end in found)
