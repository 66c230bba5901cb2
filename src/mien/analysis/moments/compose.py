"""Composing the Moments of a recording: what is heard, what is seen, what is said, joined into persons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mien.analysis.media.recording import Recording
from mien.analysis.moments.moments import Moments

Progress = Callable[[str, float], None]


class Wishes(Protocol):
    """The part of the options that matters here."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """Which of audio, face, text and signal to read."""

    @property
    def transcript(self) -> str | Path | None:
        """A transcript file the user named."""

    @property
    def fps(self) -> float:
        """Faces looked at per second."""

    @property
    def language(self) -> str | None:
        """ISO code of what is said."""

    @property
    def asr(self) -> str | None:
        """A folder with a recogniser's model; "" for no recogniser."""


def compose(recording: Recording, wishes: Wishes, progress: Progress) -> Moments:
    """Who and when in a recording; a room whose modality was not asked for, or is absent, does nothing."""
    raise NotImplementedError
