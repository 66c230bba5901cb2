"""Damage: what can be decoded is given with a notice; what cannot is one line that names the file."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_clips import codes, heard, tone, write_sound, write_video

from mien.analysis.media.reader import open_recording
from mien.analysis.media.tail import broken_off
from mien.errors import InputError, MienError


def cut(path, share: float):
    data = path.read_bytes()
    out = path.with_name(f"cut{path.suffix}")
    out.write_bytes(data[: round(len(data) * share)])
    return out


def refused(path) -> str:
    with pytest.raises(InputError) as caught:
        recording = open_recording(path)
        list(recording.frames(5)), list(recording.audio())
    text = str(caught.value)
    assert text.startswith(str(path)) and "\n" not in text
    return text


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Ten seconds of picture and sound in four containers; the MP4 has its index in front."""
    folder = tmp_path_factory.mktemp("talk")
    times = [i / 25 for i in range(250)]
    front = {"movflags": "faststart"}
    return {
        ending: write_video(folder / f"talk.{ending}", times, sound=(0, 10), options=front if ending == "mp4" else None)
        for ending in ("mp4", "mkv", "avi", "ts")
    }


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi"])
def test_a_cut_video_gives_its_beginning_and_says_where_it_ends(talk, ending):
    recording = open_recording(cut(talk[ending], 0.5))
    frames = [frame.time for frame in recording.frames(5)]
    _, samples = heard(recording)
    assert 2 < frames[-1] < 9.4 and 2 < len(samples) / 16000 < 9.4
    if ending == "avi":  # without its index an AVI does not know how long it was
        assert {"corrupt", "truncated"} & {*codes(recording)}
        return
    notice = next(n for n in recording.notices if n.code == "truncated")
    assert notice.start == pytest.approx(frames[-1], abs=1.0) and notice.end == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize(
    ("ending", "codec", "form"), [("wav", "pcm_s16le", "s16"), ("mp3", "libmp3lame", "s16p"), ("flac", "flac", "s16")]
)
def test_a_cut_sound_gives_its_beginning_and_says_so(tmp_path, ending, codec, form):
    samples = (tone(10, 16000) * 32767).astype(np.int16)[None]
    whole = write_sound(tmp_path / f"talk.{ending}", samples, 16000, codec, form)
    recording = open_recording(whole)
    assert len(heard(recording)[1]) == pytest.approx(160000, abs=3000)
    assert codes(recording) == []
    recording = open_recording(cut(whole, 0.5))
    assert len(heard(recording)[1]) == pytest.approx(80000, rel=0.3)
    assert "truncated" in codes(recording)


UNSTATED = [
    ("aac", "aac", "fltp"), ("ac3", "ac3", "fltp"), ("ogg", "flac", "s16"), ("opus", "libopus", "flt"),
    ("w64", "pcm_s16le", "s16"), ("caf", "pcm_s16le", "s16"),
]  # fmt: skip


@pytest.mark.parametrize(("ending", "codec", "form"), UNSTATED)
@pytest.mark.parametrize("left", [0, 3, 40])
def test_a_cut_is_seen_at_the_end_of_the_file_where_no_length_is_stated(tmp_path, ending, codec, form, left):
    samples = tone(6, 48000)[None]
    if form == "s16":
        samples = (samples * 32767).astype(np.int16)
    whole = write_sound(tmp_path / f"talk.{ending}", samples, 48000, codec, form)
    recording = open_recording(whole)
    heard(recording)
    assert "truncated" not in codes(recording)
    assert recording.duration == pytest.approx(6, abs=0.2)
    data = whole.read_bytes()
    broken = tmp_path / f"cut.{ending}"
    broken.write_bytes(data[: len(data) // 2 // 8 * 8 + left])
    recording = open_recording(broken)
    _, given = heard(recording)
    assert 2 < len(given) / 16000 < 4 and codes(recording).count("truncated") <= 1
    assert "truncated" in codes(recording) or ending in ("aac", "ac3")  # there a cut between two frames is not seen


def test_frames_that_break_off_are_told_and_whole_ones_are_not(tmp_path):
    """Every cut of the last frame of raw AAC and AC-3 but the one at its end."""
    for ending, codec in (("aac", "aac"), ("ac3", "ac3")):
        data = write_sound(tmp_path / f"talk.{ending}", tone(2, 48000)[None], 48000, codec, "fltp").read_bytes()
        assert broken_off(str(tmp_path / f"talk.{ending}"), ending) is None
        for less in (1, 30, 100):
            (tmp_path / "cut").write_bytes(data[:-less])
            assert "middle of a frame" in broken_off(str(tmp_path / "cut"), ending), (ending, less)


def test_a_transport_stream_that_ends_inside_a_packet_says_so(talk, tmp_path):
    data = talk["ts"].read_bytes()
    assert broken_off(str(talk["ts"]), "mpegts") is None
    (tmp_path / "cut.ts").write_bytes(data[: 188 * 300 + 17])
    recording = open_recording(tmp_path / "cut.ts")
    heard(recording)
    assert "truncated" in codes(recording)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
def test_noise_in_the_middle_loses_only_the_middle(talk, ending, tmp_path):
    data = bytearray(talk[ending].read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(3).bytes(3000)
    path = tmp_path / f"noise.{ending}"
    path.write_bytes(data)
    recording = open_recording(path)
    frames = [frame.time for frame in recording.frames(5)]
    assert frames == sorted(frames) and frames[0] == pytest.approx(0, abs=0.2) and frames[-1] > 9
    assert np.isfinite(heard(recording)[1]).all()


def test_an_mp4_without_its_index_is_an_error(talk, tmp_path):
    late = write_video(tmp_path / "late.mp4", [i / 25 for i in range(50)])
    assert "damaged" in refused(cut(late, 0.5))


def test_a_header_alone_is_an_error(talk, tmp_path):
    data = talk["mp4"].read_bytes()
    path = tmp_path / "header.mp4"
    path.write_bytes(data[: data.index(b"mdat") + 4])
    refused(path)
    path.write_bytes(data[:32])
    refused(path)


@pytest.mark.parametrize(
    "name", ["x.mp4", "x.mp3", "x.wav", "x.png", "x.jpg", "x.srt", "x.txt", "x.eaf", "x.zip", "x.aac", "x"]
)
@pytest.mark.parametrize("size", [1, 100, 200_000])
def test_random_bytes_are_an_error_whatever_they_are_called(tmp_path, name, size):
    path = tmp_path / name
    path.write_bytes(np.random.default_rng(size).bytes(size))
    refused(path)


def test_an_empty_file_is_an_error(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty" in refused(path)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    assert "no such file" in refused(tmp_path / "nobody.wav")
    assert "folder" in refused(tmp_path)


def test_the_content_counts_and_a_wrong_name_is_told(tmp_path, talk):
    wrong = tmp_path / "picture.jpg"
    wrong.write_bytes(talk["mkv"].read_bytes())
    recording = open_recording(wrong)
    assert recording.kind == "video" and codes(recording) == ["wrong_extension"]
    assert next(recording.frames(5)).size == (160, 120)


def test_a_playlist_does_not_make_us_open_other_files(tmp_path, talk):
    path = tmp_path / "list.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{talk['mp4']}'\n")
    assert open_recording(path).kind == "text"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_makes_anything_but_our_own_errors(talk, tmp_path, data):
    ending = data.draw(st.sampled_from(sorted(talk)))
    content = bytearray(talk[ending].read_bytes()[:60000])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=30)):
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / f"mutant.{ending}"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        recording = open_recording(path)
        for frame in recording.frames(2):
            frame.grey(40)
        assert all(np.isfinite(block.samples).all() for block in recording.audio(8000))
        list(recording.cues())
    except MienError:
        pass
