"""Clips to be annotated: their subtitle, the clues there already are, and pictures of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import DataError, MienError
from mien.files import read_bounded
from mien.scoring.columns import ID, missing_column, pick
from mien.scoring.records import read_rows

SUBTITLE = ("subtitle", "subtitles", "transcript", "words", "text")
VISUAL = ("visual", "visual_clue", "video_clue", "seen")
ACOUSTIC = ("acoustic", "acoustic_clue", "audio_clue", "audio", "heard")
FRAMES = ("frames", "pictures", "images")
ANALYSIS = ("analysis",)
LARGEST = 64 << 20
SEEN, HEARD = ("face", "scene"), ("audio",)


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: id; subtitle; visual and acoustic clues ("" where there are none yet); frames, in order of time."""

    id: str
    subtitle: str
    visual: str = ""
    acoustic: str = ""
    frames: tuple[Path, ...] = ()

    def given(self) -> dict[str, str]:
        """What the first step starts from."""
        frames = ";".join(str(frame) for frame in self.frames)
        return {"subtitle": self.subtitle, "visual": self.visual, "acoustic": self.acoustic, "frames": frames}


def read_clips(path: Path) -> list[Clip]:
    """The clips of a table with the columns id, subtitle and any of visual, acoustic, frames, analysis.

    frames: a list, or paths with ";" between, from the table's folder; analysis: a file of `mien analyze --json`, whose
    measured cues fill clues that are not given. Raises DataError: no id, an id twice, an analysis that is none.
    """
    clips: dict[str, Clip] = {}
    for number, row in read_rows(path):
        key = str(pick(row, ID, what="id", path=path, number=number) or "").strip()
        if not key or key in clips:
            raise DataError(path, number, f"the id {key!r} is {'there twice' if key else 'empty'}; each may come once")
        subtitle = pick(row, SUBTITLE, default=None)
        if subtitle is None and pick(row, VISUAL, default=None) is None and pick(row, FRAMES, default=None) is None:
            raise DataError(path, number, missing_column("subtitle", list(row), SUBTITLE))
        clips[key] = _clip(key, row, path, number)
    return list(clips.values())


def _clip(key: str, row: Mapping[str, Any], path: Path, number: int) -> Clip:
    frames = pick(row, FRAMES, default=None) or ()
    names = frames if isinstance(frames, (list, tuple)) else [part.strip() for part in str(frames).split(";")]
    told = str(pick(row, ANALYSIS, default=None) or "").strip()
    cues = _cues(path.parent / told, path, number) if told else {}
    return Clip(
        key,
        _text(pick(row, SUBTITLE, default="")),
        _text(pick(row, VISUAL, default="")) or " ".join(text for kind in SEEN for text in cues.get(kind, ())),
        _text(pick(row, ACOUSTIC, default="")) or " ".join(text for kind in HEARD for text in cues.get(kind, ())),
        tuple(path.parent / str(name) for name in names if str(name).strip()),
    )


def _cues(analysis: Path, path: Path, number: int) -> dict[str, list[str]]:
    """Modality -> the sentences about measured facts in an analysis, each once, in order of time."""
    found: dict[str, dict[str, None]] = {}
    try:
        held: Any = json.loads(read_bounded(analysis, LARGEST))
        for affect in held["affects"]:
            for evidence in affect["evidence"]:
                told = found.setdefault(str(evidence["modality"]), {})
                told.update(dict.fromkeys(_sentence(cue["text"]) for cue in evidence["cues"]))
    except (MienError, ValueError, LookupError, TypeError, RecursionError) as error:
        why = error if isinstance(error, MienError) else f"{analysis} is no JSON of mien analyze"
        raise DataError(path, number, str(why)) from None
    return {kind: list(texts) for kind, texts in found.items()}


def _sentence(text: object) -> str:
    plain = " ".join(str(text).split())
    return plain if plain.endswith((".", "!", "?", "。")) else f"{plain}."


def _text(value: object) -> str:
    return "" if value is None or value != value else " ".join(str(value).split())
