"""Who is in which part, and which labels: groups, speakers, groups the features were fitted on, balance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.research.datasets.finding import Finding, Parts, few, of_parts
from mien.research.samples import Data, Sample


def groups(data: Data, parts: Parts) -> Iterator[Finding]:
    """Groups in two parts: refused."""
    shared = _shared(data, parts, lambda sample: sample.group)
    if shared:
        text = f"{len(shared)} groups are in two parts, such as {_told(shared)}"
        yield Finding("shared-groups", "refuse", text, len(shared), few(list(shared)))


def people(data: Data, parts: Parts) -> Iterator[Finding]:
    """Speakers in two parts: a warning, as some releases are made so; refused where all of a later part is shared.

    Told too where none is, and which parts share none.
    """
    shared = _shared(data, parts, lambda sample: sample.speaker)
    there = [part for part, rows in parts.items() if any(data.samples[row].speaker for row in rows)]
    if not shared:
        if len(there) > 1:
            text = f"no speaker is in two of the parts {', '.join(there)}"
            if _local(data):
                text = "speakers are named within their group alone: whether people are in two parts cannot be seen"
            yield Finding("shared-people", "tell", text)
        return
    outside = [one.speaker for part, one in of_parts(data, parts) if part != "train" and one.speaker]
    folds = "train" not in parts  # what is tested in one is trained on in the others
    known = {*shared} if folds else {one.speaker for part, one in of_parts(data, parts) if part == "train"}
    share = sum(name in known for name in outside) / max(len(outside), 1)
    pairs = {pair: [name for name, where in shared.items() if {*pair} <= {*where}] for pair in combinations(there, 2)}
    counts = [f"{one} and {other} share {len(names)}" for (one, other), names in pairs.items() if names]
    apart = [f"{one} and {other}" for (one, other), names in pairs.items() if not names]
    text = f"{len(shared)} speakers are in two parts, such as {_told(shared)}: {_listed(counts)}"
    text += f"; none: {_listed(apart)}" if apart else ""
    text += f"; {share:.0%} of the samples "
    text += "are by speakers of another fold" if folds else "outside training are by speakers of training"
    grouped = all(one.group == one.speaker for one in data.samples if one.speaker)
    yield Finding("shared-people", "refuse" if grouped or share == 1 else "warn", text, len(shared), few(list(shared)))


def fitted(data: Data, parts: Parts) -> Iterator[Finding]:
    """Samples to select or report on in groups whose labels made the features: refused."""
    hit = Counter(part for part, one in of_parts(data, parts) if part != "train" and one.group in data.fitted)
    if hit:
        told = ", ".join(f"{count} of {part}" for part, count in hit.items())
        text = f"{told} lie in groups whose labels the features were fitted on: figures there are not predictions"
        text += "; --valid 0 cuts no part from them to select on" if "valid" in hit else ""
        yield Finding("fitted-features", "refuse", text, sum(hit.values()))
    elif data.fitted:
        text = f"features were fitted on the labels of {len(data.fitted)} groups: do not select or test inside these"
        yield Finding("fitted-features", "warn", text, len(data.fitted))


def balance(data: Data, parts: Parts) -> Iterator[Finding]:
    """Labels by part; a class that is tested but never trained is refused."""
    labels = data.space.labels
    named = parts or {"all": tuple(range(len(data.samples)))}
    if data.task == "value":
        head = ("part", "n", "mean", "sd", "min", "max")
        rows = [_numbers(part, [data.samples[i].target for i in own]) for part, own in named.items()]
        yield Finding("balance", "tell", "values by part", len(data.samples), (), (head, *rows))
        return
    counts = {part: _counts(data, own) for part, own in named.items()}
    table = [("label", *named)]
    table += [(name, *(f"{int(counts[part][place])}" for part in named)) for place, name in enumerate(labels)]
    share = {part: f"{100 * own.max() / max(len(named[part]), 1):.1f} %" for part, own in counts.items()}
    table.append(("largest share", *share.values()))
    train = counts.get("train")
    for part, own in counts.items():
        if train is None or part == "train":
            continue
        never = [labels[i] for i in np.flatnonzero((own > 0) & (train == 0))]
        if never:
            yield Finding(
                "balance", "refuse", f"{part} has classes that train lacks: {', '.join(never)}", len(never), few(never)
            )
        without = [labels[i] for i in np.flatnonzero((own == 0) & (train > 0))]
        if without:
            text = f"{part} has no {', '.join(without)}: a mean over classes is not defined there"
            yield Finding("balance", "warn", text, len(without), few(without))
    yield Finding("balance", "tell", "labels by part", len(data.samples), (), tuple(table))


def _counts(data: Data, rows: tuple[int, ...]) -> NDArray[np.int64]:
    if data.task == "class":
        places = [int(np.ravel(data.samples[i].target)[0]) for i in rows]
        return np.bincount(places, minlength=len(data.space.labels)).astype(np.int64)
    chosen = [np.asarray(data.samples[i].target) > 0.5 for i in rows]
    return np.asarray(np.sum(chosen, axis=0), np.int64)


def _numbers(part: str, targets: list[Any]) -> tuple[str, ...]:
    values = np.stack([np.ravel(one) for one in targets])
    told = (values.mean(), values.std(), values.min(), values.max())
    return (part, str(len(values)), *(f"{one:.3g}" for one in told))


def _shared(data: Data, parts: Parts, name: Callable[[Sample], str]) -> dict[str, list[str]]:
    """Name -> the parts it is in, where these are two or more."""
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    for part, sample in of_parts(data, parts):
        if name(sample):
            seen[name(sample)][part] = None
    return {one: list(where) for one, where in seen.items() if len(where) > 1}


def _local(data: Data) -> bool:
    """Whether no speaker is in two groups though groups hold several, as where each dialogue numbers its own anew."""
    pairs = {(one.speaker, one.group) for one in data.samples if one.speaker}
    speakers, own = ({pair[place] for pair in pairs} for place in (0, 1))
    return len(pairs) == len(speakers) > len(own) > 1


def _listed(pairs: list[str]) -> str:
    return ", ".join(pairs[:3]) + (", ..." if len(pairs) > 3 else "")


def _told(shared: dict[str, list[str]]) -> str:
    first, where = next(iter(shared.items()))
    return f"{first!r} ({' and '.join(where)})"
