"""Repartition by the bias of words: unlike, whole, the same from the same seed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mien.affect.space import Space
from mien.errors import RequestError
from mien.research.protocols.repartition import ood_repartition, tokens
from mien.research.samples import Data, Sample

SPACE = Space("made", ("a", "b", "c"), "categorical", "tests", 0.0, 1.0)


def corpus(recordings=90, sentences=12, seed=0, vocabulary=60, task="class"):
    """Every recording leans to a habit of its own: some words stand beside other labels there."""
    rng = np.random.default_rng(seed)
    samples = []
    for place in range(recordings):
        habit = rng.integers(0, 3, vocabulary)
        for at in range(int(rng.integers(sentences - 3, sentences + 4))):
            label = int(rng.integers(0, 3))
            likes = np.where(habit == label, 4.0, 1.0)
            words = rng.choice(vocabulary, 6, p=likes / likes.sum())
            target = label if task == "class" else np.array([label - 1.0], np.float32)
            samples.append(Sample(f"r{place}-{at}", f"r{place}", {}, target, words=" ".join(f"word{w}" for w in words)))
    return Data("made", SPACE, task, tuple(samples))


def test_words_lean_otherwise_in_test_and_recordings_stay_whole():
    data = corpus()
    found = ood_repartition(data, seed=3, swaps=3000, share=0.25, valid=0.2)
    assert found.distance > 1.5 * found.start
    found.split.check(data.samples)
    rows = sorted((*found.split.train, *found.split.valid, *found.split.test))
    assert rows == list(range(len(data.samples)))
    assert abs(len(found.split.test) / len(data.samples) - 0.25) < 0.03
    assert 0.1 < len(found.split.valid) / (len(rows) - len(found.split.test)) < 0.3
    assert found.text_only[1] < found.text_only[0] - 0.05
    assert sum(found.priors[1]) == pytest.approx(1)


def test_the_seed_gives_the_split_again():
    data = corpus(30)
    one, same, other = (ood_repartition(data, seed=seed, swaps=400) for seed in (1, 1, 2))
    assert one == same and one.split != other.split
    manifest = json.loads(json.dumps(one.manifest(data)))
    assert manifest["parts"]["test"] == [data.samples[row].id for row in one.split.test]
    assert manifest["seed"] == 1 and manifest["swaps"] == 400 and manifest["distance"] == one.distance


def test_values_count_by_their_sign():
    as_classes, as_values = (ood_repartition(corpus(12, task=task), swaps=50, words=20) for task in ("class", "value"))
    assert as_classes == as_values and as_values.words == 20
    assert tokens("Don't STOP, it's 5_six") == ["don't", "stop", "it's", "5", "six"]


def test_what_cannot_be_split():
    silent = Data("silent", SPACE, "class", tuple(Sample(f"s{at}", f"g{at}", {}, at % 2) for at in range(6)))
    with pytest.raises(RequestError, match="silent has no texts"):
        ood_repartition(silent)
    alike = Data("alike", SPACE, "class", tuple(Sample(f"s{at}", f"g{at}", {}, 1, words="so") for at in range(6)))
    with pytest.raises(RequestError, match="one class only"):
        ood_repartition(alike)
    with pytest.raises(RequestError, match="three groups"):
        ood_repartition(corpus(2))
