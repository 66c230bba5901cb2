"""MMMO (ICT-MMMO): 340 film reviews from the web, voice, face and words word by word, liking from 1 to 5.

What: one person speaks about one film; 20 steps a review, each the mean over a word: audio 74 (COVAREP), face 36
    (Facet), text 300 (GloVe). Steps that pad a review in front and behind are cut off; a step inside where a face was
    not found (about one in ten) is marked as not seen. Audio values reach 255: scale them. The training text (10 MB) is
    missing from some copies of the repository, so it is read only where it is asked for.
Who: M. Woellmer and others, "YouTube Movie Reviews", IEEE Intelligent Systems 2013; features of A. Zadeh, P. P. Liang
    and others, "Memory Fusion Network for Multi-view Sequential Learning", AAAI 2018 (arXiv 1802.00927).
Licence: the repository of the features is MIT for its code; the reviews are their speakers', for research.
Get: github.com/pliang279/MFN: new_data/mmmo/*.h5.
On disk: {audio,video,text}_{train,valid,test}[_emb].h5 and y_{train,valid,test}.h5, one array d1 each: (reviews, 20,
    width), (reviews,). Needs pip install "mien[hdf5]".
Labels: mmmo-liking, 1 to 5; or sentiment2: negative (below 3), positive (above 3), those of exactly 3 left out.
Groups: each review its own; the release names neither videos nor speakers, so people in two parts cannot be seen.
    Parts: train, valid, test as released (220 / 40 / 80).
Options: label: "score" or "sign"; modalities: of audio, face, text. The release's YouTube and POM sets are not read:
    125 of 173 voices, and 322 of 600 faces, are zeros alone there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space, space
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.hdf5 import read_hdf5
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("**/audio_train.h5", "**/video_train.h5", "**/y_train.h5")
LIKING = Space("mmmo-liking", ("liking",), "dimensional", "ICT-MMMO: one star to five", 1.0, 5.0)
_FILES = {"audio": "audio_{}.h5", "face": "video_{}.h5", "text": "text_{}_emb.h5"}
_WIDTHS = {"audio": 74, "face": 36, "text": 300}
_PARTS = ("train", "valid", "test")
_MIDDLE = 3.0

Rows = NDArray[np.float32]


def read(path: Path, *, label: str = "score", modalities: tuple[str, ...] = ("audio", "face")) -> Data:
    """MMMO at `path`; see the module's text."""
    if label not in ("score", "sign") or not modalities or any(name not in _FILES for name in modalities):
        raise RequestError(
            f"label {label!r}, modalities {', '.join(modalities) or '(none)'}; "
            f"allowed: score, sign; {', '.join(_FILES)}"
        )
    folder = _folder(path)
    samples, parts, middle = list[Sample](), dict[str, tuple[int, ...]](), 0
    for part in _PARTS:
        scores = read_hdf5(folder / f"y_{part}.h5")
        tables = {name: _table(folder, name, part, scores.shape) for name in modalities}
        start = len(samples)
        for row, score in enumerate(scores.tolist()):
            if label == "sign" and score == _MIDDLE:
                middle += 1
                continue
            target = int(score > _MIDDLE) if label == "sign" else np.array([score], np.float32)
            features, seen = _steps({name: table[row] for name, table in tables.items()})
            name = f"{part}_{row:03d}"
            samples.append(Sample(name, name, features, target, seen=seen))
        parts[part] = tuple(range(start, len(samples)))
    notes = ["no ids of videos or speakers in the release: people in two parts cannot be seen"]
    notes += [f"{middle} reviews of exactly 3 are left out"] if middle else []
    goal = space("sentiment2") if label == "sign" else LIKING
    task = "class" if label == "sign" else "value"
    return valid(Data("mmmo", goal, task, tuple(samples), parts, notes=tuple(notes)))  # type: ignore[arg-type]


def _folder(path: Path) -> Path:
    """Where the files lie; of a whole copy of the release, the folder mmmo."""
    found = sorted({one.parent for one in path.rglob("y_train.h5")}) if path.is_dir() else []
    if len(found) > 1:
        found = [one for one in found if one.name == "mmmo"] or found
    if len(found) != 1:
        raise InputError(path, "", f"has {len(found) or 'no'} folders with y_train.h5; name MMMO's (new_data/mmmo)")
    return found[0]


def _table(folder: Path, name: str, part: str, scores: tuple[int, ...]) -> Rows:
    file = folder / _FILES[name].format(part)
    values = read_hdf5(file)
    if len(scores) != 1 or values.ndim != 3 or len(values) != scores[0] or values.shape[2] != _WIDTHS[name]:
        want = f"({scores[0] if scores else 0}, steps, {_WIDTHS[name]})"
        raise DataError(file, None, f"has shape {values.shape}, {want} is MMMO's")
    return values.astype(np.float32)


def _steps(rows: dict[str, Rows]) -> tuple[dict[str, Rows], dict[str, NDArray[np.bool_]]]:
    """What is not padding, and which steps of it are seen where some are not; an unseen modality is left out."""
    there: dict[str, NDArray[np.bool_]] = {name: (values != 0).any(axis=1) for name, values in rows.items()}
    places = np.flatnonzero(np.any(list(there.values()), axis=0))
    if not len(places):
        return {}, {}
    inside = slice(int(places[0]), int(places[-1]) + 1)
    kept = {name: rows[name][inside] for name, seen in there.items() if seen.any()}
    seen = {name: there[name][inside] for name in kept if not there[name][inside].all()}
    return kept, seen
