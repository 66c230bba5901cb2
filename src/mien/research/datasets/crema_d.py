"""CREMA-D: acted English, 7442 clips of 91 actors, 6 emotions, with the votes of the crowd.

What: twelve sentences in six emotions; sound and picture. The label in the file name is what the actor was asked for;
    the crowd agrees with it in 42 % (voice), 66 % (face) and 72 % (both) of the clips: say which label a figure is of.
Who: H. Cao and others, "CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset", IEEE T-AFFC 2014.
Licence: ODbL 1.0 (database), DbCL 1.0 (contents); name the source, share changed databases alike.
Get: github.com/CheyneyComputerScience/CREMA-D (media through Git LFS).
On disk: AudioWAV/ACTOR_SENTENCE_EMOTION_LEVEL.wav, VideoFlash/*.flv (optional), processedResults/tabulatedVotes.csv
    (optional; columns A D F H N S, fileName; row numbers from 100001 voice, 200001 face, 300001 both).
Labels: crema6: angry, sad, disgust, fear, neutral, happy (ANG SAD DIS FEA NEU HAP).
Groups: actor. Parts: actors by number modulo 10: 0-6 / 7 / 8-9 (Mien's own: the owners made none).
Options: label: "intended", or "perceived" by the crowd from what `shown` says (ties are left out, counted);
    shown: "voice", "face" or "audiovisual".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import RequestError
from mien.research.datasets.speech import STRANGE, clips, corpus
from mien.research.datasets.tables import number, rows, some, table
from mien.research.samples import Clip, Data, Sample

SIGNS = ("**/AudioWAV/*.wav|**/10[0-9][0-9]_[A-Z][A-Z][A-Z]_[A-Z][A-Z][A-Z]_[A-Z][A-Z].wav",)
CODES = ("ANG", "SAD", "DIS", "FEA", "NEU", "HAP")
LETTERS = "ASDFNH"
"""Columns of the votes in the order of the space."""
SHOWN = ("voice", "face", "audiovisual")
PARTS = {
    "train": frozenset(str(n) for n in range(1001, 1092) if n % 10 < 7),
    "valid": frozenset(str(n) for n in range(1001, 1092) if n % 10 == 7),
    "test": frozenset(str(n) for n in range(1001, 1092) if n % 10 > 7),
}
_NAME = re.compile(r"(1\d{3})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2,3})")
_FILES = ("tabulatedVotes", "votes")

Counts = Mapping[str, NDArray[np.float64]]


def read(path: Path, *, label: str = "intended", shown: str = "audiovisual") -> Data:
    """CREMA-D at `path`; see the module's text. Votes are there where the table of votes is."""
    if label not in ("intended", "perceived") or shown not in SHOWN:
        raise RequestError(f"label {label!r}, shown {shown!r}: allowed: intended, perceived; {', '.join(SHOWN)}")
    counts = read_votes(path, shown) if label == "perceived" or table(path, *_FILES) else {}
    pictures = {file.stem: file for file in path.rglob("*.flv")}

    def tell(file: Path) -> Sample | str:
        found = _NAME.fullmatch(file.stem)
        if not found or found[3] not in CODES:
            return STRANGE
        votes = counts.get(file.stem)
        target = CODES.index(found[3]) if label == "intended" else winner(votes)
        if target is None:
            return f"have no votes from {shown} or votes that tie"
        raw = {"audio": Clip(str(file))}
        if file.stem in pictures:
            raw["face"] = Clip(str(pictures[file.stem]))
        return Sample(file.stem, found[1], {}, target, votes, speaker=found[1], clips=raw)

    files = clips(path, "*.wav", "clips of CREMA-D")
    notes = [f"label {label}" + (f" from {shown}" if label == "perceived" else "")]
    return corpus("crema-d", space("crema6"), files, tell, PARTS, notes, 7442 if label == "intended" else 0)


def read_votes(path: Path, shown: str) -> Counts:
    """Clip -> votes (6,) in the order of the space, for one way of showing."""
    sheet, ways = some(path, *_FILES), {str(place): name for place, name in enumerate(SHOWN, 1)}
    counts = {}
    for row, cells in rows(sheet, needs=tuple(LETTERS.lower())):
        clip = cells.get("filename") or cells.get("clip")
        way = cells.get("modality") or ways.get(str(cells.get("", ""))[:1])
        if way == shown and clip:
            counts[str(clip)] = np.array([number(sheet, row, c, cells[c.lower()]) for c in LETTERS])
    return counts


def winner(votes: NDArray[np.float64] | None) -> int | None:
    """The class with the most votes, None for a tie or no votes."""
    if votes is None or not votes.max(initial=0) or (votes == votes.max()).sum() > 1:
        return None
    return int(votes.argmax())
