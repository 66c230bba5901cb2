"""EmotionTalk: acted Chinese dialogue, 19 250 utterances of 19 actors, each labelled four times.

What: text, sound and picture; one label from all together and one from each alone, and a sentiment by five raters.
    Validation and test share the speakers 02 and 13: choosing epochs on validation favours them.
Who: H. Sun and others, arXiv 2505.23018; code NKU-HLT/EmotionTalk.
Licence: CC BY-NC-SA 4.0 by its data card.
Get: github.com/NKU-HLT/EmotionTalk: EmotionTalk/dataset/mm-process (labels, transcripts); media by the data card.
On disk: {mm,audio,video,txt}_label.npz (train_corpus, val_corpus, test_corpus: id -> emo, val), transcription.csv
    (name, emotion, chinese), features/ENCODER/ID.npy (one vector, or (time, width)). Read without running code.
Labels: emotiontalk7: neutral, happy, sad, angry, surprised, disgusted, fearful; the first four alone as emotiontalk4;
    emotiontalk-sentiment, -2 to 2 (-10 in the files is no value).
Groups: dialogue. Parts: train, valid, test as released (valid G00001 G00012, test G00003 G00015).
Options: label: "joint", "audio", "face" or "text"; task: "seven", "four" (other items left out, so sizes differ) or
    "sentiment" (joint alone); early_stop: "valid" as released, or "train_fold", a sixth of the training recordings in
    place of it, which share no speaker with test; features: MODALITY=ENCODER pairs with commas
    ("audio=chinese-hubert-base-UTT").
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import DataError, InputError, RequestError
from mien.metrics.transcript import clean_transcript
from mien.research.datasets.pickles import read_array, read_objects
from mien.research.datasets.tables import rows, some, table
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample, Task

SIGNS = ("**/mm_label.npz", "**/txt_label.npz")
FILES = {"joint": "mm_label", "audio": "audio_label", "face": "video_label", "text": "txt_label"}
SPACES = {"seven": "emotiontalk7", "four": "emotiontalk4", "sentiment": "emotiontalk-sentiment"}
_PARTS = {"train": "train_corpus", "valid": "val_corpus", "test": "test_corpus"}

Corpus = Mapping[str, Mapping[str, Any]]


def read(
    path: Path, *, label: str = "joint", task: str = "seven", features: tuple[str, ...] = (), early_stop: str = "valid"
) -> Data:
    """EmotionTalk at `path`; see the module's text. Transcripts come without their marks."""
    if label not in FILES or task not in SPACES or (task == "sentiment" and label != "joint"):
        raise RequestError(
            f"label {label!r}, task {task!r}; allowed: {', '.join(FILES)}; {', '.join(SPACES)} (that of joint alone)"
        )
    if early_stop not in ("valid", "train_fold"):
        raise RequestError(f"early_stop {early_stop!r}; allowed: valid, train_fold")
    folder = some(path, FILES[label], suffixes=(".npz",)).parent
    held = {name: _corpora(folder / f"{file}.npz") for name, file in FILES.items() if (folder / f"{file}.npz").exists()}
    words, goal = _words(folder), space(SPACES[task])
    encoders = dict(_pair(one) for one in features)
    samples, parts, left = list[Sample](), dict[str, tuple[int, ...]](), 0
    for part in _PARTS:
        start = len(samples)
        for name, entry in held[label][part].items():
            target = _target(folder, name, entry, task)
            if target is None:
                left += 1
                continue
            alone = {m: int(held[m][part][name]["emo"]) for m in held if m != "joint" and name in held[m][part]}
            alone = {m: place for m, place in alone.items() if place < len(goal.labels) and task != "sentiment"}
            vectors = {m: v for m, encoder in encoders.items() if (v := _vector(folder, encoder, name)) is not None}
            dialogue, _, turn = name.rpartition("_")
            dialogue, _, speaker = dialogue.rpartition("_")
            place = float(turn) if turn.isdigit() else 0.0
            samples.append(
                Sample(
                    name,
                    dialogue,
                    vectors,
                    target,
                    words=words.get(name, ""),
                    speaker=speaker,
                    place=place,
                    labels=alone,
                )
            )
        parts[part] = tuple(range(start, len(samples)))
    notes = [f"labels given to {label}"]
    notes += [f"{left} items of other classes or without value are left out"] if left else []
    if early_stop == "train_fold":
        parts |= _fold(samples, parts["train"])
        notes.append("epochs are chosen on training recordings left out; the released validation part is not used")
    kind: Task = "value" if task == "sentiment" else "class"
    return valid(Data("emotiontalk", goal, kind, tuple(samples), parts, notes=tuple(notes)))


def _fold(samples: list[Sample], train: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """train without its last recordings, a sixth of them, and valid of these (a recording: G00002 of G00002_01)."""
    names = sorted({samples[row].group.partition("_")[0] for row in train})
    if len(names) < 2:
        raise RequestError(f"early_stop=train_fold: the training part has {len(names)} recording, two are needed")
    held = set(names[-max(1, round(len(names) / 6)) :])
    out = tuple(row for row in train if samples[row].group.partition("_")[0] in held)
    return {"train": tuple(row for row in train if row not in set(out)), "valid": out}


def _corpora(path: Path) -> dict[str, Corpus]:
    found = read_objects(path)
    if any(not isinstance(found.get(key), dict) for key in _PARTS.values()):
        raise InputError(path, "", f"is no label file of EmotionTalk: it needs {', '.join(_PARTS.values())}")
    return {part: found[key] for part, key in _PARTS.items()}


def _target(folder: Path, name: str, entry: Any, task: str) -> int | NDArray[np.floating] | None:
    """The target, None for an item that the task leaves out."""
    try:
        place, value = int(entry["emo"]), float(entry["val"])
    except (TypeError, KeyError, ValueError):
        raise DataError(folder, None, f"{name}: the entry {entry!r} has no emo and val") from None
    if task == "sentiment":
        return None if value <= -10 else np.array([value], np.float32)
    if not 0 <= place < 7:
        raise DataError(folder, None, f"{name}: emo is {place}; allowed: 0 to 6")
    return place if task == "seven" or place < 4 else None


def _words(folder: Path) -> dict[str, str]:
    sheet = table(folder, "transcription", suffixes=(".csv",))
    if sheet is None:
        return {}
    return {
        cells["name"].rsplit("/", 1)[-1]: clean_transcript(cells["chinese"]).text
        for _, cells in rows(sheet, needs=("name", "chinese"))
    }


def _pair(text: str) -> tuple[str, str]:
    name, found, encoder = text.partition("=")
    if not found or not encoder:
        raise RequestError(f"features {text!r}: give MODALITY=ENCODER, such as audio=chinese-hubert-base-UTT")
    return name, encoder


def _vector(folder: Path, encoder: str, name: str) -> NDArray[np.float32] | None:
    """Features of one clip, None where the file is absent."""
    home = next((f for f in (folder / "features" / encoder, folder.parent / "features" / encoder) if f.is_dir()), None)
    if home is None:
        raise InputError(folder, "", f"has no features/{encoder}")
    file = home / f"{name}.npy"
    if not file.is_file():
        return None
    values = np.asarray(read_array(file), np.float32)
    return values.reshape(1, -1) if values.ndim == 1 else values
