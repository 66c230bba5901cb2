"""The speech sense: how a voice sounds, as a distribution over seven emotions, with activation, quality and cues.

A small convolutional network over log-mel frames (trained by recipes/speech; weights/speech.json is its card), or the
encoder that the user added with a head of ours (`speech_encoder`). It hears up to four seconds around a span inside the
same voice turn, needs 0.6 s, and says so where it cannot answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.affect.dimensions import Dimensions, derive
from mien.affect.distribution import Distribution
from mien.affect.space import Space, space
from mien.analysis.media.sound import RATE, active_bounds
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses import speech_encoder
from mien.analysis.senses.adapted import Adapted
from mien.analysis.senses.evidence import Evidence
from mien.analysis.senses.listening import Part, cut, parts_to_hear
from mien.analysis.senses.prosody import Prosody, measure, tracks
from mien.analysis.senses.speech_cues import clearest, cues, moment, usual_pitch
from mien.analysis.senses.speech_quality import Hearing, quality, refusal
from mien.analysis.senses.speech_reading import (
    BATCH,
    CARDS,
    HIDDEN,
    MODEL,
    STEP,
    SpeechReading,
    classify,
    model_in_use,
)
from mien.errors import InputError

__all__ = [
    "ENOUGH",
    "FEWEST",
    "HIDDEN",
    "MODEL",
    "SHARE",
    "SHORTEST",
    "SpeechReading",
    "SpeechSense",
    "baseline",
    "classify",
    "model_in_use",
]

SHORTEST = 0.6
"""Seconds from first to last active frame needed for an answer: what a second of recorded speech surely holds."""

ENOUGH, FEWEST = 20.0, 8
"""Seconds of speech, and parts, from which a person has a mean of their own."""
SHARE = 0.5
"""Part of that mean that is taken off. Mean recall of EMO-DB, RAVDESS, nEMO .790, .673, .520 becomes .815, .658, .552
with a mean over 20 clips, .779, .679, .557 where half of the 20 are of one label (recipes/speech/baseline.py)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """The network's answer to one part, and the chance that its top label is right."""

    probabilities: NDArray[np.float64]
    arousal: float
    quality: float
    told: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """One part that was heard: its conditions, what was measured of the span in it, what the network answered.

    begins: seconds in the recording at which the sound after the quiet edge begins; model: id of the one that answers.
    """

    hearing: Hearing
    prosody: Prosody
    begins: float
    model: str
    answer: _Answer | None = None


class SpeechSense:
    """Reads how voices sound. A `Sense` with the modality `audio` and the space `basic7`.

    adapted: a last layer fitted to a person's own clips (`mien adapt`), or None; against_self: read each person against
    their own mean in the recording (see `baseline`).
    """

    modalities: frozenset[str] = frozenset({"audio"})

    def __init__(self, adapted: Adapted | None = None, *, against_self: bool = False) -> None:
        self._adapted, self._against_self = adapted, against_self
        self.model = model_in_use()

    @property
    def space(self) -> Space:
        """basic7: neutral, anger, disgust, fear, happiness, sadness, surprise."""
        return space("basic7")

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """Evidence for each span in which its person speaks, in the order of the spans.

        The sound is read once; only numbers are kept of it, because pitch and loudness are told against the whole
        recording. Parts that are too short, too noisy or without voice give evidence with a reason and no
        distribution.
        """
        wanted = [parts_to_hear(moments, span) for span in spans]
        parts = sorted({part for span_parts in wanted for part in span_parts})
        if not parts:
            return
        heard = self._hear(moments, parts, self._answering(moments))
        levels = [h.prosody.level for h in heard.values() if h.prosody.level is not None]
        of_person: dict[str | None, set[Part]] = {}
        for span, span_parts in zip(spans, wanted, strict=True):
            of_person.setdefault(span.person, set()).update(span_parts)
        if self._against_self:
            for own in of_person.values():
                heard.update(_against_self({part: heard[part] for part in sorted(own)}))
        usual = {who: usual_pitch([heard[p].prosody for p in sorted(own)]) for who, own in of_person.items()}
        for span, span_parts in zip(spans, wanted, strict=True):
            if span_parts:
                yield _evidence(span, [heard[part] for part in span_parts], usual[span.person], levels)

    def _answering(self, moments: Moments) -> str:
        """Id of the model that answers: the shipped one, and a notice, where the added one is damaged."""
        if self.model == speech_encoder.MODEL:
            try:
                speech_encoder.check()
            except InputError as error:
                if self._adapted is not None:
                    raise
                moments.recording.warn("voice-encoder-broken", f"{error}; the shipped model was asked instead")
                return MODEL
        return self.model

    def _hear(self, moments: Moments, parts: Sequence[Part], model: str) -> dict[Part, _Heard]:
        """Every part heard, in one pass over the sound."""
        heard: dict[Part, _Heard] = {}
        batch: list[tuple[Part, NDArray[np.float32]]] = []
        for index, samples in cut(moments.recording.audio(RATE), parts):
            batch.append((parts[index], samples))
            if len(batch) == BATCH:
                heard.update(_listen(batch, self._adapted, model))
                batch = []
        heard.update(_listen(batch, self._adapted, model))
        return heard


def _listen(
    batch: Sequence[tuple[Part, NDArray[np.float32]]], adapted: Adapted | None, model: str
) -> dict[Part, _Heard]:
    """Measures the parts of a batch and asks the network about those that can be answered."""
    heard: dict[Part, _Heard] = {}
    asked: list[tuple[Part, NDArray[np.float32]]] = []
    for part, samples in batch:
        levels, hertz = tracks(samples)
        first, last = (round((time - part.start) * 100) for time in (part.inner_start, part.inner_end))
        hearing = Hearing.of(samples, measure(levels, hertz))
        begins = part.start + active_bounds(samples)[0] / RATE
        heard[part] = _Heard(hearing, measure(levels, hertz, first, last), begins, model)
        if refusal(heard[part].hearing, SHORTEST) is None:
            asked.append((part, samples))
    if not asked:
        return heard
    reading = classify([samples for _, samples in asked], model)
    told = adapted.apply(reading.probabilities, reading.hidden) if adapted else reading.probabilities
    for row, (part, _) in enumerate(asked):
        known, values = heard[part], told[row]
        sure = quality(known.hearing, values, CARDS[model])
        answer = _Answer(values, float(reading.arousal[row]), sure, reading.told[row])
        heard[part] = replace(known, answer=answer)
    return heard


def _against_self(own: dict[Part, _Heard]) -> dict[Part, _Heard]:
    """One person's answers, told against the person's own mean where there is enough speech for one."""
    told = {part: h.answer for part, h in own.items() if h.answer is not None}
    if sum(own[part].hearing.seconds for part in told) < ENOUGH or len(told) < FEWEST:
        return own
    values = baseline(np.stack([answer.probabilities for answer in told.values()]))
    changed = {}
    for (part, answer), row in zip(told.items(), values, strict=True):
        sure = quality(own[part].hearing, row, CARDS[own[part].model])
        changed[part] = replace(own[part], answer=replace(answer, probabilities=row, quality=sure))
    return own | changed


def baseline(probabilities: NDArray[np.float64], share: float = SHARE) -> NDArray[np.float64]:
    """(n, k) answers to one person, less `share` of the mean of their logarithms; rows sum to 1.

    With half of the mean a person who is heard in one mood only keeps that label on top; with all of it the mood would
    be taken for the person.
    """
    logs = np.log(probabilities.clip(1e-6, 1.0))
    logs -= share * logs.mean(axis=0)
    power = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


def _evidence(span: Span, heard: Sequence[_Heard], usual: float | None, levels: Sequence[float]) -> Evidence:
    """Evidence from the parts of one span: answers averaged by their length, cues of the longest part."""
    answers = [(h.answer, h.hearing.seconds) for h in heard if h.answer is not None]
    longest = max(heard, key=lambda h: (h.answer is not None, h.prosody.speech))
    facts = cues(longest.prosody, usual, levels)
    if not answers:
        reason = refusal(longest.hearing, SHORTEST)
        return Evidence("audio", span, None, 0.0, longest.model, cues=facts, insufficient=reason)
    total = sum(seconds for _, seconds in answers)
    shares = [(answer, seconds / total) for answer, seconds in answers]
    distribution = Distribution.of("basic7", np.sum([w * a.probabilities for a, w in shares], axis=0))
    if longest.answer is not None:
        label = distribution.top
        when = clearest(longest.answer.told[:, distribution.space.index(label)])
        facts += moment(label, when, longest.begins, STEP / 100)
    dimensions = Dimensions(derive(distribution).valence, sum(w * a.arousal for a, w in shares), None, ("valence",))
    sure = min(sum(w * a.quality for a, w in shares), 1.0)
    return Evidence("audio", span, distribution, sure, longest.model, dimensions=dimensions, cues=facts)
