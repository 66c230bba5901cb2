"""Following faces: on real clips with known times, and on films made of real portraits."""

import numpy as np
import pytest
from faces_help import film, placed, portrait
from hypothesis import given
from hypothesis import strategies as st

from mien.analysis.media.reader import open_recording
from mien.analysis.moments.look import Looking, look
from mien.analysis.moments.measure import followed, mouth_motion
from mien.analysis.moments.scenes import is_cut, moved, thumbnail


@pytest.fixture
def seen():
    """look(), with the store closed at the end."""
    opened: list[Looking] = []

    def run(recording, **options) -> Looking:
        opened.append(look(recording, **options))
        return opened[-1]

    yield run
    for one in opened:
        if one.store is not None:
            one.store.close()


def test_a_face_that_leaves_is_not_seen_after_it_left(samples, seen):
    (track,) = seen(open_recording(samples / "video" / "pyfeat_face_noface.mp4")).tracks
    assert track.start == 0.0 and 2.0 <= track.end < 2.40


def test_a_face_that_enters_is_not_seen_before(samples, seen):
    (track,) = seen(open_recording(samples / "video" / "pyfeat_noface_face.mp4")).tracks
    assert 3.97 <= track.start < 4.4 and 6.0 <= track.end <= 6.34


def test_an_animation_without_faces_gives_none(samples, seen):
    looking = seen(open_recording(samples / "video" / "pyfeat_no_face.mp4"))
    assert looking.tracks == () and looking.notices == ()


def test_a_sound_without_picture_has_nothing_to_look_at(samples, seen):
    looking = seen(open_recording(samples / "speech" / "nemo_WR0_anger_12.wav"))
    assert looking.tracks == () and looking.store is None


@pytest.mark.parametrize("fps", [2.0, 5.0, 12.0])
def test_two_faces_keep_their_ids_at_any_rate(samples, seen, fps):
    looking = seen(open_recording(samples / "video" / "two_faces_side_by_side.mp4"), fps=fps)
    left, right = looking.tracks
    assert (left.id, right.id) == ("F1", "F2")
    assert left.boxes[:, 2].max() < right.boxes[:, 0].min()
    for track in looking.tracks:
        assert len(track.times) >= 0.9 * 3.2 * fps
        assert np.all(np.diff(track.times) > 0)
        assert len(track.times) == len(track.boxes) == len(track.quality) == len(track.mouth)
        assert np.all((track.quality >= 0) & (track.quality <= 1))
        assert np.isnan(track.mouth[0]) and np.all(track.mouth[2:] >= 0)
        crops = looking.store.crops((track.id,), 0.0, 1e9)
        assert np.array_equal(crops.times, track.times) and np.allclose(crops.quality, track.quality)


def test_looking_twice_gives_the_same(samples, seen):
    first, second = (seen(open_recording(samples / "video" / "two_faces_side_by_side.mp4")).tracks for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert a.thumbnail == b.thumbnail and np.array_equal(a.boxes, b.boxes)
        assert np.array_equal(a.mouth, b.mouth, equal_nan=True)


def test_a_moving_face_is_one_track_and_its_box_goes_with_it(samples, seen):
    face = portrait(samples, "navy_grace_hopper", 300)
    pictures = [placed((face, 20 + 12 * i, 30)) for i in range(25)]
    (track,) = seen(film(pictures)).tracks
    assert len(track.times) >= 24
    went = track.boxes[-1, 0] - track.boxes[0, 0]
    assert abs(went - 12 * 24) < 25


def test_a_face_hidden_for_a_moment_goes_on_as_the_same_track(samples, seen):
    face = portrait(samples, "navy_grace_hopper", 300)
    pictures = [placed((face, 100, 30)) for _ in range(20)]
    for hidden in (8, 9, 10):
        pictures[hidden] = pictures[hidden].copy()
        pictures[hidden][110:230, 150:330] = 60
    (track,) = seen(film(pictures)).tracks
    assert len(track.times) == 17


def test_one_or_two_pictures_make_no_track_in_a_film(samples, seen):
    face, empty = portrait(samples, "navy_grace_hopper", 300), placed()
    pictures = [empty] * 6 + [placed((face, 100, 30))] * 2 + [empty] * 6
    assert seen(film(pictures)).tracks == ()


def test_a_film_of_two_pictures_may_still_show_a_face(samples, seen):
    face = placed((portrait(samples, "navy_grace_hopper", 300), 100, 30))
    (track,) = seen(film([face, face])).tracks
    assert len(track.times) == 2


def test_a_cut_ends_a_track_and_another_person_is_another_track(samples, seen):
    first = placed((portrait(samples, "navy_grace_hopper", 300), 100, 30), ground=40)
    second = placed((portrait(samples, "white_house_obama_2012", 300), 110, 40), ground=200)
    looking = seen(film([first] * 6 + [second] * 6))
    assert [(round(track.start, 1), round(track.end, 1)) for track in looking.tracks] == [(0.0, 1.0), (1.2, 2.2)]


def test_faces_that_come_near_each_other_are_not_exchanged(samples, seen):
    one, other = portrait(samples, "navy_grace_hopper", 240), portrait(samples, "white_house_obama_2012", 240)
    steps = [*range(0, 100, 10), *range(100, 0, -10)]
    pictures = [placed((one, 10 + x, 60), (other, 430 - x, 60)) for x in steps]
    tracks = seen(film(pictures)).tracks
    assert len(tracks) == 2
    for track in tracks:
        start, end = track.boxes[0], track.boxes[-1]
        assert len(track.times) >= 18 and abs(start[0] - end[0]) < 40


def test_many_faces_at_once_are_all_followed(samples, seen):
    names = ("nasa_astronaut", "navy_grace_hopper", "white_house_biden", "white_house_obama_2012")
    faces = [portrait(samples, name, 330) for name in names]
    crowd = placed(*((faces[i % 4], i % 4 * 310, i // 4 * 340) for i in range(8)), size=(1260, 700))
    looking = seen(film([crowd] * 5))
    assert len(looking.tracks) == 8
    assert all(len(track.times) == 5 for track in looking.tracks)


def test_interrupting_leaves_no_store_open(samples, monkeypatch):
    closed = []
    monkeypatch.setattr("mien.analysis.moments.look.CropSpool.close", lambda self: closed.append(self))

    def pictures():
        yield placed((portrait(samples, "navy_grace_hopper", 300), 100, 30))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(film(pictures()))
    assert len(closed) == 1


def noise(seed: int, shape=(64, 64)) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (shape[0] // 4, shape[1] // 4))
    return np.kron(coarse, np.ones((4, 4))).astype(np.uint8)


@given(st.integers(0, 50), st.integers(-2, 2), st.integers(-2, 2))
def test_following_tells_how_far_a_face_went(seed, x, y):
    now = noise(seed)
    last = np.roll(now, (-y, -x), (0, 1))
    assert followed(now, last) == (x, y)
    assert followed(now, noise(seed + 1000)) is None


@given(st.integers(0, 50), st.integers(-2, 2), st.integers(-30, 30))
def test_a_still_mouth_is_still_whatever_head_and_light_do(seed, shift, brighter):
    now = (noise(seed) // 2 + 60).astype(np.uint8)
    before = np.clip(np.roll(now, (shift, shift), (0, 1)).astype(int) + brighter, 0, 255).astype(np.uint8)
    assert mouth_motion(now, before) < 0.1


def test_a_moving_mouth_is_told_from_a_moving_head():
    now = noise(3)
    before = now.copy()
    before[38:50, 22:42] = noise(4)[38:50, 22:42]
    assert mouth_motion(now, before) > 0.3
    assert np.isnan(mouth_motion(now, 255 - now[::-1]))  # another scene


@given(st.integers(1, 90), st.integers(1, 160))
def test_thumbnails_of_any_shape_see_cuts_and_no_cuts(height, width):
    dark = np.full((height, width), 30, np.uint8)
    bright = np.tile(np.arange(width, dtype=np.uint8) * (255 // max(width, 1)), (height, 1))
    assert not is_cut(thumbnail(dark), thumbnail(dark)) and not is_cut(thumbnail(bright), thumbnail(bright))
    assert not moved(thumbnail(dark), thumbnail(dark), [], width, height)
    assert is_cut(thumbnail(dark), thumbnail(np.zeros((height + 300, width), np.uint8)))


def test_something_that_stirs_outside_the_faces_is_seen():
    before, now = (thumbnail(np.full((360, 640), 30, np.uint8)) for _ in range(2))
    now[5:9, 5:9] = 0.9
    assert moved(before, now, [], 640, 360)
    assert not moved(before, now, [[60, 60, 240, 240]], 640, 360)
