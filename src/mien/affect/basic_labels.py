"""Single-label spaces of a few emotions: (name, labels in the order of the source, source[, number of the first])."""

from __future__ import annotations

_MERTOOLS = "MERTools MER2024 preprocess"
_SUPERB = "EMO-SUPERB configuration @4167e30"
_MEMORY = "common use; order not checked against a file"

# The seven of basic7 and of the many spaces that hold the same names in another order are told apart by name only.
ROWS: tuple[tuple[str, str, str, int], ...] = (
    (
        "basic7",
        "neutral, anger, disgust, fear, happiness, sadness, surprise",
        "Mien's own default: the order its senses answer in",
        0,
    ),
    (
        "ferplus8",
        "neutral, happiness, surprise, sadness, anger, disgust, fear, contempt",
        "Barsoum et al. 2016, FER+ (arXiv 1608.01041), vote columns",
        0,
    ),
    (
        "ekman6",
        "anger, disgust, fear, joy, sadness, surprise",
        "Ekman's six in the key order of GoEmotions ekman_mapping.json",
        0,
    ),
    ("meld7", "anger, joy, sadness, neutral, disgust, fear, surprise", f"MELD as in {_MERTOOLS}/meld.py", 0),
    (
        "meld7-conversation",
        "neutral, surprise, fear, sadness, joy, disgust, anger",
        f"MELD in the older conversation models; {_MEMORY}",
        0,
    ),
    ("iemocap4", "happy, sad, neutral, anger", f"IEMOCAP, excited counted as happy; {_MERTOOLS}/iemocap.py", 0),
    ("iemocap6", "happy, sad, neutral, angry, excited, frustrate", f"IEMOCAP; {_MERTOOLS}/iemocap.py", 0),
    ("iemocap9", "frustrated, angry, sad, disgust, excited, fear, neutral, surprise, happy", f"IEMOCAP; {_SUPERB}", 0),
    ("mer6", "neutral, angry, happy, sad, worried, surprise", "MER2023 to MER2025; MERTools toolkit/globals.py", 0),
    (
        "emotiontalk7",
        "neutral, happy, sad, angry, surprised, disgusted, fearful",
        "EmotionTalk label files (arXiv 2505.23018), code @6ff3022",
        0,
    ),
    ("emotiontalk4", "neutral, happy, sad, angry", "EmotionTalk's four-class task: indices 0 to 3 of the seven", 0),
    ("dfew7", "happy, sad, neutral, angry, surprise, disgust, fear", "DFEW's own numbers 1 to 7", 1),
    ("rafdb7", "Surprise, Fear, Disgust, Happiness, Sadness, Anger, Neutral", "RAF-DB's own numbers 1 to 7", 1),
    ("ferv39k7", "Angry, Disgust, Fear, Happy, Neutral, Sad, Surprise", "FERV39k as in the AffectGPT toolkit", 0),
    ("fer2013-7", "Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral", f"FER2013; {_MEMORY}", 0),
    (
        "affectnet8",
        "neutral, happy, sad, surprise, fear, disgust, anger, contempt",
        f"AffectNet (arXiv 1708.03985); {_MEMORY}",
        0,
    ),
    ("affectnet7", "neutral, happy, sad, surprise, fear, disgust, anger", f"AffectNet without contempt; {_MEMORY}", 0),
    ("ckplus7", "anger, contempt, disgust, fear, happy, sadness, surprise", "CK+ as in the AffectGPT toolkit", 0),
    (
        "affwild2-8",
        "Neutral, Anger, Disgust, Fear, Happiness, Sadness, Surprise, Other",
        f"Aff-Wild2, ABAW expression challenge; {_MEMORY}",
        0,
    ),
    (
        "ravdess8",
        "neutral, calm, happy, sad, angry, fearful, disgust, surprised",
        "RAVDESS, codes 01 to 08 in the file names",
        1,
    ),
    (
        "emodb7",
        "anger, boredom, disgust, fear, happiness, sadness, neutral",
        "EMO-DB, letters W L E A F T N in the file names",
        0,
    ),
    ("crema6", "angry, sad, disgust, fear, neutral, happy", f"CREMA-D; {_SUPERB}", 0),
    (
        "msp-podcast-p8",
        "angry, sad, disgust, contempt, fear, neutral, surprise, happy",
        f"MSP-Podcast primary; {_SUPERB}",
        0,
    ),
    ("improv-p4", "angry, sad, neutral, happy", f"MSP-IMPROV primary; {_SUPERB}", 0),
    (
        "mafw11",
        "anger, disgust, fear, happiness, neutral, sadness, surprise, contempt, anxiety, helplessness, disappointment",
        "MAFW single labels",
        0,
    ),
    ("headset7", "happiness, surprise, anger, disgust, sadness, fear, neutral", "head-mounted display face sets", 0),
    (
        "mikels8",
        "amusement, anger, awe, contentment, disgust, excitement, fear, sadness",
        "Mikels et al. 2005, as in FI and EmoSet",
        0,
    ),
    (
        "maha11",
        "Happiness, Sadness, Respect, Anger, Fear, Surprise, Disgust, Excitement, Pride, Sarcasm, Neutral",
        "L3Cube-MahaEmotions (arXiv 2506.00863), README order",
        0,
    ),
    (
        "maha10",
        "Happiness, Sadness, Respect, Anger/Disgust, Fear, Surprise, Excitement, Pride, Sarcasm, Neutral",
        "L3Cube-MahaEmotions, released variant with anger and disgust merged",
        0,
    ),
    (
        "cexpr7",
        "fearfully surprised, happily surprised, sadly surprised, disgustedly surprised, angrily surprised, "
        "sadly fearful, sadly angry",
        "ABAW compound expression challenge (C-EXPR-DB), ids 0-6",
        0,
    ),
    ("sentiment3", "negative, neutral, positive", "MELD sentiment labels", 0),
    ("sentiment2", "negative, positive", "sign of a score, zeros left out (non0)", 0),
    ("sentiment2-has0", "negative, non-negative", "sign of a score, zeros counted as non-negative (has0)", 0),
    ("quadrants4", "Q1, Q2, Q3, Q4", "Russell 1980 quadrants: Q1 +V+A, Q2 -V+A, Q3 -V-A, Q4 +V-A", 1),
    (
        "academic5",
        "Neutrality, Enjoyment, Confusion, Fatigue, Distraction",
        "RAER (arXiv 2507.00586), code order; label files count from 1",
        1,
    ),
    ("wesad4", "baseline, stress, amusement, meditation", f"WESAD protocol states 1 to 4; {_MEMORY}", 1),
    ("stress2", "calm, stress", "Mien's own; never mapped into an emotion space", 0),
    ("mdpe2", "truth, lie", "MDPE (arXiv 2407.12274): an answer is a lie where column 4 is above 0", 0),
)
