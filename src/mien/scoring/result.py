"""What a scorer returns: a table per data set, floors beside the scores, and what was read from each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mien.metrics.score import Score


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


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose on the command line; RequestError where a scorer lacks it.

    edition: published table edition, None = newest; replicate: a paper's exact rule set, None = sound rules;
    judge: "none", "command:CMD" or the base URL of an OpenAI-compatible endpoint; model: its model's name;
    unreadable: "wrong" (default) or "skip"; rounds: bootstrap rounds, 0 = no intervals; keep: keep the readings;
    readers: "default" or "all" (every published answer reader side by side); seed: of the bootstrap.
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
