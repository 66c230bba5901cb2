"""From what several models say of an image to its labels: votes per category, a quota of words per category.

Stage 1 of the INSETS pipeline (arXiv 2509.21950): each model's words are put into the 25 secondary emotions of
Parrott's tree, models vote per category, a category keeps the more words the more models name it, its most frequent
ones. The published figure gives 3 words for 4 of 4 votes, 1 for 3 of 4, 0 for 1 of 4; the rule between is ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mien.scoring.mvei_tree import Polarity, place

Quota = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Mention:
    """One emotion word that one source gave for one image, with what was written for it.

    image; word; source: the model or person ("" where there is one only); category: secondary emotion; polarity;
    cause, situation, person: the prototypes of the three families, "" where there is none; row: of the table.
    """

    image: str
    word: str
    category: str
    polarity: Polarity
    source: str = ""
    cause: str = ""
    situation: str = ""
    person: str = ""
    row: int = 0


def quota(votes: int, voters: int) -> int:
    """How many words a category keeps: 3 where all voters name it, 2 from seven eighths on, 1 above one half, else 0.

    >>> [quota(votes, 4) for votes in (4, 3, 2, 1)]
    [3, 1, 0, 0]
    """
    if votes >= voters:
        return 3
    return 2 if 8 * votes >= 7 * voters else int(2 * votes > voters)


def elect(mentions: Sequence[Mention], *, quota: Quota = quota) -> list[Mention]:
    """The mentions of one image that are kept, one per word, in the order of the table.

    With one source every word is kept. A word's prototypes are those of its first mention that has any. Ties in
    frequency go to the word that comes first.
    """
    voters = len({mention.source for mention in mentions})
    words: dict[tuple[str, str], list[Mention]] = {}
    for mention in mentions:
        words.setdefault((mention.category, mention.word.lower()), []).append(mention)
    kept: list[Mention] = []
    for category in dict.fromkeys(mention.category for mention in mentions):
        inside = {word: said for (name, word), said in words.items() if name == category}
        votes = len({mention.source for said in inside.values() for mention in said})
        seats = quota(votes, voters) if voters > 1 else len(inside)
        frequent = Counter({word: len({mention.source for mention in said}) for word, said in inside.items()})
        kept += [_best(inside[word]) for word, _ in frequent.most_common(seats)]
    return sorted(kept, key=lambda mention: mention.row)


def located(word: str) -> tuple[str, Polarity] | None:
    """(secondary emotion, polarity) of a word by the tree; None where it is no emotion word the tree knows."""
    found = place(word)
    return (found.secondary, found.polarity) if found else None


def polarity_of(polarities: Iterable[str]) -> str | None:
    """ "positive", "negative", "mixed" where both occur, None without labels."""
    found = set(polarities)
    return "mixed" if len(found) > 1 else next(iter(found), None)


def _best(said: Sequence[Mention]) -> Mention:
    return max(said, key=lambda mention: bool(mention.cause) + bool(mention.situation) + bool(mention.person))
