"""Any emotion word to a label of a space of basic emotions, through word tables that are handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from mien.affect.chinese import english
from mien.affect.distribution import Distribution
from mien.affect.names import alias, plain, resolve
from mien.affect.space import Space, space
from mien.errors import RequestError

GroupOf = Callable[[str], str | None] | Mapping[str, str]

# The groups of the innermost ring of the five published wheels that are a basic emotion; powerful, peaceful, genius and
# bad are none.
RINGS: dict[str, str] = {
    **dict.fromkeys(("mad", "angry", "anger"), "anger"),
    **dict.fromkeys(("disgusted", "disgust"), "disgust"),
    **dict.fromkeys(("scared", "fearful", "fear"), "fear"),
    **dict.fromkeys(("happy", "joy", "joyful"), "happiness"),
    **dict.fromkeys(("sad",), "sadness"),
    **dict.fromkeys(("surprised",), "surprise"),
}


# Published tables list most inflected forms, yet not all adverbs ("furiously").
_ENDINGS = (("ily", "y"), ("ly", ""), ("iness", "y"), ("ness", ""), ("s", ""))


def basic_word(word: str, group_of: GroupOf, goal: Space | str = "basic7") -> str | None:
    """The label of `goal` that a word means, None where nothing says so (count these, never guess).

    word: in any case, inflected as far as the table or a common ending goes; Chinese words by Mien's own table.
    group_of: from a lower-case English word to its group on a wheel's innermost ring (or None), as
    `mien.scoring.wheels` gives it. A name or alias of a label itself comes first: published tables put some of them
    elsewhere ("fear" under happy in the 2025 edition). Labels of `goal` other than the basic ones are only
    reached by their own name.

    >>> basic_word("Furious", {"furious": "mad"}), basic_word("難過", {"sad": "sad"}), basic_word("genius", {})
    ('anger', 'sadness', None)
    """
    own = goal if isinstance(goal, Space) else space(goal)
    told = english(word) or word
    if direct := _direct(told, own):
        return direct
    for text in _forms(plain(told)):
        group = group_of.get(text) if isinstance(group_of, Mapping) else group_of(text)
        if group is not None:
            return _direct(RINGS[group], own) if group in RINGS else None
    return None


def basic_words(
    words: Iterable[str], group_of: GroupOf, goal: Space | str = "basic7"
) -> tuple[Distribution, tuple[str, ...]]:
    """Several words as one distribution, each readable word with the same weight, and the words that were not readable.

    Raises RequestError where no word can be read.
    """
    own = goal if isinstance(goal, Space) else space(goal)
    values, unread = np.zeros(len(own.labels)), []
    for word in words:
        label = basic_word(word, group_of, own)
        if label is None:
            unread.append(word)
        else:
            values[own.index(label)] += 1
    if not values.any():
        raise RequestError(f"none of these words has a label in {own.name}: {', '.join(unread) or '(no word)'}")
    values = values / values.sum() if own.exclusive else values.clip(0, 1)
    return Distribution(own, values), tuple(unread)


def _forms(word: str) -> list[str]:
    """The word and what is left of it without the ending of an adverb, a noun or a plural, most likely first."""
    return [
        word,
        *(word[: -len(end)] + new for end, new in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2),
    ]


def _direct(name: str, own: Space) -> str | None:
    try:
        return resolve(alias(name), own)
    except RequestError:
        return None
