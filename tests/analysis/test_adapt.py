"""Adapting the last layer: gain is measured on what was left out, and nothing is written where there is none."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.analysis.adapt import fit
from mien.analysis.hidden import Material, listen
from mien.analysis.labelled import Clip
from mien.analysis.senses.adapted import Adapted
from mien.analysis.senses.speech import HIDDEN, MODEL
from mien.errors import InputError, RequestError

EXAMPLES = Path(__file__).parents[2] / "examples"


def material(count=200, told=3.0, groups=10, seed=0):
    """Clips whose hidden vector tells the label (`told` times the noise) while the shipped answer does not."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 4, count)
    hidden = rng.normal(size=(count, 30))
    hidden[np.arange(count), truth] += told
    answers = rng.dirichlet(np.full(7, 20.0), count)  # an answer without a clue
    return Material(answers, hidden, truth, rng.integers(0, groups, count), ())


def test_what_the_hidden_vector_knows_is_learned_and_holds_on_groups_left_out():
    fitted = fit(material(), "audio", MODEL)
    assert fitted.uar[1] > 0.8 > 0.5 > fitted.uar[0]
    fresh = material(seed=1)
    after = fitted.adapted.apply(fresh.probabilities, fresh.hidden)
    np.testing.assert_allclose(after.sum(axis=1), 1)
    assert np.mean(after.argmax(axis=1) == fresh.truth) > 0.8
    assert not fitted.adapted.weights[:, [0, 4, 5, 6]].any()  # labels that no clip had are left where they were


def test_where_nothing_can_be_learned_nothing_is_made():
    plain = material(told=0.0)
    best = np.full((200, 7), 0.02)
    best[np.arange(200), plain.truth] = 0.88
    assert fit(Material(best, plain.hidden, plain.truth, plain.groups, ()), "audio", MODEL).adapted is None


@pytest.mark.parametrize("count", [0, 5])
def test_too_few_clips_are_refused_with_what_is_needed(count):
    with pytest.raises(RequestError, match="20 answered clips"):
        fit(material(count), "audio", MODEL)


def test_the_file_gives_back_the_same_layer_and_a_result_names_it(tmp_path, monkeypatch):
    rng, read = np.random.default_rng(0), []
    labels = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
    push = np.array([0, 50.0, 0, 0, 0, 0, 0])
    layer = Adapted("audio", MODEL, labels, np.zeros(HIDDEN), np.ones(HIDDEN), np.zeros((HIDDEN, 7)), push)
    layer.save(tmp_path / "mine.npz")
    loaded = Adapted.load(tmp_path / "mine.npz")
    some = rng.dirichlet(np.ones(7), 4), rng.normal(size=(4, HIDDEN))
    np.testing.assert_array_equal(loaded.apply(*some), layer.apply(*some))
    monkeypatch.setattr(Adapted, "load", lambda path, real=Adapted.load: read.append(path) or real(path))
    analysis = mien.analyze(EXAMPLES / "dialogue.flac", modalities=("audio",), adapted=[tmp_path / "mine.npz"])
    assert read == [str(tmp_path / "mine.npz")]  # once a run
    assert {a.distribution.top for a in analysis.affects if a.distribution} == {"anger"}
    assert ("adapted audio", layer.sha256) in analysis.versions


def test_a_layer_for_another_model_or_no_layer_is_refused(tmp_path):
    other = Adapted("audio", "speech-0", ("a",), np.zeros(2), np.ones(2), np.zeros((2, 1)), np.zeros(1))
    other.save(tmp_path / "old.npz")
    (tmp_path / "junk.npz").write_bytes(b"junk")
    for name, words in (("old.npz", "speech-0"), ("junk.npz", "no adapted layer"), ("gone.npz", "cannot be read")):
        with pytest.raises(InputError, match=words):
            mien.analyze(EXAMPLES / "dialogue.flac", adapted=[tmp_path / name])


def test_a_real_clip_is_heard_and_one_without_sound_is_left_out_with_the_reason():
    clips = [Clip(2, EXAMPLES / "dialogue.flac", "anger", 1.0, 3.0), Clip(3, EXAMPLES / "letter.txt", "fear")]
    found = listen(clips)
    assert found.probabilities.shape == (1, 7) and found.hidden.shape == (1, HIDDEN)
    assert [clip.row for clip, _ in found.skipped] == [3]
