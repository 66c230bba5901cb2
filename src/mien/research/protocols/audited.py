"""The audit before a bench: what would make its numbers say more than they know refuses it, unless allowed by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mien.errors import DataError, RequestError
from mien.research.protocols.plan import Trial
from mien.research.samples import Data

FINDINGS = {
    "groups": "a group stands on two sides of a cut",
    "fitted": "features of test items were fitted with their labels",
    "repeats": "test items have the same content as training items",
    "classes": "a class of the test part is not in the training part",
}

FEW = 32
"""Numbers below which two items without words may well have equal features by chance (shares of a few votes)."""


def audited(data: Data, trials: Sequence[Trial], allow: Sequence[str] = ()) -> list[str]:
    """Sentences for the result file. DataError where something is found that `allow` does not name."""
    if unknown := [name for name in allow if name not in FINDINGS]:
        raise RequestError(f"--allow {unknown[0]!r}; allowed: {', '.join(FINDINGS)}")
    told = []
    for trial in trials:
        for name, why in _found(data, trial):
            sentence = f"{trial.fold}: {FINDINGS[name]}: {why}"
            if name not in allow:
                raise DataError(data.name, None, f"the audit refuses: {sentence}; go on with --allow {name}")
            told.append(sentence)
    return told


def _found(data: Data, trial: Trial) -> Iterator[tuple[str, str]]:
    parts = {"train": trial.train, "valid": trial.valid, "test": trial.split.test}
    groups = {name: {data.samples[row].group for row in rows} for name, rows in parts.items()}
    for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if shared := groups[one] & groups[other]:
            yield "groups", f"{min(shared)!r} in {one} and {other} ({len(shared)} groups)"
    if leaked := sorted(groups["test"] & data.fitted):
        yield "fitted", f"group {leaked[0]!r} ({len(leaked)} groups)"
    learned = {_content(data, row) for part in ("train", "valid") for row in parts[part]}
    again = [row for row in parts["test"] if _content(data, row) in learned]
    if again:
        yield "repeats", f"{data.samples[again[0]].id} and {len(again) - 1} more of {len(parts['test'])} test items"
    if data.task == "class":
        known = {int(data.samples[row].target) for row in trial.train}
        if lacking := sorted({int(data.samples[row].target) for row in parts["test"]} - known):
            yield "classes", ", ".join(data.space.labels[one] for one in lacking)


def _content(data: Data, row: int) -> bytes | int:
    """What tells two items apart: their words, or every byte of their features."""
    import hashlib

    sample = data.samples[row]
    if not sample.words and sum(values.size for values in sample.features.values()) < FEW:
        return row
    total = hashlib.blake2b(" ".join(sample.words.casefold().split()).encode(), digest_size=16)
    for name in sorted(sample.features):
        total.update(name.encode())
        total.update(sample.features[name].tobytes())
    return total.digest()
