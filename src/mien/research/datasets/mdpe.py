"""MDPE: answers of 193 people to interview questions, true or lies, with personality and emotional expression.

What: features of text, sound and picture of each answer; 60 answers to a personality inventory and 128 numbers on
    emotional expression, both constant for a person, so an identity code where people are in two parts. Scores are of
    this data set's task, never a verdict about a person.
Who: C. Cai and others, arXiv 2407.12274; code cai-cong/MDPE.
Licence: CC BY-NC-SA 4.0, password after a signed agreement.
Get: hub MDPEdataset/MDPE_Dataset, with the agreement named in github.com/cai-cong/MDPE.
On disk: features/ENCODER/PERSON/X-NUMBER-Y.{npy,csv} ((time, width)), labels/PERSON.csv (column 4 above 0: a lie, one
    row a question), personality.csv (columns 2-61, one row a person), emotion.csv (128 columns, no header).
Labels: mdpe2: truth, lie.
Groups: person. Parts: none released that hold people apart; `split` "within-subject-released" gives the released
    train and validation (five answers of every person, also the test set there), where a group is one answer.
Options: text, audio, face: the encoder's folder, "" for none; personality, emotion: whether they are read; split.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.pickles import read_array
from mien.research.datasets.tables import number, rows
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("features", "labels", "personality.csv|emotion.csv|labels/[0-9]*.csv")
RELEASED = "within-subject-released"
_NUMBER = re.compile(r"-(\d+)-")

Row = NDArray[np.float32]


def read(
    path: Path, *, text: str = "", audio: str = "", face: str = "", personality: bool = False, emotion: bool = False,
    split: str = "people",
) -> Data:  # fmt: skip
    """MDPE at `path`; see the module's text."""
    encoders = {name: encoder for name, encoder in (("text", text), ("audio", audio), ("face", face)) if encoder}
    there = sorted(one.name for one in (path / "features").glob("*") if one.is_dir())
    if split not in ("people", RELEASED) or not encoders or set(encoders.values()) - set(there):
        raise RequestError(
            f"give text, audio or face one of the encoders {', '.join(there) or '(none there)'}, and split people or "
            f"{RELEASED}; got {encoders or 'none'}, {split!r}"
        )
    wanted = [name for name, on in (("personality", personality), ("emotion", emotion)) if on]
    sides = {name: _side(path / f"{name}.csv", name) for name in wanted}
    samples, tested = list[Sample](), set[int]()
    for person in sorted(
        one.name for one in (path / "features" / next(iter(encoders.values()))).iterdir() if one.is_dir()
    ):
        lies = _lies(path / "labels" / f"{person}.csv")
        files = {name: _answers(path / "features" / encoder / person) for name, encoder in encoders.items()}
        constant = {name: _of_person(path, name, rows_, person) for name, rows_ in sides.items()}
        answers = sorted(set().union(*files.values()))
        for answer in answers:
            if not 1 <= answer <= len(lies):
                raise DataError(path / "labels" / f"{person}.csv", None, f"has {len(lies)} rows, no row {answer}")
            vectors = {name: _features(found[answer]) for name, found in files.items() if answer in found}
            name = f"{person}-{answer:02d}"
            group = person if split == "people" else name
            lie = int(lies[answer - 1])
            samples.append(Sample(name, group, vectors | constant, lie, speaker=person, place=float(answer)))
        if split == RELEASED:
            order = sorted(next(iter(files.values())))
            tested |= {len(samples) - len(answers) + answers.index(one) for one in _released(person, order, lies)}
    parts = {}
    if split == RELEASED:
        parts = {"train": tuple(i for i in range(len(samples)) if i not in tested), "test": tuple(sorted(tested))}
    notes = (f"split {split}",) + (("LEAK, asked for by name: every person is in both parts",) if parts else ())
    return valid(Data("mdpe", space("mdpe2"), "class", tuple(samples), parts, notes=notes))


def _released(person: str, order: list[int], lies: list[bool]) -> list[int]:
    """The first two lies and three truths after the released shuffle (seed = the person's number)."""
    drawn = list(order)
    random.Random(int(person)).shuffle(drawn)
    return [n for n in drawn if lies[n - 1]][:2] + [n for n in drawn if not lies[n - 1]][:3]


def _lies(path: Path) -> list[bool]:
    found = []
    for row, cells in rows(path):
        if len(cells) < 4:
            raise DataError(path, row, f"has {len(cells)} columns; the label is in column 4")
        found.append(number(path, row, "column 4", list(cells.values())[3]) > 0)
    return found


def _answers(folder: Path) -> dict[int, Path]:
    """Number of the answer -> its file; {} where a person has none of this modality."""
    files = [one for one in folder.glob("*") if one.suffix in (".npy", ".csv")] if folder.is_dir() else []
    return {int(found[1]): one for one in sorted(files) if (found := _NUMBER.search(one.name))}


def _features(path: Path) -> Row:
    values = _numbers(path) if path.suffix == ".csv" else np.asarray(read_array(path), np.float32)
    return values.reshape(1, -1) if values.ndim == 1 else values


def _side(path: Path, name: str) -> Row:
    if not path.is_file():
        raise InputError(path, "", f"is not there; leave {name} off, or take the whole release")
    if name == "emotion":
        return _numbers(path)
    columns = [[number(path, row, "a cell", c) for c in list(cells.values())[1:61]] for row, cells in rows(path)]
    return np.asarray(columns, np.float32)


def _of_person(path: Path, name: str, table: Row, person: str) -> Row:
    if not person.isdigit() or not 1 <= int(person) <= len(table):
        raise DataError(path / f"{name}.csv", None, f"has {len(table)} rows, none for person {person}")
    return np.asarray(table[int(person) - 1][None], np.float32)


def _numbers(path: Path) -> Row:
    try:
        return np.asarray(np.loadtxt(path, delimiter=",", ndmin=2), np.float32)
    except (OSError, ValueError) as error:
        raise DataError(path, None, f"is no table of numbers ({str(error)[:90]})") from None
