"""Pictures of a video: true times, upright, lazily, whatever the file does with its clock."""

import itertools
import threading
from fractions import Fraction

import av
import numpy as np
import pytest
from media_clips import codes, heard, picture, write_video

from mien.analysis.media.reader import open_recording
from mien.errors import InputError, RequestError


def times(recording, fps: float) -> list[float]:
    return [round(frame.time, 3) for frame in recording.frames(fps)]


def test_pictures_are_chosen_by_their_own_time_when_the_rate_varies(tmp_path):
    own = [0.0, 0.04, 0.08, 0.12, 0.5, 0.54, 1.3, 1.34, 1.38, 1.42, 2.0]
    clip = write_video(tmp_path / "vfr.mkv", own)
    assert times(open_recording(clip), 1000) == own
    assert times(open_recording(clip), 5) == [0.0, 0.5, 1.3, 1.42, 2.0]
    assert times(open_recording(clip), 1) == [0.0, 1.3, 2.0]


@pytest.mark.parametrize("fps", [1, 5, 7, 24, 30, 120, 1000])
def test_never_more_pictures_than_asked_for_at_120_a_second(tmp_path, fps):
    clip = write_video(tmp_path / "fast.mp4", [i / 120 for i in range(240)])
    found = times(open_recording(clip), fps)
    assert len(found) == min(fps, 120) * 2
    assert found == sorted(set(found))


def test_each_picture_knows_the_one_before_it_in_the_file(tmp_path):
    clip = write_video(tmp_path / "clip.mkv", [i / 25 for i in range(50)])
    frames = list(open_recording(clip).frames(5))
    assert frames[0].before is None
    assert [round(f.time - f.before.time, 3) for f in frames[1:]] == [0.04] * (len(frames) - 1)
    assert frames[1].before.before is None
    expected = frames[1].grey().astype(int)[60:].mean() - frames[1].before.grey().astype(int)[60:].mean()
    assert expected == pytest.approx(7, abs=3)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_turned_phone_video_comes_out_upright(tmp_path, degrees):
    def turn(stream):
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this PyAV cannot write a rotation")
        stream.set_display_rotation(degrees)

    recording = open_recording(write_video(tmp_path / "turned.mp4", [0.0, 0.1], prepare=turn))
    frame = next(recording.frames(5))
    assert dict(recording.streams[0].facts)["rotation"] % 360 == degrees % 360
    upright = np.rot90(picture(0)[..., 0], degrees // 90)
    assert frame.size == upright.shape[::-1]
    assert frame.grey().shape == upright.shape and frame.rgb().shape == (*upright.shape, 3)
    assert np.abs(frame.grey().astype(int) - upright).mean() < 10
    assert frame.grey(width=80).shape == (round(80 * upright.shape[0] / upright.shape[1]), 80)


def test_samples_that_are_not_square_are_stretched(tmp_path):
    def wide(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)

    recording = open_recording(write_video(tmp_path / "wide.mkv", [0.0, 0.1], prepare=wide))
    assert next(recording.frames(5)).size == (240, 120)


def test_grey_and_colour_use_the_full_range_at_any_width(tmp_path):
    frame = next(open_recording(write_video(tmp_path / "clip.mp4", [0.0, 0.1])).frames(5))
    for width in (None, 160, 80, 57, 320, 1):
        grey, colour = frame.grey(width), frame.rgb(width)
        assert grey.dtype == colour.dtype == np.uint8
        assert grey.shape[1] == colour.shape[1] == (width or 160)
    assert frame.grey()[5:15].mean() > 245 and abs(frame.grey()[60:].mean() - 20) < 8
    assert np.abs(frame.rgb()[60:].astype(int) - 20).mean() < 8
    with pytest.raises(RequestError, match="1 or more"):
        frame.grey(0)


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_sound_and_picture_share_one_clock_that_begins_with_the_earlier_one(tmp_path, ending):
    late = 1.5
    clip = write_video(tmp_path / f"offset.{ending}", [i / 25 for i in range(75)], sound=(late, 3.0), codec="mpeg4")
    recording = open_recording(clip)
    start, samples = heard(recording)
    assert start == pytest.approx(late, abs=0.08)
    onset = start + np.flatnonzero(np.abs(samples) > 0.1)[0] / 16000
    assert onset == pytest.approx(late, abs=0.08)
    assert times(recording, 25)[0] == 0.0


def test_a_clock_that_begins_far_from_zero_is_set_to_zero(tmp_path):
    clip = write_video(tmp_path / "tape.ts", [3600 + i / 25 for i in range(50)], sound=(3600.4, 3602.0))
    recording = open_recording(clip)
    assert times(recording, 25)[0] == 0.0
    assert heard(recording)[0] == pytest.approx(0.4, abs=0.08)
    assert recording.duration == pytest.approx(2.0, abs=0.1)


def test_sound_shorter_than_the_picture_ends_where_it_ends(tmp_path):
    clip = write_video(tmp_path / "short.mp4", [i / 25 for i in range(100)], sound=(0.0, 1.0))
    recording = open_recording(clip)
    start, samples = heard(recording)
    assert start == pytest.approx(0, abs=0.07) and start + len(samples) / 16000 == pytest.approx(1.0, abs=0.1)
    assert times(recording, 5)[-1] >= 3.7
    assert codes(recording) == []


def test_frames_come_lazily_and_can_be_left(tmp_path):
    clip = write_video(tmp_path / "long.mkv", [i / 10 for i in range(3000)], size=(64, 48))
    recording = open_recording(clip)
    assert recording.duration == pytest.approx(300, abs=0.2)
    first = list(itertools.islice(recording.frames(5), 3))
    assert [round(frame.time, 1) for frame in first] == [0.0, 0.2, 0.4]
    again = recording.frames(5), recording.frames(5)
    assert next(again[0]).time == next(again[1]).time == 0.0


def test_rare_pictures_are_looked_up_at_the_same_times(tmp_path):
    clip = write_video(tmp_path / "long.mkv", [i / 10 for i in range(900)], size=(64, 48))
    found = list(open_recording(clip).frames(0.1))
    assert [round(frame.time, 1) for frame in found] == [0.0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert round(found[3].before.time, 1) == 29.9
    assert abs(found[3].grey()[30:].mean() - picture(300)[60, 0, 0]) < 8


def test_a_cover_picture_does_not_make_a_song_a_video(tmp_path):
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        voice = container.add_stream("libmp3lame", rate=16000, layout="mono")
        cover = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic.value
        frame = av.VideoFrame.from_ndarray(picture(0, 64, 64), format="rgb24")
        container.mux(cover.encode(frame))
        wave = np.zeros((1, 1152), np.float32)
        for index in range(30):
            sound = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            sound.sample_rate, sound.pts = 16000, index * 1152
            container.mux(voice.encode(sound))
        container.mux(voice.encode(None))
    recording = open_recording(path)
    assert recording.kind == "audio" and not recording.has("video") and recording.has("image")
    assert list(recording.frames(5)) == []


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(tmp_path, fps):
    clip = write_video(tmp_path / "clip.mkv", [0.0, 0.1])
    with pytest.raises(RequestError, match="positive"):
        list(open_recording(clip).frames(fps))


def test_embedded_subtitles_are_captions_without_styling(tmp_path):
    (tmp_path / "in.srt").write_text(
        "1\n00:00:00,500 --> 00:00:01,250\n<i>Hello</i> there\n\n2\n00:00:01,500 --> 00:00:01,900\n{\\an8}Two\nlines\n"
    )
    clip, out = write_video(tmp_path / "bare.mkv", [i / 25 for i in range(50)]), tmp_path / "talk.mkv"
    with av.open(str(clip)) as video, av.open(str(tmp_path / "in.srt")) as text, av.open(str(out), "w") as target:
        pairs = [(source, target.add_stream_from_template(source.streams[0])) for source in (video, text)]
        for source, stream in pairs:
            for packet in source.demux(source.streams[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    recording = open_recording(out)
    assert recording.has("subtitle")
    assert [(round(c.start, 2), round(c.end, 2), c.text, c.source) for c in recording.cues()] == [
        (0.5, 1.25, "Hello there", "subtitle"),
        (1.5, 1.9, "Two lines", "subtitle"),
    ]


def test_real_clips_with_gaps_between_their_streams(samples):
    recording = open_recording(samples / "video" / "pyfeat_face_noface.mp4")
    assert next(recording.audio()).start == pytest.approx(2.406, abs=0.01)
    assert len(times(recording, 5)) == 32
    assert codes(recording) == []


def test_leaving_the_pictures_early_ends_their_thread_and_closes_the_file(tmp_path):
    clip = write_video(tmp_path / "long.mkv", [i / 10 for i in range(600)], size=(64, 48))
    frames = open_recording(clip).frames(10)
    next(frames)
    assert any(thread.name == "mien-decoding" for thread in threading.enumerate())
    del frames
    assert not any(thread.name == "mien-decoding" for thread in threading.enumerate())


def test_an_error_while_decoding_ahead_reaches_the_reader(tmp_path):
    clip = write_video(tmp_path / "clip.mkv", [i / 10 for i in range(60)])
    recording = open_recording(clip)
    clip.unlink()
    with pytest.raises(InputError, match=r"clip\.mkv: no such file"):
        list(recording.frames(5))
