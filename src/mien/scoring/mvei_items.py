"""Statements about images with their labels and answers: the released MVEI and MVEI_PLUS files, and flat tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mien.errors import DataError
from mien.scoring.columns import missing_column, pick, seek

FAMILIES = ("sentiment polarity", "emotion interpretation", "scene context", "perception subjectivity")
"""The four families of statements, in the order of the published tables."""

VERDICTS = ("correct", "incorrect")
IMAGE = ("image_id", "image", "image_path", "picture", "file", "filename", "file_name")
STATEMENT_ID = ("id", "statement_id", "sample_id", "item")
STATEMENT = ("statement", "claim", "sentence", "text")
LABEL = ("label", "ground_truth", "truth", "gt", "gold", "reference", "target")
FAMILY = ("class", "family", "type", "category")
PREDICT = ("predict", "prediction", "predictions", "pred", "answer", "response", "output", "generation", "generations")


@dataclass(frozen=True, slots=True)
class Judgment:
    """One statement about one image.

    id: unique in its file; image: id of the image; statement: its text, "" where the file has none; label: "correct"
    or "incorrect", "" where the file has none; family, subclass: as written, lower case; answer: what the model wrote,
    None where there is nothing; row: 1-based row of the file.
    """

    id: str
    image: str
    statement: str
    label: str
    family: str
    subclass: str
    answer: str | None
    row: int = 0


def read_judgments(rows: Iterable[tuple[int, Mapping[str, Any]]], path: object, *, labelled: bool) -> list[Judgment]:
    """The statements of a file.

    rows: of `read_rows`; each an MVEI item (`statement_list`), an MVEI_PLUS record (`generations` or `other_info`) or a
    flat row; labelled: whether labels must be there. Raises DataError naming the row: a missing column, a label that is
    neither correct nor incorrect, the same id or the same statement about the same image twice.
    """
    found: list[Judgment] = []
    seen: dict[str, int] = {}
    texts: dict[tuple[str, str], int] = {}
    for judgment in _numbered(_judgments(rows, path, labelled)):
        if judgment.id in seen:
            why = f"the id {judgment.id!r} was there before, in row {seen[judgment.id]}; each id may come once"
            raise DataError(path, judgment.row, why)
        key = (judgment.image, judgment.statement)
        if judgment.statement and texts.setdefault(key, judgment.row) != judgment.row:
            why = f"the same statement about the image {judgment.image!r} was there before, in row {texts[key]}"
            raise DataError(path, judgment.row, why)
        seen[judgment.id] = judgment.row
        found.append(judgment)
    return found


def is_plus(row: Mapping[str, Any]) -> bool:
    """Whether a row is a record of the MVEI_PLUS release."""
    return "generations" in row or "other_info" in row


def _judgments(rows: Iterable[tuple[int, Mapping[str, Any]]], path: object, labelled: bool) -> Iterator[Judgment]:
    for number, row in rows:
        if is_plus(row):
            yield _plus(row, number, path, labelled)
        elif "statement_list" in row:
            yield from _nested(row, number, path, labelled)
        else:
            yield _flat(row, {}, number, path, labelled)


def _nested(row: Mapping[str, Any], number: int, path: object, labelled: bool) -> Iterator[Judgment]:
    listed = row["statement_list"]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise DataError(path, number, "statement_list is no list of objects such as {'statement': ..., 'label': ...}")
    for entry in listed:
        yield _flat(entry, row, number, path, labelled)


def _flat(row: Mapping[str, Any], outer: Mapping[str, Any], number: int, path: object, labelled: bool) -> Judgment:
    """A statement whose image stands in its own row or in the outer item; its id may be empty."""
    given = pick(row, STATEMENT_ID, default=None)
    image = pick(row, IMAGE, default=None) or pick(outer, IMAGE, default=None)
    if image is None and given is None:
        raise DataError(path, number, missing_column("image", list(outer or row), (*IMAGE, *STATEMENT_ID)))
    return Judgment(
        id="" if given is None else str(given).strip(),
        image=str(given if image is None else image).strip(),
        statement=str(pick(row, STATEMENT, default="") or "").strip(),
        label=_label(row, number, path, labelled),
        family=str(pick(row, FAMILY, default="") or "").strip().lower(),
        subclass=_subclass(row.get("subclass")),
        answer=_answer(pick(row, PREDICT, default=None)),
        row=number,
    )


def _plus(row: Mapping[str, Any], number: int, path: object, labelled: bool) -> Judgment:
    info = row.get("other_info")
    meta = info.get("statement_meta") if isinstance(info, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    made = row.get("generations")
    return Judgment(
        id=str(pick(row, STATEMENT_ID, default="")).strip(),
        image=str(pick(row, IMAGE, default=None) or pick(row, STATEMENT_ID, default="")).strip(),
        statement=str(meta.get("statement") or "").strip(),
        label=_label(row, number, path, labelled),
        family=str(meta.get("class") or "").strip().lower(),
        subclass=_subclass(meta.get("subclass")),
        answer=_answer(made[0] if isinstance(made, list) and made else None if isinstance(made, list) else made),
        row=number,
    )


def _label(row: Mapping[str, Any], number: int, path: object, labelled: bool) -> str:
    column = seek(row, LABEL)
    if column is None:
        if labelled:
            raise DataError(path, number, missing_column("label", list(row), LABEL))
        return ""
    label = str(row[column]).strip().lower()
    if label not in VERDICTS and (labelled or label not in ("", "none")):
        raise DataError(path, number, f"the label is {row[column]!r}; allowed: {', '.join(VERDICTS)}")
    return label if label in VERDICTS else ""


def _subclass(value: object) -> str:
    text = str(value or "").strip().lower()
    return "" if text in ("none", "null", "nan") else text


def _answer(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or (isinstance(value, float) and value != value):
        return None
    return str(value)


def _numbered(judgments: Iterable[Judgment]) -> Iterator[Judgment]:
    """Statements without an id of their own are named by their image, with #2, #3 where an image has several."""
    counts: Counter[str] = Counter()
    for judgment in judgments:
        if judgment.id:
            yield judgment
            continue
        counts[judgment.image] += 1
        place = counts[judgment.image]
        yield replace(judgment, id=judgment.image if place == 1 else f"{judgment.image}#{place}")


def with_reference(given: list[Judgment], reference: list[Judgment], path: Path) -> tuple[list[Judgment], list[str]]:
    """The reference's statements with the answers of `given`, and the counted warnings.

    Raises DataError where no id is shared or where shared ids carry other statements or labels: the reference belongs
    to another set.
    """
    answers = {judgment.id: judgment for judgment in given}
    shared = [judgment for judgment in reference if judgment.id in answers]
    if not shared:
        why = f"none of its {len(given)} ids (first: {given[0].id!r}) is in the reference (first: {reference[0].id!r})"
        raise DataError(path, None, f"{why}; it looks like the reference of another data set")
    for judgment in shared:
        mine = answers[judgment.id]
        for what, own, true in (
            ("statement", mine.statement, judgment.statement),
            ("label", mine.label, judgment.label),
        ):
            if own and true and own != true:
                why = f"{judgment.id!r} has the {what} {own[:60]!r} but {true[:60]!r} in the reference"
                raise DataError(path, mine.row, f"{why}; do both files belong to one set?")
    known = {judgment.id for judgment in reference}
    strangers = [judgment.id for judgment in given if judgment.id not in known]
    warnings = [f"{len(strangers)} answers have ids that the reference lacks ({_some(strangers)}); not scored"]
    joined = [replace(one, answer=answers[one.id].answer if one.id in answers else None) for one in reference]
    return joined, warnings if strangers else []


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
