"""What is wrong with a data set or a split of it, before a figure is made: leaks, repeats, missing files, balance.

>>> from mien.research.samples import Data, Sample
>>> from mien.affect.space import space
>>> rows = tuple(Sample(f"s{i}", f"g{i // 2}", {}, i % 3) for i in range(12))
>>> found = audit(Data("made", space("sentiment3"), "class", rows, {"train": tuple(range(9)), "test": (9, 10, 11)}))
>>> [(one.code, one.weight) for one in found.findings if one.weight == "refuse"]
[('shared-groups', 'refuse')]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from mien.errors import DataError, RequestError
from mien.research.datasets import audit_inputs, audit_people, audit_repeats
from mien.research.datasets.finding import Finding, Parts
from mien.research.samples import Data, Split

__all__ = ["CODES", "Audit", "Finding", "audit"]

CODES = {
    "shared-groups": "a group (speaker, dialogue, video) in two parts",
    "shared-people": "a speaker in two parts",
    "fitted-features": "parts to select or report on whose labels the features were fitted on",
    "repeated-texts": "equal or nearly equal texts in two parts",
    "repeated-features": "equal or nearly equal features in two parts",
    "repeated-files": "one recording in two parts",
    "overlapping-windows": "windows that share signal",
    "constant-inputs": "inputs that never change inside a group: they tell who, not what",
    "labels-in-words": "texts that name their own label",
    "labels-in-features": "features that are a function of the label",
    "missing-files": "recordings that are not on disk",
    "zeros": "features of zeros alone, where a modality is probably absent",
    "missing-modality": "samples without a modality that others have",
    "balance": "classes by part",
    "notes": "what the adapter said of this copy",
}
"""Every code a finding can have, and what it is about."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, gravest first. allowed: codes that were asked for by name and so do not refuse."""

    data: str
    findings: tuple[Finding, ...]
    allowed: frozenset[str] = frozenset()

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Findings that stand against any figure from this split."""
        return tuple(one for one in self.findings if one.weight == "refuse" and one.code not in self.allowed)

    def require(self) -> None:
        """DataError with the first refusal; the code is what `allow` takes."""
        if self.refused:
            first = self.refused[0]
            raise DataError(self.data, None, f"{first.text} [{first.code}]; allow it by name to go on all the same")


def audit(
    data: Data, split: Split | Parts | None = None, *, allow: Iterable[str] = (), files: bool = True
) -> Audit:  # fmt: skip
    """Every check that the data allows.

    split: the parts that are meant (None: the owners'); allow: codes of `CODES` that shall not refuse; files: whether
    to look at recordings on disk (sizes, and contents of those of equal size).
    """
    wanted = frozenset(allow)
    if unknown := sorted(wanted - set(CODES)):
        raise RequestError(f"allow {', '.join(unknown)}: no such finding; there are: {', '.join(CODES)}")
    parts = _parts(data, split)
    found = chain(
        audit_people.groups(data, parts), audit_people.people(data, parts), audit_people.fitted(data, parts),
        audit_repeats.texts(data, parts), audit_repeats.features(data, parts),
        audit_repeats.recordings(data, parts) if files else (), audit_repeats.windows(data, parts),
        audit_inputs.constant(data, parts), audit_inputs.words(data), audit_inputs.columns(data),
        audit_inputs.missing(data) if files else (), audit_inputs.zeros(data), audit_inputs.absent(data),
        audit_people.balance(data, parts), audit_inputs.notes(data),
    )  # fmt: skip
    order: Sequence[str] = ("refuse", "warn", "tell")
    return Audit(data.name, tuple(sorted(found, key=lambda one: order.index(one.weight))), wanted)


def _parts(data: Data, split: Split | Parts | None) -> Parts:
    if split is None:
        return dict(data.parts)
    if isinstance(split, Mapping):
        return dict(split)
    return {name: rows for name, rows in (("train", split.train), ("valid", split.valid), ("test", split.test)) if rows}
