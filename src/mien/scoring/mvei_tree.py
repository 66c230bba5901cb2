"""Parrott's tree of emotion words: polarity, primary and secondary emotion of a word, and a word of the other polarity.

W. G. Parrott, Emotions in Social Psychology (2001), after Shaver et al. 1987: 6 primary and 25 secondary emotions. Joy,
love and surprise count as positive, as in MVEI (arXiv 2509.21950). The opposites are our own choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

Polarity = Literal["positive", "negative"]

_TREE: dict[str, dict[str, str]] = {
    "love": {
        "affection": "adoration affection love fondness liking attraction caring tenderness compassion sentimentality",
        "lust": "arousal desire lust passion infatuation",
        "longing": "longing",
    },
    "joy": {
        "cheerfulness": "amusement bliss cheerfulness gaiety glee jolliness joviality joy delight enjoyment gladness "
        "happiness jubilation elation satisfaction ecstasy euphoria",
        "zest": "enthusiasm zeal zest excitement thrill exhilaration",
        "contentment": "contentment pleasure",
        "pride": "pride triumph",
        "optimism": "eagerness hope optimism",
        "enthrallment": "enthrallment rapture",
        "relief": "relief",
    },
    "surprise": {"surprise": "amazement surprise astonishment"},
    "anger": {
        "irritation": "aggravation irritation agitation annoyance grouchiness grumpiness",
        "exasperation": "exasperation frustration",
        "rage": "anger rage outrage fury wrath hostility ferocity bitterness hate loathing scorn spite vengefulness "
        "dislike resentment",
        "disgust": "disgust revulsion contempt",
        "envy": "envy jealousy",
        "torment": "torment",
    },
    "sadness": {
        "suffering": "agony suffering hurt anguish",
        "sadness": "depression despair hopelessness gloom glumness sadness unhappiness grief sorrow woe misery "
        "melancholy",
        "disappointment": "dismay disappointment displeasure",
        "shame": "guilt shame regret remorse",
        "neglect": "alienation isolation neglect loneliness rejection homesickness defeat dejection insecurity "
        "embarrassment humiliation insult",
        "sympathy": "pity sympathy",
    },
    "fear": {
        "horror": "alarm shock fear fright horror terror panic hysteria mortification",
        "nervousness": "anxiety nervousness tenseness uneasiness apprehension worry distress dread",
    },
}
# Everyday forms that the tree, which has nouns, does not list; our own.
_EVERYDAY = {
    "affection": "loving affectionate adoring fond tender compassionate attracted sentimental",
    "lust": "passionate aroused infatuated",
    "longing": "yearning nostalgic nostalgia wistful",
    "cheerfulness": "amused cheerful happy joyful glad delighted merry elated satisfied ecstatic blissful playful",
    "zest": "enthusiastic excited thrilled exhilarated energetic",
    "contentment": "content contented pleased calm peaceful serene serenity relaxed comfortable tranquil tranquility",
    "pride": "proud triumphant",
    "optimism": "hopeful optimistic eager",
    "enthrallment": "enthralled fascinated fascination awe awed wonder inspired",
    "relief": "relieved",
    "surprise": "surprised amazed astonished",
    "irritation": "irritated annoyed agitated grumpy aggravated",
    "exasperation": "exasperated frustrated",
    "rage": "angry furious outraged hostile bitter hateful resentful mad",
    "disgust": "disgusted revolted contemptuous",
    "envy": "envious jealous",
    "torment": "tormented",
    "suffering": "anguished",
    "sadness": "sad depressed despairing hopeless gloomy unhappy grieving sorrowful miserable melancholic",
    "disappointment": "disappointed dismayed displeased",
    "shame": "ashamed guilty regretful remorseful",
    "neglect": "alienated isolated lonely rejected homesick defeated insecure embarrassed humiliated",
    "sympathy": "sympathetic",
    "horror": "scared afraid fearful frightened terrified horrified panicked shocked alarmed",
    "nervousness": "anxious nervous tense uneasy apprehensive worried distressed",
}
_POSITIVE = frozenset(("love", "joy", "surprise"))

_OPPOSITES = {
    **{"affection": "dislike", "lust": "disgust", "longing": "dislike", "cheerfulness": "sadness", "zest": "gloom"},
    **{"contentment": "displeasure", "pride": "shame", "optimism": "hopelessness", "enthrallment": "dismay"},
    **{"relief": "anxiety", "surprise": "dread", "irritation": "contentment", "exasperation": "satisfaction"},
    **{"rage": "affection", "disgust": "fondness", "envy": "compassion", "torment": "relief", "suffering": "bliss"},
    **{"sadness": "happiness", "disappointment": "satisfaction", "shame": "pride", "neglect": "affection"},
    **{"sympathy": "cheerfulness", "horror": "delight", "nervousness": "contentment"},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word stands in the tree. word: as the tree has it; secondary, primary; polarity."""

    word: str
    secondary: str
    primary: str
    polarity: Polarity


_PLACES = {
    word: Place(word, secondary, primary, "positive" if primary in _POSITIVE else "negative")
    for primary, branches in _TREE.items()
    for secondary, words in branches.items()
    for word in (*words.split(), secondary, *_EVERYDAY.get(secondary, "").split())
}

SECONDARY: tuple[str, ...] = tuple(secondary for branches in _TREE.values() for secondary in branches)
"""The 25 secondary emotions, in the order of the tree."""


@cache
def place(word: str) -> Place | None:
    """Where a word stands: itself, its base form or its synonym head by the word tables; None where none does.

    >>> place("joyful").secondary, place("table")
    ('cheerfulness', None)
    """
    low = word.strip().lower()
    if low in _PLACES:
        return _PLACES[low]
    from mien.scoring.wheels import tables

    held = tables()
    heads = (held.group(low, grouping) for grouping in ("case1", "case2"))
    return next((_PLACES[head] for head in heads if head in _PLACES), None)


def opposite(secondary: str) -> str | None:
    """A word of the other polarity for a secondary emotion; None for a category that the tree lacks."""
    return _OPPOSITES.get(secondary)
