"""An Analysis on a terminal: a few sentences and one line per span."""

from __future__ import annotations

from mien.affect.dimensions import Dimensions
from mien.analysis.fusion.affect import Affect
from mien.analysis.report.beside import answer, guest_of
from mien.analysis.report.vtt import clock
from mien.analysis.report.words import describe
from mien.analysis.result import Analysis

MOST_LINES = 40
BAR = 12
_ANSI = {
    "neutral": 245,
    "happiness": 136,
    "surprise": 38,
    "sadness": 25,
    "anger": 166,
    "disgust": 29,
    "fear": 97,
}


def summary(analysis: Analysis, *, colour: bool = False) -> str:
    """The description and a line per span (the most certain ones where there are many)."""
    shown = sorted(analysis.affects, key=_worth, reverse=True)[:MOST_LINES]
    lines = [describe(analysis), ""]
    lines += [
        _line(analysis, affect, colour) + _beside(analysis, affect) for affect in analysis.affects if affect in shown
    ]
    if len(analysis.affects) > MOST_LINES:
        lines.append(f"... {len(analysis.affects) - MOST_LINES} more spans; --out DIR or --report shows all")
    lines += ["", *(f"note: {warning.text}" for warning in analysis.warnings)]
    lines.append("Labels say what was shown, sounded or written; they do not tell what somebody felt.")
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def _worth(affect: Affect) -> tuple[bool, float]:
    return affect.insufficient is None, affect.confidence + affect.conflict.score


def _line(analysis: Analysis, affect: Affect, colour: bool) -> str:
    if analysis.recording.clock == "seconds":
        when = f"{clock(affect.span.start)[3:-1]}-{clock(affect.span.end)[3:-1]}"
    else:
        when = f"line {affect.span.start:.0f}"
    who = affect.span.person or "?"
    if affect.insufficient is not None:
        return f"{when:<17} {who:<3} {_stress(affect) or affect.insufficient}"
    if affect.distribution is None:
        return f"{when:<17} {who:<3} {_point(affect.dimensions)}  confidence {affect.confidence:.0%}"
    top, value = affect.distribution.top, float(affect.distribution.values.max())
    bar = "#" * max(1, round(value * BAR))
    if colour:
        bar = f"\x1b[38;5;{_ANSI.get(top, 245)}m{bar:<{BAR}}\x1b[0m"
    conflict = affect.conflict
    tail = f"  conflict {conflict.score:.2f} ({conflict.words}; follows {conflict.follows})" if conflict.words else ""
    return f"{when:<17} {who:<3} {bar:<{BAR}} {top:<12} {value:4.0%}  confidence {affect.confidence:4.0%}{tail}"


def _beside(analysis: Analysis, affect: Affect) -> str:
    return "".join(f"  [{guest_of(analysis, item).system}: {answer(item)}]" for item in affect.beside)


def _stress(affect: Affect) -> str:
    for item in affect.evidence:
        if item.distribution is not None and item.distribution.space.name == "stress2":
            return f"stress {item.distribution['stress']:.0%} (own lane; no emotion is read from signals)"
    return ""


def _point(dimensions: Dimensions | None) -> str:
    if dimensions is None:
        return "no valence or arousal"
    known = [(name, getattr(dimensions, name)) for name in ("valence", "arousal")]
    return "  ".join(f"{name} {value:+.2f}" for name, value in known if value is not None)
