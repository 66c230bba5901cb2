"""Repartition by the bias of words: unlike, whole, the same from the same seed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mien.errors import RequestError
from mien.research.protocols.repartition import ood_repartition, tokens
from mien.research.samples import Sample


def corpus(recordings=90, sentences=12, seed=0, vocabulary=60):
    """Every recording leans to a habit of its own: some words stand beside other labels there."""
    rng = np.random.default_rng(seed)
    samples = []
    for place in range(recordings):
        habit = rng.integers(0, 3, vocabulary)
        for at in range(int(rng.integers(sentences - 3, sentences + 4))):
            label = int(rng.integers(0, 3))
            likes = np.where(habit == label, 4.0, 1.0)
            words = rng.choice(vocabulary, 6, p=likes / likes.sum())
            samples.append(Sample(f"r{place}-{at}", f"r{place}", {}, label, words=" ".join(f"word{w}" for w in words)))
    return samples


def test_words_lean_otherwise_in_test_and_recordings_stay_whole():
    samples = corpus()
    found = ood_repartition(samples, (0.6, 0.15, 0.25), seed=3, swaps=3000)
    assert found.distance > 1.5 * found.distance_random
    found.split.check(samples)
    rows = sorted((*found.split.train, *found.split.valid, *found.split.test))
    assert rows == list(range(len(samples)))
    assert abs(len(found.split.test) / len(samples) - 0.25) < 0.03
    assert abs(len(found.split.valid) / len(samples) - 0.15) < 0.03
    assert found.text_only < found.text_only_random - 0.05
    assert sum(found.shares["test"]) == pytest.approx(1)


def test_the_size_of_test_is_kept_where_recordings_are_long_and_short():
    """Within the slack of 2 % of the samples, though swapping a long recording for a short one would pay."""
    long, short = corpus(24, sentences=40), corpus(24, sentences=4, seed=1)
    samples = [*long, *(Sample(f"x{s.id}", f"x{s.group}", {}, s.target, words=s.words) for s in short)]
    for seed in range(3):
        begun = ood_repartition(samples, (0.6, 0.15, 0.25), seed=seed, swaps=0)
        found = ood_repartition(samples, (0.6, 0.15, 0.25), seed=seed, swaps=600)
        assert found.distance > begun.distance == begun.distance_random == found.distance_random
        assert abs(len(found.split.test) - len(begun.split.test)) <= 0.02 * len(samples)


def test_the_seed_gives_the_split_again():
    samples = corpus(30)
    one, same, other = (ood_repartition(samples, (0.6, 0.2, 0.2), seed=seed, swaps=400) for seed in (1, 1, 2))
    assert one == same and one.split != other.split
    manifest = json.loads(json.dumps(one.manifest(samples)))
    assert manifest["parts"]["test"] == [samples[row].id for row in one.split.test]
    assert manifest["seed"] == 1 and manifest["swaps"][0] == 400 and manifest["distance"] == one.distance


def test_labels_may_be_given_and_words_cut_otherwise():
    samples = corpus(12)
    signs = [sample.target % 2 for sample in samples]
    found = ood_repartition(samples, (2, 1, 1), labels=signs, swaps=50, split_words=str.split, words=20)
    assert len(found.shares["train"]) == 2 and found.words == 20
    assert tokens("Don't STOP, it's 5_six") == ["don't", "stop", "it's", "5", "six"]


def test_what_cannot_be_split():
    silent = [Sample(f"s{place}", f"g{place}", {}, place % 2) for place in range(6)]
    with pytest.raises(RequestError, match=r"with words .* at least two classes"):
        ood_repartition(silent, (1, 1, 1))
    alike = [Sample(f"s{place}", f"g{place}", {}, 1, words="so") for place in range(6)]
    with pytest.raises(RequestError, match="at least two classes"):
        ood_repartition(alike, (1, 1, 1))
    with pytest.raises(RequestError, match="three groups"):
        ood_repartition(corpus(2), (1, 1, 1))
