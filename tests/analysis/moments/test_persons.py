"""Who is who: tracks of one face, a voice's face, names."""

import numpy as np
import pytest
from faces_help import film, placed, portrait
from hypothesis import given
from hypothesis import strategies as st

from mien.analysis.media.reader import open_recording
from mien.analysis.media.recording import Caption
from mien.analysis.moments.hear import hear
from mien.analysis.moments.look import look
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.persons import join, speakers
from mien.analysis.moments.span import Person, Turn


def track(name: str, start: float, mouth, look=None) -> FaceTrack:
    mouth = np.asarray(mouth, np.float32)
    n = len(mouth)
    boxes = np.tile(np.array([10, 10, 110, 110], np.float32), (n, 1))
    looks = np.zeros((0, 0), np.float16) if look is None else look
    return FaceTrack(name, start + np.arange(n) / 5, boxes, np.ones(n, np.float32), mouth, b"", looks)


def test_the_voice_goes_to_the_face_whose_mouth_moves(samples):
    recording = open_recording(samples / "video" / "two_faces_side_by_side.mp4")
    looking = look(recording)
    first, second = join(hear(recording).turns, looking.tracks)
    assert first == Person("P1", ("F1",), "V1") and second == Person("P2", ("F2",), None)
    looking.store.close()


def test_one_talking_face_has_the_voice(samples):
    recording = open_recording(samples / "video" / "ravdess_01-01-01-01-01-01-01.mp4")
    looking = look(recording)
    assert join(hear(recording).turns, looking.tracks) == (Person("P1", ("F1",), "V1"),)
    looking.store.close()


def test_a_silent_face_does_not_get_a_voice_from_off(samples):
    looking = look(open_recording(samples / "video" / "pyfeat_single_face.mp4"))
    for turn in (Turn(0.2, 2.2, "V1"), Turn(0.8, 2.1, "V1")):
        persons = join([turn], looking.tracks)
        assert {(person.faces, person.voice) for person in persons} == {(("F1",), None), ((), "V1")}
    looking.store.close()


def test_one_person_after_a_cut_is_one_person_and_another_is_not(samples):
    first = placed((portrait(samples, "navy_grace_hopper", 300), 100, 30), ground=40)
    second = placed((portrait(samples, "white_house_obama_2012", 300), 110, 40), ground=200)
    looking = look(film(([first] * 5 + [second] * 5) * 2))
    assert len(looking.tracks) == 4
    assert [person.faces for person in join([], looking.tracks)] == [("F1", "F3"), ("F2", "F4")]
    looking.store.close()


def test_two_equal_faces_at_one_time_are_two_persons(samples):
    face = portrait(samples, "navy_grace_hopper", 300)
    looking = look(film([placed((face, 20, 30), (face, 330, 30))] * 5))
    assert [person.faces for person in join([], looking.tracks)] == [("F1",), ("F2",)]
    looking.store.close()


rng = np.random.default_rng(5)
TALK = [*(0.05 * rng.random(10) + 0.03), *(0.003 * rng.random(10))]
REST = 0.003 * rng.random(20)


def test_two_voices_go_to_two_faces_by_when_their_mouths_move():
    tracks = [track("F1", 0, TALK[::-1]), track("F2", 0, TALK)]
    turns = [Turn(0.0, 1.9, "V1"), Turn(2.1, 4.0, "V2")]
    assert join(turns, tracks) == (Person("P1", ("F2",), "V1"), Person("P2", ("F1",), "V2"))


@pytest.mark.parametrize(
    "mouth",
    [REST, TALK[::-1], [np.nan] * 20, TALK[:3]],
    ids=["still", "moves in the pauses", "not measurable", "seen too short"],
)
def test_without_agreement_voice_and_face_stay_two(mouth):
    persons = join([Turn(0.0, 1.9, "V1")], [track("F1", 0, mouth)])
    assert [(person.faces, person.voice) for person in persons] == [((), "V1"), (("F1",), None)]


def test_two_mouths_that_move_alike_leave_the_voice_unknown():
    persons = join([Turn(0.0, 1.9, "V1")], [track("F1", 0, TALK), track("F2", 0, np.array(TALK) * 1.05)])
    assert sorted((person.faces, person.voice or "") for person in persons) == [
        ((), "V1"),
        (("F1",), ""),
        (("F2",), ""),
    ]


def test_names_come_from_lines_and_lines_get_ids():
    turns = [Turn(0.0, 2.0, "V1"), Turn(2.0, 4.0, "V2"), Turn(4.0, 5.0, "V1")]
    lines = (
        Caption(0.1, 1.9, "Hello.", "Ann"),
        Caption(2.1, 3.9, "Good day.", "Bo"),
        Caption(4.0, 5.0, "Unsigned."),
        Caption(8.0, 9.0, "From nowhere."),
        Caption(9.0, 9.5, "Never heard.", "Cy"),
    )
    persons = join(turns, [], lines)
    assert persons == (
        Person("P1", (), "V1", "Ann"),
        Person("P2", (), "V2", "Bo"),
        Person("P3", (), None, "Cy"),
    )
    assert [line.speaker for line in speakers(lines, persons, turns)] == ["P1", "P2", "P1", None, "P3"]


def test_nothing_seen_or_heard_is_nobody():
    assert join([], []) == ()
    assert join([Turn(0.0, 1.0, None)], []) == ()


turn = st.tuples(st.floats(0, 20), st.floats(0.1, 5), st.sampled_from([None, "V1", "V2", "V3"]))
face = st.tuples(st.floats(0, 20), st.lists(st.floats(0, 1), min_size=1, max_size=30))


@given(
    st.lists(turn, max_size=6), st.lists(face, max_size=5), st.lists(st.sampled_from(["Ann", "Bo", None]), max_size=4)
)
def test_every_face_voice_and_name_is_of_exactly_one_person(turns, faces, names):
    tracks = [track(f"F{i}", start, mouth) for i, (start, mouth) in enumerate(faces, 1)]
    spoken = sorted(Turn(start, start + length, voice) for start, length, voice in turns if voice is not None)
    lines = [Caption(float(i), i + 1.0, "x", name) for i, name in enumerate(names)]
    persons = join(spoken, tracks, lines)
    assert [person.id for person in persons] == [f"P{i}" for i in range(1, len(persons) + 1)]
    assert sorted(face for person in persons for face in person.faces) == sorted(one.id for one in tracks)
    voices = [person.voice for person in persons if person.voice]
    assert sorted(voices) == sorted({one.voice for one in spoken})
    found = [person.name for person in persons if person.name]
    assert sorted(found) == sorted({name for name in names if name})
    assert {line.speaker for line in speakers(lines, persons, spoken)} <= {person.id for person in persons} | {None}
