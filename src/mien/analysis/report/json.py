"""The JSON of an Analysis (schema mien.analysis/1): equal inputs give equal bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.analysis.fusion.affect import Affect
from mien.analysis.result import SCHEMA, Analysis
from mien.analysis.senses.evidence import Evidence

DIGITS = 6


def to_json(analysis: Analysis, indent: int | None = None) -> str:
    """The published JSON as text; one line unless `indent` is given."""
    data = msgspec.json.encode(to_dict(analysis))
    return (msgspec.json.format(data, indent=indent) if indent else data).decode("utf-8")


def to_dict(analysis: Analysis) -> dict[str, Any]:
    """The same as plain dicts and lists, numbers rounded to six digits."""
    facts = analysis.recording
    return {
        "schema": SCHEMA,
        "recording": {
            "path": printable(facts.path),
            "kind": facts.kind,
            "clock": facts.clock,
            "duration": number(facts.duration),
            "sha256": facts.sha256,
            "streams": [
                {
                    "kind": stream.kind,
                    "codec": stream.codec,
                    "start": number(stream.start),
                    "duration": number(stream.duration),
                    "facts": {name: number(v) if isinstance(v, float) else v for name, v in stream.facts},
                }
                for stream in facts.streams
            ],
        },
        "space": analysis.space,
        "persons": [
            {"id": p.id, "name": printable(p.name), "faces": list(p.faces), "voice": p.voice} for p in analysis.persons
        ],
        "affects": [_affect(affect, bool(analysis.guests)) for affect in analysis.affects],
        "transcript": [
            {
                "start": number(line.start),
                "end": number(line.end),
                "person": line.speaker,
                "text": printable(line.text),
                "language": line.language,
                "confidence": number(line.confidence),
                "source": line.source,
            }
            for line in analysis.transcript
        ],
        "warnings": [
            {"code": w.code, "text": printable(w.text), "start": number(w.start), "end": number(w.end)}
            for w in analysis.warnings
        ],
        "versions": dict(analysis.versions),
        **({"guests": [asdict(guest) for guest in analysis.guests]} if analysis.guests else {}),
    }


def number(value: float | None) -> float | None:
    """Rounded to six digits; None stays None."""
    return None if value is None else round(float(value), DIGITS)


def printable(text: str | None) -> str | None:
    """Text that UTF-8 can carry (a broken file name keeps its place with the replacement character)."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _affect(affect: Affect, guests: bool) -> dict[str, Any]:
    beside = [_evidence(item, 0.0) for item in affect.beside]
    return {
        "span": {"start": number(affect.span.start), "end": number(affect.span.end), "person": affect.span.person},
        "distribution": _distribution(affect.distribution),
        "dimensions": _dimensions(affect.dimensions),
        "confidence": number(affect.confidence),
        "conflict": asdict(affect.conflict) | {"score": number(affect.conflict.score)},
        "insufficient": affect.insufficient,
        "evidence": [_evidence(item, w) for item, w in zip(affect.evidence, affect.weights, strict=True)],
        **({"beside": beside} if guests else {}),
    }


def _evidence(item: Evidence, weight: float) -> dict[str, Any]:
    return {
        "modality": item.modality,
        "weight": number(weight),
        "quality": number(item.quality),
        "model": item.model,
        "distribution": _distribution(item.distribution),
        "readings": [_distribution(reading) for reading in item.readings],
        "dimensions": _dimensions(item.dimensions),
        "insufficient": item.insufficient,
        "cues": [
            {
                "name": cue.name,
                "value": printable(cue.value) if isinstance(cue.value, str) else number(cue.value),
                "unit": cue.unit,
                "text": printable(cue.text),
            }
            for cue in item.cues
        ],
    }


def _distribution(distribution: Distribution | None) -> dict[str, Any] | None:
    if distribution is None:
        return None
    values = [number(value) for value in distribution.values]
    return {"space": distribution.space.name, "labels": list(distribution.space.labels), "values": values}


def _dimensions(dimensions: Dimensions | None) -> dict[str, Any] | None:
    if dimensions is None:
        return None
    return {
        "valence": number(dimensions.valence),
        "arousal": number(dimensions.arousal),
        "dominance": number(dimensions.dominance),
        "derived": list(dimensions.derived),
        "source_range": list(dimensions.source_range),
    }
