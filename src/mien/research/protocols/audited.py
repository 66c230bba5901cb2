"""The audit before a bench: what would make its numbers say more than they know refuses it, unless allowed by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mien.errors import DataError, RequestError
from mien.research.datasets.audit import CODES, audit
from mien.research.protocols.plan import Trial
from mien.research.samples import Data

BALANCE = "balance"
"""The audit's own code for a class that a later part has and training lacks; here it is looked for in every fold."""


def audited(data: Data, trials: Sequence[Trial], allow: Sequence[str] = ()) -> list[str]:
    """Warnings, and refusals that were allowed, for the result file; DataError where a refusal stands.

    Folds whose tests are disjoint are looked at together, each as a part of its own: what repeats between two of them
    is in training when the other is tested.
    """
    if unknown := [name for name in allow if name not in CODES]:
        raise RequestError(f"--allow {unknown[0]!r}; allowed: {', '.join(CODES)}")
    told: list[str] = []
    for parts in _cuts(data, trials):
        found = audit(data, parts, allow=allow)
        if found.refused:
            why = "; ".join(f"{one.text} [{one.code}]" for one in found.refused)
            named = " ".join(f"--allow {code}" for code in dict.fromkeys(one.code for one in found.refused))
            raise DataError(data.name, None, f"the audit refuses: {why}; go on with {named}")
        told += [f"{one.text} [{one.code}]" for one in found.findings if one.weight != "tell"]
    for trial in trials:
        for sentence in _untrained(data, trial):
            if BALANCE not in allow:
                raise DataError(data.name, None, f"the audit refuses: {sentence}; go on with --allow {BALANCE}")
            told.append(sentence)
    return list(dict.fromkeys(told))


def _cuts(data: Data, trials: Sequence[Trial]) -> Iterator[Mapping[str, tuple[int, ...]]]:
    """Named parts to look at: of each trial, or of all folds at once."""
    tests = [trial.split.test for trial in trials]
    if len(trials) > 1 and sum(map(len, tests)) == len({row for rows in tests for row in rows}):
        held = {row for rows in tests for row in rows}
        rest = tuple(row for trial in trials[:1] for row in (*trial.train, *trial.valid) if row not in held)
        folds = {trial.fold: rows for trial, rows in zip(trials, tests, strict=True)}
        yield {"train": rest, **folds} if rest else folds
        return
    for trial in trials:
        parts = {"train": trial.train, "valid": trial.valid, "test": trial.split.test}
        yield {name: rows for name, rows in parts.items() if rows}


def _untrained(data: Data, trial: Trial) -> Iterator[str]:
    """Classes of the test part that the training part lacks."""
    if data.task == "class":
        known = {int(data.samples[row].target) for row in trial.train}
        if lacking := sorted({int(data.samples[row].target) for row in trial.split.test} - known):
            names = ", ".join(data.space.labels[one] for one in lacking)
            yield f"{trial.fold}: tested but never trained on: {names} [{BALANCE}]"
