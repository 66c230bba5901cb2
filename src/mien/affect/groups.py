"""Which labels are gathered under which: the tables behind the grouping mappings."""

from __future__ import annotations

from mien.affect.fine_labels import EMONET

Groups = dict[str, tuple[str, ...]]


def _table(**rows: str) -> Groups:
    return {name: tuple(labels.split(", ")) for name, labels in rows.items()}


# google-research goemotions/data/ekman_mapping.json; its "joy" is called happiness here.
EKMAN_GROUPS: Groups = _table(
    anger="anger, annoyance, disapproval",
    disgust="disgust",
    fear="fear, nervousness",
    happiness="joy, amusement, approval, excitement, gratitude, love, optimism, relief, pride, admiration, desire, "
    "caring",
    sadness="sadness, disappointment, embarrassment, grief, remorse",
    surprise="surprise, realization, confusion, curiosity",
)

# goemotions/data/sentiment_mapping.json.
SENTIMENT_GROUPS: Groups = {
    "positive": EKMAN_GROUPS["happiness"],
    **_table(
        negative="fear, nervousness, remorse, embarrassment, disappointment, sadness, grief, disgust, anger, "
        "annoyance, disapproval",
        ambiguous="realization, surprise, curiosity, confusion",
    ),
}

# Mien's own, loose as a whole. Nine labels have no counterpart.
EMONET_BASIC: Groups = _table(
    anger="Anger, Impatience and Irritability, Malevolence/Malice, Jealousy & Envy",
    disgust="Disgust, Contempt, Sourness",
    fear="Fear, Distress",
    happiness="Amusement, Elation, Pleasure/Ecstasy, Contentment, Thankfulness/Gratitude, Affection, Infatuation, "
    "Hope/Enthusiasm/Optimism, Triumph, Pride, Relief, Teasing",
    sadness="Sadness, Disappointment, Longing, Helplessness, Shame, Embarrassment, Bitterness",
    surprise="Astonishment/Surprise, Awe, Confusion",
)

# EmoNet-Voice (later version), appendix: fine labels for EMO-DB; Awe, Intoxication and Sexual Lust have none.
EMONET_EMODB: Groups = _table(
    anger="Anger, Bitterness, Impatience and Irritability, Malevolence/Malice",
    boredom="Emotional Numbness",
    disgust="Contempt, Disgust, Sourness",
    fear="Astonishment/Surprise, Distress, Fear",
    happiness="Affection, Amusement, Contentment, Elation, Hope/Enthusiasm/Optimism, Infatuation, Pleasure/Ecstasy, "
    "Pride, Relief, Teasing, Thankfulness/Gratitude, Triumph",
    neutral="Concentration, Contemplation, Doubt, Interest, Confusion",
    sadness="Disappointment, Embarrassment, Fatigue/Exhaustion, Helplessness, Jealousy & Envy, Longing, Pain, Sadness, "
    "Shame",
)

# The buttons of the EmoNet-Voice annotation tool: every one of the forty stands in one group.
EMONET_BUTTONS: Groups = {
    "positive high-energy": (
        *("Amusement", "Elation", "Pleasure/Ecstasy", "Hope/Enthusiasm/Optimism", "Triumph", "Interest", "Awe"),
        *("Astonishment/Surprise", "Teasing"),
    ),
    "positive low-energy": (
        *("Contentment", "Thankfulness/Gratitude", "Affection", "Relief", "Contemplation", "Pride"),
    ),
    "negative high-energy": (
        *("Fear", "Anger", "Malevolence/Malice", "Disgust", "Impatience and Irritability", "Distress"),
    ),
    "negative low-energy": (
        *("Sadness", "Bitterness", "Contempt", "Disappointment", "Shame", "Emotional Numbness", "Doubt"),
        *("Jealousy & Envy", "Embarrassment", "Helplessness"),
    ),
    "cognitive": ("Concentration", "Confusion"),
    "physical": ("Pain", "Fatigue/Exhaustion", "Intoxication/Altered States of Consciousness", "Sourness"),
    "longing and lust": ("Longing", "Sexual Lust", "Infatuation"),
}

# Plutchik 1980: low, middle and high of each; around the wheel.
PLUTCHIK_LEVELS: Groups = _table(
    Joy="serenity, joy, ecstasy",
    Trust="acceptance, trust, admiration",
    Fear="apprehension, fear, terror",
    Surprise="distraction, surprise, amazement",
    Sadness="pensiveness, sadness, grief",
    Disgust="boredom, disgust, loathing",
    Anger="annoyance, anger, rage",
    Anticipation="interest, anticipation, vigilance",
)

# Plutchik 1980: the two emotions each dyad is made of.
DYADS: dict[str, tuple[str, str]] = {
    "love": ("Joy", "Trust"),
    "submission": ("Trust", "Fear"),
    "awe": ("Fear", "Surprise"),
    "disapproval": ("Surprise", "Sadness"),
    "remorse": ("Sadness", "Disgust"),
    "contempt": ("Disgust", "Anger"),
    "aggressiveness": ("Anger", "Anticipation"),
    "optimism": ("Anticipation", "Joy"),
    "guilt": ("Joy", "Fear"),
    "curiosity": ("Trust", "Surprise"),
    "despair": ("Fear", "Sadness"),
    "unbelief": ("Surprise", "Disgust"),
    "envy": ("Sadness", "Anger"),
    "cynicism": ("Disgust", "Anticipation"),
    "pride": ("Anger", "Joy"),
    "hope": ("Anticipation", "Trust"),
    "delight": ("Joy", "Surprise"),
    "sentimentality": ("Trust", "Sadness"),
    "shame": ("Fear", "Disgust"),
    "outrage": ("Surprise", "Anger"),
    "pessimism": ("Sadness", "Anticipation"),
    "morbidness": ("Disgust", "Joy"),
    "dominance": ("Anger", "Trust"),
    "anxiety": ("Anticipation", "Fear"),
}

OPPOSITES: dict[str, str] = {
    **{"Joy": "Sadness", "Trust": "Disgust", "Fear": "Anger", "Surprise": "Anticipation"},
    **{"Sadness": "Joy", "Disgust": "Trust", "Anger": "Fear", "Anticipation": "Surprise"},
}


def parts() -> Groups:
    """Each of Plutchik's eight -> the dyads that hold it."""
    return {one: tuple(name for name, pair in DYADS.items() if one in pair) for one in OPPOSITES}


def same(*labels: str) -> Groups:
    """Groups that keep labels as they are."""
    return {label: (label,) for label in labels}


EMONET_LABELS: tuple[str, ...] = tuple(EMONET.split(", "))
