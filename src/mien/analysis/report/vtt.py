"""WebVTT: what each person showed as captions, with the words where there are any."""

from __future__ import annotations

from mien.analysis.result import Analysis


def to_vtt(analysis: Analysis) -> str:
    """A WebVTT file (W3C): one cue per span and person with an answer, the person as voice tag."""
    names = {person.id: person.name or person.id for person in analysis.persons}
    parts = ["WEBVTT", "NOTE Labels say what was shown or heard, not what was felt."]
    for affect in analysis.affects:
        if affect.distribution is None:
            continue
        end = max(affect.span.end, affect.span.start + 0.001)
        text = f"{affect.distribution.top} {affect.distribution.values.max():.0%} (confidence {affect.confidence:.0%})"
        if affect.conflict.words:
            text += f" - {affect.conflict.words}"
        speaker = names.get(affect.span.person or "", "unknown")
        parts.append(f"{clock(affect.span.start)} --> {clock(end)}\n<v {_escape(speaker)}>{_escape(text)}")
    return "\n\n".join(parts) + "\n"


def clock(seconds: float) -> str:
    """hh:mm:ss.mmm as WebVTT writes it; times before 0 become 0."""
    total = max(0, round(seconds * 1000))
    return f"{total // 3_600_000:02d}:{total // 60_000 % 60:02d}:{total // 1000 % 60:02d}.{total % 1000:03d}"


def _escape(text: str) -> str:
    flat = " ".join(text.split())
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
