"""Several metrics on the same items, with the intervals a person asked for; and the floors of constant answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mien.errors import RequestError
from mien.metrics import Score, evaluate
from mien.scoring.result import Options


def measure(
    metrics: Sequence[str],
    truth: Any,
    prediction: Any,
    options: Options,
    *,
    groups: Sequence[str] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    rounds: int | None = None,
) -> tuple[Score, ...]:
    """One Score a metric id, in their order.

    groups: (n,) what is drawn whole in the bootstrap, None or one group only: items are drawn singly; settings: metric
    id -> its options; rounds: instead of those of `options`. Without items every value is NaN, and says so.
    """
    if not len(truth):
        return tuple(Score(name, float("nan"), note="undefined: no items") for name in metrics)
    drawn = options.rounds if rounds is None else rounds
    clusters = list(groups) if groups is not None and 1 < len(set(groups)) < len(groups) else None
    chosen = settings or {}
    return tuple(
        evaluate(name, truth, prediction, groups=clusters, rounds=drawn, rng=options.seed, **chosen.get(name, {}))
        for name in metrics
    )


def bare(score: Score) -> Score:
    """The score without its values per class."""
    return replace(score, per_class={}, per_class_interval={})


def constants(
    metrics: Sequence[str],
    truth: Sequence[str],
    answers: Mapping[str, str],
    options: Options,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, tuple[Score, ...]]:
    """Name of a floor -> what answering `answers[name]` to everything reaches (no intervals)."""
    return {
        name: measure(metrics, truth, [answer] * len(truth), options, settings=settings, rounds=0)
        for name, answer in answers.items()
    }


def refuse_judge(options: Options, benchmark: str, why: str) -> None:
    """RequestError where a judge was named for a scorer that has no step for one."""
    if options.judge != "none":
        raise RequestError(f"{benchmark} asks no judge: {why}; leave --judge out")


def choice(value: str | None, allowed: Sequence[str], what: str) -> str | None:
    """The value where it is allowed or None; RequestError lists what is allowed."""
    if value is not None and value not in allowed:
        raise RequestError(f"unknown {what} {value!r}; allowed: {', '.join(allowed) or '(none)'}")
    return value
