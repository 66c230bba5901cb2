"""Statements checked by people: kept where most agree with the label, turned where hardly anyone does, else dropped.

Refinement of the INSETS pipeline (arXiv 2509.21950): five raters; at least four agree: kept; at most one: the label is
reversed; else dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mien.errors import DataError, RequestError
from mien.files import write_atomic
from mien.scoring.columns import pick
from mien.scoring.held import held_rows
from mien.scoring.mvei_items import STATEMENT_ID, Judgment, read_judgments

RATER = ("rater", "annotator", "person", "worker")
AGREES = ("agree", "agrees", "vote", "answer", "label")
_SAID = {
    **dict.fromkeys(("1", "true", "yes", "agree", "agrees"), True),
    **dict.fromkeys(("0", "false", "no", "disagree", "disagrees"), False),
}


@dataclass(frozen=True, slots=True)
class Refined:
    """What is left of a set. items: kept and turned statements; turned, dropped, unrated: ids.

    accuracy: share of the statements with a clear vote whose label was right, by label and "overall" (NaN: none).
    """

    items: tuple[Judgment, ...]
    turned: tuple[str, ...]
    dropped: tuple[str, ...]
    unrated: tuple[str, ...]
    accuracy: Mapping[str, float]

    def to_json(self) -> str:
        """What is left as an MVEI file, one item an image; equal sets give equal bytes."""
        listed: dict[str, list[dict[str, str]]] = {}
        for one in self.items:
            entry = {"id": one.id, "statement": one.statement, "label": one.label, "class": one.family}
            listed.setdefault(one.image, []).append({**entry, "subclass": one.subclass})
        items = [{"image_id": image, "statement_list": entries} for image, entries in listed.items()]
        return json.dumps(items, ensure_ascii=False, indent=1) + "\n"

    def __str__(self) -> str:
        kept = len(self.items) - len(self.turned)
        counts = (kept, "kept"), (len(self.turned), "turned"), (len(self.dropped), "dropped")
        told = [f"{count} {fate}" for count, fate in (*counts, (len(self.unrated), "with too few votes"))]
        lines = [", ".join(told)]
        lines += [f"label right: {name} {value:.3f}" for name, value in self.accuracy.items()]
        return "\n".join(lines)


def refine(items: Sequence[Judgment], votes: Mapping[str, Sequence[bool]], *, raters: int = 5) -> Refined:
    """Keep, turn or drop each statement by its votes.

    votes: id -> whether each rater agrees with the label; raters: votes a statement needs; with more of them the
    bounds are the same shares (four fifths, one fifth). Statements with fewer votes are left out as unrated.
    """
    if raters < 1:
        raise RequestError(f"raters is {raters}; at least 1 is needed")
    kept: list[Judgment] = []
    ids: dict[str, list[str]] = {"keep": [], "turn": [], "drop": [], "unrated": []}
    right: dict[str, list[bool]] = {"correct": [], "incorrect": []}
    for item in items:
        fate = _fate(votes.get(item.id, ()), raters)
        ids[fate].append(item.id)
        if fate in ("keep", "turn"):
            right[item.label].append(fate == "keep")
            other = "incorrect" if item.label == "correct" else "correct"
            kept.append(item if fate == "keep" else replace(item, label=other))
    both = {**right, "overall": [*right["correct"], *right["incorrect"]]}
    accuracy = {name: sum(held) / len(held) if held else float("nan") for name, held in both.items()}
    return Refined(tuple(kept), tuple(ids["turn"]), tuple(ids["drop"]), tuple(ids["unrated"]), accuracy)


def refine_file(path: Path, votes: Path, out: Path | None = None, *, raters: int = 5) -> Refined:
    """Refine the set in a file by the votes in another, written to `out` where one is named; errors of both readers."""
    items = read_judgments(held_rows(path), path, labelled=True)
    found = read_votes(votes)
    if not found.keys() & {item.id for item in items}:
        raise DataError(
            votes, None, f"none of its ids (first: {next(iter(found))!r}) is in {path} (first: {items[0].id!r})"
        )
    refined = refine(items, found, raters=raters)
    if out is not None:
        write_atomic(out, refined.to_json())
    return refined


def read_votes(path: Path) -> dict[str, list[bool]]:
    """id -> votes, from rows of id, rater and agree (yes/no, true/false, 1/0).

    Raises DataError naming the row: a missing column, another word, a rater who votes twice on one statement.
    """
    votes: dict[str, list[bool]] = {}
    seen: set[tuple[str, str]] = set()
    for number, row in held_rows(path):
        key = str(pick(row, STATEMENT_ID, what="id", path=path, number=number)).strip()
        said = str(pick(row, AGREES, what="vote", path=path, number=number)).strip().lower()
        rater = str(pick(row, RATER, default=number)).strip()
        if said not in _SAID:
            raise DataError(path, number, f"the vote is {said!r}; allowed: {', '.join(_SAID)}")
        if (key, rater) in seen:
            raise DataError(path, number, f"the rater {rater!r} votes twice on {key!r}")
        seen.add((key, rater))
        votes.setdefault(key, []).append(_SAID[said])
    return votes


def _fate(votes: Sequence[bool], raters: int) -> str:
    if len(votes) < raters:
        return "unrated"
    agree = sum(votes)
    if 5 * agree >= 4 * len(votes):
        return "keep"
    return "turn" if 5 * agree <= len(votes) else "drop"
