"""Spaces whose labels may hold together: (name, labels in the order of the source, source), and those with a level."""

from __future__ import annotations

_SUPERB = "EMO-SUPERB configuration @4167e30"

EMONET = (
    "Amusement, Elation, Pleasure/Ecstasy, Contentment, Thankfulness/Gratitude, Affection, Infatuation, "
    "Hope/Enthusiasm/Optimism, Triumph, Pride, Interest, Awe, Astonishment/Surprise, Concentration, Contemplation, "
    "Relief, Longing, Teasing, Impatience and Irritability, Sexual Lust, Doubt, Fear, Distress, Confusion, "
    "Embarrassment, Shame, Disappointment, Sadness, Bitterness, Contempt, Disgust, Anger, Malevolence/Malice, "
    "Sourness, Pain, Helplessness, Fatigue/Exhaustion, Emotional Numbness, "
    "Intoxication/Altered States of Consciousness, Jealousy & Envy"
)
_WRIME = "Joy, Sadness, Anticipation, Surprise, Anger, Fear, Disgust, Trust"
_EMONET_SOURCE = "EmoNet-Voice (arXiv 2506.09827), taxonomy of EmoNet-Face guide.json @f4d4dab"

# Independent probabilities.
MULTILABEL: tuple[tuple[str, str, str], ...] = (
    (
        "goemotions28",
        "admiration, amusement, anger, annoyance, approval, caring, confusion, curiosity, desire, disappointment, "
        "disapproval, disgust, embarrassment, excitement, fear, gratitude, grief, joy, love, nervousness, optimism, "
        "pride, realization, relief, remorse, sadness, surprise, neutral",
        "Demszky et al. 2020, GoEmotions (arXiv 2005.00547), emotions.txt",
    ),
    (
        "brighter6",
        "anger, disgust, fear, joy, sadness, surprise",
        "Muhammad et al. 2025, BRIGHTER (arXiv 2502.11926), track A columns",
    ),
    (
        "ekman7-goemotions",
        "anger, disgust, fear, joy, sadness, surprise, neutral",
        "GoEmotions ekman_mapping.json (key order), neutral kept apart",
    ),
    ("sentiment4-goemotions", "positive, negative, ambiguous, neutral", "GoEmotions sentiment_mapping.json"),
    ("plutchik8", _WRIME, "Plutchik 1980 in the column order of WRIME"),
    (
        "plutchik8-wheel",
        "joy, trust, fear, surprise, sadness, disgust, anger, anticipation",
        "Plutchik 1980, around the wheel",
    ),
    (
        "plutchik24",
        "serenity, joy, ecstasy, acceptance, trust, admiration, apprehension, fear, terror, distraction, surprise, "
        "amazement, pensiveness, sadness, grief, boredom, disgust, loathing, annoyance, anger, rage, interest, "
        "anticipation, vigilance",
        "Plutchik 1980: low, middle and high intensity of each, around the wheel",
    ),
    (
        "plutchik-dyads24",
        "love, submission, awe, disapproval, remorse, contempt, aggressiveness, optimism, "
        "guilt, curiosity, despair, unbelief, envy, cynicism, pride, hope, "
        "delight, sentimentality, shame, outrage, pessimism, morbidness, dominance, anxiety",
        "Plutchik 1980: primary, secondary and tertiary dyads; names differ between editions",
    ),
    (
        "emotic26",
        "Affection, Anger, Annoyance, Anticipation, Aversion, Confidence, Disapproval, Disconnection, Disquietment, "
        "Doubt/Confusion, Embarrassment, Engagement, Esteem, Excitement, Fatigue, Fear, Happiness, Pain, Peace, "
        "Pleasure, Sadness, Sensitivity, Suffering, Surprise, Sympathy, Yearning",
        "EMOTIC",
    ),
    (
        "msp-podcast-s16",
        "angry, frustrated, annoyed, disappointed, sad, disgust, depressed, contempt, confused, concerned, fear, "
        "neutral, surprise, amused, excited, happy",
        f"MSP-Podcast secondary; {_SUPERB}",
    ),
    (
        "improv-s10",
        "depressed, frustrated, angry, sad, disgust, excited, fear, neutral, surprise, happy",
        f"MSP-IMPROV secondary; {_SUPERB}",
    ),
    (
        "nnime11",
        "angry, frustrated, disappointed, sad, fear, neutral, surprise, excited, happy, relax, joy",
        f"NNIME; {_SUPERB}",
    ),
    (
        "gems9",
        "wonder, transcendence, tenderness, nostalgia, peacefulness, power, joyful activation, tension, sadness",
        "Geneva Emotional Music Scale; order not checked against a file",
    ),
)

# A level for every label, from low to high, each on its own.
INTENSITY: tuple[tuple[str, str, float, float, str], ...] = (
    ("emonet40", EMONET, 0.0, 4.0, f"{_EMONET_SOURCE}; 0 to 4 as the models score"),
    ("emonet40-expert", EMONET, 0.0, 2.0, f"{_EMONET_SOURCE}; 0 absent, 1 mild, 2 intense as the experts rate"),
    ("emonet40-bench", EMONET, 0.0, 10.0, f"{_EMONET_SOURCE}; 0, 5, 10 as the benchmark scores"),
    (
        "emonet-groups7",
        "positive high-energy, positive low-energy, negative high-energy, negative low-energy, cognitive, physical, "
        "longing and lust",
        0.0,
        4.0,
        "EmoNet-Voice annotation buttons",
    ),
    ("wrime8", _WRIME, 0.0, 3.0, "WRIME (NAACL 2021): 0 no to 3 strong, from the writer and from each reader"),
    ("daisee4", "Boredom, Engagement, Confusion, Frustration", 0.0, 3.0, "DAiSEE: levels 0 to 3 of each"),
)

# Ordered classes at equal steps from low to high.
ORDINAL: tuple[tuple[str, str, float, float, str], ...] = (
    (
        "sentiment5",
        "negative, weakly negative, neutral, weakly positive, positive",
        -2.0,
        2.0,
        "five-class sentiment (CH-SIMS, EmotionTalk, WRIME polarity)",
    ),
    (
        "sentiment7",
        "strongly negative, negative, weakly negative, neutral, weakly positive, positive, strongly positive",
        -3.0,
        3.0,
        "seven-class sentiment (CMU-MOSI, CMU-MOSEI)",
    ),
)
