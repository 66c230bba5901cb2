"""What `mien analyze` read of a clip as sentences for a text model, one a span (no torch)."""

from __future__ import annotations

from collections.abc import Iterator

from mien.analysis.fusion.affect import Affect
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Evidence
from mien.research.systems.textualized_compound.textualize import Thresholds, decide, sentence


def sentences(analysis: Analysis, modalities: str = "TVA") -> Iterator[tuple[Affect, str]]:
    """Each span and its sentence: words, face and voice, or any of them (`textualize.sentence`).

    Facial actions are not measured and so not told; the voice's strongest labels stand for the published descriptors.
    """
    for affect in analysis.affects:
        first, last = affect.span.start, affect.span.end
        own = affect.span.person
        words = " ".join(
            line.text
            for line in analysis.transcript
            if line.start < last and line.end > first and (own is None or line.speaker in (own, None))
        )
        told = {item.modality: item for item in affect.evidence if item.distribution is not None}
        voice, face = told.get("audio"), told.get("face")
        scores = _scores(voice)
        decisions = decide(
            None,
            _scores(face),
            _levels(voice),
            None if scores is None else _strongest(scores),
        )
        yield affect, sentence(decisions, words, modalities=modalities)


def _scores(item: Evidence | None) -> dict[str, float] | None:
    if item is None or item.distribution is None:
        return None
    return dict(zip(item.distribution.space.labels, map(float, item.distribution.values), strict=True))


def _strongest(scores: dict[str, float]) -> list[tuple[float, str]]:
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    return [(value, label) for label, value in ranked[: Thresholds().emotions]]


def _levels(item: Evidence | None) -> dict[str, float] | None:
    """Valence and arousal of the voice from [-1, 1] to [0, 1]."""
    if item is None or item.dimensions is None:
        return None
    values = {name: getattr(item.dimensions, name) for name in ("valence", "arousal", "dominance")}
    return {name: (value + 1) / 2 for name, value in values.items() if value is not None}
