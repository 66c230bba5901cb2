"""What the measured facts of a voice promise: right pitch, pauses that are there, nothing invented."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.analysis.senses.prosody import pause_lengths, pitch_track, prosody, semitones

RATE = 16_000


def voice(hertz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(0.05 / k * np.sin(2 * np.pi * hertz * k * time) for k in range(1, 9)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.floats(70, 450))
def test_the_pitch_of_a_steady_voice_is_found(hertz):
    assert abs(semitones(prosody(voice(hertz)).pitch, hertz)) < 0.2


@pytest.mark.parametrize("gain", [0.01, 1.0, 5.0])
def test_pitch_does_not_depend_on_level_and_level_is_decibels(gain):
    plain, changed = prosody(voice(150)), prosody(voice(150) * np.float32(gain))
    assert changed.pitch == pytest.approx(plain.pitch, rel=1e-3)
    assert changed.level - plain.level == pytest.approx(20 * np.log10(gain), abs=0.01)


def test_noise_and_silence_have_no_pitch():
    noise = prosody(np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32))
    assert noise.pitch is None and noise.voiced < 0.05
    silence = prosody(np.zeros(RATE, np.float32))
    assert silence.level is None and silence.speech == 0
    assert prosody(np.zeros(10, np.float32)).rate is None


def test_a_pause_is_measured():
    gap = np.zeros(RATE // 2, np.float32)
    said = prosody(np.concatenate([voice(150), gap, voice(150)]))
    assert said.pauses == 1
    assert said.paused == pytest.approx(0.5, abs=0.06)
    assert said.speech == pytest.approx(2.5, abs=0.05)


def test_pauses_shorter_than_a_fifth_of_a_second_do_not_count():
    active = np.array([True] * 10 + [False] * 19 + [True] * 5 + [False] * 20 + [True])
    np.testing.assert_allclose(pause_lengths(active), [0.2])


def test_syllables_are_counted_from_energy():
    time = np.arange(3 * RATE) / RATE
    beats = voice(140, 3.0) * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * time)).astype(np.float32)
    assert prosody(beats).rate == pytest.approx(4.0, abs=0.5)


def test_spread_is_half_the_range_in_semitones():
    glide = np.concatenate([voice(100), voice(200)])
    assert prosody(glide).spread == pytest.approx(6.0, abs=0.7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 8000), st.integers(0, 9))
def test_any_clip_gives_a_finite_track(samples, seed):
    wave = np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
    track = pitch_track(wave)
    assert np.isfinite(track).all()
    assert ((track == 0) | ((track > 50) & (track < 600))).all()
