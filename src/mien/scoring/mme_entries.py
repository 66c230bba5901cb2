"""Files of MME-Emotion: answers, extracted steps and judged replies, one file or a folder of one file per task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mien.errors import DataError, InputError
from mien.scoring.columns import DATASET, ID, missing_column, pick, seek
from mien.scoring.held import held_rows
from mien.scoring.mme_tasks import Task, find_task, split_labels, unknown_task
from mien.scoring.records import ENDINGS

IDS = ("video_id", *ID)
LABEL = ("ground_truth", "label", "labels", "truth", "reference", "gt", "gold", "target", "emotion", "emotions")
ANSWER = ("model_response", "response", "prediction", "answer", "output", "pred", "text")
REPLY = ("score", "scores", "judge", "judgement", "judgment")
STEPS = ("step", "steps")
CLUE = ("audio_clue", "audio", "clue")
FRAMES = ("frames", "pictures", "images")
CHOICES = ("label_set", "options", "choices", "candidates")


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer.

    id; task; labels: the reference, as written; answer: of the model under test, None where the file has none; reply:
    the judge's, None where there is none; judged: whether the file has a column for replies; steps: extracted
    beforehand, "" where none are; clue: what is heard; frames: paths of pictures; choices: the labels the question
    offered, () where it says none; row: of the file.
    """

    id: str
    task: Task
    labels: tuple[str, ...]
    answer: str | None
    reply: str | None
    judged: bool
    steps: str = ""
    clue: str = ""
    frames: tuple[Path, ...] = ()
    choices: tuple[str, ...] = ()
    row: int = 0


def read_entries(path: Path, *, labelled: bool = True) -> list[Entry]:
    """The entries of a file, or of every file of a folder.

    The task comes from a column (task, dataset, ...), from the key of a JSON object {task: [entries]}, else from the
    file's name (ER_SL_Wild_gpt4o_eval.json); where none of them says one, the file is one set called after itself.
    labelled: whether reference labels must be there. Raises InputError, and DataError naming file and row: a missing
    column, an empty label, an id twice in one task.
    """
    if not path.is_dir():
        return _checked(list(_file(path, labelled)), path)
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
    if not files:
        raise InputError(path, "", f"holds no files to score; allowed: {', '.join(ENDINGS)}")
    return [entry for file in files for entry in _checked(list(_file(file, labelled)), file)]


def with_labels(entries: list[Entry], reference: list[Entry], path: Path) -> tuple[list[Entry], list[str]]:
    """The reference's questions with the answers of `entries`; a question without an answer stays, without one.

    Joined by task and id where both files name tasks, else by id. DataError where nothing is shared.
    """
    answers = {_key(entry): entry for entry in entries} | {entry.id: entry for entry in entries}
    found: list[Entry] = []
    used: set[str] = set()
    missing: list[str] = []
    for wanted in reference:
        mine = answers.get(_key(wanted)) or answers.get(wanted.id)
        if mine is None:
            missing.append(wanted.id)
            found.append(replace(wanted, answer=None, reply=None, judged=False))
            continue
        used.add(_key(mine))
        found.append(_united(mine, wanted))
    if not used:
        why = f"none of its {len(entries)} ids (first: {entries[0].id!r}) is in the reference"
        raise DataError(
            path, None, f"{why} (first: {reference[0].id!r}); it looks like the reference of another data set"
        )
    judged = any(entry.judged for entry in entries)
    warnings = [f"{len(missing)} of {len(reference)} questions have no answer ({_some(missing)})"] if missing else []
    extra = [entry.id for entry in entries if _key(entry) not in used]
    if extra:
        warnings.append(f"{len(extra)} answers have ids that the reference lacks ({_some(extra)}); not scored")
    return [replace(entry, judged=judged) for entry in found], warnings


def _united(mine: Entry, wanted: Entry) -> Entry:
    return replace(
        wanted,
        answer=mine.answer,
        reply=mine.reply,
        steps=mine.steps,
        clue=mine.clue or wanted.clue,
        frames=mine.frames or wanted.frames,
        choices=wanted.choices or mine.choices,
        row=mine.row,
    )


def _file(path: Path, labelled: bool) -> Iterator[Entry]:
    whole = find_task(path.stem)
    rows = held_rows(path)
    if whole is None:
        # A file that names no task: whether references name several labels tells what kind of set it is.
        whole = unknown_task(path.stem, [str(pick(row, LABEL, default="")) for _, row in rows])
    for number, row in rows:
        task = find_task(row.get("id")) if isinstance(row.get("value"), list) else None
        if task is None:
            yield _entry(row, number, _task(row, whole), path, labelled)
            continue
        for inner in row["value"]:
            if not isinstance(inner, dict):
                raise DataError(path, number, f"{task.name} holds {str(inner)[:40]!r}; allowed: objects")
            yield _entry(inner, number, task, path, labelled)


def _task(row: Mapping[str, Any], whole: Task) -> Task:
    """The first column that names a task; a column may name the source data set instead, which says nothing."""
    columns = (seek(row, (name,)) for name in ("task", *DATASET))
    named = (find_task(row[column]) for column in columns if column is not None)
    return next((task for task in named if task is not None), whole)


def _entry(row: Mapping[str, Any], number: int, task: Task, path: Path, labelled: bool) -> Entry:
    key = pick(row, IDS, what="id", path=path, number=number)
    labels = split_labels(pick(row, LABEL, default=()))
    if labelled and not labels:
        if seek(row, LABEL) is None:
            raise DataError(path, number, missing_column("label", list(row), LABEL))
        raise DataError(path, number, f"{key!r} has an empty reference label")
    if not task.several:
        labels = (", ".join(labels),) if labels else ()
    frames = pick(row, FRAMES, default=()) or ()
    return Entry(
        id=str(key).strip(),
        task=task,
        labels=labels,
        answer=_text(pick(row, ANSWER, default=None)),
        reply=_text(pick(row, REPLY, default=None)),
        judged=seek(row, REPLY) is not None,
        steps=_text(pick(row, STEPS, default=None)) or "",
        clue=_text(pick(row, CLUE, default=None)) or "",
        frames=tuple(path.parent / str(one) for one in (frames if isinstance(frames, list) else split_labels(frames))),
        choices=split_labels(pick(row, CHOICES, default=())),
        row=number,
    )


def _checked(entries: list[Entry], path: Path) -> list[Entry]:
    seen: dict[str, int] = {}
    for entry in entries:
        if _key(entry) in seen:
            why = f"the id {entry.id!r} was there before, in row {seen[_key(entry)]}; each id may come once in a task"
            raise DataError(path, entry.row, why)
        seen[_key(entry)] = entry.row
    return entries


def _key(entry: Entry) -> str:
    return f"{entry.task.name}\0{entry.id}"


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
