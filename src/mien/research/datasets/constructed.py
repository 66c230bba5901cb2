"""CONSTRUCTED items: a real voice, a real face and a real text of one label that never belonged together.

What: for want of labelled recordings with all three, each item joins a voice, a face and a line of words that carry one
    label in their own data sets. People do not show one label as purely in all three: figures on such items are higher
    than on recordings, tell of fusion alone, and are never set beside published ones. The name begins with
    "constructed", every table says so. With label=compound the voice and the face show the two basic emotions of a
    compound, each as often the one as the other, and the text (where asked for) one of them. With conflict above 0 one
    modality of that share of items shows another label; the target stays that of the others.
Who: put together by Mien from data sets of others.
Licence: those of the data sets it is made of, together.
Get: the data sets by their own adapters (`mien data describe ravdess`, ferplus, goemotions).
On disk: a folder that holds them; audio, face and text name them from there (absolute paths are taken too).
Labels: basic7, those that all sources have; or cexpr7 (label=compound). `labels` of an item tell what each modality
    shows, where that is in the same space.
Groups: the speaker of the voice. Parts: train, valid, test; speakers, faces and texts of one part are in no other: the
    owners' parts, or whole groups cut 60/20/20 where they made fewer than three. Each voice is used once (or `repeat`
    times); faces and texts come again only when all of their label were used, which the notes count.
Options: audio, face, text: NAME:PATH or NAME:PATH@PART (one part of it, cut anew), several with commas, "" for
    none; label: "basic" or "compound"; labels: basic emotions to keep (none named: all that are there); conflict: share
    from 0 to 1; where: "test" (conflicts in test alone) or "all"; repeat: items made with each voice; seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.affect.compound import PAIRS
from mien.affect.mapping import alias
from mien.affect.space import space
from mien.errors import RequestError
from mien.research.datasets.pairing import BASIC, PARTS, Deck, Piece, common, decks, pieces
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("(never recognised: made of other data sets)",)
MARK = "constructed"
TOLD = "CONSTRUCTED items: voices, faces and texts that never belonged together; set no published figure beside them"
_COMPOUNDS = space("cexpr7")


def read(
    path: Path, *, audio: tuple[str, ...] = ("ravdess:ravdess",), face: tuple[str, ...] = ("ferplus:ferplus.parquet",),
    text: tuple[str, ...] = ("goemotions:goemotions",), label: str = "basic", labels: tuple[str, ...] = (),
    conflict: float = 0.0, where: str = "test", repeat: int = 1, seed: int = 0,
) -> Data:  # fmt: skip
    """Constructed items of the sources below `path`; see the module's text."""
    sources = {name: given for name, given in (("audio", audio), ("face", face), ("text", text)) if given}
    _ask(sources, label, conflict, where, repeat)
    held = {name: pieces(path, given, name, seed) for name, given in sources.items()}
    kept = _kept(common(held), labels)
    build = _compounds if label == "compound" else _basics
    samples, parts, notes = list[Sample](), dict[str, tuple[int, ...]](), [TOLD]
    for number, part in enumerate(PARTS):
        rng = np.random.default_rng([seed, number])
        drawn = {name: decks(held[name], part, name, kept, rng) for name in sources}
        share = conflict if where == "all" or part == "test" else 0.0
        voices = [one for one in held["audio"][part] if one.label in kept] * repeat
        start = len(samples)
        made = build(voices, drawn, share, rng)
        samples += [_item(f"{part}_{start + at:05d}", *one) for at, one in enumerate(made)]
        parts[part] = tuple(range(start, len(samples)))
        notes += list(_again(part, drawn))
    named = "+".join(dict.fromkeys(text_.partition(":")[0] for given in sources.values() for text_ in given))
    kinds = [MARK, *(["compound"] if label == "compound" else []), *(["conflict"] if conflict else []), named]
    goal = _COMPOUNDS if label == "compound" else BASIC
    return valid(Data("-".join(kinds), goal, "class", tuple(samples), parts, notes=tuple(notes)))


Made = tuple[int, Mapping[str, Piece], Mapping[str, int]]
"""Target, the piece of each modality, and the label of each in the space of the target ({} where it is another)."""


def _basics(
    voices: Sequence[Piece], drawn: Mapping[str, Mapping[int, Deck]], share: float, rng: np.random.Generator
) -> Iterator[Made]:
    """One item a voice; in a share of them one modality (each as often) shows another label."""
    names = list(drawn)
    twisted = set(rng.permutation(len(voices))[: round(share * len(voices))].tolist())
    for at, voice in enumerate(voices):
        others = [one for one in drawn["audio"] if one != voice.label]
        odd = names[int(rng.integers(len(names)))] if at in twisted else ""
        target = int(rng.choice(others)) if odd == "audio" else voice.label
        wrong = int(rng.choice(others)) if odd and odd != "audio" else voice.label
        shown = {name: wrong if name == odd else target for name in names} | {"audio": voice.label}
        found = {name: drawn[name][shown[name]].next() for name in names if name != "audio"}
        yield target, {"audio": voice, **found}, shown


def _compounds(
    voices: Sequence[Piece], drawn: Mapping[str, Mapping[int, Deck]], share: float, rng: np.random.Generator
) -> Iterator[Made]:
    """One item a voice whose label is in a compound: the face shows the other basic emotion of it."""
    there = [tuple(BASIC.labels.index(alias(name)) for name in pair) for pair in PAIRS]
    there = [pair if all(one in drawn["audio"] for one in pair) else (-1, -1) for pair in there]
    for voice in voices:
        fit = [place for place, pair in enumerate(there) if voice.label in pair]
        if fit:
            target = int(rng.choice(fit))
            other = sum(there[target]) - voice.label
            shown = {"face": other, "text": int(rng.choice(there[target]))}
            yield target, {"audio": voice} | {n: drawn[n][shown[n]].next() for n in drawn if n != "audio"}, {}


def _item(name: str, target: int, found: Mapping[str, Piece], shown: Mapping[str, int]) -> Sample:
    voice = found["audio"]
    who = f"{voice.source}:{voice.sample.group}"
    clips = {modality: one.sample.clips[modality] for modality, one in found.items() if modality != "text"}
    words = found["text"].sample.words if "text" in found else ""
    return Sample(name, who, {}, target, words=words, speaker=who, clips=clips, labels=dict(shown))


def _kept(there: tuple[int, ...], wanted: tuple[str, ...]) -> tuple[int, ...]:
    asked = [alias(name) for name in wanted] or [BASIC.labels[place] for place in there]
    if lacking := [name for name in asked if name not in BASIC.labels or BASIC.labels.index(name) not in there]:
        names = ", ".join(BASIC.labels[place] for place in there)
        raise RequestError(f"labels {', '.join(lacking)}: not in every source and part; there are: {names}")
    if len(set(asked)) < 2:
        raise RequestError(f"two labels at least must be in every source and part; there are: {', '.join(asked)}")
    return tuple(sorted({BASIC.labels.index(name) for name in asked}))


def _again(part: str, drawn: Mapping[str, Mapping[int, Deck]]) -> Iterator[str]:
    """How often pieces had to come again, by modality: the worst label."""
    for name, held in drawn.items():
        if name != "audio":
            worst = max(held, key=lambda one: held[one].dealt / len(held[one].pieces))
            deck = held[worst]
            if deck.dealt > len(deck.pieces):
                there, times = len(deck.pieces), deck.dealt / len(deck.pieces)
                yield f"{part}: {there} {name} pieces of {BASIC.labels[worst]}, each used about {times:.1f} times"


def _ask(sources: Mapping[str, tuple[str, ...]], label: str, conflict: float, where: str, repeat: int) -> None:
    if "audio" not in sources or len(sources) < 2:
        raise RequestError("constructed items need audio and face or text; audio=NAME:PATH&face=NAME:PATH")
    if label not in ("basic", "compound") or where not in ("test", "all") or not 0 <= conflict <= 1 or repeat < 1:
        raise RequestError(
            f"label {label!r}, where {where!r}, conflict {conflict:g}, repeat {repeat}; allowed: basic, compound; "
            "test, all; 0 to 1; 1 and more"
        )
    if label == "compound" and (conflict or "face" not in sources):
        raise RequestError("label=compound needs a face, and takes no conflict: voice and face differ in every item")
