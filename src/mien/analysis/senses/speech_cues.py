"""Cues of a voice: what was measured, said so that a person can check it by listening."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.evidence import Cue
from mien.analysis.senses.prosody import Prosody, semitones

ENOUGH_SPEECH = 8.0
"""Seconds of a voice that must have been measured before "this speaker's median" means anything."""
ENOUGH_PARTS = 5
"""Parts of a recording that must have been measured before a loudness rank means anything."""


def usual_pitch(heard: Sequence[Prosody]) -> float | None:
    """Median pitch of a voice in Hz over what was heard of it, None where that is too little."""
    pitched = [p for p in heard if p.pitch is not None]
    if len(pitched) < 3 or sum(p.speech for p in pitched) < ENOUGH_SPEECH:
        return None
    return float(np.median([p.pitch for p in pitched if p.pitch is not None]))


def cues(said: Prosody, usual: float | None, levels: Sequence[float]) -> tuple[Cue, ...]:
    """Pitch, loudness, rate and pauses of one span.

    usual: the speaker's own median pitch in Hz, or None; levels: levels in dB of all parts of the recording.
    """
    found = [_pitch(said, usual), _loudness(said, levels), _rate(said), _pauses(said)]
    return tuple(cue for cue in found if cue is not None)


def _pitch(said: Prosody, usual: float | None) -> Cue | None:
    if said.pitch is None:
        return None
    if usual is None:
        return Cue("pitch", round(said.pitch, 1), "Hz", f"pitch {said.pitch:.0f} Hz (median)")
    away = semitones(said.pitch, usual)
    if abs(away) < 0.5:
        text = f"pitch at this speaker's median ({usual:.0f} Hz)"
    else:
        side = "above" if away > 0 else "below"
        text = f"pitch {abs(away):.1f} semitones {side} this speaker's median ({usual:.0f} Hz)"
    return Cue("pitch", round(away, 2), "semitones", text)


def _loudness(said: Prosody, levels: Sequence[float]) -> Cue | None:
    if said.level is None:
        return None
    if len(levels) < ENOUGH_PARTS:
        return Cue("loudness", round(said.level, 1), "dBFS", f"level {said.level:.0f} dB full scale")
    others = np.asarray(levels)
    rank = float(np.mean(others < said.level) + 0.5 * np.mean(others == said.level)) * 100
    text = f"louder than {rank:.0f} % of the speech heard in this recording"
    return Cue("loudness", round(rank, 1), "percentile", text)


def _rate(said: Prosody) -> Cue | None:
    if said.rate is None or said.rate <= 0:
        return None
    text = f"about {said.rate:.1f} syllables a second, counted from energy peaks"
    return Cue("speech rate", round(said.rate, 2), "1/s", text)


def _pauses(said: Prosody) -> Cue | None:
    if said.speech < 1.0:
        return None
    if not said.pauses:
        return Cue("pauses", 0.0, "s", "no pause of 0.2 s or more")
    words = "1 pause" if said.pauses == 1 else f"{said.pauses} pauses"
    return Cue("pauses", round(said.paused, 2), "s", f"{words}, {said.paused:.1f} s in all")


def clearest(told: NDArray[np.float32], width: int = 6) -> tuple[int, int] | None:
    """First and last step + 1 of the stretch (of `width` steps) that tells most for a label; None where none does.

    told (steps,): what each step adds. Leaving out the three tenths of a clip that tell most lowers the label's
    probability four times as much as leaving out any three tenths (recipes/speech/deletion.py).
    """
    if len(told) <= width:
        return None
    sums = np.convolve(told, np.ones(width), "valid")
    first = int(sums.argmax())
    return (first, first + width) if sums[first] > 0 else None


def moment(label: str, steps: tuple[int, int] | None, begins: float, step: float) -> tuple[Cue, ...]:
    """The stretch as a cue; begins: seconds of the first step; step: its length in seconds."""
    if steps is None:
        return ()
    start, end = (begins + step * place for place in steps)
    return (Cue("clearest", round(start, 2), "s", f"{label} sounded clearest from {start:.1f} to {end:.1f} s"),)
