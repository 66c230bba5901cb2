"""A trained system as one more sense of `mien analyze`: a recording goes through the encoders of its training.

It hears what the speech sense hears of a span (up to four seconds around it in the same voice turn), reads the span's
lines, and sees its faces: as a sequence where it was trained on those, else one by one, and the answers are averaged.
What a span lacks is absent, not zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.affect.mapping import MAX_LOST, Mapping, goals, mapping
from mien.affect.space import SPACES, Space
from mien.affect.way import relabelled
from mien.analysis.media.sound import RATE, trim_edges
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Cue, Evidence, Guest
from mien.analysis.senses.face import WINDOW
from mien.analysis.senses.lines import Lines
from mien.analysis.senses.listening import Part, cut, parts_to_hear
from mien.analysis.senses.speech import SHORTEST
from mien.errors import InputError, RequestError
from mien.research.encoders import Encoder, Rows
from mien.research.encoders.encode import pooled
from mien.research.encoders.recorded import rebuild
from mien.research.samples import Array, Sample, in_order

if TYPE_CHECKING:
    from mien.research.systems.pretrained import Trained
    from mien.research.training.checkpoint import Folder

TAKES = {"audio": ("sound",), "face": ("picture", "frames"), "text": ("words",)}
"""Modality -> the material that a recording gives of it; a face is grey, as one frame its three colours are equal."""
TURNS = 100
"""Spans that a dialogue system reads as one dialogue."""
CAUTION = (
    "a research system: how often it is right on recordings like this was not measured by Mien, its probabilities are "
    "not calibrated, and it takes no part in the answer"
)
LOOKS = 8
"""Faces of a span that a system of single pictures answers; a dialogue system sees the best one alone."""
_BATCH = 16
_BASIC = "basic7"


@dataclass(frozen=True, slots=True)
class _Item:
    """What a span holds for the system: features by modality (more than once where single faces are answered one by
    one), what was read in words, why nothing was."""

    span: Span
    looks: tuple[dict[str, Array], ...]
    cues: tuple[Cue, ...] = ()
    why: str | None = None


@cache
def guests(folder: str) -> tuple[SystemSense]:
    """The sense of the system in that folder, loaded once a process."""
    return (SystemSense(folder),)


class SystemSense:
    """A `GuestSense` made of a folder that `mien train` wrote; needs the extra `train`.

    InputError where the folder holds no trained system, one of another version, or one whose features no recording
    gives (they came with its data).
    """

    def __init__(self, path: Path | str) -> None:
        from mien.research.systems.pretrained import from_pretrained

        self._trained = from_pretrained(path)
        self._encoders = _encoders(self._trained, path)
        self._pool = str(self._trained.folder.run.get("pool", "none"))
        self.guest = _guest(self._trained, self._encoders, _digest(Path(path)))

    @property
    def modalities(self) -> frozenset[str]:
        """Those of its training that a recording gives."""
        return frozenset(self._encoders)

    @property
    def space(self) -> Space:
        """That of its training data."""
        return self._trained.folder.space

    @property
    def model(self) -> str:
        """Name of the system and the first digits of the hash of its configuration and weights."""
        return self.guest.model

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """Evidence for each span that has any of its modalities, in the order of the spans."""
        size = TURNS if self._trained.method.inputs == "dialogue" else _BATCH
        held: list[_Item] = []
        for item in self._items(moments, spans):
            held.append(item)
            if len(held) == size:
                yield from self._answers(held)
                held = []
        yield from self._answers(held)

    def _items(self, moments: Moments, spans: Sequence[Span]) -> Iterator[_Item]:
        """What each span holds, in the order of the spans; the sound is read once and only a few spans are held."""
        lines = Lines(moments.transcript)
        heard: Iterator[tuple[list[Rows], float]] = iter(())
        if "audio" in self._encoders:
            heard = _heard(moments, spans, self._encoders["audio"].read)
        for span in spans:
            features: dict[str, Array] = {}
            cues: list[Cue] = []
            why = None
            if "audio" in self._encoders:
                rows, seconds = next(heard)
                if rows:
                    features["audio"] = np.concatenate(rows)
                    cues.append(Cue("heard", round(seconds, 2), "s", f"{seconds:.1f} s of voice"))
                elif seconds:
                    why = f"too short: {seconds:.1f} s of speech, {SHORTEST:g} s needed"
            text = " ".join(line.text.strip() for line in lines.of(span)) if "text" in self._encoders else ""
            if text.strip() and len(read := self._encoders["text"].read(text)):
                features["text"] = read
                cues.append(Cue("read", len(text.split()), "words", f"{len(text.split())} words"))
            faces = self._faces(moments, span) if "face" in self._encoders else ()
            if faces:
                count = sum(map(len, faces))
                cues.append(Cue("seen", count, "faces", f"{count} picture{'s' if count > 1 else ''} of the face"))
            every = [features | {"face": rows} for rows in faces] or [features]
            looks = [{name: pooled(rows, self._pool) for name, rows in one.items()} for one in every if one]
            yield _Item(span, tuple(looks), tuple(cues), None if looks else why)

    def _faces(self, moments: Moments, span: Span) -> Sequence[Rows]:
        """Features of the span's faces: all as one sequence, or one by one, as training had them."""
        found = moments.faces(span)
        if found is None:
            return ()
        longest = self._trained.folder.shape.longest.get("face", 1) if self._pool == "none" else _BATCH
        if longest == 1 and self._trained.method.inputs == "dialogue":
            chosen = [int(np.argmax(found.quality))]
        else:
            most = min(LOOKS if longest == 1 else longest, len(found))
            chosen = np.unique(np.linspace(0, len(found) - 1, most).round().astype(int)).tolist()
        one = self._encoders["face"]
        grey = [np.ascontiguousarray(found.images[at][WINDOW]) for at in chosen]
        rows = [one.read(face if one.takes == "picture" else np.repeat(face[None, ..., None], 3, 3)) for face in grey]
        return rows if longest == 1 else [np.concatenate(rows)]

    def _answers(self, items: Sequence[_Item]) -> Iterator[Evidence]:
        from mien.research.training.answering import answer

        told = [(item, look) for item in items for look in item.looks]
        samples = [
            Sample(f"{place}", "recording", look, 0, speaker=item.span.person or "", place=item.span.start)
            for place, (item, look) in enumerate(told)
        ]
        values = answer(self._trained.method, samples, batch=_BATCH) if samples else np.zeros((0, 0))
        first = 0
        for item in items:
            last = first + len(item.looks)
            if item.looks:
                yield self._evidence(item, values[first:last].mean(axis=0))
            elif item.why:
                yield Evidence(_joined(self.modalities), item.span, None, 0.0, self.model, insufficient=item.why)
            first = last

    def _evidence(self, item: _Item, values: NDArray[np.float64]) -> Evidence:
        which = _joined(item.looks[0])
        if not np.isfinite(values).all():
            why = "the system answered with numbers that are not finite; train it again"
            return Evidence(which, item.span, None, 0.0, self.model, cues=item.cues, insufficient=why)
        space = self.space
        if space.kind == "dimensional":
            values = values.clip(space.low, space.high)
        given = Distribution(space, values)
        return Evidence(
            which, item.span, given, 0.0, self.model, _in_basic(given), _dimensions(given), item.cues
        )  # fmt: skip


def _heard(
    moments: Moments, spans: Sequence[Span], read: Callable[[Array], Rows]
) -> Iterator[tuple[list[Rows], float]]:
    """Of each span in order: features of its parts that are long enough, and seconds of speech in all its parts."""
    wanted = [parts_to_hear(moments, span) for span in spans]
    last = {part: at for at, parts in enumerate(wanted) for part in parts}
    order = sorted(last)
    ready: dict[Part, tuple[Rows | None, float]] = {}
    stream = cut(moments.recording.audio(RATE), order)
    for at, parts in enumerate(wanted):
        while any(part not in ready for part in parts):
            index, wave = next(stream)
            seconds = len(trim_edges(wave)) / RATE
            rows = read(wave) if seconds >= SHORTEST else None
            ready[order[index]] = (rows if rows is not None and len(rows) else None, seconds)
        yield [rows for part in parts if (rows := ready[part][0]) is not None], sum(ready[part][1] for part in parts)
        for part in parts:
            if last[part] == at:
                del ready[part]


def _encoders(trained: Trained, path: Path | str) -> dict[str, Encoder]:
    """Modality -> encoder of what a recording gives; InputError where that is nothing, or not what the system needs."""
    from mien.research.systems import system

    folder, at = trained.folder, Path(path) / "config.json"
    try:
        made = rebuild(folder.run.get("encoders", ()))
    except (KeyError, TypeError):
        raise InputError(at, "", "does not say how its features were made; train again") from None
    except RequestError as error:
        raise InputError(at, "", str(error)) from None
    there = {name: one for name, one in made.items() if name in folder.shape.widths}
    usable = {name: one for name, one in there.items() if one.takes in TAKES.get(name, ())}
    lacks = [f"{name} ({folder.shape.widths[name]} wide)" for name in folder.shape.widths if name not in usable]
    needs = [name for name in system(folder.system).needs if name not in usable]
    if not usable or needs:
        raise InputError(
            at, "",
            f"reads features that no recording gives, they came with {folder.run.get('data') or 'its data'}: "
            f"{', '.join(lacks)}; train {folder.system} on raw clips "
            "(mien train ... --encode audio=mel) to use it here, or answer such features with `mien predict`",
        )  # fmt: skip
    return usable


def _guest(trained: Trained, encoders: dict[str, Encoder], digest: str) -> Guest:
    from mien.research.systems import system

    folder, card = trained.folder, system(trained.folder.system)
    run = folder.run
    pool = f", pooled: {run['pool']}" if run.get("pool", "none") != "none" else ""
    reads = [f"{name}: {one.name} {one.version}{_options(one)}{pool}" for name, one in encoders.items()]
    return Guest(
        f"{card.name}-{digest[:8]}", card.name, card.title, card.nearness, _trained_on(folder), tuple(reads),
        tuple(name for name in in_order(folder.shape.widths) if name not in encoders), folder.space.name,
        _mapped(folder.space), str(run.get("licence") or "not stated; those of the training data"), CAUTION,
    )  # fmt: skip


def _options(one: Encoder) -> str:
    return "".join(f", {name}={value}" for name, value in one.settings.items())


def _trained_on(folder: Folder) -> str:
    name, count, seed = (folder.run.get(key) for key in ("data", "samples", "seed"))
    return f"{name or 'data without a name'}{f', {count} samples, seed {seed}' if count else ''}"


def _way(space: Space) -> Mapping | None:
    """How answers in this space are told in basic7: a known space's way, or by equal names; None where they are not."""
    goal = SPACES[_BASIC]
    known = next((one for one in SPACES.values() if one == replace(space, name=one.name, source=one.source)), None)
    if known is None:
        return relabelled(space, goal)
    return mapping(known, goal) if known != goal and _BASIC in goals(known) else None


def _mapped(space: Space) -> str:
    way = _way(space)
    return "" if way is None else f"{way.id}; loses {way.loses}"


def _in_basic(given: Distribution) -> tuple[Distribution, ...]:
    """The answer in basic7 where there is a way and no more than a fifth of it gets lost."""
    way = _way(given.space)
    if way is None or (way.dropped and float(way.lost(given.values)) > MAX_LOST):
        return ()
    return (Distribution(SPACES[_BASIC], way.apply(given.values), (way.id,)),)


def _dimensions(given: Distribution) -> Dimensions | None:
    """Valence, arousal and dominance on [-1, 1], where these are what the system answers."""
    space = given.space
    if space.kind != "dimensional" or not {"valence", "arousal"} & set(space.labels):
        return None
    found = {}
    for label, value in given.as_dict().items():
        share = 2 * (value - space.low) / (space.high - space.low) - 1
        found[label] = -share if label in space.reversed else share
    point = (found.get("valence"), found.get("arousal"), found.get("dominance"))
    return Dimensions(*point, source_range=(space.low, space.high))


def _joined(names: frozenset[str] | dict[str, Array]) -> str:
    return "+".join(in_order(names))


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    for name in ("config.json", "model.safetensors"):
        total.update((path / name).read_bytes())
    return total.hexdigest()
