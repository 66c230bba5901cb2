"""Samples of plain data: what is true beside what was answered, from two files or from one that holds both."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import DataError
from mien.scoring.columns import GROUP, ID, TRUTH, missing_column, seek
from mien.scoring.join import KEEP_LIMIT, join
from mien.scoring.records import read_rows
from mien.scoring.result import Options

PREDICTED = ("prediction", "predictions", "pred", "predicted", "y_pred", "answer", "response", "output")
"""Columns of a plain answer; in a file of its own the names of the truth are allowed too."""

CORPUS = ("dataset", "data_set", "corpus")
_WHOLE = re.compile(r"[-+]?\d+\.0+")
_LONG = 1 << 22


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: cells of the truth and of the answer (None: there is no answer), and where they stand."""

    id: str
    truth: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    truth_row: int
    answer_row: int


@dataclass(frozen=True, slots=True)
class Samples:
    """All samples, the files they come from, and what was met on the way.

    apart: whether truth and answers come from two files.
    """

    items: tuple[Sample, ...]
    truth_path: Path
    answer_path: Path
    apart: bool
    warnings: tuple[str, ...]

    def truth_error(self, sample: Sample, why: str) -> DataError:
        """An error in the truth of a sample."""
        return DataError(self.truth_path, sample.truth_row, why)

    def answer_error(self, sample: Sample, why: str) -> DataError:
        """An error in the answer to a sample."""
        return DataError(self.answer_path, sample.answer_row, why)

    def take(self, items: Sequence[Sample]) -> Samples:
        """Some of the samples."""
        return Samples(tuple(items), self.truth_path, self.answer_path, self.apart, self.warnings)

    def parts(self) -> Iterator[tuple[str, Samples]]:
        """(name, samples) per data set, where a column says which; else all as one."""
        column = seek(self.items[0].truth, CORPUS)
        if column is None:
            yield "all", self
            return
        found: dict[str, list[Sample]] = {}
        for item in self.items:
            found.setdefault(str(item.truth.get(column, "")).strip() or "(none)", []).append(item)
        yield from ((name, self.take(items)) for name, items in found.items())

    def groups(self) -> tuple[list[str] | None, str]:
        """Each sample's group (speaker, dialogue, ...) and what to say about it; None where there are none to use."""
        column = seek(self.items[0].truth, GROUP)
        if column is None:
            return None, ""
        names = [as_label(item.truth.get(column)) for item in self.items]
        if "" in names:
            raise self.truth_error(self.items[names.index("")], f"the group (column {column!r}) is empty")
        if len(set(names)) < 2:
            return None, f"all samples are of one {column}; intervals draw samples, not groups"
        return names, ""


def gather(predictions: Path, reference: Path | None, options: Options) -> Samples:
    """Read and join; without a reference each row of the predictions holds both sides, its id may be missing."""
    if reference is None:
        rows = tuple(_one_file(predictions))
        return Samples(rows, predictions, predictions, False, ())
    missing = "skip" if options.unreadable == "skip" else "wrong"
    found = join(predictions, reference, answer=None, truth=None, missing=missing)  # type: ignore[arg-type]
    items = tuple(
        Sample(
            *(pair.id, pair.reference.values, pair.prediction.values if pair.prediction else None),
            *(pair.reference.number, pair.prediction.number if pair.prediction else 0),
        )
        for pair in found.pairs
    )
    return Samples(items, reference, predictions, True, found.warnings)


def _one_file(path: Path) -> Iterator[Sample]:
    seen: dict[str, int] = {}
    for number, row in read_rows(path):
        column = seek(row, ID)
        name = str(number) if column is None else as_label(row[column])
        if not name:
            raise DataError(path, number, f"the id (column {column!r}) is empty")
        if name in seen:
            raise DataError(
                path, number, f"the id {name!r} was there before, in row {seen[name]}; each id may come once"
            )
        seen[name] = number
        if number > _LONG:
            raise DataError(path, number, f"is beyond the {_LONG} rows ({KEEP_LIMIT >> 30} GiB) kept for one score")
        yield Sample(name, row, row, number, number)


def as_label(cell: object) -> str:
    """A cell as the text of one label: outer blanks cut, 3.0 as 3; "" for an empty cell and for NaN."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    if text.casefold() == "nan":
        return ""
    return text.partition(".")[0] if _WHOLE.fullmatch(text) else text


def as_number(cell: object) -> float | None:
    """A cell as a finite number; None where it is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        number = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def truth_column(samples: Samples) -> str:
    """The column of the truth; DataError lists the columns found and the allowed names."""
    first = samples.items[0]
    names = TRUTH if samples.apart else tuple(name for name in TRUTH if name != "value")
    column = seek(first.truth, names)
    if column is None:
        why = missing_column("label", list(first.truth), names)
        hint = "" if samples.apart else "; or give the labels with --reference FILE"
        raise samples.truth_error(first, why + hint)
    return column


def answer_column(samples: Samples) -> str | None:
    """The column of the answer, None where no answer has one."""
    names = (*PREDICTED, *TRUTH) if samples.apart else PREDICTED
    answers = (sample.answer for sample in samples.items if sample.answer is not None)
    return next((column for answer in answers if (column := seek(answer, names)) is not None), None)


def no_answer_column(samples: Samples) -> DataError:
    """The error for predictions without a column of answers."""
    first = next(sample for sample in samples.items if sample.answer is not None)
    names = (*PREDICTED, *TRUTH) if samples.apart else PREDICTED
    why = missing_column("answer", list(first.answer or ()), names)
    return samples.answer_error(first, f"{why}; or probabilities: p_<label>")


def unreadable_words(samples: Samples, lost: Sequence[Sample], rule: str) -> tuple[str, ...]:
    """The counted warning about answers that are there but could not be read; rule: "wrong" or "skip"."""
    empty = [sample for sample in lost if sample.answer is not None]
    if not empty:
        return ()
    what = "left out" if rule == "skip" else "counted as wrong"
    first = f"{samples.answer_path} row {empty[0].answer_row}"
    return (f"{len(empty)} of {len(samples.items)} answers could not be read (first: {first}); {what}",)


def nothing_left(samples: Samples) -> DataError:
    """The error for predictions of which not one could be read."""
    return DataError(samples.answer_path, None, f"none of {len(samples.items)} answers could be read; nothing to score")
