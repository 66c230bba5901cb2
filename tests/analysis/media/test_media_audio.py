"""Sound: mono, at the asked rate, at its place in time, finite, whatever the file holds."""

import wave
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from media_clips import codes, heard, tone, write_sound

from mien.analysis.media.reader import open_recording
from mien.errors import InputError, RequestError


def loudest_hertz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 192000])
def test_any_rate_comes_out_at_the_asked_one(tmp_path, rate):
    clip = write_sound(tmp_path / "tone.wav", tone(1.5, rate)[None], rate, "pcm_f32le", "flt")
    for asked in (16000, 22050):
        start, samples = heard(open_recording(clip), asked)
        assert start == 0.0 and len(samples) == pytest.approx(1.5 * asked, abs=2)
        assert loudest_hertz(samples, asked) == pytest.approx(440, abs=2)
        assert np.abs(samples).max() == pytest.approx(0.25, abs=0.02)


def test_eight_bits_are_centred_and_scaled(tmp_path):
    path = tmp_path / "eight.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1), out.setsampwidth(1), out.setframerate(16000)
        out.writeframes((128 + 127 * tone(1, 16000) * 4).astype(np.uint8).tobytes())
    _, samples = heard(open_recording(path))
    assert abs(samples.mean()) < 0.01 and np.abs(samples).max() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("form", "layout"), [("s16", "stereo"), ("s32", "5.1"), ("s16", "mono")])
def test_channels_are_mixed(tmp_path, form, layout):
    count = av.AudioLayout(layout).nb_channels
    dtype, scale = (np.int16, 32767) if form == "s16" else (np.int32, 2**31 - 1)
    packed = np.repeat((tone(1, 16000) * scale).astype(dtype), count)[None]
    codec = "pcm_s16le" if form == "s16" else "pcm_s32le"
    _, samples = heard(open_recording(write_sound(tmp_path / "many.wav", packed, 16000, codec, form, layout)))
    assert len(samples) == 16000 and 0.1 < np.abs(samples).max() <= 1.0


@pytest.mark.parametrize("channels", [3, 4, 7, 10, 124])
def test_channels_without_a_layout_are_averaged(tmp_path, channels):
    path = tmp_path / "array.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels), out.setsampwidth(2), out.setframerate(16000)
        out.writeframes(np.repeat((tone(1, 16000) * 32767).astype("<i2"), channels).tobytes())
    recording = open_recording(path)
    _, samples = heard(recording)
    assert len(samples) == 16000 and np.abs(samples).max() > 0.1 and codes(recording) == []


def test_an_absurd_rate_in_a_damaged_header_asks_for_nothing(tmp_path):
    clip = write_sound(
        tmp_path / "rate.wav", (tone(1, 16000) * 32767).astype(np.int16)[None], 16000, "pcm_s16le", "s16"
    )
    data = bytearray(clip.read_bytes())
    data[24:28] = (637_558_208).to_bytes(4, "little")
    clip.write_bytes(data)
    with pytest.raises(InputError, match=r"rate\.wav"):
        open_recording(clip)


def test_what_is_no_number_becomes_silence_and_only_that(tmp_path):
    samples = tone(3, 16000)
    samples[16000:16100] = np.nan
    samples[20000] = np.inf
    recording = open_recording(write_sound(tmp_path / "nan.wav", samples[None].copy(), 16000, "pcm_f32le", "flt"))
    _, found = heard(recording)
    assert np.isfinite(found).all() and not found[16000:16100].any() and found[20000] == 0
    assert np.allclose(
        np.delete(found, [*range(16000, 16100), 20000]), np.delete(tone(3, 16000), [*range(16000, 16100), 20000])
    )
    assert codes(recording) == ["not_finite"]


def test_samples_far_above_full_scale_are_cut_and_told(tmp_path):
    clip = write_sound(tmp_path / "loud.wav", 40 * tone(1, 16000)[None], 16000, "pcm_f32le", "flt")
    recording = open_recording(clip)
    assert np.abs(heard(recording)[1]).max() == 1.0
    assert codes(recording) == ["clipped"]


def with_stamps(path, stamps, seconds=0.5):
    """A Matroska file whose pieces of sound stand at the given seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        piece = (tone(seconds, 16000) * 32767).astype(np.int16)[None]
        for at in stamps:
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16000, round(at * 16000), Fraction(1, 16000)
            container.mux(stream.encode(frame))
    return path


def test_a_gap_shows_in_the_start_of_the_next_block(tmp_path):
    recording = open_recording(with_stamps(tmp_path / "gap.mkv", [0, 0.5, 3.0, 3.5]))
    assert [(round(b.start, 2), len(b.samples)) for b in recording.audio()] == [(0.0, 16000), (3.0, 16000)]
    assert [(n.code, n.start, n.end) for n in recording.notices] == [("gap", 1.0, 3.0)]


def test_overlapping_pieces_are_heard_once(tmp_path):
    recording = open_recording(with_stamps(tmp_path / "overlap.mkv", [0, 0.5, 0.7, 1.2]))
    start, samples = heard(recording)
    assert start == 0 and len(samples) == pytest.approx(1.7 * 16000, abs=800)
    assert codes(recording) == ["overlap"]


def test_blocks_follow_each_other_and_stay_small(tmp_path):
    clip = write_sound(tmp_path / "long.flac", (tone(21, 24000) * 32767).astype(np.int16)[None], 24000, "flac", "s16")
    blocks = list(open_recording(clip).audio(16000))
    assert all(len(block.samples) <= 4 * 16000 for block in blocks)
    for block, after in pairwise(blocks):
        assert after.start == pytest.approx(block.start + len(block.samples) / 16000, abs=1e-9)
    assert sum(len(block.samples) for block in blocks) == 21 * 16000


def test_sound_of_no_length_is_an_error_in_one_line(tmp_path):
    path = tmp_path / "none.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(16000)
    with pytest.raises(InputError, match=r"none\.wav: .*no sound"):
        open_recording(path)


@pytest.mark.parametrize("rate", [0, -16000, 10_000_000])
def test_an_impossible_rate_is_refused(tmp_path, rate):
    clip = write_sound(tmp_path / "tone.wav", tone(1, 16000)[None], 16000, "pcm_f32le", "flt")
    with pytest.raises(RequestError, match="1000 to 384000"):
        list(open_recording(clip).audio(rate))


def test_real_speech_is_the_same_in_every_reading(samples):
    recording = open_recording(samples / "speech" / "nemo_two_speakers.flac")
    start, once = heard(recording)
    assert start == 0 and len(once) == round(24.4 * 16000) and np.abs(once).max() > 0.3
    assert np.array_equal(once, heard(recording)[1])
