"""Mien reads emotion from recordings of people and measures how well anyone does it.

`import mien` is light: every public name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mien.affect.dimensions import Dimensions as Dimensions
    from mien.affect.distribution import Distribution as Distribution
    from mien.affect.space import Space as Space
    from mien.analysis.fusion.affect import Affect as Affect
    from mien.analysis.moments.span import Person as Person
    from mien.analysis.moments.span import Span as Span
    from mien.analysis.pipeline import analyze as analyze
    from mien.analysis.result import Analysis as Analysis
    from mien.analysis.senses.evidence import Evidence as Evidence
    from mien.errors import MienError as MienError
    from mien.scoring.benchmarks import score as score
    from mien.scoring.result import ScoreResult as ScoreResult

__version__ = "0.1.0"

_HOMES = {
    "Affect": "mien.analysis.fusion.affect",
    "Analysis": "mien.analysis.result",
    "Dimensions": "mien.affect.dimensions",
    "Distribution": "mien.affect.distribution",
    "Evidence": "mien.analysis.senses.evidence",
    "MienError": "mien.errors",
    "Person": "mien.analysis.moments.span",
    "ScoreResult": "mien.scoring.result",
    "Space": "mien.affect.space",
    "Span": "mien.analysis.moments.span",
    "analyze": "mien.analysis.pipeline",
    "score": "mien.scoring.benchmarks",
}
__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mien' has no attribute {name!r}; public names: {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
