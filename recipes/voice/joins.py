"""Recordings with a known truth: clips of unseen speakers joined into conversations and monologues, and their errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from bank import RATE, load, part
from corpora import Clip, walk
from degrade import add_noise
from numpy.typing import NDArray

GRID = 0.01
COLLAR = 0.25
"""Seconds around each true edge that are not scored (usual in the field)."""


@dataclass(frozen=True, slots=True)
class Join:
    """samples at 16 kHz; truth: (start, end, speaker) in seconds, which may overlap; speakers; kind."""

    samples: NDArray[np.float32]
    truth: tuple[tuple[float, float, str], ...]
    speakers: int
    kind: str


def speakers_of(data: Path, where: str) -> dict[str, dict[str, list[Clip]]]:
    """Clips by corpus and speaker of one part of the split; speakers with less than 15 clips are left out."""
    found: dict[str, dict[str, list[Clip]]] = {}
    for clip in walk(data):
        if part(clip) == where:
            found.setdefault(clip.corpus, {}).setdefault(clip.speaker, []).append(clip)
    return {c: {s: clips for s, clips in who.items() if len(clips) >= 15} for c, who in found.items()}


def monologue(clips: Sequence[Clip], seconds: float, rng: np.random.Generator) -> Join:
    """One speaker, clips of any emotion, 60 s or as asked."""
    return _join([clips], seconds, rng, overlap=False)


def conversations(
    data: Path, where: str, each: int, rng: np.random.Generator, *, overlap: bool = False
) -> Iterator[Join]:
    """`each` joins of 2, of 3 and of 4 speakers. All of one corpus where one has so many."""
    who = speakers_of(data, where)
    everyone = {f"{corpus} {name}": clips for corpus, people in who.items() for name, clips in people.items()}
    for count in (2, 3, 4):
        fit = [people for people in who.values() if len(people) >= count] or [everyone]
        for turn in range(each):
            people = fit[turn % len(fit)]
            chosen = rng.choice(sorted(people), count, replace=False)
            yield _join([people[name] for name in chosen], 60.0, rng, overlap=overlap)


def _join(people: Sequence[Sequence[Clip]], seconds: float, rng: np.random.Generator, *, overlap: bool) -> Join:
    sound = np.zeros(round((seconds + 30) * RATE), np.float32)
    truth: list[tuple[float, float, str]] = []
    at, speaker, turn = 0.7, -1, 0
    while at < seconds:
        # The first turns go round, so that everybody speaks; then anyone but the last one.
        others = [i for i in range(len(people)) if i != speaker] or [0]
        speaker = turn if turn < len(people) else int(rng.choice(others))
        begin, turn = at, turn + 1
        while at - begin < rng.uniform(2.0, 6.0):
            clip = people[speaker][rng.integers(len(people[speaker]))]
            wave = load(clip.path) * np.float32(10 ** (rng.uniform(-3, 3) / 20))
            place = round(at * RATE)
            sound[place : place + len(wave)] += wave[: max(len(sound) - place, 0)]
            edge = 0.08 if len(wave) > 0.5 * RATE else 0.0
            truth.append((at + edge, at + len(wave) / RATE - edge, f"{clip.corpus}-{clip.speaker}"))
            at += len(wave) / RATE + rng.uniform(0.05, 0.5)
        if overlap and rng.random() < 0.3:
            at = max(truth[-1][1] - rng.uniform(0.3, 1.0), truth[-1][0] + 0.3)
        else:
            at += rng.uniform(0.1, 0.9)
    end = round((max(e for _, e, _ in truth) + 0.7) * RATE)
    kind = "overlap" if overlap else "clean"
    return Join(np.clip(sound[:end], -1, 1), tuple(truth), len(people), kind)


def noisy(join: Join, snr: float, rng: np.random.Generator) -> Join:
    """The join in steady pink noise at that ratio in dB to its whole sound."""
    return Join(add_noise(join.samples, snr, rng, colour=0.5), join.truth, join.speakers, f"noise {snr:g} dB")


@dataclass(frozen=True, slots=True)
class Errors:
    """Seconds: speech in truth (overlaps count twice), missed, falsely heard, of the wrong voice; voices found."""

    speech: float
    missed: float
    false: float
    confused: float
    voices: int

    @property
    def rate(self) -> float:
        """Diarisation error rate: all three errors over true speech."""
        return (self.missed + self.false + self.confused) / max(self.speech, 1e-9)


def errors(truth: Sequence[tuple[float, float, str]], turns: Sequence[tuple[float, float, str | None]]) -> Errors:
    """Compare on a grid of 10 ms, voices matched to speakers in the best way, `COLLAR` around true edges left out."""
    ticks = round(max([e for _, e, _ in truth] + [e for _, e, _ in turns]) / GRID) + 1
    real = _grid(truth, sorted({s for _, _, s in truth}), ticks)
    told = _grid(turns, sorted({v for _, _, v in turns if v is not None}), ticks)
    scored = np.ones(ticks, bool)
    for start, end, _ in truth:
        for edge in (start, end):
            scored[max(round((edge - COLLAR) / GRID), 0) : round((edge + COLLAR) / GRID)] = False
    real, told = real[:, scored], told[:, scored]
    both = np.minimum(real.sum(0), told.sum(0)).sum()
    right = _best(real.astype(float) @ told.T.astype(float))
    missed = np.maximum(real.sum(0) - told.sum(0), 0).sum()
    false = np.maximum(told.sum(0) - real.sum(0), 0).sum()
    found = len({v for _, _, v in turns if v is not None})
    return Errors(real.sum() * GRID, missed * GRID, false * GRID, (both - right) * GRID, found)


def _grid(parts: Sequence[tuple[float, float, str | None]], names: Sequence[str], ticks: int) -> NDArray[np.int64]:
    grid = np.zeros((len(names), ticks), np.int64)
    for start, end, name in parts:
        if name is not None:
            grid[names.index(name), round(start / GRID) : round(end / GRID)] = 1
    return grid


def _best(table: NDArray[np.float64]) -> float:
    """Largest total of a one-to-one matching; beyond seven voices the largest seven take part."""
    if table.shape[0] > table.shape[1]:
        table = table.T
    if not table.size:
        return 0.0
    table = table[:, np.argsort(-table.max(axis=0))[:7]]
    rows = range(table.shape[0])
    width = table.shape[1]
    if len(rows) > width:
        return _best(table.T)
    return max(
        sum(table[r, c] for r, c in zip(rows, columns, strict=True))
        for columns in permutations(range(width), len(rows))
    )
