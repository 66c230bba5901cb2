"""What lies behind a Recording: media files, images, texts; each stream is opened only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge

from mien.analysis.media.ahead import ahead
from mien.analysis.media.container import Layout
from mien.analysis.media.image import ImageFacts, read_animation, read_image
from mien.analysis.media.picture import ArrayPicture, Scaler
from mien.analysis.media.recording import AudioBlock, Caption, Frame, Notice, Signal, Source
from mien.analysis.media.spool import Spool
from mien.analysis.media.steps import Steps
from mien.analysis.media.video import read_frames


@dataclass(frozen=True, slots=True, eq=False)
class MediaSource:
    """Sound, picture and embedded subtitles of a file that FFmpeg's libraries read."""

    path: str
    named: str
    layout: Layout
    notices: list[Notice]
    spool: Spool | None = None

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """Mono blocks at `rate` Hz."""
        from mien.analysis.media.audio import read_audio

        return read_audio(self.path, self.named, self.layout, rate, self.notices)

    def frames(self, fps: float) -> Iterator[Frame]:
        """Pictures in time order, at most `fps` a second, decoded while the last one is looked at."""
        return ahead(read_frames(self.path, self.named, self.layout, fps, self.notices))

    def cues(self) -> Iterator[Caption]:
        """Embedded subtitles."""
        from mien.analysis.media.embedded import read_subtitles

        return read_subtitles(self.path, self.named, self.layout, self.notices)

    def signals(self) -> Iterator[Signal]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self.spool is not None:
            self.spool.close()


@dataclass(frozen=True, slots=True, eq=False)
class ImageSource:
    """One still image, or the frames of an animated one."""

    path: str
    named: str
    facts: ImageFacts
    notices: list[Notice]
    spool: Spool | None = None
    scaler: Scaler = field(default_factory=Scaler)

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """Nothing."""
        return iter(())

    def frames(self, fps: float) -> Iterator[Frame]:
        """The picture at time 0, or the animation's frames at their own times."""
        if self.facts.frames > 1:
            yield from read_animation(self.path, self.named, fps, self.notices)
        elif Steps(fps).take(0.0):
            yield ArrayPicture(0.0, read_image(self.path, self.named, self.notices), self.scaler)

    def cues(self) -> Iterator[Caption]:
        """Nothing."""
        return iter(())

    def signals(self) -> Iterator[Signal]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self.spool is not None:
            self.spool.close()


@dataclass(frozen=True, slots=True, eq=False)
class ListSource:
    """Captions or signals that are already read (text, dialogue, wearable). path: where they came from."""

    captions: tuple[Caption, ...] = ()
    channels: tuple[Signal, ...] = ()
    path: str = ""
    spool: Spool | None = None

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """Nothing."""
        return iter(())

    def frames(self, fps: float) -> Iterator[Frame]:
        """Nothing."""
        return iter(())

    def cues(self) -> Iterator[Caption]:
        """The captions in time order."""
        return iter(self.captions)

    def signals(self) -> Iterator[Signal]:
        """The channels."""
        return iter(self.channels)

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self.spool is not None:
            self.spool.close()


@dataclass(frozen=True, slots=True, eq=False)
class Captioned:
    """Another source with the captions of a transcript in the place of its own.

    added: they say only who speaks (RTTM), so the source's own captions are kept beside them.
    """

    within: Source
    captions: tuple[Caption, ...]
    added: bool = False

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """As within."""
        return self.within.audio(rate)

    def frames(self, fps: float) -> Iterator[Frame]:
        """As within."""
        return self.within.frames(fps)

    def cues(self) -> Iterator[Caption]:
        """The transcript's captions in time order, those of the source among them if they are only added."""
        if not self.added:
            return iter(self.captions)
        return merge(self.within.cues(), self.captions, key=lambda caption: caption.start)

    def close(self) -> None:
        """As within."""
        if (close := getattr(self.within, "close", None)) is not None:
            close()

    def signals(self) -> Iterator[Signal]:
        """As within."""
        return self.within.signals()
