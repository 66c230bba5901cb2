"""Bad, odd and empty inputs through the real command line: one clear line, or a result that says what is missing."""

import os
from pathlib import Path

import bad_material as made
import numpy as np
import pytest

from conftest import warned


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def noise(size: int) -> bytes:
    return np.random.default_rng(size).bytes(size)


def pcm(samples: np.ndarray) -> np.ndarray:
    return (samples * 32767).astype(np.int16)


REFUSED = {
    "empty.mp4": (b"", "is empty"),
    "empty.txt": (b"", "is empty"),
    "zeros.txt": (bytes(50), "is not audio, video, an image or a text"),
    "random.mp4": (noise(50_000), "is not audio, video, an image or a text"),
    "random.jpg": (noise(50_001), ""),
    "random.csv": (noise(5_000), "is not audio, video, an image or a text"),
    "random.zip": (noise(5_001), "is not audio, video, an image or a text"),
    "random": (noise(5_002), "is not audio, video, an image or a text"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(9) + noise(900), "is not audio, video, an image or a text"),
    "nothing.gif": (made.gif_of_nothing(), "is a damaged image"),
    "paper.pdf": (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "is a PDF, which is not read; save its words as plain text"),
    "paper.rtf": (b"{\\rtf1 I am happy}", "rich text"),
    "paper.docx": (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "is an Office document"),
    "page.html": (b"<html><body>hello</body></html>", "is XML or HTML of a kind that is not read"),
    "bomb.eaf": (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><ANNOTATION_DOCUMENT>&a;</ANNOTATION_DOCUMENT>',
        "declares XML entities",
    ),
    "deep.json": (b"[" * 100_000, "is damaged JSON"),
    "cut.json": (b'[{"speaker": "a", "text"', "line 1: is damaged JSON"),
    "no_words.json": (b'[{"a": 1}]', "has no text column; found a; allowed: text"),
    "numbers.csv": (b"a,b,c\n1,2,3\n", "name a column time"),
    "empty.zip": (b"PK\x05\x06" + bytes(18), "no wearable channel in this zip; looked for ACC.csv"),
    "no_times.srt": (b"just some words", "holds text, but no line of srt; name it .txt"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_line_that_names_the_file_and_the_fault(mien, tmp_path, name):
    data, why = REFUSED[name]
    path = write(tmp_path / name, data)
    line = mien("analyze", path).refusal
    assert line.startswith(f"mien: {path}: ") and why in line


def test_a_film_of_which_only_the_header_is_there(mien, tmp_path, examples):
    path = made.header_only_mp4(tmp_path / "header.mp4", examples / "smile.mp4")
    assert "damaged" in mien("analyze", path).refusal
    line = mien("analyze", made.video(tmp_path / "no_pictures.avi", 0)).refusal
    assert "has a header but no sound and no picture" in line


def test_sound_of_no_length(mien, tmp_path):
    path = made.write_wav(tmp_path / "zero.wav", np.zeros(0, np.int16))
    assert "has a header but no sound" in mien("analyze", path).refusal


@pytest.mark.parametrize("rate", [2, 2_000_000_000])
def test_sound_at_an_absurd_rate(mien, tmp_path, rate):
    path = made.write_wav(tmp_path / "absurd.wav", pcm(made.tone(1, 100)), rate)
    assert "holds no sound" in mien("analyze", path).refusal


def test_an_image_too_large_is_refused_before_it_is_unpacked(mien, tmp_path):
    path = made.png(tmp_path / "huge.png", 20_000, 20_000)
    assert path.stat().st_size < 1_000_000
    line = mien("analyze", path).refusal
    assert "pixels; at most 100 million are read: shrink it" in line


@pytest.mark.parametrize("bomb", [made.zip_bomb, made.lying_zip])
def test_a_zip_bomb_is_not_unpacked(mien, tmp_path, bomb):
    line = mien("analyze", bomb(tmp_path / "export.zip")).refusal
    assert "EDA.csv" in line and ("zip bomb" in line or "damaged" in line)


@pytest.mark.parametrize(
    ("path", "why"),
    [("/dev/null", "no regular file"), ("/dev/zero", "no regular file"), ("/proc/self/mem", "cannot be read")],
)
def test_devices_are_not_read_for_ever(mien, path, why):
    if not os.path.exists(path):
        pytest.skip(f"{path} is not there")
    assert why in mien("analyze", path).refusal


def test_paths_that_lead_nowhere(mien, tmp_path, examples):
    assert "no such file" in mien("analyze", tmp_path / "missing.mp4").refusal
    assert "Not a directory" in mien("analyze", examples / "letter.txt" / "below.mp4").refusal
    loop = tmp_path / "loop.mp4"
    loop.symlink_to(loop)
    assert "cannot be read (Too many levels of symbolic links)" in mien("analyze", loop).refusal
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "pipe it into standard input" in mien("analyze", tmp_path / "pipe.mp4").refusal
    line = mien("analyze", examples / "letter.txt", "--transcript", tmp_path / "pipe.mp4").refusal
    assert "no regular file" in line


def test_a_file_without_permission(mien, tmp_path):
    path = write(tmp_path / "secret.txt", b"I am happy")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "cannot be read (Permission denied)" in mien("analyze", path).refusal


def test_a_name_with_a_line_break_is_still_one_line(mien, tmp_path):
    line = mien("analyze", tmp_path / "two\nlines\x1b31m.mp4").refusal
    assert "two\\nlines\\x1b31m.mp4" in line


BLANK = {
    "blank.txt": b" \n\n\t\n",
    "mark.txt": b"\xef\xbb\xbf",
    "blank.srt": b"1\n00:00:01,000 --> 00:00:02,000\n\n",
    "blank.vtt": b"WEBVTT\n\n",
    "blank.json": b"[]",
    "header.csv": b"speaker,start,end,text\n",
}


@pytest.mark.parametrize("name", BLANK)
def test_a_text_without_words_is_a_result_that_says_so(mien, tmp_path, name):
    result = mien("analyze", write(tmp_path / name, BLANK[name])).result
    assert result["affects"] == [] and warned(result) == {"no-text", "no-evidence"}


SOUNDS = {
    "silence": lambda path: made.write_wav(path, np.zeros(made.RATE * 3, np.int16)),
    "one_sample": lambda path: made.write_wav(path, np.zeros(1, np.int16)),
    "eight_bits": lambda path: made.write_wav(path, ((made.tone(3, 8000) + 1) * 127).astype(np.uint8), 8000),
    "192_khz": lambda path: made.write_wav(path, pcm(made.tone(2, 192_000)), 192_000),
    "nan": lambda path: made.write_float_wav(path, np.where(np.arange(48_000) % 7, made.tone(3), np.nan)),
    "infinite": lambda path: made.write_float_wav(path, np.where(np.arange(48_000) % 7, made.tone(3), -np.inf)),
    "all_nan": lambda path: made.write_float_wav(path, np.full(48_000, np.nan)),
    "far_too_loud": lambda path: made.write_float_wav(path, made.tone(3) * 1e30),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_odd_sound_without_speech_is_a_result_that_says_so(mien, tmp_path, name):
    result = mien("analyze", SOUNDS[name](tmp_path / f"{name}.wav")).result
    assert result["affects"] == []
    assert warned(result) & {"silence", "no-speech", "no-sound"} and "no-evidence" in warned(result)
    assert len(result["warnings"]) <= 6
    if "nan" in name or name == "infinite":
        faults = [w for w in result["warnings"] if w["code"] == "not_finite"]
        assert len(faults) == 1 and faults[0]["end"] > 2.5


@pytest.mark.parametrize(("width", "height"), [(1, 1), (20_000, 1), (3, 2000)])
def test_a_picture_without_a_face_is_a_result_that_says_so(mien, tmp_path, width, height):
    result = mien("analyze", made.png(tmp_path / "small.png", width, height)).result
    assert result["persons"] == result["affects"] == [] and warned(result) == {"no-evidence"}


@pytest.mark.parametrize(("pictures", "sound"), [(1, 0.0), (20, 0.0), (20, 2.0), (0, 2.0)])
def test_a_film_without_face_and_speech_is_a_result_that_says_so(mien, tmp_path, pictures, sound):
    result = mien("analyze", made.video(tmp_path / "grey.mkv", pictures, sound=sound)).result
    assert result["affects"] == [] and "no-evidence" in warned(result)
    assert ("no_frames" in warned(result)) == (pictures == 0)
    assert result["recording"]["duration"] == pytest.approx(max(pictures / 10, sound), abs=0.2)


def test_every_face_of_a_crowd_has_its_own_answer(mien, tmp_path, examples):
    result = mien("analyze", made.crowd(tmp_path / "crowd.jpg", examples / "portrait.jpg")).result
    assert len(result["persons"]) == len(result["affects"]) == 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_in_many_scripts(mien, tmp_path, encoding):
    path = write(tmp_path / "scripts.txt", "\n\n".join(made.SCRIPTS.values()).encode(encoding))
    result = mien("analyze", path).result
    assert len(result["affects"]) == len(made.SCRIPTS) and result["warnings"] == []


def test_broken_utf8_keeps_the_rest_and_is_told(mien, tmp_path):
    path = write(tmp_path / "broken.txt", b"I am very happy \xff\xfe\xc3\x28 today \xf0\x9f my friend.")
    result = mien("analyze", path).result
    assert len(result["affects"]) == 1 and warned(result) == {"encoding"}


def test_subtitles_out_of_order_are_sorted_and_told(mien, tmp_path):
    lines = [
        ("00:00:05,000", "00:00:07,000", "I am so angry!"),
        ("00:00:01,000", "00:00:02,500", "I love this."),
        ("00:00:04,000", "00:00:03,000", "Backwards."),
    ]
    result = mien("analyze", made.srt(tmp_path / "order.srt", lines)).result
    starts = [affect["span"]["start"] for affect in result["affects"]]
    assert starts == sorted(starts) and starts[0] == 1.0
    assert warned(result) == {"order", "times"}


def test_a_slip_in_a_time_does_not_make_a_million_spans(mien, tmp_path, examples):
    path = made.srt(tmp_path / "slip.srt", [("1900:00:00,900", "00:00:02,600", "Kids are talking.")])
    for arguments in ([path], [examples / "dialogue.flac", "--transcript", path, "--modalities", "text"]):
        result = mien("analyze", *arguments).result
        assert len(result["affects"]) < 5000 and "times" in warned(result)


@pytest.mark.parametrize(("source", "name"), [("portrait.jpg", "a.mp3"), ("letter.txt", "a.mp4")])
def test_a_wrong_ending_is_read_by_content_and_told(mien, tmp_path, examples, source, name):
    result = mien("analyze", write(tmp_path / name, (examples / source).read_bytes())).result
    assert result["affects"] and warned(result) == {"wrong_extension"}


def test_half_a_file_gives_its_half_and_is_told(mien, tmp_path, examples):
    whole = (examples / "portrait.jpg").read_bytes()
    result = mien("analyze", write(tmp_path / "half.jpg", whole[: len(whole) * 2 // 3])).result
    assert "truncated" in warned(result)


@pytest.mark.parametrize("name", ["concat:x.mkv", "pipe:0", "img%03d.mkv", "a b ü 名", "data:,x", "[1].mkv", "\udcff"])
def test_a_name_is_only_a_name(mien, tmp_path, name):
    result = mien("analyze", made.video(tmp_path / "plain.mkv", 3).rename(tmp_path / name)).result
    assert result["recording"]["kind"] == "video"


def test_a_name_that_looks_like_an_option(mien, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "-x.txt", b"I am happy.")
    assert mien("analyze", "--", "-x.txt").result["recording"]["path"] == "-x.txt"
    wrong = mien("analyze", "-x.txt")
    assert wrong.code == 2 and "Traceback" not in wrong.err
