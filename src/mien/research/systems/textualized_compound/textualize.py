"""Features of a clip told as a sentence, for a text model: words, facial actions and emotions, voice (no torch).

The decisions are the published ones; the wording is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError

Level = Literal["high", "low"]

ACTION_UNITS = {
    "AU01": "Inner Brow Raiser", "AU02": "Outer Brow Raiser", "AU04": "Brow Lowerer", "AU05": "Upper Lid Raiser",
    "AU06": "Cheek Raiser", "AU07": "Lid Tightener", "AU09": "Nose Wrinkler", "AU10": "Upper Lip Raiser",
    "AU11": "Nasolabial Deepener", "AU12": "Lip Corner Puller", "AU14": "Dimpler", "AU15": "Lip Corner Depressor",
    "AU17": "Chin Raiser", "AU20": "Lip Stretcher", "AU23": "Lip Tightener", "AU24": "Lip Pressor", "AU25": "Lip Part",
    "AU26": "Jaw Drop", "AU28": "Lip Suck", "AU43": "Eyes Closed",
}  # fmt: skip
"""Names of the Facial Action Coding System, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """unit: an action is told above it; emotions: how many; prosody: a descriptor is high above it; level: valence,
    arousal and dominance are high from it on, after rounding to `decimals`."""

    unit: float = 0.5
    emotions: int = 3
    prosody: float = 0.3
    level: float = 0.5
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a sentence says. active: codes of the actions, None where they were not measured; no_face: whether it says
    that no face was seen; emotions: the strongest, strongest first; prosody: (level, descriptor), None where no speech
    was heard; levels: dimension -> level, and values: rounded, {} where they are not known."""

    active: tuple[str, ...] | None
    no_face: bool
    emotions: tuple[str, ...]
    prosody: tuple[tuple[Level, str], ...] | None
    levels: Mapping[str, Level]
    values: Mapping[str, float]


def decide(
    units: Mapping[str, float] | None,
    emotions: Mapping[str, float] | None,
    dimensions: Mapping[str, float] | None = None,
    prosody: Sequence[tuple[float, str]] | None = None,
    *,
    thresholds: Thresholds | None = None,
    no_au_as_no_face: bool = False,
) -> Decisions:
    """What to say of a clip; None for what was not measured.

    units: code -> probability; emotions: name -> score, equal scores in the order given, none where all are 0;
    dimensions: "valence", "arousal", "dominance" in [0, 1]; prosody: (score, descriptor). no_au_as_no_face: as
    published, a face without an active action is told as no face, and its emotions are left out.
    """
    limits = thresholds or Thresholds()
    active = tuple(code for code in ACTION_UNITS if (units or {}).get(code, 0.0) > limits.unit)
    no_face = (units is None and not emotions) or (no_au_as_no_face and not active)
    ranked = sorted((emotions or {}).items(), key=lambda item: -item[1])
    strongest = tuple(name for name, _ in ranked[: limits.emotions]) if ranked and ranked[0][1] > 0 else ()
    values = {name.lower(): round(float(value), limits.decimals) for name, value in (dimensions or {}).items()}
    return Decisions(
        None if units is None and not no_au_as_no_face else active,
        no_face,
        () if no_face else strongest,
        None if prosody is None else tuple((_level(score > limits.prosody), name) for score, name in prosody),
        {name: _level(value >= limits.level) for name, value in values.items()},
        values,
    )


def sentence(told: Decisions, words: str = "", *, modalities: str = "TVA", as_levels: bool = True) -> str:
    """The sentence of a clip: words (T), face (V), voice (A), any of them, always in this order.

    as_levels: valence, arousal and dominance as high or low, else as numbers. RequestError for another letter.
    """
    if not modalities or set(modalities) - set("TVA"):
        raise RequestError(f"modalities must be letters of T (words), V (face), A (voice), got {modalities!r}")
    parts = []
    if "T" in modalities:
        said = words.strip() or "none heard"
        parts.append(f"Words: {said}" + ("" if said.endswith((".", "!", "?", "…", "。", "！", "？")) else "."))
    if "V" in modalities:
        parts.append(_face(told))
    if "A" in modalities:
        parts.append(_voice(told, as_levels))
    return " ".join(parts)


def strongest(prosody: Sequence[tuple[float, float, float, str]], start: float, end: float, *, margin: float = 2.0,
              count: int = 10) -> tuple[tuple[float, str], ...]:  # fmt: skip
    """The descriptors of a clip, highest score first: those of utterances (start, end, score, name) that touch it, or
    would if it were `margin` seconds longer at both ends."""
    near = [(score, name) for first, last, score, name in prosody if first <= end + margin and last >= start - margin]
    return tuple(sorted(near, key=lambda item: -item[0])[:count])


def seconds(text: str, *, official: bool = False) -> float:
    """Seconds of "hh:mm:ss.fraction"; official: the digits after the point are whole milliseconds, so ".9" is 0.009 s.

    RequestError for anything else.
    """
    found = re.fullmatch(r"(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d+))?", text.strip())
    if not found:
        raise RequestError(f"a time must be hh:mm:ss or hh:mm:ss.fraction, got {text!r}")
    hours, minutes, whole, fraction = found.groups()
    part = (int(fraction) / 1000 if official else float(f"0.{fraction}")) if fraction else 0.0
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + part


def _face(told: Decisions) -> str:
    if told.no_face:
        return "Face: none seen."
    looks = f"looks like {', '.join(told.emotions) or 'nothing in particular'}"
    if told.active is None:
        return f"Face: {looks}."
    return f"Face: {', '.join(ACTION_UNITS[code].lower() for code in told.active) or 'no active muscle'}; {looks}."


def _voice(told: Decisions, as_levels: bool) -> str:
    heard = (
        "no speech" if told.prosody is None else ", ".join(f"{level} {name.lower()}" for level, name in told.prosody)
    )
    measures: Mapping[str, object] = told.levels if as_levels else told.values
    tone = ", ".join(f"{name} {value}" for name, value in measures.items())
    return f"Voice: {heard}{'; ' + tone if tone else ''}."


def _level(high: bool) -> Level:
    return "high" if high else "low"
