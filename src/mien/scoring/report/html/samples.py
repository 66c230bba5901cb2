"""Which samples the report shows: the worst ones, taken in turn from each kind of error."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mien.scoring.report.html.hue import hue

if TYPE_CHECKING:
    from mien.scoring.result import Part, Reading

SHOWN = 200
"""Samples of a part that are shown, at most."""

_ANSWER = 600


def samples(part: Part) -> dict[str, Any] | None:
    """The worst samples with what was read from them and why; None where readings were not kept.

    Ordered by credit, those that are not scored last; samples of equal credit come in turn from each pair of (truth,
    read), so that a frequent error does not hide the others.
    """
    if not part.readings:
        return None
    missed = [reading for reading in part.readings if reading.credit is None or reading.credit < 1]
    turn: Counter[tuple[object, ...]] = Counter()
    ranked = []
    for place, reading in enumerate(missed):
        kind = (reading.truth, reading.read)
        ranked.append((2.0 if reading.credit is None else reading.credit, turn[kind], place, reading))
        turn[kind] += 1
    ranked.sort(key=lambda item: item[:3])
    shown = [_sample(item[3]) for item in ranked[:SHOWN]]
    return {
        "shown": shown,
        "missed": len(missed),
        "all": len(part.readings),
        "truths": _choices(shown, "truth"),
        "reads": _choices(shown, "read"),
    }


def _choices(shown: list[dict[str, Any]], side: str) -> list[str]:
    return sorted({label for sample in shown for label, _ in sample[side]})


def _sample(reading: Reading) -> dict[str, Any]:
    answer = reading.answer if len(reading.answer) <= _ANSWER else reading.answer[:_ANSWER] + "…"
    return {
        "id": reading.id,
        "answer": answer,
        "truth": [(label, hue(label)) for label in reading.truth],
        "read": [(label, hue(label)) for label in reading.read],
        "credit": reading.credit,
        "why": reading.why,
    }
