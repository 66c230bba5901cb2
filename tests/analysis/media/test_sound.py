"""What the sound room promises: shapes, finiteness, levels and trimming."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.analysis.media.sound import (
    BANDS,
    HOP,
    RATE,
    active_bounds,
    active_level,
    frame_count,
    frame_levels,
    log_mel,
    set_level,
    trim_edges,
)


def tone(seconds: float, hertz: float = 440.0, amplitude: float = 0.1) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6000).flatmap(lambda n: arrays(np.float32, n, elements=st.floats(-1, 1, width=32))))
def test_log_mel_has_one_finite_row_every_ten_milliseconds(wave):
    mel = log_mel(wave)
    assert mel.shape == (frame_count(len(wave)), BANDS)
    assert mel.dtype == np.float32
    assert np.isfinite(mel).all()
    assert len(frame_levels(wave)) == len(mel)


@settings(max_examples=25, deadline=None)
@given(st.integers(400, 20_000), st.integers(0, 3))
def test_log_mel_of_a_later_start_is_the_same_frames(samples, shift):
    wave = np.random.default_rng(samples).normal(0, 0.1, samples + HOP * 3).astype(np.float32)
    np.testing.assert_allclose(log_mel(wave[shift * HOP :]), log_mel(wave)[shift:], rtol=1e-4, atol=1e-3)


def test_long_sound_is_cut_into_blocks_without_a_seam():
    wave = np.random.default_rng(1).normal(0, 0.1, RATE * 45).astype(np.float32)
    middle = 20 * RATE
    np.testing.assert_allclose(log_mel(wave)[2000:2600], log_mel(wave[middle:])[:600], atol=1e-3)


def test_a_tone_lies_in_the_band_of_its_pitch():
    low, high = log_mel(tone(0.5, 200)).mean(axis=0), log_mel(tone(0.5, 4000)).mean(axis=0)
    assert low.argmax() < high.argmax()
    assert low.max() - np.median(low) > 6


def test_silence_is_a_floor_and_not_an_error():
    silence = np.zeros(RATE, np.float32)
    assert np.isfinite(log_mel(silence)).all()
    assert active_level(silence) == -np.inf
    assert active_bounds(silence) == (0, 0)
    assert len(trim_edges(silence)) == 0
    np.testing.assert_array_equal(set_level(silence), silence)


def test_frame_levels_are_decibels_of_full_scale():
    np.testing.assert_allclose(frame_levels(np.full(RATE, 0.1, np.float32)), -20.0, atol=1e-3)


@pytest.mark.parametrize("gain", [0.001, 0.1, 7.0])
def test_level_setting_undoes_any_gain(gain):
    wave = np.concatenate([np.zeros(8000, np.float32), tone(1.0), np.zeros(8000, np.float32)])
    np.testing.assert_allclose(set_level(wave * np.float32(gain)), set_level(wave), rtol=1e-3, atol=1e-5)
    assert active_level(set_level(wave)) == pytest.approx(20 * np.log10(0.05), abs=0.05)


def test_trimming_keeps_the_sound_and_a_short_margin():
    wave = np.concatenate([np.zeros(RATE, np.float32), tone(1.0), np.zeros(RATE, np.float32)])
    start, stop = active_bounds(wave)
    assert 0.85 * RATE < start <= RATE
    assert 2 * RATE <= stop < 2.15 * RATE
    assert len(trim_edges(wave)) == stop - start
