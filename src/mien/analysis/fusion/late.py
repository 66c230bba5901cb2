"""Late fusion: per-class, per-modality weights over whatever evidence is present (after Team RAS 2025, one head)."""

from __future__ import annotations

from collections.abc import Sequence

from mien.affect.dimensions import Dimensions, derive
from mien.affect.distribution import Distribution
from mien.affect.mapping import convert
from mien.affect.space import Space
from mien.analysis.fusion.affect import Affect, Conflict
from mien.analysis.fusion.confidence import confidence_of
from mien.analysis.fusion.conflict import NAMES, conflict_of
from mien.analysis.fusion.pool import BASIC, basic, maps, pool, weights_card
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Evidence


def fuse(span: Span, evidence: Sequence[Evidence], goal: Space) -> Affect:
    """One Affect from all evidence of a span.

    Evidence without a distribution, or that cannot reach the space, is left out (weight 0), never zero-filled.
    """
    usable = [_reaches(item, goal) for item in evidence]
    weights = _shares(evidence, usable)
    if not any(usable) or _trust(evidence, usable) < weights_card()["least_quality"]:
        return _insufficient(span, evidence, goal)
    conflict = conflict_of(evidence, weights)
    dimensions = _dimensions(evidence, weights)
    if goal.kind == "multilabel":
        chosen = next(item for item, use in zip(evidence, usable, strict=True) if use)
        distribution: Distribution | None = _in_space(chosen, goal)
        confidence = chosen.quality * max(float(_in_space(chosen, goal).values.max()), 0.0)
        return Affect(span, distribution, dimensions, tuple(evidence), weights, round(confidence, 6), conflict)
    fused = pool(evidence, weights)
    confidence = confidence_of(fused, evidence, weights, conflict)
    if goal.kind == "dimensional":
        return Affect(span, None, dimensions, tuple(evidence), weights, confidence, conflict)
    return Affect(span, convert(fused, goal), dimensions, tuple(evidence), weights, confidence, conflict)


def _in_space(item: Evidence, goal: Space) -> Distribution:
    own = [reading for reading in (item.distribution, *item.readings) if reading is not None]
    return next(reading for reading in own if reading.space == goal)


def _reaches(item: Evidence, goal: Space) -> bool:
    if item.distribution is None or item.quality <= 0:
        return False
    own = (item.distribution, *item.readings)
    if goal.kind == "multilabel":
        return any(reading.space == goal for reading in own)
    return any(maps(reading.space, BASIC) for reading in own)


def _shares(evidence: Sequence[Evidence], usable: Sequence[bool]) -> tuple[float, ...]:
    trust = weights_card()["modality"]
    raw = [
        item.quality * trust.get(item.modality, 0.5) if use else 0.0 for item, use in zip(evidence, usable, strict=True)
    ]
    total = sum(raw)
    return tuple(round(value / total, 6) if total else 0.0 for value in raw)


def _trust(evidence: Sequence[Evidence], usable: Sequence[bool]) -> float:
    return max((item.quality for item, use in zip(evidence, usable, strict=True) if use), default=0.0)


def _dimensions(evidence: Sequence[Evidence], weights: Sequence[float]) -> Dimensions | None:
    """Weighted mean of each coordinate over the evidence that has it; derived where any part was derived."""
    points = [
        (weight, item.dimensions or derive(basic(item)))
        for item, weight in zip(evidence, weights, strict=True)
        if weight > 0
    ]
    if not points:
        return None
    values: dict[str, float | None] = {}
    derived = []
    for name in ("valence", "arousal", "dominance"):
        known = [(weight, getattr(point, name)) for weight, point in points if getattr(point, name) is not None]
        values[name] = sum(w * v for w, v in known) / sum(w for w, _ in known) if known else None
        if any(name in point.derived for _, point in points):
            derived.append(name)
    return Dimensions(values["valence"], values["arousal"], values["dominance"], tuple(derived))


def _insufficient(span: Span, evidence: Sequence[Evidence], goal: Space) -> Affect:
    if evidence and all(_is_stress(item) for item in evidence):
        text = "no emotion is read from signals alone; stress is shown in its own lane"
        return Affect(span, None, None, tuple(evidence), tuple(0.0 for _ in evidence), 0.0, Conflict(0.0, ""), text)
    reasons = [f"{NAMES.get(item.modality, item.modality)}: {_why(item, goal)}" for item in evidence]
    text = "not enough evidence" + (f" ({'; '.join(reasons)})" if reasons else ": nothing was heard, seen or read")
    return Affect(span, None, None, tuple(evidence), tuple(0.0 for _ in evidence), 0.0, Conflict(0.0, ""), text)


def _why(item: Evidence, goal: Space) -> str:
    if item.insufficient:
        return item.insufficient
    if _is_stress(item):
        return "stress is shown in its own lane"
    if goal.kind == "multilabel" and item.distribution is not None:
        return f"does not answer in {goal.name}; only words do"
    return f"quality {item.quality:.2f} is too low"


def _is_stress(item: Evidence) -> bool:
    return item.distribution is not None and item.distribution.space.name == "stress2"
