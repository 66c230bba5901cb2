from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import mien
from mien.analysis.senses.speech import baseline

DIALOGUE = Path(__file__).parents[3] / "examples" / "dialogue.flac"
TURNS = [(0.5, 24.0, "Ada")]


@given(st.integers(2, 30), st.integers(0, 2**32 - 1))
def test_rows_stay_distributions(rows, seed):
    found = baseline(np.random.default_rng(seed).dirichlet(np.full(7, 0.3), rows))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found > 0).all()


def test_a_person_in_one_mood_keeps_it():
    angry = np.full((20, 7), 0.02)
    angry[:, 1] = 0.88
    assert (baseline(angry).argmax(axis=1) == 1).all()


def test_what_a_person_always_shows_counts_less_than_what_changes():
    rows = np.full((10, 7), 0.1)
    rows[:, 1] = 0.38  # this voice always sounds a little angry
    rows[0, 5] = 0.36  # and once nearly as sad
    rows /= rows.sum(axis=1, keepdims=True)
    assert baseline(rows)[0].argmax() == 5


def test_too_little_speech_changes_nothing(tmp_path):
    plain, against = (
        mien.analyze(DIALOGUE, modalities=("audio",), against_self=choice).affects for choice in (False, True)
    )
    assert [a.distribution for a in plain] == [a.distribution for a in against]  # two persons, 12 s each


def test_enough_speech_of_one_person_is_read_against_itself(tmp_path):
    rttm = tmp_path / "one.rttm"
    rttm.write_text("".join(f"SPEAKER x 1 {s} {e - s} <NA> <NA> {who} <NA> <NA>\n" for s, e, who in TURNS))
    plain, against = (
        mien.analyze(DIALOGUE, modalities=("audio",), transcript=rttm, against_self=choice, every=1.0).affects
        for choice in (False, True)
    )
    assert len(plain) == len(against)
    assert any(a.distribution != b.distribution for a, b in zip(plain, against, strict=True))
