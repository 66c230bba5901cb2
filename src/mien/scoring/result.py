"""What a scorer returns: a table per data set, floors beside the scores, and what was read from each answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from mien.files import write_atomic
from mien.metrics.score import Score

Watch = Callable[[str, int, int], None]
"""(what is asked, how many questions are settled, of how many), as a judge gets on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one answer.

    id: the sample; answer: the text as given; truth, read: the labels of the reference and those read from the answer;
    credit: this sample's share of the score in [0, 1] or None where it has none; why: one line per decision (kept,
    merged, dropped, not readable).
    """

    id: str
    answer: str
    truth: tuple[str, ...]
    read: tuple[str, ...]
    credit: float | None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One data set or task of a benchmark: its scores and the floors a reader must see beside them.

    floors: name of the floor ("majority", "constant", "names every label") -> the scores it reaches;
    readings: one per sample, kept where they were asked for (`--explain`, `--report`);
    confusion: (labels, counts[truth][read]) where the part has one.
    """

    name: str
    scores: tuple[Score, ...]
    floors: Mapping[str, tuple[Score, ...]] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    confusion: tuple[tuple[str, ...], tuple[tuple[int, ...], ...]] | None = None
    calibration: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A scorer's answer.

    benchmark: "mer-unibench", "classification", …; process: how answers were read ("rule: …" or "model: …");
    settings: edition, replicate and other choices that change numbers; parts: one per data set; overall: scores over
    all parts; warnings: counted facts a reader must know ("12 answers could not be read; counted as wrong").
    """

    benchmark: str
    process: str
    settings: Mapping[str, Any]
    parts: tuple[Part, ...]
    overall: tuple[Score, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self, *, indent: int | None = None) -> str:
        """JSON text (schema "mien.score/1"); equal results give equal bytes."""
        return str(import_module("mien.scoring.report.json").to_json(self, indent=indent))

    def to_text(self, *, width: int | None = None, explain: bool = False) -> str:
        """Aligned tables for a terminal of `width` columns; explain: also what was read from each answer."""
        return str(_table().to_text(self, width=width, explain=explain))

    def to_markdown(self, *, explain: bool = False) -> str:
        """Markdown tables."""
        return str(_table().to_markdown(self, explain=explain))

    def to_latex(self, *, explain: bool = False) -> str:
        """LaTeX tables (booktabs)."""
        return str(_table().to_latex(self, explain=explain))

    def to_csv(self, *, explain: bool = False) -> str:
        """CSV: one row per score and class; explain: instead one row per sample."""
        return str(_table().to_csv(self, explain=explain))

    def report(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report as one HTML page; written to `path` too where one is given."""
        text = str(import_module("mien.scoring.report.html").to_html(self))
        if path is not None:
            write_atomic(path, text)
        return text

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return str(import_module("mien.scoring.report.html").to_notebook(self))


def _table() -> ModuleType:
    return import_module("mien.scoring.report.table")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose on the command line; RequestError where a scorer lacks it.

    edition: published table edition, None = newest; replicate: a paper's exact rule set, None = sound rules;
    judge: "none", "command:CMD", "pipe:CMD" or the base URL of an OpenAI-compatible endpoint; model: its model's name;
    cache: folder of the judge's answers, None = Mien's own; jobs: most questions at once; timeout: seconds for one;
    unreadable: "wrong" (default) or "skip"; rounds: bootstrap rounds, 0 = no intervals; keep: keep the readings;
    readers: "default" or "all" (every published answer reader side by side); seed: of the bootstrap and the judge;
    watch: told how a judge gets on; alpha: of MME-Emotion, the weight of recognition in cot (None: 0.5).
    """

    edition: str | None = None
    replicate: str | None = None
    judge: str = "none"
    model: str | None = None
    unreadable: str = "wrong"
    rounds: int = 1000
    keep: bool = False
    readers: str = "default"
    seed: int = 0
    cache: str | None = None
    jobs: int = 4
    timeout: float = 60.0
    alpha: float | None = None
    watch: Watch | None = field(default=None, compare=False)
