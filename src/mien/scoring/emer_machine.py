"""The machine's steps of EMER's annotation: a judge, or the offline rule of each, and what is kept of them on disk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mien.errors import DataError
from mien.files import write_atomic
from mien.scoring.answers import lexicon_extract
from mien.scoring.emer_prompts import merge_prompt, merge_rule, read_text, translate_prompt, visual_prompt
from mien.scoring.judge import Failure, Judge, Prompt, WithPictures
from mien.scoring.lists import tolerant_list
from mien.scoring.prompts import extract_prompt
from mien.scoring.records import read_rows
from mien.scoring.replyread import ask_read, read_labels
from mien.scoring.sheet import source

CHUNK = 20
MOST_FRAMES = 10

Values = Mapping[str, str]
"""Cells of one clip."""


class Makers:
    """The machine's steps: each takes the cells of some clips and gives new cells, or why there are none."""

    def __init__(self, judge: Judge | None, language: str) -> None:
        self.judge, self.language = judge, language
        self.other = "chinese" if language == "english" else "english"

    @property
    def process(self) -> str:
        """Who does the steps."""
        return self.judge.process if self.judge else "rule: clues one after the other, labels by the lexicon"

    def see(self, clips: Sequence[Values]) -> list[Values | str]:
        """Clues: those given stay; a judge looks at the pictures of clips without a visual clue."""
        blind = [place for place, cells in enumerate(clips) if self.judge and cells["frames"] and not cells["visual"]]
        asked = [(self._look(clips[place]), read_text) for place in blind]
        seen = dict(zip(blind, ask_read(self.judge, "visual-clue", asked) if self.judge else [], strict=True))
        return [
            str(found) if isinstance(found, Failure) else {"visual": found, "acoustic": cells["acoustic"]}
            for place, cells in enumerate(clips)
            for found in [seen.get(place, cells["visual"])]
        ]

    def merge(self, clips: Sequence[Values]) -> list[Values | str]:
        """One description out of the checked clues and the subtitle."""
        parts = [(cells["visual"], cells["acoustic"], cells["subtitle"]) for cells in clips]
        if self.judge is None:
            return [{"text": merge_rule(*part, language=self.language)} for part in parts]
        asked = [(merge_prompt(*part, language=self.language), read_text) for part in parts]
        return _texts(ask_read(self.judge, "merge", asked))

    def translate(self, clips: Sequence[Values]) -> list[Values | str]:
        """The description in the other language; only a judge can."""
        assert self.judge
        asked = [(translate_prompt(cells["text"], language=self.other), read_text) for cells in clips]
        return _texts(ask_read(self.judge, "translate", asked))

    def labels(self, clips: Sequence[Values]) -> list[Values | str]:
        """Open labels, read off the English description where there is one."""
        texts = [cells.get("english") or cells.get("chinese", "") for cells in clips]
        if self.judge is None:
            return [{"labels": ", ".join(found)} for found in lexicon_extract(texts)]
        found_by = ask_read(self.judge, "extract", [(extract_prompt(text), read_labels) for text in texts])
        return [str(found) if isinstance(found, Failure) else {"labels": ", ".join(found)} for found in found_by]

    def _look(self, cells: Values) -> Prompt:
        frames = tuple(Path(name) for name in cells["frames"].split(";"))[:MOST_FRAMES]
        return WithPictures(visual_prompt(cells["subtitle"], pictures=len(frames), language=self.language), frames)


def made(
    path: Path, inputs: Mapping[str, Values], make: Callable[[Sequence[Values]], Sequence[Values | str]], by: str
) -> tuple[dict[str, Values], dict[str, str]]:
    """The cells a step gives for every input, and why some have none.

    Rows on disk whose input is unchanged are kept, whoever made them; the others are made 20 at a time and saved after
    each portion. A damaged file raises DataError: delete it to have the step made anew.
    """
    rows = _held(path)
    stamps = {key: source(cells) for key, cells in inputs.items()}
    todo = [key for key in inputs if rows.get(key, {}).get("source") != stamps[key]]
    failed: dict[str, str] = {}
    for start in range(0, len(todo), CHUNK):
        keys = todo[start : start + CHUNK]
        for key, cells in zip(keys, make([inputs[key] for key in keys]), strict=True):
            if isinstance(cells, str):
                failed[key] = cells
                rows.pop(key, None)
            else:
                rows[key] = {"id": key, **cells, "by": by, "source": stamps[key]}
        write_atomic(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values()))
    done = {key: _cells(rows[key]) for key in inputs if key in rows and key not in failed}
    return done, failed


def export(folder: Path, final: Mapping[str, Values]) -> None:
    """Write the checked clips as the owners released theirs: (name, chinese, english) and (name, openset)."""
    if not final:
        return
    texts = [{"name": key, "chinese": cells["chinese"], "english": cells["english"]} for key, cells in final.items()]
    lists = [{"name": key, "openset": str(tolerant_list(cells["labels"]))} for key, cells in final.items()]
    _table(folder / "final-EMER-reason.csv", texts)
    _table(folder / "check-openset.csv", lists)


def _table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_atomic(path, text.getvalue())


def _held(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists() or not path.stat().st_size:
        return {}
    held: dict[str, dict[str, str]] = {}
    for number, row in read_rows(path):
        if not all(isinstance(value, str) for value in row.values()) or not {"id", "source", "by"} <= row.keys():
            raise DataError(path, number, "is no row of this step; delete the file to have the step made anew")
        held[row["id"]] = row
    return held


def _cells(row: Values) -> Values:
    return {name: value for name, value in row.items() if name not in ("id", "by", "source")}


def _texts(found: Sequence[str | Failure]) -> list[Values | str]:
    return [str(text) if isinstance(text, Failure) else {"text": text} for text in found]
