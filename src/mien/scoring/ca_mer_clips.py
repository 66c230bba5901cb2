"""Clips of a conflict benchmark: which modality carries the true emotion, the reference, and the answers.

CA-MER's files (`audio_aligned.json`, ...) in a folder, one table with a column for the subset, or one with the labels
of face, voice and clip, from which the subset follows (protocol of our own, card MoSEAR).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import DataError, InputError, RequestError
from mien.scoring.columns import ANSWER, ID, TRUTH, missing_column, pick, seek
from mien.scoring.held import held_rows
from mien.scoring.join import Rows, join
from mien.scoring.records import ENDINGS
from mien.scoring.wordforms import forms_of

SUBSETS = ("video-aligned", "audio-aligned", "consistent")
NEITHER = "neither"
SUBSET = ("subset", "split", "alignment", "type", "part")
VIDEO_LABEL = ("video_label", "visual_label", "face_label")
AUDIO_LABEL = ("audio_label", "voice_label")
TRUE_LABEL = ("true_label", *TRUTH)
REFERENCE = ("openset", "ov_labels", "labels", "true_label", "label", "reasons", "reason", "reasoning", *TRUTH)
ANSWERS = (
    *(name for name in ANSWER if name not in ("reason", "value")),
    "fused",
    "fused_prediction",
    "openset",
    "labels",
)
VIDEO_ANSWER = ("video_prediction", "visual_prediction", "video_answer", "video_only", "face_prediction")
AUDIO_ANSWER = ("audio_prediction", "audio_answer", "audio_only", "voice_prediction")
GROUPS = ("groups", "synonyms", "synonym")


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip. id; subset: one of `SUBSETS`, or "neither"; truth, answer: as written (text or list), answer None where
    it is missing; video, audio: the answers from one modality alone; groups: of synonyms, None where none are given."""

    id: str
    subset: str
    truth: Any
    answer: Any
    video: Any = None
    audio: Any = None
    groups: Any = None


def subset_named(text: object) -> str | None:
    """The subset that a cell or a file name means ("visual_aligned", "audio-aligned.json"); None for none.

    >>> subset_named("CA-MER_visual_aligned")
    'video-aligned'
    """
    low = re.sub(r"[^a-z]+", " ", str(text).lower())
    if re.search(r"\b(video|visual|face)\b", low):
        return "video-aligned"
    if re.search(r"\b(audio|voice|acoustic)\b", low):
        return "audio-aligned"
    if "consistent" in low.split() and "in" not in low.split():
        return "consistent"
    return NEITHER if "neither" in low.split() else None


def subset_of(video: str, audio: str, truth: str) -> str:
    """The subset that three labels put a clip into; spellings of one label count as the same.

    >>> subset_of("happy", "sad", "joy")
    'video-aligned'
    """
    same = forms_of((truth,))
    seen, heard = (str(label).strip().lower() in {*same, truth.strip().lower()} for label in (video, audio))
    if seen and heard:
        return "consistent"
    return "video-aligned" if seen else "audio-aligned" if heard else NEITHER


def read_clips(predictions: Path, reference: Path | None) -> tuple[list[Clip], list[str]]:
    """The clips in the order of the reference, and the counted warnings.

    Two folders are joined file by file, by subset. Raises RequestError, InputError, DataError.
    """
    source = reference or predictions
    if predictions.is_dir() and reference is not None and not reference.is_dir():
        raise RequestError(f"{predictions} is a folder; --reference must be one too, with the same subsets")
    truths = _files(source)
    answers = _files(predictions) if predictions.is_dir() else None
    clips: list[Clip] = []
    told: list[str] = []
    for subset, path in truths:
        given: Path | None = predictions
        if answers is not None:
            given = next((file for name, file in answers if name == subset), None)
        if given is None:
            told.append(f"{subset}: no file of answers in {predictions}; the subset is not scored")
            continue
        found, warnings = _joined(given, path, subset, own=reference is None)
        clips += found
        told += [f"{subset}: {text}" if subset else text for text in warnings]
    return clips, told


def _files(path: Path) -> list[tuple[str | None, Path]]:
    """(subset, file) of a folder; one file has no subset of its own."""
    if not path.is_dir():
        return [(None, path)]
    found = [(subset_named(file.stem), file) for file in sorted(path.iterdir()) if file.suffix.lower() in ENDINGS]
    named: dict[str, Path] = {}
    for subset, file in found:
        if subset is None:
            continue
        if subset in named:
            raise InputError(path, "", f"holds two files of the subset {subset}: {named[subset].name} and {file.name}")
        named[subset] = file
    if not named:
        raise InputError(
            path, "", f"holds no file named after a subset; allowed: {', '.join(SUBSETS)} ({'/'.join(ENDINGS)})"
        )
    return [(subset, named[subset]) for subset in (*SUBSETS, NEITHER) if subset in named]


def _joined(given: Path, path: Path, subset: str | None, *, own: bool) -> tuple[list[Clip], tuple[str, ...]]:
    rows = held_rows(path)
    answers = Rows(given, rows) if own else given
    joined = join(answers, Rows(path, rows), ids=ID, answer=ANSWERS, truth=REFERENCE)
    clips = []
    for pair in joined.pairs:
        row, number = pair.reference.values, pair.reference.number
        column = seek(row, REFERENCE)
        said = {} if pair.prediction is None else pair.prediction.values
        # One file holds both: the answer is never read from the reference's own column.
        names = ANSWERS if not own else tuple(name for name in ANSWERS if column is None or not seek([column], (name,)))
        clips.append(
            Clip(
                id=pair.id,
                subset=subset or _subset(row, path, number),
                truth=row[column] if column is not None else None,
                answer=pick(said, names, default=None),
                video=pick(said, VIDEO_ANSWER, default=None),
                audio=pick(said, AUDIO_ANSWER, default=None),
                groups=pick(row, GROUPS, default=None) or pick(said, GROUPS, default=None),
            )
        )
    return clips, joined.warnings


def _subset(row: Mapping[str, Any], path: Path, number: int) -> str:
    column = seek(row, SUBSET)
    if column is not None and row[column] not in (None, ""):
        found = subset_named(row[column])
        if found is None:
            raise DataError(path, number, f"the subset is {row[column]!r}; allowed: {', '.join((*SUBSETS, NEITHER))}")
        return found
    cells = [pick(row, names, default=None) for names in (VIDEO_LABEL, AUDIO_LABEL, TRUE_LABEL)]
    if any(cell in (None, "") for cell in cells):
        why = missing_column("subset", list(row), SUBSET)
        raise DataError(path, number, f"{why}; or labels of face, voice and clip: video_label, audio_label, true_label")
    return subset_of(*map(str, cells))


def one_label(clips: Sequence[Clip]) -> tuple[str, ...] | None:
    """The label set where every reference is one short label, in order of appearance; None for lists and texts."""
    labels: list[str] = []
    for clip in clips:
        if not isinstance(clip.truth, str) or not re.fullmatch(r"\s*[^\W\d_]+(?:[ -][^\W\d_]+)?\s*", clip.truth):
            return None
        labels.append(clip.truth.strip().lower())
    return tuple(dict.fromkeys(labels))
