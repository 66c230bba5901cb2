"""Statements about images that are correct or incorrect, four families: stage 2 of the INSETS pipeline.

Customizing Visual Emotion Evaluation for MLLMs, arXiv 2509.21950; the sentences are our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.scoring.mvei_items import FAMILIES
from mien.scoring.mvei_labels import Mention, polarity_of
from mien.scoring.mvei_tree import opposite, place

CLAIMS = {
    "positive": ("fully positive", "Everything this image evokes is positive."),
    "negative": ("fully negative", "Everything this image evokes is negative."),
    "mixed": ("mixed", "This image evokes positive as well as negative emotions."),
}
"""Polarity -> (name, sentence) of the three claims of which exactly one fits."""

POLARITY, CAUSE, SITUATION, PERSON = FAMILIES


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. label: "correct" or "incorrect"; family; subclass: how it was made."""

    image: str
    text: str
    label: str
    family: str
    subclass: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """An image with its kept labels. alike: ids of images that look like it (given by the user)."""

    id: str
    words: tuple[Mention, ...]
    alike: frozenset[str] = frozenset()


def polarity_claims(polarities: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """(polarity, name of each claim -> "correct" or "incorrect"); None for an image without labels.

    >>> polarity_claims(["positive", "negative"])
    ('mixed', {'fully positive': 'incorrect', 'fully negative': 'incorrect', 'mixed': 'correct'})
    """
    found = polarity_of(polarities)
    if found is None:
        return None
    return found, {name: "correct" if key == found else "incorrect" for key, (name, _) in CLAIMS.items()}


def build_statements(images: Sequence[Labelled], *, seed: int = 0) -> list[Statement]:
    """All statements: three polarity claims an image; per label and prototype one correct and one incorrect statement.

    Where an incorrect statement can be made in several ways one is drawn; where in none, only the correct one stands.
    Equal images and seed give equal statements. A label without a prototype gives none of that family.
    """
    rng = np.random.default_rng(seed)
    held = {image.id: image for image in images}
    made: list[Statement] = []
    for image in images:
        made += _claims(image)
        for word in image.words:
            for ways in (_by_cause(image, word, held), _by_situation(image, word), _by_person(image, word)):
                correct, incorrect = ways
                made += correct
                if correct and incorrect:
                    made.append(incorrect[int(rng.integers(len(incorrect)))])
    return _consistent(made)


Ways = tuple[list[Statement], list[Statement]]


def _claims(image: Labelled) -> Iterator[Statement]:
    found = polarity_claims([word.polarity for word in image.words])
    if found is None:
        return
    for name, sentence in CLAIMS.values():
        yield Statement(image.id, sentence, found[1][name], POLARITY, name)


def _by_cause(image: Labelled, word: Mention, held: Mapping[str, Labelled]) -> Ways:
    if not word.cause:
        return [], []
    own = {_plain(other.cause) for other in image.words if other.category == word.category}
    wrong = [
        Statement(image.id, _reason(word, other), "incorrect", CAUSE, how)
        for other, how in _foreign_causes(image, word, held)
        if other.cause and _plain(other.cause) not in own
    ]
    return [Statement(image.id, _reason(word, word), "correct", CAUSE, "own cause")], _once(wrong)


def _foreign_causes(image: Labelled, word: Mention, held: Mapping[str, Labelled]) -> Iterator[tuple[Mention, str]]:
    for other in image.words:
        if other.polarity != word.polarity:
            yield other, "causes swapped within the image"
    mine = {label.category for label in image.words}
    for there in held.values():
        if there.id == image.id:
            continue
        if there.id in image.alike and not mine & {label.category for label in there.words}:
            yield from ((label, "looks alike, feels different") for label in there.words)
        elif there.id not in image.alike:
            yield from ((one, "feels alike, looks different") for one in there.words if one.category == word.category)


def _by_situation(image: Labelled, word: Mention) -> Ways:
    if not word.situation:
        return [], []
    correct = [Statement(image.id, _scene(word.situation, word.word), "correct", SITUATION, "own situation")]
    flipped = _flipped(image, word)
    wrong = []
    if flipped:
        text = _scene(word.situation, flipped)
        wrong.append(Statement(image.id, text, "incorrect", SITUATION, "polarity flipped"))
    own = {_plain(label.situation) for label in image.words if label.category == word.category}
    for other in image.words:
        if other.polarity != word.polarity and other.situation and _plain(other.situation) not in own:
            text = _scene(other.situation, word.word)
            wrong.append(Statement(image.id, text, "incorrect", SITUATION, "situations swapped within the image"))
    return correct, _once(wrong)


def _by_person(image: Labelled, word: Mention) -> Ways:
    if not word.person:
        return [], []
    flipped = _flipped(image, word)
    rivals = [(other.word, "against another label") for other in image.words if other.polarity != word.polarity]
    rivals = rivals[:1] or ([(flipped, "against the flipped label")] if flipped else [])
    correct = [
        Statement(image.id, _leans(word.person, word.word, rival), "correct", PERSON, how) for rival, how in rivals
    ]
    wrong = [
        Statement(image.id, _leans(word.person, rival, word.word), "incorrect", PERSON, how) for rival, how in rivals
    ]
    return correct, wrong


def _flipped(image: Labelled, word: Mention) -> str | None:
    """A word of the other polarity whose category the image does not evoke; None where there is none."""
    found = opposite(word.category)
    where = place(found) if found else None
    return found if where and where.secondary not in {label.category for label in image.words} else None


def _consistent(made: Sequence[Statement]) -> list[Statement]:
    """Each statement about an image once; one that came out correct as well as incorrect is left out."""
    labels: dict[tuple[str, str], set[str]] = {}
    for one in made:
        labels.setdefault((one.image, one.text), set()).add(one.label)
    once = {(one.image, one.text): one for one in reversed(made)}
    return [one for key, one in reversed(once.items()) if len(labels[key]) == 1]


def _reason(word: Mention, other: Mention) -> str:
    return f'The emotion "{word.word}" is evoked by this image, because {_inner(other.cause)}.'


def _scene(situation: str, emotion: str) -> str:
    return f'Seen in this situation, {_inner(situation)}, the image is likely to evoke the emotion "{emotion}".'


def _leans(person: str, first: str, second: str) -> str:
    who = _inner(person)
    return f'{who[:1].upper()}{who[1:]} is more inclined to the emotion "{first}" than to "{second}" at this image.'


def _inner(text: str) -> str:
    """A prototype as a part of a sentence: one line without its full stop."""
    return " ".join(text.split()).rstrip(" .。")


def _plain(text: str) -> str:
    return _inner(text).lower()


def _once(statements: Sequence[Statement]) -> list[Statement]:
    return list({statement.text: statement for statement in statements}.values())
