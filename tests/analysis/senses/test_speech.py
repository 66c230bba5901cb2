"""What the speech sense promises: distributions from real voices, whatever their level; reasons where it cannot."""

from __future__ import annotations

import csv

import av
import numpy as np
import pytest

from mien.analysis.media.recording import AudioBlock, Recording
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Person, Span, Turn
from mien.analysis.senses.listening import Part, cut, parts_to_hear
from mien.analysis.senses.model import card
from mien.analysis.senses.speech import HIDDEN, SpeechSense, classify
from mien.errors import RequestError

RATE = 16_000
LABELS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")


class Sound:
    """A recording's source that is an array, given out in blocks of an odd size, counting what it gave."""

    def __init__(self, wave, start=0.0, block=7_001):
        self.wave, self.start, self.block, self.passes = wave, start, block, 0

    def audio(self, rate):
        assert rate == RATE
        self.passes += 1
        for first in range(0, len(self.wave), self.block):
            yield AudioBlock(self.start + first / RATE, self.wave[first : first + self.block])


def moments(wave, turns, *, start=0.0):
    """One person, P1, with one voice, V1."""
    recording = Recording("test", "audio", len(wave) / RATE, (), Sound(np.asarray(wave, np.float32), start))
    speech = tuple(Turn(a, b, "V1") for a, b in turns)
    return Moments(recording, (Person("P1", (), "V1"),), tuple((t.start, t.end) for t in speech), speech)


def read(wave, turns, spans, *, start=0.0):
    return list(SpeechSense().read(moments(wave, turns, start=start), [Span(a, b, "P1") for a, b in spans]))


def decode(path):
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = (f for frame in container.decode(audio=0) for f in resampler.resample(frame))
        return np.concatenate([f.to_ndarray()[0] for f in frames]).astype(np.float32)


@pytest.fixture(scope="module")
def folder(request):
    return request.getfixturevalue("shared") / "data" / "samples"


@pytest.fixture(scope="module")
def clips(folder):
    """(label, samples) of the twelve single-voice clips."""
    with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["modality"] == "audio" and r["label"] in LABELS]
    return [(row["label"], decode(folder / row["file"])) for row in rows]


def test_real_clips_are_read_far_above_chance(clips):
    reading = classify([wave for _, wave in clips])
    truth = [LABELS.index(label) for label, _ in clips]
    assert reading.probabilities.shape == (len(clips), 7)
    assert reading.hidden.shape == (len(clips), HIDDEN)
    np.testing.assert_allclose(reading.probabilities.sum(axis=1), 1.0)
    assert np.mean(reading.probabilities.argmax(axis=1) == truth) >= 0.5
    assert np.mean(reading.probabilities[np.arange(len(truth)), truth]) > 2 / 7


def test_strong_emotions_have_more_activation_than_sadness(clips):
    arousal = classify([wave for _, wave in clips]).arousal
    assert (np.abs(arousal) <= 1).all()
    of = {name: np.mean([a for (n, _), a in zip(clips, arousal, strict=True) if n == name]) for name in LABELS[1::4]}
    assert of["anger"] > of["sadness"]


@pytest.mark.parametrize("decibels", [-20, 20])
def test_level_changes_nothing_that_matters(clips, decibels):
    waves = [wave for _, wave in clips]
    gain = np.float32(10 ** (decibels / 20))
    plain, changed = classify(waves).probabilities, classify([wave * gain for wave in waves]).probabilities
    assert np.abs(plain - changed).max() < 0.02


def test_an_answer_does_not_depend_on_its_neighbours(clips):
    waves = [wave for _, wave in clips]
    together = classify(waves)
    alone = np.concatenate([classify([wave]).probabilities for wave in waves])
    np.testing.assert_allclose(together.probabilities, alone, atol=1e-4)
    assert np.array_equal(classify(waves).probabilities, together.probabilities)


def test_quiet_edges_do_not_matter(clips):
    _, wave = clips[0]
    padded = np.concatenate([np.zeros(RATE, np.float32), wave, np.zeros(2 * RATE, np.float32)])
    np.testing.assert_allclose(classify([wave]).probabilities, classify([padded]).probabilities, atol=0.02)


def test_a_silent_clip_is_refused_in_words():
    with pytest.raises(RequestError, match="clip 1 holds no sound"):
        classify([np.sin(np.arange(RATE) / 20).astype(np.float32), np.zeros(RATE, np.float32)])


def test_evidence_has_distribution_dimensions_quality_and_cues(clips):
    _, wave = clips[0]
    end = len(wave) / RATE
    (found,) = read(wave, [(0, end)], [(0, end)])
    assert found.modality == "audio"
    assert found.distribution is not None and found.distribution.space.labels == LABELS
    assert found.insufficient is None and 0 < found.quality <= 1
    assert found.dimensions is not None and found.dimensions.derived == ("valence",)
    assert found.model == card("speech")["id"]
    assert {"pitch", "loudness", "speech rate", "pauses"} <= {cue.name for cue in found.cues}
    assert all(cue.text and cue.unit for cue in found.cues)


def test_one_second_is_enough_and_a_third_is_not(clips):
    _, wave = clips[0]
    start = len(wave) // 2
    assert read(wave[start : start + RATE], [(0, 1.0)], [(0, 1.0)])[0].distribution is not None
    (short,) = read(wave[start : start + 4_800], [(0, 0.3)], [(0, 0.3)])
    assert short.distribution is None and short.quality == 0
    assert short.insufficient.startswith("too short: 0.")


def test_a_short_span_hears_the_rest_of_its_turn(clips):
    _, wave = clips[0]
    middle = len(wave) / RATE / 2
    (found,) = read(wave, [(0, len(wave) / RATE)], [(middle - 0.15, middle + 0.15)])
    assert found.distribution is not None


def test_silence_and_noise_are_no_emotion():
    (silent,) = read(np.zeros(3 * RATE), [(0, 3)], [(0, 3)])
    assert silent.distribution is None and "no sound" in silent.insufficient
    noise = np.random.default_rng(0).normal(0, 0.1, 3 * RATE)
    (noisy,) = read(noise, [(0, 3)], [(0, 3)])
    assert noisy.distribution is None and noisy.insufficient.startswith(("too noisy", "no voice"))


def test_drowned_speech_has_less_quality(clips):
    rng = np.random.default_rng(0)
    clean, drowned = [], []
    for _, wave in clips:
        turn = [(0, len(wave) / RATE)]
        noise = rng.normal(0, np.sqrt(np.mean(wave**2)), len(wave))
        clean.append(read(wave, turn, turn)[0].quality)
        drowned.append(read(wave + noise, turn, turn)[0].quality)
    assert np.mean(drowned) < np.mean(clean)


def test_nobody_speaking_gives_no_evidence(clips):
    _, wave = clips[0]
    assert read(wave, [], [(0, 1)]) == []
    stranger = Span(0, 1, "P2")
    assert list(SpeechSense().read(moments(wave, [(0, 1)]), [stranger])) == []


def test_pitch_is_told_against_the_speakers_own_median_and_the_sound_is_read_once(clips):
    wave = np.concatenate([w for _, w in clips])
    turns, at = [], 0.0
    for _, w in clips:
        turns.append((at, at + len(w) / RATE))
        at = turns[-1][1]
    known = moments(wave, turns)
    found = list(SpeechSense().read(known, [Span(a, b, "P1") for a, b in turns]))
    assert known.recording.source.passes == 1
    assert [e.span.start for e in found] == [a for a, _ in turns]
    pitches = [cue for e in found for cue in e.cues if cue.name == "pitch"]
    assert {cue.unit for cue in pitches} == {"semitones"}
    assert min(c.value for c in pitches) < 0 < max(c.value for c in pitches)
    ranks = [cue.value for e in found for cue in e.cues if cue.name == "loudness"]
    assert len(set(ranks)) == len(ranks) and min(ranks) < 20 and max(ranks) > 80


def test_a_recording_that_starts_late_gives_the_same(clips):
    _, wave = clips[0]
    end = len(wave) / RATE
    (first,) = read(wave, [(0, end)], [(0, end)])
    (late,) = read(wave, [(5, 5 + end)], [(5, 5 + end)], start=5.0)
    np.testing.assert_allclose(first.distribution.values, late.distribution.values, atol=1e-6)


def test_long_spans_are_heard_in_parts_and_short_ones_widened():
    known = moments(np.zeros(1), [(0, 60), (61, 61.5), (70, 73)])
    parts = parts_to_hear(known, Span(0, 80, "P1"))
    assert len(parts) == 6
    assert all(p.end - p.start <= 4.0 + 1e-9 for p in parts)
    (part,) = parts_to_hear(known, Span(10, 12, "P1"))
    assert (part.start, part.end) == (9, 13) and (part.inner_start, part.inner_end) == (10, 12)
    (edge,) = parts_to_hear(known, Span(0, 1, "P1"))
    assert (edge.start, edge.end) == (0, 4)


def test_cutting_gives_exactly_the_samples_of_each_part_across_gaps():
    wave = np.arange(10 * RATE, dtype=np.float32)
    pieces = ((0.0, wave[:RATE]), (2.0, wave[2 * RATE : 5 * RATE]), (5.0, wave[5 * RATE :]))
    blocks = [AudioBlock(start, samples) for start, samples in pieces]
    parts = [Part(0.5, 1.5, 0.5, 1.5), Part(4.0, 6.0, 4.0, 6.0), Part(9.5, 12.0, 9.5, 12.0), Part(4.5, 5.0, 4.5, 5.0)]
    found = dict(cut(blocks, parts))
    np.testing.assert_array_equal(found[0][:8000], wave[8000:16000])
    assert not found[0][8000:].any()
    np.testing.assert_array_equal(found[1], wave[4 * RATE : 6 * RATE])
    np.testing.assert_array_equal(found[2], wave[round(9.5 * RATE) :])
    np.testing.assert_array_equal(found[3], wave[round(4.5 * RATE) : 5 * RATE])


def test_the_card_names_data_licences_terms_and_failures():
    known = card("speech")
    assert {row["corpus"] for row in known["data"]} == {"emodb", "ravdess", "nemo", "tess", "baved"}
    assert all(row["licence"] and len(row["sha256"]) == 64 for row in known["data"])
    assert "non-commercial" in known["terms"] and known["failures"]
