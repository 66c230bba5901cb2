"""Which scorers there are, and the one call that runs any of them."""

from __future__ import annotations

import importlib
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from mien.errors import RequestError
from mien.scoring.result import Options, ScoreResult

BENCHMARKS: dict[str, tuple[str, str]] = {
    "mer-unibench": (
        "mer_unibench",
        "MER-UniBench: hit rate, sentiment and open-vocabulary scores of free-text answers.",
    ),
    "emer": ("emer", "EMER: overlap of open-vocabulary emotion sets, and of the clues behind them."),
    "mme-emotion": ("mme_emotion", "MME-Emotion: recognition, reasoning and chain-of-thought scores of eight tasks."),
    "mvei": ("mvei", "MVEI: judgments of statements about the emotions of an image."),
    "ca-mer": ("ca_mer", "CA-MER: answers where the modalities agree and where they conflict."),
    "emotion-qwen": ("emotion_qwen", "Emotion-Qwen: the answer readers of its DFEW and MER2024 evaluations."),
    "writer-reader": (
        "writer_reader",
        "What writers felt beside what readers saw: gaps, and words that tell them apart.",
    ),
    "languages": ("languages", "The gap of a model between languages."),
    "classification": ("plain.classification", "Your own labels: recalls, F1, confusion, calibration."),
    "regression": ("plain.regression", "Your own numbers: CCC, correlation, errors, per dimension."),
    "distribution": ("plain.distribution", "Your own distributions over labels against those of raters."),
    "openset": ("plain.openset", "Your own sets of words: precision, recall and F on the emotion wheels."),
}
"""Name -> (module under mien.scoring, what it scores)."""


def score(
    name: str, predictions: str | os.PathLike[str], reference: str | os.PathLike[str] | None = None, **options: Any
) -> ScoreResult:
    """Score a file of predictions with the scorer of that name.

    name: one of `BENCHMARKS`; predictions, reference: files that `mien.scoring.records.read_rows` reads (reference may
    be left out where the predictions hold the labels); options: the fields of `Options` (edition, replicate, judge,
    model, unreadable, rounds, keep, readers, seed, cache, jobs, timeout, alpha).
    Raises RequestError for an unknown name or option, InputError and DataError for wrong files.
    """
    if name not in BENCHMARKS:
        raise RequestError(f"unknown benchmark {name!r}; allowed: {', '.join(BENCHMARKS)}")
    known = [field.name for field in fields(Options)]
    if unknown := [key for key in options if key not in known]:
        raise RequestError(f"unknown option {', '.join(unknown)}; allowed: {', '.join(known)}")
    chosen = Options(**options)
    _check(chosen)
    if chosen.alpha is not None and name != "mme-emotion":
        raise RequestError(f"{name} has no alpha; it is the weight of recognition in the cot score of mme-emotion")
    scorer = importlib.import_module(f"mien.scoring.{BENCHMARKS[name][0]}")
    result: ScoreResult = scorer.score(Path(predictions), None if reference is None else Path(reference), chosen)
    return result


def _check(options: Options) -> None:
    """RequestError for a value that no scorer takes."""
    for field, allowed in (("unreadable", ("wrong", "skip")), ("readers", ("default", "all"))):
        if (value := getattr(options, field)) not in allowed:
            raise RequestError(f"{field} is {value!r}; allowed: {', '.join(allowed)}")
    if not 0 <= options.rounds <= 1_000_000:
        raise RequestError(f"rounds is {options.rounds}; allowed: 0 (no intervals) to 1000000")
    if options.seed < 0:
        raise RequestError(f"seed is {options.seed}; allowed: 0 or more")
    judge = options.judge
    if judge != "none" and not judge.startswith(("command:", "pipe:", "http://", "https://")):
        judges = "none, command:CMD, pipe:CMD, or the URL of an endpoint (http, https)"
        raise RequestError(f"judge is {judge!r}; allowed: {judges}")
    if options.model is not None and judge == "none":
        raise RequestError("a model is only asked with a judge; name one: --judge command:CMD or --judge URL")
