"""The five speech corpora as one list of clips; every label is read from the file name.

EMO-DB (German, 10 speakers), RAVDESS (English, 24), nEMO (Polish, 9), TESS (English, 2) carry categories,
BAVED (Arabic words, 60 speaker ids) three levels of activation. Expected folders below the data root:
`emodb/`, `ravdess/`, `nemo/`, `tess/`, `baved/`, each as its owner released it (any depth).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABELS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "calm", "boredom")
"""The joint output: the seven shipped labels first, then the two that only single corpora have."""
SHIPPED = 7
SHARED = ("neutral", "anger", "fear", "happiness", "sadness")
"""The five classes that all four corpora with categories share."""

CLASSES = {
    "emodb": ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "boredom"),
    "ravdess": ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "calm"),
    "nemo": ("neutral", "anger", "fear", "happiness", "sadness", "surprise"),
    "tess": ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"),
    "baved": (),
}
COUNTS = {"emodb": 535, "ravdess": 1440, "nemo": 4481, "tess": 2800, "baved": 1935}
LICENCES = {
    "emodb": "CC BY 4.0 (stated by its first author; not confirmed on the corpus' own site)",
    "ravdess": "CC BY-NC-SA 4.0 (Livingstone & Russo 2018)",
    "nemo": "CC BY-NC-SA 4.0 (Christop 2024)",
    "tess": "CC BY-NC-ND 4.0 (Pichora-Fuller & Dupuis 2020)",
    "baved": "none stated by its owner",
}

DEV = {
    "emodb": {"12", "13"},
    "ravdess": {"19", "20"},
    "nemo": {"MP0", "KD0"},
    "tess": set[str](),
    "baved": {str(i) for i in range(200) if i % 5 == 3},
}
TEST = {
    "emodb": {"15", "16"},
    "ravdess": {"21", "22", "23", "24"},
    "nemo": {"SM0", "MK0"},
    "tess": set[str](),
    "baved": {str(i) for i in range(200) if i % 5 == 4},
}

FOLDS = {
    "emodb": ("12 16", "10 14", "09 13", "03 08", "11 15"),
    "ravdess": ("04 09 14 19 24", "03 08 13 18 23", "02 07 12 17 22", "01 06 11 16 21", "05 10 15 20"),
    "nemo": ("KS0 MK0", "KD0 MP0", "IC0", "EB0 WR0", "SM0 TP0"),
}
"""Speakers of the five folds in which the anchors were measured."""

FEMALE = {
    "emodb": {"08", "09", "13", "14", "16"},
    "ravdess": {f"{actor:02d}" for actor in range(2, 25, 2)},
    "nemo": {"EB0", "IC0", "KD0", "MK0"},
}
"""Speakers whom their corpora call female; the others are called male."""

_EMODB = dict(W="anger", L="boredom", E="disgust", A="fear", F="happiness", T="sadness", N="neutral")
_RAVDESS = ("neutral", "calm", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
_TESS_NAME = re.compile(r"(OAF|OA|YAF)_([A-Za-z]+)_(angry|disgust|fear|happy|neutral|ps|sad)")
_TESS = dict(angry="anger", happy="happiness", ps="surprise", sad="sadness")


@dataclass(frozen=True, slots=True)
class Clip:
    """One file: where it lies, who speaks, what was played (`label`), how strongly (`strength`).

    `label` is None in BAVED. `strength` is 0-2 in BAVED (low, normal, high), 1-2 in RAVDESS, else -1.
    """

    path: Path
    corpus: str
    speaker: str
    label: str | None
    strength: int = -1

    @property
    def part(self) -> str:
        """`train`, `dev` (temperature only) or `test`, by speaker."""
        if self.speaker in DEV[self.corpus]:
            return "dev"
        return "test" if self.speaker in TEST[self.corpus] else "train"


def walk(root: Path) -> list[Clip]:
    """All clips under the data root, in a fixed order; ValueError when a corpus is not complete."""
    readers = {"emodb": _emodb, "ravdess": _ravdess, "nemo": _nemo, "tess": _tess, "baved": _baved}
    clips: list[Clip] = []
    for corpus, reader in readers.items():
        files = sorted((root / corpus).rglob("*.wav"), key=lambda p: (p.name, str(p)))
        if len(files) != COUNTS[corpus]:
            raise ValueError(f"{root / corpus}: {len(files)} wav files, expected {COUNTS[corpus]}")
        found = list(reader(files))
        clips += _without_repeats(found) if corpus == "baved" else found
    return clips


def _emodb(files: list[Path]) -> Iterator[Clip]:
    for path in files:
        yield Clip(path, "emodb", path.name[:2], _EMODB[path.name[5]])


def _ravdess(files: list[Path]) -> Iterator[Clip]:
    for path in files:
        parts = path.stem.split("-")
        yield Clip(path, "ravdess", parts[6], _RAVDESS[int(parts[2]) - 1], int(parts[3]))


def _nemo(files: list[Path]) -> Iterator[Clip]:
    for path in files:
        speaker, emotion, _ = path.stem.split("_")
        yield Clip(path, "nemo", speaker, "surprise" if emotion == "surprised" else emotion)


def _tess(files: list[Path]) -> Iterator[Clip]:
    for path in files:
        found = _TESS_NAME.search(path.name)
        if found is None:
            raise ValueError(f"{path}: not a TESS file name")
        emotion = found[3]
        yield Clip(path, "tess", "YAF" if found[1] == "YAF" else "OAF", _TESS.get(emotion, emotion))


def _baved(files: list[Path]) -> Iterator[Clip]:
    for path in files:
        speaker, _, _, _, level, _ = path.stem.split("-")
        yield Clip(path, "baved", speaker, None, int(level))


def _without_repeats(clips: list[Clip]) -> Iterator[Clip]:
    """The clips without byte-identical copies (27 in BAVED)."""
    seen: set[str] = set()
    for clip in clips:
        digest = hashlib.sha256(clip.path.read_bytes()).hexdigest()
        if digest not in seen:
            seen.add(digest)
            yield clip


def fingerprint(clips: list[Clip]) -> dict[str, str]:
    """SHA-256 per corpus over the sorted (file name, file hash) pairs: which data a weight was made from."""
    lines: dict[str, list[str]] = {}
    for clip in clips:
        digest = hashlib.sha256(clip.path.read_bytes()).hexdigest()
        lines.setdefault(clip.corpus, []).append(f"{clip.path.name} {digest}")
    return {c: hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest() for c, rows in lines.items()}
