"""MahaEmotions: 14 998 tweets in Marathi, 11 emotions; machine-made labels to train on, people's to test on.

What: training labels come from a language model, validation and test labels from people: measure, and select, on the
    latter. 245 texts repeat in train, 42 stand in train and validation, 44 in train and test, 16 in both of the latter.
Who: N. Kowtal, R. Joshi (L3Cube), arXiv 2506.00863.
Licence: the sibling sets CC BY-NC-SA 4.0, this one not named: take it as non-commercial.
Get: github.com/l3cube-pune/MarathiNLP: L3Cube-MahaEmotions.
On disk: anger-disgust-separate/{train,validation,test}.csv (11 labels) and {train,validation,test}.csv (10, anger and
    disgust merged; its validation labels differ from the others in 133 more rows): Tweet, Label.
Labels: maha11: Happiness, Sadness, Respect, Anger, Fear, Surprise, Disgust, Excitement, Pride, Sarcasm, Neutral; or
    maha10 with Anger/Disgust. Case and blanks in the files are put right.
Groups: each tweet its own. Parts: train, valid, test as released.
Options: variant: "11" or "10"; repeats: "keep", or "drop" the rows of a part whose text stands in a later part.
"""

from __future__ import annotations

from pathlib import Path

from mien.affect.space import space
from mien.errors import InputError, RequestError
from mien.research.datasets.tables import label, places, rows, table
from mien.research.datasets.texts import laid
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("anger-disgust-separate|L3Cube-MahaEmotions",)
_STEMS = {"train": "train", "valid": "validation", "test": "test"}


def read(path: Path, *, variant: str = "11", repeats: str = "keep") -> Data:
    """MahaEmotions at `path`; see the module's text."""
    if variant not in ("11", "10"):
        raise RequestError(f"variant {variant!r}: allowed: 11, 10")
    goal = space(f"maha{variant}")
    folder = _folder(path, variant)
    found = {part: _part(folder, stem, places(goal.labels)) for part, stem in _STEMS.items()}
    samples, parts, notes = laid(found, repeats)
    return valid(Data("mahaemotions", goal, "class", samples, parts, notes=tuple(notes)))


def _part(folder: Path, stem: str, allowed: dict[str, int]) -> list[Sample]:
    sheet = table(folder, stem, suffixes=(".csv",))
    if sheet is None:
        return []
    return [
        Sample(f"{stem}-{row}", f"{stem}-{row}", {}, label(sheet, row, cells["label"], allowed), words=cells["tweet"])
        for row, cells in rows(sheet, needs=("tweet", "label"))
    ]


def _folder(path: Path, variant: str) -> Path:
    inside = path / "L3Cube-MahaEmotions"
    path = inside if inside.is_dir() else path
    separate = path / "anger-disgust-separate"
    if variant == "11" and path.name != separate.name:
        if not separate.is_dir():
            raise InputError(path, "", "has no anger-disgust-separate, the folder with 11 labels; variant 10 has none")
        return separate
    return path
