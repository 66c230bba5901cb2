"""CMU-MOSI, one vector an utterance: 2199 utterances of 93 videos, released with fixed 62 training and 31 test videos.

What: English opinions on films; text 100, audio 73 (openSMILE, selected) and video 100 numbers an utterance. Text and
    video features were made by networks trained with the labels of the 62 videos: inside these videos they know the
    answer (5-fold there: text .982, against .757 on the 31). Sound: train on the 62 with fixed defaults, report on
    the 31. Not sound: a validation part cut from the 62, the usual 1284/229/686 split, folds over all 93.
Who: A. Zadeh and others (CMU-MOSI, 2016); features of S. Poria and others, "Context-dependent sentiment analysis in
    user-generated videos", ACL 2017.
Licence: CMU-MOSI is for research; the feature repository gives none. Read it from the source, do not ship it.
Get: github.com/soujanyaporia/contextual-utterance-level-multimodal-sentiment-analysis: data/; continuous labels from
    github.com/zeroQiaoba/MERTools: MERBench/dataset/cmumosi-process/label.npz.
On disk: data/transcripts.csv (VIDEO_N, text, number of the video, label), data/text_{train,test}.csv (column 0: row of
    transcripts.csv), data/{text,audio,video}/{m}_{train,test}0.csv (features, label last; rows in that order).
Labels: sentiment2-has0: negative, non-negative (1 where the score is 0 or more); or mosi-sentiment, -3 to 3.
Groups: video. Parts: train (62 videos) and test (31); no part to select on.
Options: label: "binary", or "score" (needs `scores`: the path of MERBench's label.npz); modalities; split: "62/31" or
    "official" (needs `scores`; refused with text or face unless allow is "label-fitted-features").
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.pickles import read_objects
from mien.research.datasets.tables import rows, some
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample, Task

SIGNS = ("**/transcripts.csv", "**/text_train0.csv")
LEAK = "label-fitted-features"
_FOLDERS = {"text": "text", "audio": "audio", "face": "video"}
_CORPORA = {"train": "train_corpus", "valid": "val_corpus", "test": "test_corpus"}

Matrix = NDArray[np.float64]


def read(
    path: Path, *, label: str = "binary", scores: str = "", modalities: tuple[str, ...] = ("text", "audio", "face"),
    split: str = "62/31", allow: str = "",
) -> Data:  # fmt: skip
    """The MOSI vectors at `path`; see the module's text."""
    _ask(label, scores, modalities, split, allow)
    told = _scores(Path(scores)) if scores else {}
    folder = some(path, "transcripts", suffixes=(".csv",)).parent
    columns = ("id", "text", "video", "label")
    names = [cells for _, cells in rows(folder / "transcripts.csv", columns=columns, encoding="latin-1")]
    samples, own = list[Sample](), dict[str, tuple[int, ...]]()
    for part in ("train", "test"):
        places = [int(row[0]) for row in _matrix(folder / f"text_{part}.csv")]
        tables = {name: _matrix(folder / _FOLDERS[name] / f"{_FOLDERS[name]}_{part}0.csv") for name in modalities}
        for name, table in tables.items():
            if len(table) != len(places):
                raise DataError(folder, None, f"{name} has {len(table)} {part} rows, text_{part}.csv {len(places)}")
        own[part] = tuple(range(len(samples), len(samples) + len(places)))
        for number, place in enumerate(places):
            if not 0 <= place < len(names):
                raise DataError(folder / f"text_{part}.csv", number + 1, f"names transcript {place} of {len(names)}")
            samples.append(_sample(names[place], {n: t[number] for n, t in tables.items()}, label, told, folder))
    fitted = (
        frozenset(samples[row].group for row in own["train"]) if {"text", "face"} & set(modalities) else frozenset()
    )
    parts = own if split == "62/31" else _official(samples, told, Path(scores))
    goal = space("sentiment2-has0" if label == "binary" else "mosi-sentiment")
    notes = [f"split {split}"] + ([f"LEAK, asked for by name: {LEAK}"] if split == "official" and fitted else [])
    task: Task = "class" if label == "binary" else "value"
    return valid(Data("mosi-62", goal, task, tuple(samples), parts, fitted, tuple(notes)))


def _ask(label: str, scores: str, modalities: tuple[str, ...], split: str, allow: str) -> None:
    if label not in ("binary", "score") or split not in ("62/31", "official") or allow not in ("", LEAK):
        raise RequestError(
            f"label {label!r}, split {split!r}, allow {allow!r}; allowed: binary, score; 62/31, official; {LEAK}"
        )
    if not modalities or any(name not in _FOLDERS for name in modalities):
        raise RequestError(f"modalities {', '.join(modalities) or '(none)'}; there are: {', '.join(_FOLDERS)}")
    if (label == "score" or split == "official") and not scores:
        raise RequestError("continuous labels and the official split come from MERBench's label.npz: give scores=PATH")
    if split == "official" and {"text", "face"} & set(modalities) and allow != LEAK:
        raise RequestError(
            "the official split tests on videos whose labels text and video features were fitted on (text .978 there, "
            f".742 elsewhere): take split=62/31 or modalities=audio, or ask for the leak by name: allow={LEAK}"
        )


def _matrix(path: Path) -> Matrix:
    """A table of numbers without header; the values may be quoted."""
    try:
        with open(path, encoding="latin-1") as stream:
            found = np.loadtxt(stream, delimiter=",", quotechar='"', ndmin=2)
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise DataError(path, None, f"is no table of numbers ({str(error)[:90]})") from None
    return np.asarray(found, np.float64)


def _sample(
    cells: Mapping[str, str], rows_: Mapping[str, Matrix], label: str, told: Mapping[str, tuple[str, float]], at: Path
) -> Sample:
    name = cells["id"]
    for modality, row in rows_.items():
        if str(int(row[-1])) != cells["label"]:
            raise DataError(at, None, f"{name}: {modality} has label {row[-1]:g}, the transcript {cells['label']}")
    if label == "score" and name not in told:
        raise DataError(at, None, f"{name}: has no continuous label in the file of scores")
    target: int | NDArray[np.floating] = int(cells["label"])
    if label == "score":
        target = np.array([told[name][1]], np.float32)
    features = {modality: row[:-1].astype(np.float32)[None] for modality, row in rows_.items()}
    video, _, turn = name.rpartition("_")
    return Sample(name, video, features, target, words=cells["text"], speaker=video, place=float(turn))


def _scores(path: Path) -> dict[str, tuple[str, float]]:
    """Utterance -> (official part, score)."""
    corpora = read_objects(path)
    if any(not isinstance(corpora.get(key), dict) for key in _CORPORA.values()):
        raise InputError(path, "", f"is not MERBench's label file: it needs {', '.join(_CORPORA.values())}")
    return {name: (part, float(entry["val"])) for part, key in _CORPORA.items() for name, entry in corpora[key].items()}


def _official(samples: list[Sample], told: Mapping[str, tuple[str, float]], path: Path) -> dict[str, tuple[int, ...]]:
    for sample in samples:
        if sample.id not in told:
            raise DataError(path, None, f"{sample.id}: is in none of its parts")
    return {part: tuple(row for row, sample in enumerate(samples) if told[sample.id][0] == part) for part in _CORPORA}
