"""What lies behind a Recording: files of sound and picture, images, and texts. Each stream is opened when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mien.analysis.media.container import Layout
from mien.analysis.media.image import ImageFacts, read_animation, read_image
from mien.analysis.media.picture import ArrayPicture, Scaler
from mien.analysis.media.recording import AudioBlock, Caption, Frame, Notice, Signal
from mien.analysis.media.spool import Spool
from mien.analysis.media.video import check_fps, read_frames


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
        """Pictures in time order, at most `fps` a second."""
        return read_frames(self.path, self.named, self.layout, fps, self.notices)

    def cues(self) -> Iterator[Caption]:
        """Embedded subtitles."""
        from mien.analysis.media.embedded import read_subtitles

        return read_subtitles(self.path, self.named, self.layout, self.notices)

    def signals(self) -> Iterator[Signal]:
        """Nothing."""
        return iter(())


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
        check_fps(fps)
        if self.facts.frames > 1:
            yield from read_animation(self.path, self.named, fps, self.notices)
        else:
            yield ArrayPicture(0.0, read_image(self.path, self.named, self.notices), self.scaler)

    def cues(self) -> Iterator[Caption]:
        """Nothing."""
        return iter(())

    def signals(self) -> Iterator[Signal]:
        """Nothing."""
        return iter(())


@dataclass(frozen=True, slots=True, eq=False)
class ListSource:
    """Captions or signals that are already read: texts, transcripts, dialogues, wearables."""

    captions: tuple[Caption, ...] = ()
    channels: tuple[Signal, ...] = ()

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
