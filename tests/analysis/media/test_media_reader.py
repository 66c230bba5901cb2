"""Opening anything: arrays, streams, standard input, folders and globs, transcripts beside a recording."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from media_clips import codes, heard, tone, write_sound, write_video

from mien.analysis.media.info import describe_recording, recording_facts
from mien.analysis.media.reader import content_digest, find_inputs, open_recording
from mien.errors import InputError, RequestError


@pytest.mark.parametrize(
    "array",
    [
        tone(1, 22050),
        (tone(1, 22050) * 32767).astype(np.int16),
        np.stack([tone(1, 22050)] * 2),
        np.stack([tone(1, 22050)] * 2, axis=1),
        (tone(1, 22050).astype(np.float64)),
        (128 + 127 * tone(1, 22050)).astype(np.uint8),
    ],
)
def test_arrays_of_sound(array):
    recording = open_recording(array, rate=22050)
    assert recording.kind == "audio" and recording.duration == pytest.approx(1)
    start, samples = heard(recording)
    assert start == 0 and len(samples) == pytest.approx(16000, abs=2)
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.02)


def test_arrays_of_pictures():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for array in (grey, grey / 255.0, grey.astype(np.uint16) * 257, grey[:, :, None]):
        (frame,) = open_recording(array).frames(5)
        assert np.array_equal(frame.grey(), grey)
        assert frame.rgb().shape == (16, 16, 3)
    colour = np.zeros((8, 9, 4), np.uint8)
    colour[..., 1] = 200
    (frame,) = open_recording(colour).frames(5)
    assert frame.size == (9, 8) and frame.rgb()[0, 0].tolist() == [0, 200, 0]


def test_arrays_of_video():
    film = np.arange(50, dtype=np.uint8)[:, None, None, None] * np.ones((1, 6, 8, 3), np.uint8)
    recording = open_recording(film, rate=25)
    frames = list(recording.frames(5))
    assert recording.kind == "video" and recording.duration == 2
    assert [frame.time for frame in frames] == [i / 5 for i in range(10)]
    assert frames[1].grey()[0, 0] == 5 and frames[1].before.grey()[0, 0] == 4


@pytest.mark.parametrize(
    ("array", "rate", "error", "says"),
    [
        (np.zeros(100), None, RequestError, "rate=16000"),
        (np.zeros((5, 6, 6, 3)), None, RequestError, "rate=25"),
        (np.zeros((2, 3, 4, 5, 6)), None, RequestError, "picture"),
        (np.zeros(0), 16000, InputError, "empty"),
        (np.array(["a"]), 16000, InputError, "numbers"),
        (np.array(3.0), 16000, RequestError, "single number"),
        (np.zeros((300, 400)), 16000, RequestError, "no sound"),
        (np.zeros(100), -1, RequestError, "positive"),
    ],
)
def test_arrays_that_make_no_sense(array, rate, error, says):
    with pytest.raises(error, match=says):
        open_recording(array, rate=rate)


def test_nan_and_integer_scale_in_an_array():
    wave = tone(1, 16000) * 32767
    wave[5] = np.nan
    recording = open_recording(wave, rate=16000)
    _, samples = heard(recording)
    assert codes(recording) == ["not_finite", "scaled"] and np.abs(samples).max() == pytest.approx(1)


class Pipe(io.RawIOBase):
    """Bytes that can be read once, forwards only."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._inner.readinto(buffer)


@pytest.mark.parametrize("wrap", [Pipe, io.BytesIO])
def test_a_stream_is_read_through_a_copy_that_goes_away(tmp_path, wrap, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    clip = write_video(tmp_path / "clip.mp4", [i / 25 for i in range(25)], sound=(0, 1))
    recording = open_recording(wrap(clip.read_bytes()))
    assert recording.kind == "video" and len(list((tmp_path / "scratch").iterdir())) == 1
    assert len(list(recording.frames(5))) == 5 and len(heard(recording)[1]) > 15000
    assert content_digest(recording) == content_digest(open_recording(clip))
    recording.close()
    assert list((tmp_path / "scratch").iterdir()) == []
    second = open_recording(wrap(clip.read_bytes()))
    del second
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_text_stream_is_a_request_error():
    with pytest.raises(RequestError, match="binary"):
        open_recording(io.StringIO("hello"))
    with pytest.raises(RequestError, match="path"):
        open_recording(42)


def test_an_open_file_is_read_where_it_lies(examples):
    with (examples / "portrait.jpg").open("rb") as stream:
        assert open_recording(stream).kind == "image"


def test_standard_input(examples, root):
    code = (
        "from mien.analysis.media.reader import open_recording\n"
        "r = open_recording('-'); print(r.path, r.kind, len(list(r.frames(5))))"
    )
    with (examples / "smile.mp4").open("rb") as clip:
        data = clip.read()
    ran = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True,
                         env={**os.environ, "PYTHONPATH": str(root / "src")})  # fmt: skip
    assert ran.stdout.decode().split() == ["<stdin>", "video", "12"]
    assert ran.stderr == b""


@pytest.fixture
def folder(tmp_path):
    """A folder as people have them."""
    write_sound(tmp_path / "b.wav", tone(1, 16000)[None], 16000, "pcm_f32le", "flt")
    write_video(tmp_path / "deep.mkv", [0.0, 0.1])
    (tmp_path / "sub").mkdir()
    write_video(tmp_path / "sub" / "a.mp4", [0.0, 0.1])
    (tmp_path / "sub" / "a.srt").write_text("1\n00:00:00,000 --> 00:00:00,100\nhello\n")
    (tmp_path / "sub" / "alone.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhi\n")
    (tmp_path / "talk.csv").write_text("speaker,text\nA,hello\nB,hi\n")
    (tmp_path / "labels.csv").write_text("file,label\nb.wav,joy\n")
    (tmp_path / "b.json").write_text('{"schema": "mien.analysis/1"}')
    (tmp_path / ".hidden.wav").write_bytes(b"x")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    return tmp_path


def relative(inputs, folder):
    return [os.path.relpath(path, folder) for path in inputs]


def test_a_folder_gives_its_recordings_sorted_without_their_sidecars(folder):
    expected = ["b.wav", "deep.mkv", "talk.csv", "sub/a.mp4", "sub/alone.srt"]
    assert relative(find_inputs([folder]), folder) == expected


def test_globs_files_and_standard_input(folder):
    found = find_inputs([str(folder / "**" / "*.m*"), str(folder / "b.wav"), str(folder / "b.wav"), "-", "missing.wav"])
    assert relative(found[:3], folder) == ["deep.mkv", "sub/a.mp4", "b.wav"] and found[3:] == ["-", "missing.wav"]
    assert relative(find_inputs([str(folder / "sub" / "*")]), folder) == ["sub/a.mp4", "sub/alone.srt"]
    assert relative(find_inputs([str(folder / "sub" / "a.srt")]), folder) == ["sub/a.srt"]


def test_a_folder_or_glob_with_nothing_in_it_is_said(tmp_path):
    for path in (tmp_path, tmp_path / "*.wav"):
        with pytest.raises(RequestError, match="no recording"):
            find_inputs([path])


def test_a_transcript_beside_the_recording_is_used(folder):
    recording = open_recording(folder / "sub" / "a.mp4")
    assert [caption.text for caption in recording.cues()] == ["hello"]
    assert recording.has("text")
    assert list(open_recording(folder / "sub" / "a.mp4", sidecars="ignore").cues()) == []
    other = folder / "other.vtt"
    other.write_text("WEBVTT\n\n00:00.000 --> 00:00.050\n<v Ann>this one\n")
    recording = open_recording(folder / "sub" / "a.mp4", transcript=other)
    assert [(caption.speaker, caption.text) for caption in recording.cues()] == [("Ann", "this one")]


def test_who_speaks_when_does_not_drive_out_what_is_said(folder):
    (folder / "turns.rttm").write_text("SPEAKER a 1 0.0 0.05 <NA> <NA> ann <NA> <NA>\n")
    recording = open_recording(folder / "sub" / "a.mp4", transcript=folder / "turns.rttm")
    assert [(caption.speaker, caption.text) for caption in recording.cues()] == [("ann", "")]


def test_an_unreadable_transcript_is_an_error_if_named_and_a_notice_if_found(folder):
    (folder / "deep.srt").write_text("nothing here --> at all")
    assert codes(open_recording(folder / "deep.mkv")) == ["sidecar"]
    with pytest.raises(InputError, match=r"deep\.srt"):
        open_recording(folder / "deep.mkv", transcript=folder / "deep.srt")
    with pytest.raises(InputError, match="no such file"):
        open_recording(folder / "deep.mkv", transcript=folder / "none.srt")


def test_texts_and_dialogues_have_the_clock_of_lines(folder, examples):
    letter = open_recording(examples / "letter.txt")
    assert letter.kind == "text" and letter.clock == "lines" and letter.duration == len(list(letter.cues())) == 7
    talk = open_recording(folder / "talk.csv")
    assert talk.kind == "dialogue" and [caption.speaker for caption in talk.cues()] == ["A", "B"]
    assert list(talk.audio()) == list(talk.frames()) == list(talk.signals()) == []


def test_info_tells_streams_starts_and_notices(samples, folder):
    rows = dict(describe_recording(open_recording(samples / "video" / "pyfeat_face_noface.mp4")))
    assert rows["video 1"].startswith("h264, 640 x 360, 26.387 pictures/s, from 0.000 s")
    assert "from 2.406 s, 3.99 s long" in rows["audio 1"]
    facts = recording_facts(open_recording(folder / "sub" / "a.mp4"))
    assert [stream["kind"] for stream in facts["streams"]] == ["video", "text"]
    assert facts["streams"][1]["codec"] == "a.srt" and facts["container"] == "mov" and facts["warnings"] == []


def test_digests_follow_the_content(tmp_path):
    one = content_digest(open_recording(np.zeros(100, np.float32), rate=8000))
    assert one == content_digest(open_recording(np.zeros(100, np.float32), rate=8000))
    assert one != content_digest(open_recording(np.zeros(100, np.float32), rate=16000))
    assert len(one) == 64


@pytest.mark.skipif(not hasattr(os, "mkfifo") or not Path("/proc/self/fd").exists(), reason="needs named pipes")
def test_a_named_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(InputError, match="no regular file"):
        open_recording(tmp_path / "pipe.wav")
