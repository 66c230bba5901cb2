"""Emotion colours: the same in the report, plots and on a terminal, readable on white and on near black."""

from __future__ import annotations

from mien.affect.mapping import EKMAN_GROUPS

WHITE, BLACK = "#FFFFFF", "#121212"
"""The two grounds every colour must reach 3:1 against (WCAG 2.2, 1.4.11 non-text contrast)."""

EMOTIONS: dict[str, str] = {
    "neutral": "#8A8F98",
    "happiness": "#B8860B",
    "surprise": "#2F9CD6",
    "sadness": "#0067A8",
    "anger": "#D4511E",
    "disgust": "#0B8F6A",
    "fear": "#8B5FBF",
    "contempt": "#8C6D46",
    "other": "#6B7280",
}
"""Basic emotion -> colour. Label text stands beside a colour wherever it is used."""

OTHERS: dict[str, str] = {
    "negative": "#0067A8",
    "positive": "#B8860B",
    "calm": "#8A8F98",
    "stress": "#C2457E",
}
"""Labels of the sentiment and stress spaces -> colour (valence runs blue - grey - amber)."""

_FURTHER = {
    "happiness": "elation contentment affection hope triumph pleasure teasing",
    "anger": "irritability bitterness jealousy impatience",
    "fear": "distress",
    "sadness": "helplessness shame longing",
    "surprise": "awe astonishment",
    "contempt": "malevolence sourness",
}
RELATIVES: dict[str, str] = {
    **{fine: basic for basic, fines in EKMAN_GROUPS.items() for fine in fines},
    **{fine: basic for basic, fines in _FURTHER.items() for fine in fines.split()},
}
"""Fine label -> basic relative: GoEmotions by its authors' grouping; further names are Mien's own choice of hue."""

_ADVERBS = {
    "fearfully": "fear",
    "happily": "happiness",
    "sadly": "sadness",
    "disgustedly": "disgust",
    "angrily": "anger",
}
_ADJECTIVES = {"fearful": "fear", "angry": "anger"}


def relative(label: str) -> str:
    """The basic emotion a label belongs to ("annoyance" -> "anger"); "other" where there is none."""
    name = label.lower()
    if name in EMOTIONS:
        return name
    return RELATIVES.get(name, "other")


def colour(label: str) -> str:
    """Colour of a label ("#RRGGBB"): its own or its basic relative's.

    A compound takes the colour of what tells it from its siblings: "sadly surprised" that of sadness, as all of them
    are surprised; "sadly angry" the mix of both parts.
    """
    name = label.lower()
    if name in OTHERS:
        return OTHERS[name]
    first, _, second = name.partition(" ")
    if first in _ADVERBS and second:
        own = EMOTIONS[_ADVERBS[first]]
        return own if second == "surprised" else mix(own, EMOTIONS[_ADJECTIVES[second]])
    return EMOTIONS[relative(name)]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two "#RRGGBB" colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(value: str) -> float:
    """Relative luminance of "#RRGGBB" in [0, 1] (WCAG 2.2)."""
    red, green, blue = _linear(value)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: str, other: str) -> str:
    """The even mix of two colours in linear light: its luminance lies between theirs, so contrast is kept."""
    pairs = zip(_linear(one), _linear(other), strict=True)
    return "#" + "".join(f"{round(255 * _encode((a + b) / 2)):02X}" for a, b in pairs)


def _linear(value: str) -> tuple[float, float, float]:
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _decode(red), _decode(green), _decode(blue)


def _decode(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _encode(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
