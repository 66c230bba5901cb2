import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control

from mien.errors import RequestError
from mien.scoring.association import associations, benjamini_hochberg
from mien.scoring.expressions import Corpus, expressions

FILLER = ["rain", "train", "work", "lunch", "friend", "film", "heat", "school", "bus", "walk", "tea", "book"]


def planted(share_in, share_out, size=600, phrase="oh well"):
    """Texts of 60 writers, a quarter of them detected; the phrase in so many of the detected and of the others."""
    draw = np.random.default_rng(0)
    detected = draw.random(size) < 0.25
    texts = [" ".join(draw.choice(FILLER, 5, replace=False)) for _ in range(size)]
    added = draw.random(size) < np.where(detected, share_in, share_out)
    texts = [f"{text}. {phrase}" if more else text for text, more in zip(texts, added, strict=True)]
    return texts, detected, [f"w{at % 60}" for at in range(size)]


@pytest.mark.parametrize("phrase", ["oh well", "なんだかなあ", "😤"])
def test_a_planted_expression_ranks_first(phrase):
    texts, detected, writers = planted(0.30, 0.03, phrase=phrase)
    first = Corpus(texts, writers).typical(detected)[0]
    assert first.text in phrase
    assert first.z > 3
    assert first.q < 0.01
    assert first.detected / detected.sum() == pytest.approx(0.3, abs=0.08)


def test_a_pet_phrase_of_one_writer_is_dropped():
    texts, detected, writers = planted(0.30, 0.03)
    texts = [f"{text}. zounds" if name == "w7" else text for text, name in zip(texts, writers, strict=True)]
    detected = detected | (np.array(writers) == "w7")
    corpus = Corpus(texts, writers)
    assert "zounds" not in {one.text for one in corpus.typical(detected)}
    assert "zounds" in {one.text for one in corpus.typical(detected, min_writers=1)}


def test_of_phrases_in_the_same_texts_only_the_longest_is_told():
    texts, detected, writers = planted(0.30, 0.03)
    told = {one.text for one in Corpus(texts, writers).typical(detected, least=3)}
    assert "oh well" in told
    assert not told & {"oh", "well"}


def test_groups_without_rest_have_no_expressions():
    corpus = Corpus(["a b", "a c"], min_texts=1)
    assert corpus.typical([True, True]) == ()
    assert corpus.typical([False, False]) == ()
    assert Corpus([], min_texts=1).typical([]) == ()


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("It's FINE, really", {"it's", "fine", "it's fine", "really"}),
        ("हिन्दी में", {"हिन्दी", "में", "हिन्दी में"}),
        ("つらい", {"つ", "つら", "つらい"}),
        ("กินข้าว", {"กิ", "กิน"}),
        ("안녕 하세요", {"안녕", "안녕 하세요"}),
        ("ｏｋ👍", {"ok", "👍"}),
    ],
)
def test_any_script(text, some):
    found = set(expressions(text))
    assert some <= found
    assert "fine really" not in found


@given(st.text(max_size=40))
def test_any_text_is_read_each_expression_once(text):
    found = list(expressions(text))
    assert len(found) == len(set(found))
    assert all(word.strip() for word in found)


counts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=12).filter(
    lambda rows: min(map(sum, zip(*rows, strict=True))) > 0
)


@given(counts)
def test_chi_square_and_g2_agree_with_scipy(rows):
    y1, y2 = (np.array(side) for side in zip(*rows, strict=True))
    found = associations(y1, y2)
    for at in range(len(rows)):
        table = np.array([[y1[at], y1.sum() - y1[at]], [y2[at], y2.sum() - y2[at]]])
        if y1[at] + y2[at] == 0:
            assert math.isnan(found.z[at])
        elif table.sum(axis=0).min() > 0:
            assert found.chi2[at] == pytest.approx(chi2_contingency(table, correction=False)[0], abs=1e-9)
            expected = chi2_contingency(table, correction=False, lambda_="log-likelihood")[0]
            assert found.g2[at] == pytest.approx(expected, abs=1e-9)


@given(counts)
def test_the_two_groups_mirror_each_other(rows):
    y1, y2 = zip(*rows, strict=True)
    there, back = associations(y1, y2), associations(y2, y1)
    np.testing.assert_allclose(there.z, -back.z, atol=1e-9)
    np.testing.assert_allclose(there.ratio, 1 / back.ratio)
    np.testing.assert_allclose(there.g2, back.g2, atol=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_scipy(p):
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), atol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: associations([1, 2], [1]),
        lambda: associations([-1, 2], [1, 1]),
        lambda: associations([0, 0], [1, 1]),
        lambda: associations([1], [1], prior_scale=0),
        lambda: Corpus(["a"], ["w", "v"]),
        lambda: Corpus(["a"], grams=9),
        lambda: Corpus(["a"], min_texts=1).typical([True, False]),
        lambda: Corpus(["a"], min_texts=1).typical([True], by="luck"),
    ],
)
def test_wrong_requests(call):
    with pytest.raises(RequestError):
        call()
