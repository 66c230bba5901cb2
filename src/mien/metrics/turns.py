"""Turns of a conversation: who speaks when, who takes the floor, gaps and overlaps between turns.

Times are seconds. A result describes what happened, not what it meant: an interruption is not rudeness.

>>> talk = conversation({"A": [(0.0, 3.0), (6.0, 8.0)], "B": [(3.2, 5.5)]})
>>> [(turn.speaker, turn.end) for turn in talk.turns]
[('A', 3.0), ('B', 5.5), ('A', 8.0)]
>>> [round(offset, 3) for offset in talk.offsets]
[0.2, 0.5]
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.metric import metric

MIN_PAUSE = 0.2
"""Seconds: a shorter silence of one speaker does not end an inter-pausal unit."""
INTERRUPTION = -0.25
"""Seconds: a floor transfer with a smaller offset counts as an interruption."""
FRAME = 0.01
"""Seconds: the grid on which shares of silence and overlap are counted."""
_TINY = 1e-9

Segments = Mapping[str, Sequence[Sequence[float]]]
CARD = "Lee et al. 2024, arXiv 2409.15316 (cues); definitions by Mien"


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's hold of the floor, in seconds; `pauses` are the silences inside it."""

    speaker: str
    start: float
    end: float
    pauses: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """The floor passes: offset is the new holder's start minus the old one's end (seconds; negative: overlap)."""

    giver: str
    taker: str
    offset: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """The dynamics of one conversation.

    units: speaker -> inter-pausal units (start, end); turns in order of time; transfers between them; within: speaker
    -> number of units that lay inside another's turn (candidates for back-channels, they take no floor); duration in
    seconds; silence, overlap: shares of the duration in which nobody, or more than one person, speaks.
    """

    units: Mapping[str, tuple[tuple[float, float], ...]]
    turns: tuple[Turn, ...]
    transfers: tuple[Transfer, ...]
    within: Mapping[str, int]
    duration: float
    silence: float
    overlap: float

    @property
    def speaking(self) -> dict[str, float]:
        """Seconds of speech by speaker."""
        return {name: float(sum(end - start for start, end in units)) for name, units in self.units.items()}

    @property
    def shares(self) -> dict[str, float]:
        """Share of all speech by speaker; NaN where nobody speaks."""
        total = sum(self.speaking.values())
        return {name: seconds / total if total else math.nan for name, seconds in self.speaking.items()}

    @property
    def entropy(self) -> float:
        """Evenness of participation in [0, 1], normalised by all persons present; NaN for one person or no speech."""
        return participation_entropy(list(self.speaking.values())) if any(self.speaking.values()) else math.nan

    @property
    def dominance(self) -> float:
        """The largest share minus an even share, in [0, 1)."""
        return max(self.shares.values()) - 1 / len(self.units)

    @property
    def offsets(self) -> tuple[float, ...]:
        """Floor transfer offsets in seconds, in order of time."""
        return tuple(transfer.offset for transfer in self.transfers)

    @property
    def gap_share(self) -> float:
        """Share of the transfers with a gap (offset above 0); NaN without transfers."""
        return _share([offset > 0 for offset in self.offsets])

    @property
    def overlap_share(self) -> float:
        """Share of the transfers with overlap (offset below 0); NaN without transfers."""
        return _share([offset < 0 for offset in self.offsets])

    @property
    def turn_length(self) -> float:
        """Mean length of a turn in seconds; NaN without turns."""
        return float(np.mean([turn.end - turn.start for turn in self.turns])) if self.turns else math.nan

    def interruptions(self, below: float = INTERRUPTION) -> dict[str, int]:
        """Speaker -> number of floors taken with an offset below `below` seconds."""
        taken = [transfer.taker for transfer in self.transfers if transfer.offset < below]
        return {name: taken.count(name) for name in self.units}

    def transitions(self) -> dict[str, dict[str, float]]:
        """Who follows whom: giver -> taker -> share of the giver's transfers (0 everywhere where there are none)."""
        counts = {name: dict.fromkeys(self.units, 0) for name in self.units}
        for transfer in self.transfers:
            counts[transfer.giver][transfer.taker] += 1
        return {
            giver: {taker: count / max(sum(row.values()), 1) for taker, count in row.items() if taker != giver}
            for giver, row in counts.items()
        }


def conversation(
    segments: Segments, *, min_pause: float = MIN_PAUSE, duration: float | None = None, frame: float = FRAME
) -> Conversation:
    """Turn statistics from each speaker's speech segments.

    segments: speaker -> (start, end) in seconds; name everyone present, also who says nothing. min_pause: silences of a
    speaker shorter than this are joined; duration: of the recording, default the last end; frame: grid in seconds for
    the shares of silence and overlap.

    The floor is walked by start time (ties: the earlier end, then the name): a unit of another speaker that ends no
    later than the holder's turn lies within it and takes no floor; else the floor passes.
    Raises RequestError: no speaker, a segment that ends before it starts, is not finite, or lies outside the duration.
    """
    units = {str(name): join_segments(given, min_pause, name=str(name)) for name, given in segments.items()}
    if not units:
        raise RequestError("segments: no speaker; give speaker -> list of (start, end) in seconds")
    last = max((end for spans in units.values() for _, end in spans), default=0.0)
    if duration is None:
        duration = last
    if not math.isfinite(duration) or duration < last - _TINY:
        raise RequestError(f"duration {duration:g} s, but speech goes on until {last:g} s")
    turns, transfers, within = _floor(units)
    silence, overlap = _shares(units, duration, frame)
    return Conversation(units, turns, transfers, within, float(duration), silence, overlap)


def join_segments(
    segments: Sequence[Sequence[float]], min_pause: float = MIN_PAUSE, *, name: str = "speaker"
) -> tuple[tuple[float, float], ...]:
    """Inter-pausal units: segments of one speaker, in order of time, with silences below `min_pause` seconds closed.

    >>> join_segments([(2.1, 3.0), (0.0, 2.0), (3.2, 4.0)])
    ((0.0, 3.0), (3.2, 4.0))
    """
    if not min_pause >= 0:
        raise RequestError(f"min_pause {min_pause}: must be 0 or more seconds")
    joined: list[tuple[float, float]] = []
    for start, end in sorted(_checked(segments, name)):
        if joined and start - joined[-1][1] < max(min_pause - _TINY, 0.0):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


@metric(
    "participation_entropy", kind="interaction", better="neither",
    formula="-sum(p log p) / log K, p = shares of the K persons", reference=CARD,
)  # fmt: skip
def participation_entropy(amounts: Sequence[float]) -> float:
    """Evenness of participation: normalised entropy of the persons' shares, 1 = all alike, 0 = one alone.

    amounts: seconds, turns or words, one for each person present. NaN for a single person.
    """
    values = np.asarray(amounts, dtype=np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all() or (values < 0).any() or not values.any():
        raise RequestError("amounts: one number of 0 or more for each person is needed, not all of them 0")
    if values.size == 1:
        return math.nan
    shares = values[values > 0] / values.sum()
    return float(-(shares * np.log(shares)).sum() / math.log(values.size)) + 0.0


def _checked(segments: Sequence[Sequence[float]], name: str) -> list[tuple[float, float]]:
    checked = []
    for at, segment in enumerate(segments):
        try:
            start, end = (float(time) for time in segment)
        except (TypeError, ValueError):
            raise RequestError(f"{name}: segment {at} is {segment!r}; expected (start, end) in seconds") from None
        if not (0 <= start <= end and math.isfinite(end)):
            raise RequestError(f"{name}: segment {at} is ({start:g}, {end:g}); needed 0 <= start <= end, finite")
        checked.append((start, end))
    return checked


def _floor(
    units: Mapping[str, Sequence[tuple[float, float]]],
) -> tuple[tuple[Turn, ...], tuple[Transfer, ...], dict[str, int]]:
    turns: list[Turn] = []
    transfers: list[Transfer] = []
    within = dict.fromkeys(units, 0)
    for start, end, name in sorted((start, end, name) for name, spans in units.items() for start, end in spans):
        holder = turns[-1] if turns else None
        if holder is None:
            turns.append(Turn(name, start, end))
        elif holder.speaker == name:
            turns[-1] = Turn(name, holder.start, max(holder.end, end), (*holder.pauses, start - holder.end))
        elif end <= holder.end:
            within[name] += 1
        else:
            transfers.append(Transfer(holder.speaker, name, start - holder.end))
            turns.append(Turn(name, start, end))
    return tuple(turns), tuple(transfers), within


def _shares(units: Mapping[str, Sequence[tuple[float, float]]], duration: float, frame: float) -> tuple[float, float]:
    """Shares of frames without speech, and with the speech of more than one person."""
    if not (frame > 0 and math.isfinite(frame)):
        raise RequestError(f"frame {frame}: must be a number of seconds above 0")
    count = round(duration / frame)
    if not count:
        return math.nan, math.nan
    voices: NDArray[np.int64] = np.zeros(count + 1, dtype=np.int64)
    for spans in units.values():
        for start, end in spans:
            voices[min(round(start / frame), count)] += 1
            voices[min(round(end / frame), count)] -= 1
    voices = np.cumsum(voices)[:count]
    return float((voices == 0).mean()), float((voices > 1).mean())


def _share(which: Sequence[bool]) -> float:
    return float(np.mean(which)) if which else math.nan
