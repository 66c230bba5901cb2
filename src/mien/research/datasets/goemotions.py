"""GoEmotions: 54 263 comments from Reddit, 27 emotions and neutral, several may hold.

What: English comments, names and religions masked. Neutral can stand beside emotions. 42 test and 49 dev texts also
    stand in train; grief has 6 test rows, relief 11, pride 16, nervousness 23: a macro F1 hangs on them.
Who: D. Demszky and others, "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020 (arXiv 2005.00547).
Licence: CC BY 4.0.
Get: github.com/google-research/google-research: goemotions/data/{train,dev,test}.tsv.
On disk: {train,dev,test}.tsv without header or quoting: text, comma-separated label numbers, comment id; or
    train/dev/test.parquet with id, text, labels.
Labels: goemotions28 (27 emotions in alphabetical order of the release, then neutral); chosen by two raters or more.
Groups: each comment its own. Parts: train, valid, test as released.
Options: repeats: "keep", or "drop" the rows of a part whose text stands in a later part (told in the notes).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.affect.space import space
from mien.errors import DataError, InputError
from mien.research.datasets.tables import rows, table
from mien.research.datasets.texts import laid
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("train.tsv|train.parquet", "labels.json|emotions.txt|ekman_mapping.json")
SPACE = space("goemotions28")


def read(path: Path, *, repeats: str = "keep") -> Data:
    """GoEmotions at `path`; see the module's text."""
    found = {part: _part(path, stem) for part, stem in (("train", "train"), ("valid", "dev"), ("test", "test"))}
    if not any(found.values()):
        raise InputError(path, "", "has none of: train.tsv, dev.tsv, test.tsv (or .parquet)")
    samples, parts, notes = laid(found, repeats)
    return valid(Data("goemotions", SPACE, "labels", samples, parts, notes=tuple(notes)))


def _part(path: Path, stem: str) -> list[Sample]:
    sheet = table(path, stem, suffixes=(".tsv", ".parquet"))
    if sheet is None:
        return []
    names = None if sheet.suffix == ".parquet" else ("text", "labels", "id")
    samples = []
    for row, cells in rows(sheet, needs=("id", "text", "labels"), quoted=False, columns=names):
        try:
            chosen = [int(cell) for cell in str(cells["labels"]).split(",")]
        except ValueError:
            chosen = [-1]
        if not all(0 <= place < len(SPACE.labels) for place in chosen):
            raise DataError(sheet, row, f"labels {cells['labels']!r} are no numbers from 0 to {len(SPACE.labels) - 1}")
        target = np.zeros(len(SPACE.labels), np.float32)
        target[chosen] = 1.0
        samples.append(Sample(str(cells["id"]), str(cells["id"]), {}, target, words=str(cells["text"])))
    return samples
