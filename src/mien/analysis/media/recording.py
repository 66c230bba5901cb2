"""The Recording: what is in a file, and iterators over it that never hold the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

RecordingKind = Literal["video", "audio", "image", "text", "dialogue", "wearable"]
Clock = Literal["seconds", "lines"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that belongs to a result: a stable code, one plain sentence, and the time it concerns (seconds)."""

    code: str
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a recording.

    kind: audio, video, image, text, subtitle or signal; start, duration: seconds on the recording's clock;
    facts: further plain facts in reading order, such as ("rate", 48000), ("channels", 2), ("width", 1280),
    ("height", 720), ("fps", 29.97), ("rotation", 90), ("language", "eng"), ("unit", "uS").
    """

    kind: str
    codec: str
    start: float
    duration: float | None
    facts: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text with its time: a subtitle, a transcript line, a turn of a dialogue, a sentence of a text.

    start, end: on the recording's clock; speaker: a name or None; language: ISO code or None if not stated;
    confidence: None for human text, the recogniser's own in [0, 1] for a recognised one; source: "subtitle",
    "transcript", "text", "recogniser".
    """

    start: float
    end: float
    text: str
    speaker: str | None = None
    language: str | None = None
    confidence: float | None = None
    source: str = "transcript"


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """Consecutive mono samples: float32 in [-1, 1] at the asked rate, `start` seconds on the recording's clock.

    A block begins where the last one ended unless the stream has a gap, which the start then tells.
    """

    start: float
    samples: NDArray[np.float32]


class Frame(Protocol):
    """One picture at its own presentation time, already turned upright."""

    @property
    def time(self) -> float:
        """Seconds on the recording's clock."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels after rotation."""

    @property
    def before(self) -> Frame | None:
        """The picture shown just before this one in the file (for motion), or None."""

    def grey(self, width: int | None = None) -> NDArray[np.uint8]:
        """H x W luminance, at the source size or scaled to `width` pixels wide."""

    def rgb(self, width: int | None = None) -> NDArray[np.uint8]:
        """H x W x 3 RGB, at the source size or scaled to `width` pixels wide."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One channel of a wearable: `values` float64 (n,), NaN where nothing was recorded.

    name: eda, temperature, heart_rate, bvp, ibi, acc_x, acc_y, acc_z or the column's own name; rate in Hz with
    the first value at `start` seconds, or irregular `times` (n,) seconds where rate is None.
    """

    name: str
    unit: str
    start: float
    rate: float | None
    values: NDArray[np.float64]
    times: NDArray[np.float64] | None = None


class Source(Protocol):
    """What a reader must offer behind a Recording; a stream that is absent yields nothing."""

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """Mono float32 blocks in time order, of at most a few seconds each."""

    def frames(self, fps: float) -> Iterator[Frame]:
        """Pictures in time order, at most `fps` a second, chosen by their own presentation time."""

    def cues(self) -> Iterator[Caption]:
        """Embedded subtitles, dialogue turns or sentences, in time order."""

    def signals(self) -> Iterator[Signal]:
        """Wearable channels."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording of people: facts about a file and iterators over it.

    path: as the user named it; kind; clock: "seconds", or "lines" where the material has no time (a text: line i is
    [i, i + 1)); duration: on that clock, None if unknown; streams; source: the reader behind it. `notices` collects
    what readers met on the way (truncation, gaps); it grows while the iterators run.
    """

    path: str
    kind: RecordingKind
    duration: float | None
    streams: tuple[Stream, ...]
    source: Source
    clock: Clock = "seconds"
    notices: list[Notice] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        """Whether a stream of that kind is present (audio, video, image, text, subtitle, signal)."""
        return any(stream.kind == kind for stream in self.streams)

    def audio(self, rate: int = 16000) -> Iterator[AudioBlock]:
        """Mono float32 blocks at `rate` Hz in time order; nothing where there is no sound."""
        return self.source.audio(rate)

    def frames(self, fps: float = 5.0) -> Iterator[Frame]:
        """Pictures in time order, at most `fps` a second; one for a still image."""
        return self.source.frames(fps)

    def cues(self) -> Iterator[Caption]:
        """The text that the recording itself carries, in time order."""
        return self.source.cues()

    def signals(self) -> Iterator[Signal]:
        """Wearable channels."""
        return self.source.signals()

    def close(self) -> None:
        """Remove what was put on disk for it (a copy of standard input); nothing can be read from it afterwards."""
        close = getattr(self.source, "close", None)
        if close is not None:
            close()

    def warn(self, code: str, text: str, start: float | None = None, end: float | None = None) -> None:
        """Add a notice once (the same code and text are not repeated)."""
        notice = Notice(code, text, start, end)
        if notice not in self.notices:
            self.notices.append(notice)
