"""Analysis: everything that was read from one recording."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.analysis.fusion.affect import Affect
from mien.analysis.media.recording import Caption, Notice, Stream
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.span import Person
from mien.analysis.senses.evidence import Guest

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "mien.analysis/1"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the recording is: path as named, kind, clock ("seconds" or "lines"), duration, sha256, streams."""

    path: str
    kind: str
    clock: str
    duration: float | None
    sha256: str
    streams: tuple[Stream, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What only a report draws: the sound's envelope (at most 4000 peaks in [0, 1]), face tracks with thumbnails.

    faces_hidden: the user asked for no faces in any output (--no-faces).
    """

    envelope: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    tracks: tuple[FaceTrack, ...] = ()
    faces_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """Who, when, which emotions, from which evidence, how sure, and where the modalities disagree.

    space: name of the space of the fused distributions; versions: every model and the package, id -> version text.
    guests: models from outside the package, whose answers are in `Affect.beside`.
    Equal inputs give equal bytes of `to_json()`.
    """

    recording: Facts
    space: str
    persons: tuple[Person, ...]
    affects: tuple[Affect, ...]
    transcript: tuple[Caption, ...] = ()
    warnings: tuple[Notice, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    command: str = ""
    pictures: Pictures = field(default_factory=Pictures, compare=False, repr=False)
    guests: tuple[Guest, ...] = ()

    def to_json(self, indent: int | None = None) -> str:
        """The published JSON (schema mien.analysis/1; see docs/schema)."""
        from mien.analysis.report.json import to_json

        return to_json(self, indent)

    def to_frame(self) -> pd.DataFrame:
        """One row per span and person; needs the extra `table`."""
        from mien.analysis.report.table import to_frame

        return to_frame(self)

    def report(self, path: str | Path | None = None) -> str:
        """The self-contained HTML report; written to `path` if given.

        A small recording is put inside the page, a larger one is linked beside it (never with hidden faces).
        """
        from mien.analysis.report.html import beside, embedded, to_html
        from mien.files import write_atomic

        page = to_html(self, embedded(self) or (beside(self, path) if path is not None else None))
        if path is not None:
            write_atomic(path, page, "choose another path")
        return page

    def describe(self) -> str:
        """A short plain-language account made from the evidence; no language model is used."""
        from mien.analysis.report.words import describe

        return describe(self)

    def _repr_html_(self) -> str:
        from mien.analysis.report.html import to_notebook

        return to_notebook(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.describe())
