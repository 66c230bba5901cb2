import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.analysis.media.reader import open_recording
from mien.analysis.media.recording import Caption
from mien.analysis.moments.cluster import BLOCK, group
from mien.analysis.moments.hear import Hearing, follow, hear
from mien.analysis.moments.turns import followed, turns_of
from mien.analysis.moments.voice import SIZE, embed
from mien.analysis.moments.windows import Piece

RATE = 16_000
SINGLE = sorted(
    [
        "nemo_EB0_happiness_12.wav",
        "nemo_KS0_fear_40.wav",
        "ravdess_03-01-04-02-02-01-16.wav",
        "ravdess_03-01-05-02-01-01-05.wav",
        "tess_OAF_back_angry.wav",
    ]
)


def sound_of(path):
    return np.concatenate([block.samples for block in open_recording(path).audio(RATE)])


def voices(hearing):
    return {turn.voice for turn in hearing.turns}


def test_two_voices_are_told_apart_and_their_turns_lie_where_they_speak(samples):
    hearing = hear(open_recording(samples / "speech" / "nemo_two_speakers.flac"))
    with open(samples / "speech" / "nemo_two_speakers.segments.csv") as file:
        truth = [(float(r["start"]), float(r["end"]), r["speaker"]) for r in csv.DictReader(file)]
    assert [turn.voice for turn in hearing.turns] == ["V1", "V2"] * 4
    for turn, (start, end, _) in zip(hearing.turns, truth, strict=True):
        assert abs(turn.start - start) < 0.5
        assert abs(turn.end - end) < 0.5
        assert 0.5 < turn.certainty <= 1.0


@pytest.mark.parametrize("name", SINGLE)
def test_a_clip_of_one_speaker_is_one_voice(samples, name):
    hearing = hear(open_recording(samples / "speech" / name))
    assert voices(hearing) == {"V1"}
    assert not hearing.notices


@pytest.mark.parametrize("speaker", ["nemo-EB0", "nemo-WR0"])
def test_one_speaker_in_five_moods_stays_one_voice(samples, speaker):
    sound = sound_of(samples / "speech" / "nemo_two_speakers.flac")
    with open(samples / "speech" / "nemo_two_speakers.segments.csv") as file:
        own = [r for r in csv.DictReader(file) if r["speaker"] == speaker]
    parts = [sound[round(float(r["start"]) * RATE) : round(float(r["end"]) * RATE)] for r in own]
    assert voices(hear(open_recording(np.concatenate(parts), rate=RATE))) == {"V1"}


def test_a_change_of_voice_without_a_pause_is_found(samples):
    sound = sound_of(samples / "speech" / "nemo_two_speakers.flac")
    with open(samples / "speech" / "nemo_two_speakers.segments.csv") as file:
        clips = sorted(csv.DictReader(file), key=lambda row: row["speaker"])
    parts = [sound[round((float(r["start"]) + 0.1) * RATE) : round((float(r["end"]) - 0.1) * RATE)] for r in clips]
    truth = sum(len(part) for part in parts[:4]) / RATE
    hearing = hear(open_recording(np.concatenate(parts), rate=RATE))
    assert voices(hearing) == {"V1", "V2"}
    change = next(turn.start for turn in hearing.turns if turn.voice == "V2")
    assert abs(change - truth) < 0.75


def test_lines_that_name_their_speaker_win_over_voices(samples):
    hearing = hear(open_recording(samples / "speech" / "nemo_two_speakers.flac"))
    lines = [Caption(0.5, 8.3, "a", "Ann"), Caption(8.4, 16.0, "b", "Bo"), Caption(17.0, 19.0, "c", "Ann")]
    told = follow(hearing, lines)
    assert told.speech == hearing.speech
    named = [turn for turn in told.turns if turn.voice]
    assert {turn.voice for turn in named if turn.start < 8.3} == {"V1"}
    assert {turn.voice for turn in named if 8.4 < turn.start < 16} == {"V2"}
    assert {turn.voice for turn in told.turns if turn.start > 19.2} == {None}
    assert follow(hearing, [Caption(0, 5, "nobody named")]) is hearing
    assert follow(Hearing(), lines).turns == ()


def test_a_named_line_counts_whole_where_no_speech_was_heard():
    (turn,) = followed([], [Caption(1.0, 2.0, "whispered", "Ann")]).turns
    assert (turn.start, turn.end, turn.voice) == (1.0, 2.0, "V1")


def test_an_embedding_has_length_one_and_does_not_depend_on_the_level(samples):
    from mien.analysis.media.sound import log_mel

    sound = sound_of(samples / "speech" / "nemo_KS0_fear_40.wav")[RATE:]
    both = embed([log_mel(sound), log_mel(sound * 0.1), log_mel(sound[:RATE])])
    assert both.shape == (3, SIZE)
    assert np.allclose(np.linalg.norm(both, axis=1), 1.0, atol=1e-4)
    assert both[0] @ both[1] > 0.999


def vector(*values):
    full = np.zeros(SIZE, np.float32)
    full[: len(values)] = values
    return full / np.linalg.norm(full)


def test_two_voices_that_hardly_differ_are_one_voice_unsure():
    near = [Piece(i * 10.0, i * 10.0 + 8, vector(1, 0.3 if i % 2 else 1e-9, 5.0 * (i % 2) - 2.5)) for i in range(8)]
    apart = [Piece(i * 10.0, i * 10.0 + 8, vector(1.0, 0) if i % 2 else vector(0, 1.0)) for i in range(8)]
    assert {turn.voice for turn in turns_of(apart).turns} == {"V1", "V2"}
    assert len({turn.voice for turn in turns_of(near).turns}) <= 2
    tight = np.sqrt(1 - 0.28**2)
    close = [Piece(i * 10.0, i * 10.0 + 8, vector(1.0, 0) if i % 2 else vector(0.28, tight)) for i in range(8)]
    said = turns_of(close)
    assert {turn.voice for turn in said.turns} == {"V1"}
    assert [notice.code for notice in said.notices] == ["voices-unsure"]
    assert all(0.4 <= turn.certainty <= 0.8 for turn in said.turns)


def test_a_short_burst_goes_with_the_voice_it_is_nearest_to():
    pieces = [
        Piece(0, 5, vector(1, 0)),
        Piece(6, 11, vector(0, 1)),
        Piece(11.5, 12.1, vector(0.2, 1)),
        Piece(20.3, 20.6, None),
        Piece(21, 26, vector(1, 0.1)),
    ]
    assert [turn.voice for turn in turns_of(pieces).turns] == ["V1", "V2", "V1"]
    assert turns_of([]).turns == ()
    assert turns_of([Piece(0, 0.3, None)]).turns[0].voice == "V1"


@st.composite
def clouds(draw, most=40):
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    vectors = rng.normal(size=(n, 8)) + 3 * np.eye(8)[rng.integers(0, draw(st.integers(1, 4)), n)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = rng.uniform(0.5, 8.0, n)
    return vectors * weights[:, None], weights


@settings(max_examples=60, deadline=None)
@given(clouds(), st.floats(-1.5, 1.5), st.randoms(use_true_random=False))
def test_grouping_does_not_depend_on_the_order(cloud, least, random):
    sums, weights = cloud
    order = list(range(len(weights)))
    random.shuffle(order)
    labels, shuffled = group(sums, weights, least).labels, group(sums[order], weights[order], least).labels
    same, same_shuffled = labels[:, None] == labels[None], shuffled[:, None] == shuffled[None]
    assert (same[np.ix_(order, order)] == same_shuffled).all()


@settings(max_examples=60, deadline=None)
@given(clouds(), st.floats(-1.5, 3.0), st.integers(1, 5))
def test_groups_hold_everything_once(cloud, least, keep):
    sums, weights = cloud
    found = group(sums, weights, least, keep=keep)
    assert found.labels.min() == 0 and found.labels[0] == 0
    assert len(found.weights) == found.labels.max() + 1 <= len(weights)
    assert len(found.weights) >= min(keep, len(weights))
    assert np.isclose(found.weights.sum(), weights.sum())
    assert np.allclose(found.sums.sum(axis=0), sums.sum(axis=0))


def test_hours_of_speech_are_grouped_block_by_block_into_the_same_voices():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 3 * BLOCK + 17)
    truth[0] = 0
    vectors = 4 * np.eye(8)[truth] + rng.normal(0, 0.5, (len(truth), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = rng.uniform(1, 5, len(truth))
    labels = group(vectors * weights[:, None], weights, 0.4).labels
    assert len(np.unique(labels)) == 3
    assert all(len(np.unique(labels[truth == voice])) == 1 for voice in range(3))
