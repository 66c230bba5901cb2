"""Dimensional scales of the field: (name, dimensions in order, low, high, source, reversed, missing).

reversed: dimensions whose raw numbers run the other way; missing: the number that marks "no value" in the files.
"""

from __future__ import annotations

_VA, _VAD, _AVD = "valence, arousal", "valence, arousal, dominance", "arousal, valence, dominance"
_MEMORY = "range not checked against a file"

ROWS: tuple[tuple[str, str, float, float, str, str, float | None], ...] = (
    ("va", _VA, -1.0, 1.0, "Russell 1980; both in [-1, 1]", "", None),
    ("vad", _VAD, -1.0, 1.0, "Russell & Mehrabian 1977; all in [-1, 1]", "", None),
    ("msp-podcast-avd", _AVD, 1.0, 7.0, "MSP-Podcast, EMO-SUPERB configuration", "", None),
    ("msp-improv-avd", _AVD, 1.0, 5.0, "MSP-IMPROV, EMO-SUPERB configuration (flip_aro)", "arousal", None),
    ("iemocap-vad", _VAD, 1.0, 5.0, "IEMOCAP; means can lie at half steps, 5.5 occurs: clip on reading", "", None),
    ("nnime-va", _VA, 1.0, 5.0, "NNIME, EMO-SUPERB configuration", "", None),
    ("w2v2-adv", "arousal, dominance, valence", 0.0, 1.0, "wav2vec 2.0 dimensional model (arXiv 2203.07378)", "", None),
    ("affectnet-va", _VA, -1.0, 1.0, f"AffectNet; {_MEMORY}", "", -2.0),
    ("affwild2-va", _VA, -1.0, 1.0, f"Aff-Wild2; {_MEMORY}", "", -5.0),
    ("sewa-va", _VA, -1.0, 1.0, f"SEWA; {_MEMORY}", "", None),
    ("recola-va", _VA, -1.0, 1.0, f"RECOLA; {_MEMORY}", "", None),
    ("emotic-vad", _VAD, 1.0, 10.0, f"EMOTIC; {_MEMORY}", "", None),
    ("deap-vad", _VAD, 1.0, 9.0, f"DEAP; {_MEMORY}", "", None),
    ("dreamer-vad", _VAD, 1.0, 5.0, f"DREAMER; {_MEMORY}", "", None),
    ("emobank-vad", _VAD, 1.0, 5.0, f"EmoBank; {_MEMORY}", "", None),
    ("wesad-va", _VA, 1.0, 9.0, f"self-assessment manikins in WESAD; {_MEMORY}", "", None),
    ("music2emotion-va", _VA, 1.0, 9.0, "Music2Emotion output, its README", "", None),
    ("deam-va", _VA, 1.0, 9.0, f"DEAM static; {_MEMORY}", "", None),
    ("deam-dynamic-va", _VA, -1.0, 1.0, f"DEAM dynamic; {_MEMORY}", "", None),
    ("nrc-vad1", _VAD, 0.0, 1.0, f"NRC-VAD lexicon, first version; {_MEMORY}", "", None),
    ("nrc-vad2", _VAD, -1.0, 1.0, f"NRC-VAD lexicon, second version; {_MEMORY}", "", None),
    ("mosi-sentiment", "sentiment", -3.0, 3.0, "CMU-MOSI and CMU-MOSEI scores", "", None),
    ("sims-sentiment", "sentiment", -1.0, 1.0, f"CH-SIMS scores; {_MEMORY}", "", None),
    ("emotiontalk-sentiment", "sentiment", -2.0, 2.0, "EmotionTalk: mean of five raters", "", -10.0),
)
