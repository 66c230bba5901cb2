"""Counterfactual text: what words alone would say, taken off the answer (needs no torch).

Source: gw-zhong/CIDer @2f86cbe, bert_dataloader.py and src/eval_metrics.py. Words whose counts differ between the
classes of the training part, most frequent first, are the biased ones; the counterfactual sentence keeps these and
hides all others. The final score is log p - tau log p_cf.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.samples import Sample

Token = TypeVar("Token", bound=Hashable)
TAUS = tuple(round(0.1 * step, 1) for step in range(31))
BERT_SPECIAL = frozenset({0, 100, 101, 102, 103})
"""[PAD], [UNK], [CLS], [SEP], [MASK] of BERT's English vocabulary; take them from the tokenizer in use."""


def spreads(
    sentences: Sequence[Sequence[Token]], labels: Sequence[int], classes: Sequence[int], *,
    special: Collection[Token] = (), stale: bool = False,
) -> dict[Token, float]:  # fmt: skip
    """Word -> population deviation / mean of its counts over `classes`, in order of first appearance.

    classes: those that are compared (negative and positive of three; all of seven). A word without a count in them has
    no spread and is left out; stale: it gets the one of the word before, as published. RequestError: there is none.
    """
    return _spreads(_counts(sentences, labels, special), classes, stale)


def biased_words(
    sentences: Sequence[Sequence[Token]], labels: Sequence[int], classes: Sequence[int], *,
    most: int = 100, spread: float = 0.1, special: Collection[Token] = (), stale: bool = False,
) -> list[Token]:  # fmt: skip
    """The `most` frequent words whose spread over classes is at least `spread`; ties in order of first appearance.

    sentences, labels: of the training part only.
    """
    counts = _counts(sentences, labels, special)
    wide = [word for word, value in _spreads(counts, classes, stale).items() if value >= spread]
    return sorted(wide, key=lambda word: -counts[word].total())[:most]


def counterfactual(
    sentence: Sequence[Token], words: Collection[Token], *, mask: Token, special: Collection[Token] = ()
) -> list[Token]:
    """The sentence with every word hidden that is neither of `words` nor special (marks, padding, missing words)."""
    kept = {*words, *special}
    return [token if token in kept else mask for token in sentence]


def with_counterfactual(
    samples: Sequence[Sample], train: Sequence[int], encode: Callable[[Sequence[str]], NDArray[np.floating]], *,
    classes: Sequence[int], split_words: Callable[[str], Sequence[str]] = str.split, mask: str = "[MASK]",
    most: int = 100, spread: float = 0.1,
) -> tuple[Sample, ...]:  # fmt: skip
    """The samples with the modality "text_counterfactual" beside their text, for data whose targets are classes.

    train: rows of the training part, the only ones whose labels are looked at; encode: words -> (time, width), the
    encoder that made the text features; classes: those that are compared, as in `spreads`.
    """
    sentences = [split_words(sample.words) for sample in samples]
    labels = [int(samples[row].target) for row in train]
    words = biased_words([sentences[row] for row in train], labels, classes, most=most, spread=spread)
    found = []
    for sample, sentence in zip(samples, sentences, strict=True):
        features = dict(sample.features)
        if "text" in features and sentence:
            features["text_counterfactual"] = encode(counterfactual(sentence, words, mask=mask))
        found.append(replace(sample, features=features))
    return tuple(found)


def debiased(log_p: Any, log_p_cf: Any, tau: float) -> NDArray[np.float64]:
    """log p - tau log p_cf, (n, classes): scores, no probabilities."""
    found: NDArray[np.float64] = np.asarray(log_p, float) - tau * np.asarray(log_p_cf, float)
    return found


def choose_tau(
    log_p: Any, log_p_cf: Any, truth: Any, score: Callable[[Any, Any], float], *, taus: Sequence[float] = TAUS
) -> float:
    """The tau of the best `score(truth, scores)` on validation answers, the smallest of equals; never on test ones."""
    values = [score(truth, debiased(log_p, log_p_cf, tau)) for tau in taus]
    return float(taus[int(np.argmax(values))])


def oracle_tau(
    log_p: Any, log_p_cf: Any, truth: Any, scores: Callable[[Any, Any], dict[str, float]], *,
    taus: Sequence[float] = TAUS,
) -> dict[str, float]:  # fmt: skip
    """Every metric at its own best tau on the evaluated part itself, as published: no result, only what that gains."""
    rows = [scores(truth, debiased(log_p, log_p_cf, tau)) for tau in taus]
    return {name: max(row[name] for row in rows) for name in rows[0]}


def _counts(
    sentences: Sequence[Sequence[Token]], labels: Sequence[int], special: Collection[Token]
) -> dict[Token, Counter[int]]:
    """Word -> counts by class, words in order of first appearance."""
    if len(sentences) != len(labels):
        raise RequestError(f"{len(sentences)} sentences, {len(labels)} labels: as many of both are needed")
    counts: dict[Token, Counter[int]] = {}
    hidden = set(special)
    for sentence, label in zip(sentences, labels, strict=True):
        for word in sentence:
            if word not in hidden:
                counts.setdefault(word, Counter())[int(label)] += 1
    return counts


def _spreads(counts: dict[Token, Counter[int]], classes: Sequence[int], stale: bool) -> dict[Token, float]:
    found: dict[Token, float] = {}
    last: float | None = None
    for word, by_class in counts.items():
        numbers = np.array([by_class[one] for one in classes], np.float32)
        if numbers.any():
            last = float(numbers.std() / numbers.mean())
        elif not stale:
            continue
        if last is None:
            raise RequestError(f"stale: no word before {word!r} has a count in the classes {list(classes)}")
        found[word] = last
    return found
