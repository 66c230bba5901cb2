"""MELD: dialogue of a TV series, 13 708 utterances in 1432 dialogues, 7 emotions and 3 sentiments.

What: text, times and speakers; sound and picture where the clips lie beside it. Main speakers are the same in all
    parts, and 331 of the 1690 longer test utterances stand in EmoryNLP: never train on that for a figure on MELD.
Who: S. Poria and others, "MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations", ACL 2019.
Licence: GPL-3.0 (the only licence its repository gives); the series itself is not free.
Get: github.com/declare-lab/MELD: data/MELD/*.csv; the clips as MELD.Raw from the project's page.
On disk: {train,dev,test}_sent_emo.csv, or train/dev/test.parquet of the same columns; optional clips
    train_splits/diaD_uttU.mp4, dev_splits_complete/..., output_repeated_splits_test/..., or these in train, dev, test
Labels: meld7: anger, joy, sadness, neutral, disgust, fear, surprise; sentiment3: negative, neutral, positive.
Groups: dialogue (ids start anew in each part: the group is part and id). Parts: train, valid, test as released.
Options: label: "emotion" or "sentiment".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.affect.space import space
from mien.errors import InputError, RequestError
from mien.research.datasets.tables import label as place_of
from mien.research.datasets.tables import number, places, rows, table
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

SIGNS = ("train_sent_emo.csv|dev_sent_emo.csv|train.parquet|dev.parquet", "!labels.json", "!raters*")
FILES = {
    "train": ("train_sent_emo", "train"),
    "valid": ("dev_sent_emo", "dev"),
    "test": ("test_sent_emo", "test"),
}
_CLIPS = {"train": "train_splits", "valid": "dev_splits_complete", "test": "output_repeated_splits_test"}
_NEEDS = ("utterance", "speaker", "emotion", "sentiment", "dialogue_id", "utterance_id")
# Older copies were written in Windows' code page and read as Latin-1: its quotes and dashes came out as controls.
_QUOTES = {number: bytes([number]).decode("cp1252", "replace") for number in range(0x80, 0xA0)}


def read(path: Path, *, label: str = "emotion") -> Data:
    """MELD at `path`; see the module's text. Parts that are not there are told in the notes."""
    spaces = {"emotion": space("meld7"), "sentiment": space("sentiment3")}
    if label not in spaces:
        raise RequestError(f"meld has the labels {', '.join(spaces)}, not {label!r}")
    allowed, samples, parts, notes = places(spaces[label].labels), list[Sample](), dict[str, tuple[int, ...]](), []
    for part, stems in FILES.items():
        sheet = table(path, *stems)
        if sheet is None:
            notes.append(f"the {part} part is not there")
            continue
        start = len(samples)
        folder = next((f for f in (path / _CLIPS[part], path / stems[1] / _CLIPS[part]) if f.is_dir()), None)
        for row, cells in rows(sheet, needs=_NEEDS):
            samples.append(_sample(sheet, row, cells, part, place_of(sheet, row, cells[label], allowed), folder))
        parts[part] = tuple(range(start, len(samples)))
    if not samples:
        raise InputError(path, "", f"has none of: {', '.join(f'{a}.csv, {b}.parquet' for a, b in FILES.values())}")
    return valid(Data("meld", spaces[label], "class", tuple(samples), parts, notes=tuple(notes)))


def _sample(sheet: Path, row: int, cells: Any, part: str, target: int, folder: Path | None) -> Sample:
    dialogue = int(number(sheet, row, "dialogue_id", cells["dialogue_id"]))
    turn = int(number(sheet, row, "utterance_id", cells["utterance_id"]))
    film = None if folder is None else Clip(str(folder / f"dia{dialogue}_utt{turn}.mp4"))
    clip = {} if film is None else {"audio": film, "face": film}
    return Sample(
        f"{part}_{dialogue}_{turn}", f"{part}_{dialogue}", {}, target, words=cells["utterance"].translate(_QUOTES),
        speaker=cells["speaker"].translate(_QUOTES), place=float(turn), clips=clip,
    )  # fmt: skip
