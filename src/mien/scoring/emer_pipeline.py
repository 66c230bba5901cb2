"""EMER's annotation as steps that a person can run, stop and resume: from clips to descriptions and open labels.

The steps, each with its own file in the working folder (arXiv 2306.15401, v4 and later, as far as it is told there):

1. clues          clues.jsonl        what is seen (by the judge, from pictures) and heard; what is given is kept
2. check-1, -2    check-1.csv, ...   two rounds of people correct the clues
3. merge          merge.jsonl        one description of clues and subtitle; offline: the clues one after the other
4. translate      translate.jsonl    the description in the other language; only with a judge
5. labels         labels.jsonl       open labels read off the description; offline: the lexicon
6. check-labels   check-labels.csv   people correct the labels
7. export         final-EMER-reason.csv, check-openset.csv, in the released form

`annotate` does all that can be done now and says what it waits for. Every clip goes as far as it can by itself; run it
again after people have checked rows, or after an interruption: nothing done is done again. To have a machine's step
made anew, delete its file; checks of material that changed are asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mien.errors import RequestError
from mien.scoring.agree import labels_agree
from mien.scoring.emer_clips import Clip, read_clips
from mien.scoring.emer_machine import Makers, Values, export, made
from mien.scoring.emer_prompts import LANGUAGES
from mien.scoring.judge import open_judge
from mien.scoring.lists import tolerant_list
from mien.scoring.result import Options
from mien.scoring.sheet import Checked, check

CLUES = ("visual", "acoustic")
TEXTS = ("english", "chinese")


@dataclass(frozen=True, slots=True)
class Step:
    """Where one step stands.

    reached, done: clips; waiting: ids that wait for a person; failed: id -> why, asked again in the next run; note.
    """

    name: str
    reached: int
    done: int
    waiting: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        parts = [f"{self.name:<13} {self.done} of {self.reached} done"]
        if self.waiting:
            where = f"to sign the rows of {self.name}.csv in the column checked"
            parts.append(f"{len(self.waiting)} wait for a person {where} ({_some(self.waiting)})")
        if self.failed:
            parts.append(f"{len(self.failed)} failed ({_some(list(self.failed))}: {next(iter(self.failed.values()))})")
        return "; ".join([*parts, *filter(None, [self.note])])


@dataclass(frozen=True, slots=True)
class Progress:
    """Where all stands. process: who does the machine's steps; finished: every clip is exported or struck out."""

    process: str
    steps: tuple[Step, ...]
    finished: bool

    def to_text(self) -> str:
        """One line a step."""
        return "\n".join([self.process, *map(str, self.steps), ""])


def annotate(
    clips: Path, folder: Path, options: Options | None = None, *, language: str = "english", rounds: int = 2
) -> Progress:
    """Do every step that can be done now, and say what waits for whom.

    clips: table of `read_clips`; folder: holds the steps' files, made if missing; options: judge, model, cache; without
    a judge the offline rules are used; language: of the descriptions ("english" or "chinese"; a judge also translates
    them into the other); rounds: of people checking the clues, 1 or 2.
    """
    if language not in LANGUAGES:
        raise RequestError(f"unknown language {language!r}; allowed: {', '.join(LANGUAGES)}")
    if rounds not in (1, 2):
        raise RequestError(f"{rounds} rounds of checks; allowed: 1 or 2")
    makers = Makers(open_judge(options or Options()), language)
    return _Run(read_clips(clips), folder, makers, rounds).all()


class _Run:
    """One run over all steps: what each hands on is a mapping from clip to cells."""

    def __init__(self, clips: Sequence[Clip], folder: Path, makers: Makers, rounds: int) -> None:
        self.clips = {clip.id: clip for clip in clips}
        self.folder, self.makers, self.rounds = folder, makers, rounds
        self.steps: list[Step] = []
        self.dropped: set[str] = set()

    def all(self) -> Progress:
        makers = self.makers
        clues = self._machine("clues", {key: clip.given() for key, clip in self.clips.items()}, makers.see)
        merged = self._machine("merge", self._people(clues), makers.merge)
        texts = {key: {makers.language: cells["text"]} for key, cells in merged.items()}
        if makers.judge:
            for key, cells in self._machine("translate", merged, makers.translate).items():
                texts[key][makers.other] = cells["text"]
            # A clip whose translation failed waits, so that it is not checked twice.
            texts = {key: cells for key, cells in texts.items() if len(cells) == len(TEXTS)}
        labels = self._machine("labels", texts, makers.labels)
        offered = {key: {"english": "", "chinese": "", **texts[key], **cells} for key, cells in labels.items()}
        final = self._check("check-labels", offered, (*TEXTS, "labels"), _kept_labels)
        export(self.folder, final.passed)
        done = len(final.passed) + len(self.dropped) == len(self.clips)
        return Progress(makers.process, tuple(self.steps), done)

    def _people(self, clues: Mapping[str, Values]) -> Mapping[str, Values]:
        """The clues after the rounds of checks, with the subtitle, which people may correct too."""
        cells = {key: {"subtitle": self.clips[key].subtitle, **values} for key, values in clues.items()}
        first: Mapping[str, str] = {}
        for number in range(1, self.rounds + 1):
            found = self._check(f"check-{number}", cells, ("subtitle", *CLUES), _changed_cells)
            alone = sum(first.get(key) == who for key, who in found.by.items())
            if alone:
                step = self.steps[-1]
                note = f"{step.note}; {alone} checked by the same person twice".removeprefix("; ")
                self.steps[-1] = replace(step, note=note)
            first, cells = found.by, {key: dict(values) for key, values in found.passed.items()}
        return cells

    def _machine(
        self, name: str, inputs: Mapping[str, Values], make: Callable[..., Sequence[Values | str]]
    ) -> dict[str, Values]:
        done, failed = made(self.folder / f"{name}.jsonl", inputs, make, self.makers.process)
        self.steps.append(Step(name, len(inputs), len(done), failed=failed))
        return done

    def _check(
        self,
        name: str,
        offered: Mapping[str, Values],
        columns: Sequence[str],
        told: Callable[[Mapping[str, Values], Checked], str],
    ) -> Checked:
        found = check(self.folder / f"{name}.csv", offered, columns)
        self.dropped.update(found.dropped)
        notes = [
            told(offered, found) if found.passed else "",
            f"{len(found.dropped)} struck out" if found.dropped else "",
            f"{len(found.stale)} changed after they were checked" if found.stale else "",
        ]
        done = len(found.passed) + len(found.dropped)
        self.steps.append(Step(name, len(offered), done, found.waiting, note="; ".join(filter(None, notes))))
        return found


def _changed_cells(offered: Mapping[str, Values], found: Checked) -> str:
    changed = sum(
        any(text != offered[key][name] for name, text in cells.items()) for key, cells in found.passed.items()
    )
    return f"people changed {changed} of {len(found.passed)}"


def _kept_labels(offered: Mapping[str, Values], found: Checked) -> str:
    final = [tolerant_list(cells["labels"]) for cells in found.passed.values()]
    first = [tolerant_list(offered[key]["labels"]) for key in found.passed]
    same = labels_agree(final, first).values
    return f"labels before against after the check: precision {same['precision']:.2f}, recall {same['recall']:.2f}"


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:3]) + (", ..." if len(keys) > 3 else "")
