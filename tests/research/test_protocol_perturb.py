"""Disturbances: what they do to waves, pictures and features, and that a system is asked each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.research.protocols.disturb import CODECS, add_noise, amplify, dropped, occlude, through_codec
from mien.research.protocols.encoding import Again, Encoding, encoded
from mien.research.protocols.perturb import Perturb, Perturbations, parse
from mien.research.samples import Clip

from .made import made

RATE = 16_000


def voice(seconds=1.0):
    """A tone that rises and fades, so that a shift in time would be seen."""
    time = np.arange(round(RATE * seconds)) / RATE
    return (0.3 * np.sin(2 * np.pi * (200 + 300 * time) * time) * np.sin(np.pi * time / seconds)).astype(np.float32)


@settings(deadline=None, max_examples=20)
@given(st.integers(-10, 40), st.integers(0, 99))
def test_noise_has_the_asked_ratio(decibels, seed):
    wave = voice()
    noise = add_noise(wave, decibels, np.random.default_rng(seed)) - wave
    found = 10 * np.log10(np.mean(wave.astype(float) ** 2) / np.mean(noise.astype(float) ** 2))
    assert abs(found - decibels) < 0.5


def test_silence_and_gain():
    assert not add_noise(np.zeros(100, np.float32), 0, np.random.default_rng(0)).any()
    assert np.abs(amplify(voice(), 40)).max() == 1
    assert np.allclose(amplify(voice(), -20), voice() / 10, atol=1e-6)


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_codec_gives_back_the_same_sound_at_the_same_time(codec):
    wave = voice(1.5)
    heard = through_codec(wave, RATE, codec, 32)
    assert heard.shape == wave.shape and heard.dtype == np.float32 and not np.array_equal(heard, wave)
    middle = slice(4000, 20000)
    assert np.corrcoef(heard[middle], wave[middle])[0, 1] > 0.9


def test_an_empty_wave_and_an_unknown_codec():
    with pytest.raises(RequestError, match="no codec 'gsm'; allowed: mp3, opus, aac, telephone"):
        through_codec(voice(), RATE, "gsm")
    assert len(through_codec(np.zeros(0, np.float32), RATE, "telephone")) == 0


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 1), st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_an_occluded_picture_loses_about_the_share(share, high, wide, seed):
    picture = np.zeros((high, wide, 3), np.uint8)
    hidden = (occlude(picture, share, np.random.default_rng(seed)) == 128).all(axis=2).mean()
    assert abs(hidden - share) <= 1 / high + 1 / wide
    assert not picture.any()


def test_the_first_frame_is_kept():
    assert dropped(5, 1.0, np.random.default_rng(0)).tolist() == [True, False, False, False, False]


def test_perturbed_samples_depend_on_neither_order_nor_company_and_others_stay():
    samples = made(n=12).samples
    change = Perturb("noise", 1.0, "audio", 5)
    alone = change(samples[3:4])[0]
    among = change(samples[::-1])[8]
    assert np.array_equal(alone.features["audio"], among.features["audio"])
    assert not np.array_equal(alone.features["audio"], samples[3].features["audio"])
    assert alone.features["text"] is samples[3].features["text"]
    without = replace(samples[0], features={"text": samples[0].features["text"]})
    assert change([without])[0] is without


def test_what_features_bear():
    (sample,) = made(n=12).samples[:1]
    for kind, level in (("gain", 20.0), ("drop", 0.5), ("occlusion", 0.4)):
        found = Perturb(kind, level, "audio")([sample])[0].features["audio"]
        assert found.shape == sample.features["audio"].shape
    louder = Perturb("gain", 20.0, "audio")([sample])[0].features["audio"]
    assert np.allclose(louder, 10 * sample.features["audio"])
    hidden = Perturb("occlusion", 0.4, "audio")([sample])[0].features["audio"]
    assert ((hidden == 0).all(axis=0)).sum() == 2


def test_every_perturbation_of_every_modality_is_asked():
    plan = Perturbations(what=("noise:1", "drop:0.5")).plan(made(n=48))
    assert [ask.condition for ask in plan.trials[0].asks] == [
        "clean", "text noise:1", "text drop:0.5", "audio noise:1", "audio drop:0.5", "face noise:1", "face drop:0.5",
    ]  # fmt: skip
    vectors = Perturbations(what=("noise:1", "drop:0.5")).plan(made(n=48, inputs="vector"))
    assert not any("drop" in ask.condition for ask in vectors.trials[0].asks)


@pytest.mark.parametrize("text", ["snr:10", "codec:mp3", "drop:2", "noise:x", "blur:1", "noise"])
def test_what_cannot_be_done_to_features(text):
    with pytest.raises(RequestError, match=r"on features \(raw clips need an encoder\) allowed are noise:LEVEL, gain"):
        parse(text)


def test_codecs_are_read():
    assert parse("codec:opus@24", raw=True) == ("codec", 24.0, "opus")
    assert parse("codec:telephone", raw=True)[2] == "telephone"
    with pytest.raises(RequestError, match="codecs mp3, opus, aac, telephone"):
        parse("codec:gsm", raw=True)


def test_real_speech_is_disturbed_and_encoded_again(examples):
    data = made(n=12)
    clip = Clip(str(examples / "dialogue.flac"), 0.0, 2.0)
    raw = replace(data, samples=tuple(replace(one, features={}, clips={"audio": clip}) for one in data.samples))
    ways = (Encoding.parse("audio=mel"),)
    ready = encoded(raw, ways, pooling="mean")
    again = Again(ways, "mean")
    same = again(ready.samples[0], "audio", lambda wave, rate: wave)
    assert np.allclose(same, ready.samples[0].features["audio"], atol=1e-5)
    plan = Perturbations(what=("snr:0", "codec:telephone"), reencode=again, split="folds:3", valid=0.0).plan(ready)
    change = plan.trials[0].asks[1].change
    found = change(ready.samples[:1])[0].features["audio"]
    assert found.shape == same.shape and not np.allclose(found, same)
    assert np.array_equal(found, change(ready.samples[:1])[0].features["audio"])
    other = plan.trials[0].asks[2].change(ready.samples[:1])[0].features["audio"]
    assert not np.allclose(found, other)


def test_encodings_are_read_from_text():
    assert Encoding.parse("text=hash:width=64").encoder().width == 64
    for text in ("mel", "audio=", "text=hash:width"):
        with pytest.raises(RequestError, match="--encode takes MODALITY=ENCODER"):
            Encoding.parse(text)
    with pytest.raises(RequestError, match="no features, only words; encode it: --encode text=NAME"):
        bare = made(n=12)
        encoded(replace(bare, samples=tuple(replace(one, features={}) for one in bare.samples)), ())
