"""What the offline rule says beside a judge, on the same samples: measured in every judged run, told in its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mien.scoring.agree import Concord, groups_agree, labels_agree, numbers_agree, words_agree
from mien.scoring.answers import lexicon_extract
from mien.scoring.judge import Failure, Judge
from mien.scoring.native import own_steps
from mien.scoring.polarity import offline
from mien.scoring.replyread import read_rating
from mien.scoring.setlevel import wheel_groups
from mien.scoring.steps import Labels
from mien.scoring.wheels import LEVEL1, tables

GROUPING = LEVEL1[1]
"""The wheel whose inner ring stands for "the same meaning": nearest of all to the released groups of EMER."""


def beside(judge: Judge, role: str, said: Sequence[Any], rule: Sequence[Any]) -> None:
    """Remember what the judge and the rule gave for the same samples (None or a Failure: the judge gave nothing)."""
    pairs = [(None if isinstance(one, Failure) else one, two) for one, two in zip(said, rule, strict=True)]
    judge.tally.beside.setdefault(role, []).extend(pairs)


def extract_rule(answers: Sequence[str]) -> Sequence[Labels]:
    """Labels by the lexicon."""
    return lexicon_extract(answers)


def group_rule(samples: Sequence[Labels]) -> Sequence[Sequence[Labels] | None]:
    """Groups by the inner ring of one wheel."""
    return wheel_groups(GROUPING)(samples)


def polarity_rule(samples: Sequence[Labels]) -> Sequence[str | None]:
    """The sign of most words."""
    return offline(samples)


def rate_rule(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Overlap from 1 to 10 without a judge: 1 + 9 x the share of wheel groups that both texts name.

    Labels are read by the lexicon; two texts without any label have nothing in common. It sees emotions only, so it is
    a stand-in for the overlap of labels and a poor one for that of clues.
    """
    read = [lexicon_extract(side) for side in zip(*pairs, strict=True)] if pairs else [[], []]
    ratings = []
    for first, second in zip(*read, strict=True):
        one, two = ({_group(label) for label in labels} for labels in (first, second))
        ratings.append(1.0 + 9.0 * (len(one & two) / len(one | two) if one | two else 0.0))
    return ratings


def concords(judge: Judge) -> list[Concord]:
    """Agreement of rule and judge, one a role; the judge's answers count as the truth."""
    found = []
    for role, pairs in judge.tally.beside.items():
        said, rule = [one for one, _ in pairs], [two for _, two in pairs]
        if role == "extract":
            found.append(labels_agree(said, rule, group=_group))
        elif role == "group":
            found.append(groups_agree(said, rule))
        elif role == "polarity":
            found.append(words_agree(said, rule))
        elif role == "split":
            counts = [None if one is None else len(one) for one in said]
            found.append(numbers_agree(counts, [len(own_steps(text)) for text in rule], step="number of steps"))
        elif role.startswith("rate"):
            ratings = [None if one is None else read_rating(one) for one in said]
            found.append(numbers_agree(ratings, rule, step=role.replace("-", " ")))
    return [one for one in found if one.n]


def _group(label: str) -> str:
    return tables().group(label, GROUPING) or label.lower().strip()
