"""Samples of the free-text benchmarks: ids, references, answers, from whatever table holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mien.errors import DataError
from mien.scoring.columns import ANSWER, GROUP, ID, TRUTH, seek
from mien.scoring.join import Rows, join
from mien.scoring.released import rows_of_file
from mien.scoring.unibench_sets import known_set

CORPUS = ("dataset", "data_set", "corpus", "benchmark")
IDS = ("names", *ID)
ANSWERS = (*ANSWER, "openset", "labels", "reasons", "eng_reasons", "chi_reasons", "english", "chinese")
LISTS = ("openset", "ov_labels", "labels", "label")
DISCRETE = ("discrete", "emotion", "label", "emotions")
SCORES = ("valence", "val", "sentiment_score", "score", "sentiment", "regression", "label")
TRUTHS = tuple(dict.fromkeys((*LISTS, *DISCRETE, *SCORES, *TRUTH)))


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample.

    id; truth: the reference row's cells; answer: as given, None where it is missing; corpus: its data set, "" where no
    column says so; group: speaker or dialogue, None where there is no column; row: the prediction row's cells.
    """

    id: str
    truth: Mapping[str, Any]
    answer: Any
    corpus: str
    group: str | None = None
    row: Mapping[str, Any] = field(default_factory=dict)


def load(
    predictions: Path, reference: Path | None, *, truths: tuple[str, ...] = TRUTHS
) -> tuple[list[Sample], list[str]]:
    """The samples in the order of the reference, and the counted warnings of the join.

    reference None: the predictions file holds the labels itself. truths: names of columns with the reference. Ids are
    unique within a data set. Raises InputError, DataError.
    """
    truth_path = reference or predictions
    keyed = _has_corpus(predictions) and _has_corpus(truth_path)
    own = truths if reference is not None else tuple(name for name in truths if name not in ("value", "sentiment"))
    joined = join(_rows(predictions, keyed), _rows(truth_path, keyed), ids=IDS, answer=ANSWERS, truth=own)
    samples = []
    for pair in joined.pairs:
        row = pair.reference.values
        given: Mapping[str, Any] = {} if pair.prediction is None else pair.prediction.values
        corpus = _corpus(str(_cell(row, CORPUS) or ""))
        # Where one file holds both, the answer is never read from the reference's own column.
        taken = seek(row, own) if reference is None else None
        answers = ANSWERS if taken is None else tuple(name for name in ANSWERS if seek([taken], (name,)) is None)
        group = _cell(row, GROUP)
        name = pair.id.removeprefix(f"{corpus}/") if keyed else pair.id
        samples.append(Sample(name, row, _cell(given, answers), corpus, None if group is None else str(group), given))
    return samples, list(joined.warnings)


def truth_cell(row: Mapping[str, Any], names: tuple[str, ...], path: object, id: str) -> Any:
    """The reference of a sample from the first of its columns; DataError where it has none of them."""
    column = seek(row, names) or seek(row, TRUTHS)
    if column is None:
        raise DataError(path, None, f"sample {id!r} has no reference column; allowed: {', '.join(names)}")
    return row[column]


def by_corpus(samples: list[Sample], fallback: Path) -> dict[str, list[Sample]]:
    """Samples of each data set; without a column for it, the name of a known set in the file's name, else "data"."""
    stem = known_set(fallback.stem)
    parts: dict[str, list[Sample]] = {}
    for sample in samples:
        parts.setdefault(sample.corpus or (stem.name if stem else "data"), []).append(sample)
    return parts


@lru_cache(maxsize=256)
def _corpus(name: str) -> str:
    """A known set's published name, any other as it is written."""
    known = known_set(name) if name.strip() else None
    return known.name if known else name.strip()


def _cell(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    column = seek(row, names)
    return None if column is None else row[column]


def _has_corpus(path: Path) -> bool:
    first = next(iter(rows_of_file(path).rows), None)
    return first is not None and seek(first[1], CORPUS) is not None


def _rows(path: Path, keyed: bool) -> Rows:
    source = rows_of_file(path)
    return Rows(path, _keyed(source) if keyed else source.rows)


def _keyed(source: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows whose id carries its data set, as ids are unique only within one."""
    for number, row in source.rows:
        column, corpus = seek(row, IDS), seek(row, CORPUS)
        if column is not None and corpus is not None and str(row[column] or "").strip():
            row = {**row, column: f"{_corpus(str(row[corpus]))}/{str(row[column]).strip()}"}
        yield number, row
