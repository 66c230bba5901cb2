"""The wearable sense: spans of body signals -> stress, in a lane of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mien.affect.distribution import Distribution
from mien.affect.space import SPACES, Space
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.body import body
from mien.analysis.senses.body_cues import BodyCues
from mien.analysis.senses.body_features import STEP, WINDOW
from mien.analysis.senses.evidence import Evidence
from mien.analysis.senses.stress import StressReader

MODEL = "stress-1"
"""Id of the shipped model, as in its card."""

OWN = (
    "stress is read against this recording's own course: one that is calm or tense throughout still shows its highest "
    "minutes as stress; learned from laboratory tasks, not from emotions"
)
RAW = (
    "stress is read without the wearer's own course, which takes 20 worn minutes, and is less certain; "
    "learned from laboratory tasks, not from emotions"
)


class WearableSense:
    """Reads stress (calm, stress) from skin conductance, skin temperature, heart rate and movement.

    A span is read from the minute around its middle, a longer one from all its minutes, with what the body did in the
    three minutes around. Recordings with 20 worn minutes are read against their own course. Laboratory stress tasks,
    not emotions: see the card `stress`.
    """

    @property
    def modalities(self) -> frozenset[str]:
        """`signal`."""
        return frozenset({"signal"})

    @property
    def space(self) -> Space:
        """`stress2`: calm, stress."""
        return SPACES["stress2"]

    @property
    def model(self) -> str:
        """Id of the card."""
        return MODEL

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """One Evidence a span, in the order of the spans; none at all where the recording has no body signal."""
        found = body(moments.recording.signals())
        if found is None or moments.recording.clock != "seconds":
            return
        reader, cues = StressReader(found), BodyCues(found)
        if spans:
            moments.recording.warn("stress-baseline", OWN if reader.own else RAW)
        for span in spans:
            yield self._evidence(span, reader, cues)

    def _evidence(self, span: Span, reader: StressReader, cues: BodyCues) -> Evidence:
        course = reader.at(_middles(span))
        told = np.isfinite(course.stress)
        if not told.any():
            why = reader.why_not((span.start + span.end) / 2)
            return Evidence("signal", span, None, 0.0, MODEL, insufficient=why)
        stress = float(np.clip(course.stress[told].mean(), 0.0, 1.0))
        quality = float(course.quality.mean())
        distribution = Distribution(self.space, np.array([1.0 - stress, stress]))
        return Evidence("signal", span, distribution, quality, MODEL, cues=cues.of(span))


def _middles(span: Span) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if span.duration <= WINDOW:
        return np.array([(span.start + span.end) / 2])
    return np.arange(span.start + WINDOW / 2, span.end - WINDOW / 2 + 1e-9, STEP)
