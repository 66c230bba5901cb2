"""What the sets of single texts share: parts laid one after another, and texts that stand in two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mien.errors import RequestError
from mien.research.samples import Sample

Parts = dict[str, tuple[int, ...]]


def laid(found: Mapping[str, Sequence[Sample]], repeats: str = "keep") -> tuple[tuple[Sample, ...], Parts, list[str]]:
    """Samples of the parts in order, the indices of each part, and notes for a person.

    repeats: "drop" leaves out, of an earlier part, the texts (case and blanks aside) that stand in a later one; "keep"
    leaves them for the audit to tell. Parts without samples are told.
    """
    if repeats not in ("keep", "drop"):
        raise RequestError(f"repeats {repeats!r}: allowed: keep, drop")
    notes = [f"the {part} part is not there" for part, own in found.items() if not own]
    kept = {part: list(own) for part, own in found.items()}
    later: set[str] = set()
    for part in reversed(kept):
        if repeats == "drop":
            own = [sample for sample in kept[part] if folded(sample.words) not in later]
            if len(own) < len(kept[part]):
                gone = len(kept[part]) - len(own)
                notes.append(f"{gone} rows of {part} whose text stands in a later part are left out")
            kept[part] = own
        later |= {folded(sample.words) for sample in kept[part]}
    parts: Parts = {}
    samples: list[Sample] = []
    for part, own in kept.items():
        if own:
            parts[part] = tuple(range(len(samples), len(samples) + len(own)))
        samples += own
    return tuple(samples), parts, notes


def folded(text: str) -> str:
    """A text without case and with single blanks: equal for equal lines."""
    return " ".join(text.casefold().split())
