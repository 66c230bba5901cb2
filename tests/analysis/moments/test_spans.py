import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mien.analysis.media.recording import Caption, Recording
from mien.analysis.moments.moments import FaceTrack, Moments
from mien.analysis.moments.span import Person, Turn
from mien.analysis.moments.spans import SHORTEST, grid, merge, spans_of


def recording(kind="video", clock="seconds"):
    return Recording("x", kind, 60.0, (), None, clock)


def track(start, end):
    times = np.array([start, end])
    zeros = np.zeros(2, np.float32)
    return FaceTrack("F1", times, np.zeros((2, 4), np.float32), zeros, zeros)


turn_lists = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 20)), min_size=1, max_size=8)


@given(turn_lists, st.floats(0.5, 10))
def test_spans_cover_all_presence_once_and_are_no_longer_than_asked(raw, every):
    turns, at = [], 0.0
    for gap, length in raw:
        turns.append(Turn(at + gap, at + gap + length, "V1"))
        at = turns[-1].end
    moments = Moments(recording(), (Person("P1", voice="V1"),), turns=tuple(turns))
    spans = spans_of(moments, every)
    assert all(span.duration <= 1.25 * every + 1e-6 for span in spans)
    assert all(a.end <= b.start + 1e-6 for a, b in itertools.pairwise(spans))
    for turn in turns:
        assert abs(sum(span.overlap(turn.start, turn.end) for span in spans) - (turn.end - turn.start)) < 1e-6


def test_a_listener_is_cut_evenly_and_a_speaker_at_turns():
    moments = Moments(
        recording(),
        (Person("P1", ("F1",), "V1"),),
        turns=(Turn(3.0, 5.0, "V1"),),
        tracks=(track(0.0, 8.0),),
    )
    edges = [span.start for span in spans_of(moments, 2.0)]
    assert edges == [0.0, 1.5, 3.0, 5.0, 6.5]


def test_no_span_is_too_short_to_answer_unless_the_presence_is():
    moments = Moments(
        recording(), (Person("P1", ("F1",), "V1"),), turns=(Turn(0.2, 4.9, "V1"),), tracks=(track(0.0, 5.0),)
    )
    assert all(span.duration >= SHORTEST for span in spans_of(moments, 2.0))


def test_a_still_is_one_span_and_lines_are_spans_of_their_own():
    still = Moments(recording("image"), (Person("P1", ("F1",)),), tracks=(track(0.0, 0.0),))
    assert [(s.start, s.end) for s in spans_of(still, 2.0)] == [(0.0, 0.0)]
    lines = (Caption(0, 1, "a", "P1"), Caption(1, 2, "b", "P2"))
    text = Moments(recording("text", "lines"), (Person("P1"), Person("P2")), transcript=lines)
    assert [(s.start, s.end, s.person) for s in spans_of(text, 0.5)] == [(0, 1, "P1"), (1, 2, "P2")]


def test_merging_is_a_union():
    assert merge([(3, 4), (0, 1), (1.2, 2)], 0.35) == [(0, 2), (3, 4)]
    assert merge([], 1) == []


@given(st.floats(0.5, 5000), st.floats(1, 100))
def test_a_grid_tiles_the_recording(duration, every):
    spans = grid(duration, every, "P1")
    assert spans[0].start == 0
    assert abs(spans[-1].end - duration) < 1e-6
    assert all(0 < span.duration <= every + 1e-6 for span in spans)
