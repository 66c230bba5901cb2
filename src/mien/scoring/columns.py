"""Names under which predictions and references carry ids, answers, labels, groups and data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mien.errors import DataError

ID = ("id", "name", "filename", "file", "file_name", "sample", "sample_id", "video", "video_id", "clip", "item")
ANSWER = (
    *("prediction", "predictions", "pred", "predicted", "y_pred", "answer", "response", "output", "text"),
    *("model_output", "generated", "reason", "value"),
)
TRUTH = (
    *("label", "labels", "reference", "truth", "ground_truth", "gt", "gold", "target", "y_true", "true"),
    *("emotion", "emotions", "openset", "discrete", "value"),
)
GROUP = ("group", "speaker", "speaker_id", "dialogue", "dialogue_id", "dialog", "subject", "participant", "person")
DATASET = ("dataset", "data_set", "corpus", "task", "subset", "split")

_NEEDED = object()


def normal(name: str) -> str:
    """A column's name in the form of the lists above."""
    return name.strip().lower().replace(" ", "_").replace("-", "_").strip("\ufeff\"'")


@lru_cache(maxsize=512)
def _find(columns: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    there = {normal(column): column for column in reversed(columns)}
    return next((there[name] for name in names if name in there), None)


def seek(columns: Sequence[str] | Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of `names` among the columns, as it is written there (case, blanks and dashes do not matter), or None.

    >>> seek(["File Name", "Y_pred"], ID)
    'File Name'
    """
    return _find(tuple(str(column) for column in columns), names)


def pick(
    row: Mapping[str, Any], names: tuple[str, ...], *, what: str = "value", path: object = "<rows>",
    number: int | None = None, default: Any = _NEEDED,
) -> Any:  # fmt: skip
    """The cell of the first column that is called by one of `names`.

    what: the cell in words, for the error; path, number: where the row comes from; default: returned where no column
    is called so. Raises DataError that lists the columns found and the allowed names. An empty cell is returned as it
    is.

    >>> pick({"ID": 3, "Pred": "joy"}, ANSWER)
    'joy'
    """
    column = _find(tuple(row), names)
    if column is not None:
        return row[column]
    if default is not _NEEDED:
        return default
    raise DataError(path, number, missing_column(what, list(row), names))


def missing_column(what: str, columns: Sequence[str], names: Sequence[str]) -> str:
    """The sentence of an error about a column that is not there."""
    found = ", ".join(str(column) for column in columns[:12]) + (", ..." if len(columns) > 12 else "")
    return f"has no column for the {what}; columns: {found or '(none)'}; allowed: {', '.join(names)}"
