"""What guests (trained systems from outside the package) say beside the answer, in words."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mien.affect.distribution import Distribution
from mien.analysis.report.stamp import percent
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Evidence, Guest


def guest_of(analysis: Analysis, item: Evidence) -> Guest:
    """Whose evidence it is."""
    return next(guest for guest in analysis.guests if guest.model == item.model)


def names(analysis: Analysis) -> dict[str, str]:
    """Model of each guest -> what it is called in a table: its system, its model where two are of one system."""
    count = Counter(guest.system for guest in analysis.guests)
    return {guest.model: guest.system if count[guest.system] == 1 else guest.model for guest in analysis.guests}


def answer(item: Evidence) -> str:
    """ "anger 62 %", the labels above one half, the numbers of a dimensional answer, or why there is none."""
    if item.distribution is None:
        return item.insufficient or "no answer"
    return _told(item.distribution)


def account(analysis: Analysis) -> list[str]:
    """For each guest one sentence on what it said over the recording, and what it is."""
    lines = []
    for guest in analysis.guests:
        given = [item.distribution for affect in analysis.affects for item in affect.beside
                 if item.model == guest.model and item.distribution is not None]  # fmt: skip
        said = f"said {_summed(given)}" if given else "had nothing to read"
        lacks = f", without the {' and '.join(guest.lacks)} it was trained with" if guest.lacks else ""
        lines.append(f"Beside the answer, {guest.system} (trained on {guest.data}{lacks}) {said}: {guest.caution}.")
    return lines


def _told(given: Distribution) -> str:
    if given.space.kind == "dimensional":
        return ", ".join(f"{label} {value:+.2f}" for label, value in given.as_dict().items())
    if given.space.exclusive:
        return f"{given.top} {percent(float(given.values.max()))}"
    over = [f"{label} {percent(value)}" for label, value in given.as_dict().items() if value > 0.5]
    return ", ".join(over) or f"none above one half, {given.top} {percent(float(given.values.max()))} the highest"


def _summed(given: list[Distribution]) -> str:
    if given[0].space.kind == "dimensional":
        return _told(Distribution(given[0].space, np.mean([one.values for one in given], axis=0))) + " on average"
    if len(given) == 1:
        return _told(given[0])
    counts = Counter(one.top for one in given)
    parts = [f"{label} in {count}" for label, count in counts.most_common(3)]
    if rest := len(given) - sum(count for _, count in counts.most_common(3)):
        parts.append(f"others in {rest}")
    return ", ".join(parts) + f" of {len(given)} moments"
