"""The five folds of C-EXPR-DB's clips as released, what they share, and folds that keep videos apart (no torch)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.errors import DataError, RequestError

Clips = Mapping[str, int]
"""Clip ("Sadly-Fearful/12_Sadly-Fearful_1") -> class."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Clips and videos that training shares with validation; videos: shared of all in validation; same_test: whether
    the test part is the validation part, whose best epoch is then what is reported."""

    clips: int
    shared_videos: int
    videos: int
    same_test: bool

    @property
    def sentence(self) -> str:
        """What a person should know before they report a score."""
        text = f"{self.clips} clips and {self.shared_videos} of {self.videos} validation videos are also in training"
        return text + ("; the test part is the validation part" if self.same_test else "")


@dataclass(frozen=True, slots=True)
class Fold:
    """train, valid, test: clip -> class."""

    train: Clips
    valid: Clips
    test: Clips

    @property
    def overlap(self) -> Overlap:
        """What the parts share."""
        there, here = _videos(self.train), _videos(self.valid)
        shared = len(set(self.train) & set(self.valid))
        return Overlap(shared, len(there & here), len(here), self.test == self.valid)


def video_of(clip: str) -> str:
    """The video of a clip: "12" of "Sadly-Fearful/12_Sadly-Fearful_1"."""
    return clip.rpartition("/")[2].partition("_")[0]


def released_folds(folder: str | Path) -> tuple[Fold, ...]:
    """The folds of a folder as released (split-0/train.txt, val.txt, test.txt, ...); look at each one's `overlap`.

    DataError names a file that is missing or a line that is no clip and class.
    """
    splits = sorted(path for path in Path(folder).glob("split-*") if path.is_dir())
    if not splits:
        raise DataError(
            str(folder), None, "no folds; expected folders split-0, split-1, ... with train.txt and val.txt"
        )
    return tuple(Fold(*(_clips(split / f"{part}.txt") for part in ("train", "val", "test"))) for split in splits)


def video_folds(clips: Clips, *, count: int = 5, seed: int = 0) -> tuple[Fold, ...]:
    """Folds that keep every video whole, each with its own validation and test videos, sizes as even as videos allow.

    RequestError where there are fewer videos than folds, or than three.
    """
    videos = sorted(_videos(clips))
    if count < 3 or len(videos) < count:
        raise RequestError(f"folds: {count} asked for, allowed 3 to {len(videos)} (the videos there are)")
    sizes = {video: sum(video_of(clip) == video for clip in clips) for video in videos}
    drawn = np.random.default_rng(seed).permutation(videos).tolist()
    parts: list[list[str]] = [[] for _ in range(count)]
    for video in sorted(drawn, key=lambda name: -sizes[name]):
        min(parts, key=lambda part: sum(sizes[name] for name in part)).append(video)
    folds = []
    for place in range(count):
        test, valid = set(parts[place]), set(parts[(place + 1) % count])
        train = [name for name in videos if name not in test | valid]
        folds.append(Fold(_of(clips, train), _of(clips, valid), _of(clips, test)))
    return tuple(folds)


def _of(clips: Clips, videos: Iterable[str]) -> dict[str, int]:
    chosen = set(videos)
    return {clip: label for clip, label in clips.items() if video_of(clip) in chosen}


def _videos(clips: Iterable[str]) -> set[str]:
    return {video_of(clip) for clip in clips}


def _clips(path: Path) -> dict[str, int]:
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(str(path), None, f"cannot be read: {error.strerror}") from error
    found = {}
    for number, line in enumerate(lines, 1):
        clip, _, label = line.rpartition(",")
        if line.strip():
            if not clip or not label.strip().isdigit():
                raise DataError(str(path), number, f"expected clip,class; got {line!r}")
            found[clip.strip()] = int(label)
    return found
