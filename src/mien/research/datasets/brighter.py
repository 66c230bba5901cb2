"""BRIGHTER: short texts in 28 languages, 6 emotions, several may hold; the data of SemEval-2025 task 11.

What: social media, speech and literature, read by speakers of the language. Not every language was asked for every
    class (English has no disgust, Afrikaans no surprise): `language` gives only the classes that were asked for.
    Track A of the English test file has no labels: they are those of track B, where any intensity above 0 counts.
Who: S. Muhammad and others, "BRIGHTER", ACL 2025 (arXiv 2502.11926); T. Belay and others, COLING 2025 (4 of them).
Licence: CC BY 4.0; the task's rules of 2024 also asked not to pass the texts on.
Get: github.com/emotion-analysis-project/SemEval2025-Task11: task-dataset/semeval-2025-task11-dataset/track_a.
On disk: track_a/{train,dev,test}/LANG.csv: id, text, one 0/1 column an emotion (headers differ in case); or
    train.parquet, dev.parquet with a column lang.
Labels: brighter6: anger, disgust, fear, joy, sadness, surprise, less those the language was not asked for.
Groups: each text its own. Parts: train, valid, test as released.
Options: language: one code ("eng", "deu", ...), or "all" for every language that was asked for all six;
    repeats: "keep", or "drop" the rows of a part whose text stands in a later part (told in the notes).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mien.affect.space import Space, space
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.tables import Row, number, rows, table
from mien.research.datasets.texts import laid
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("raters_train_dev.parquet|track_a|train/eng.csv",)
SPACE = space("brighter6")
_STEMS = {"train": "train", "valid": "dev", "test": "test"}


def read(path: Path, *, language: str = "all", repeats: str = "keep") -> Data:
    """BRIGHTER at `path`; see the module's text."""
    found = [(part, file, row, lang, cells) for part in _STEMS for file, row, lang, cells in _cells(path, part)]
    asked = _asked(found)
    if not asked:
        raise InputError(path, "", "has no labelled rows: neither track_a/train/LANG.csv nor train.parquet")
    if language != "all" and language not in asked:
        raise RequestError(f"language {language!r} is not there; there are: {', '.join(sorted(asked))}")
    wanted = {lang for lang, labels in asked.items() if len(labels) == 6} if language == "all" else {language}
    labels = SPACE.labels if language == "all" else asked[language]
    goal = SPACE if len(labels) == 6 else Space(f"brighter6-{language}", labels, "multilabel", SPACE.source)
    if not wanted:
        raise RequestError(f"no language here was asked for all six; give language, one of: {', '.join(sorted(asked))}")
    own: dict[str, list[Sample]] = {part: [] for part in _STEMS}
    bare = 0
    for part, file, row, lang, cells in found:
        if lang in wanted and _bare(cells):
            bare += 1
        elif lang in wanted:
            target = np.array([_flag(file, row, name, cells.get(name)) for name in labels], np.float32)
            name = str(cells["id"])
            own[part].append(Sample(name, name, {}, target, words=str(cells["text"])))
    samples, parts, notes = laid(own, repeats)
    notes += [f"{bare} rows without any label are left out"] if bare else []
    if language == "all" and (partly := sorted(set(asked) - wanted)):
        notes.append(f"left out, as they were not asked for all six: {', '.join(partly)}")
    return valid(Data("brighter", goal, "labels", samples, parts, notes=tuple(notes)))


def _cells(path: Path, part: str) -> Iterator[tuple[Path, int, str, Row]]:
    """Rows of a part with their file and language, as one table or one file a language."""
    stem = _STEMS[part]
    sheet = table(path, stem, suffixes=(".parquet",))
    if sheet is not None:
        yield from ((sheet, row, str(cells["lang"]), cells) for row, cells in rows(sheet, needs=("id", "lang", "text")))
        return
    folder = next((one for one in (path / "track_a" / stem, path / stem) if one.is_dir()), None)
    for file in sorted(folder.glob("???*.csv")) if folder else ():
        if "_track" not in file.stem:
            yield from ((file, row, file.stem, cells) for row, cells in _labelled(file))


def _labelled(file: Path) -> list[tuple[int, Row]]:
    """Rows of a file; where none has a label, with those of track B's file of the same rows, where that is there."""
    found = list(rows(file, needs=("id", "text")))
    other = file.parents[2] / "track_b" / file.parent.name / file.name
    if not all(_bare(cells) for _, cells in found) or not other.is_file():
        return found
    twins = [cells for _, cells in rows(other, needs=("text",))]
    if [cells["text"] for cells in twins] != [cells["text"] for _, cells in found]:
        raise DataError(other, None, f"has other texts than {file}, whose labels it should give")
    return [
        (row, {**cells, **{n: str(int(number(other, row, n, twin[n]) > 0)) for n in SPACE.labels if twin.get(n)}})
        for (row, cells), twin in zip(found, twins, strict=True)
    ]


def _bare(cells: Row) -> bool:
    return all(cells.get(name) in (None, "") for name in SPACE.labels)


def _asked(found: list[tuple[str, Path, int, str, Row]]) -> dict[str, tuple[str, ...]]:
    """Language -> classes with at least one answer in it."""
    seen: dict[str, set[str]] = {}
    for _, _, _, lang, cells in found:
        seen.setdefault(lang, set()).update(name for name in SPACE.labels if cells.get(name) not in (None, ""))
    return {lang: tuple(name for name in SPACE.labels if name in names) for lang, names in seen.items() if names}


def _flag(file: Path, row: int, name: str, cell: object) -> float:
    if str(cell) not in ("0", "1", "0.0", "1.0"):
        raise DataError(file, row, f"{name} is {cell!r}; 0 or 1 is needed")
    return float(str(cell))
