"""The published tables of MVEI and MVEI_PLUS, number for number; the sound scores stand in `mvei`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mien.scoring.mvei_items import FAMILIES
from mien.scoring.mvei_readers import Reader, official, official_plus

Row = dict[str, float]


def published_mvei(
    labels: Sequence[str], families: Sequence[str], answers: Sequence[str | None], *, reader: Reader = official
) -> dict[str, Row]:
    """Row name ("overall", each family that occurs) -> accuracy, positive_ratio, give_up_ratio in [0, 1] and total.

    Labels are folded to lower case, a missing answer abstains, an abstention is wrong and stays in every denominator;
    "overall" pools statements. No items give no rows (wdqqdw/MVEI eval/cal_metrics.py @6291992).

    >>> published_mvei(["correct"], ["scene context"], ["Not correct"])["overall"]["accuracy"]
    1.0
    """
    verdicts = [reader(answer or "")[0] for answer in answers]
    truths = [label.lower() for label in labels]
    table: dict[str, Row] = {}
    if truths:
        table["overall"] = _row(truths, verdicts)
    for family in dict.fromkeys(families):
        chosen = [place for place, name in enumerate(families) if name == family]
        table[family] = _row([truths[place] for place in chosen], [verdicts[place] for place in chosen])
    return table


def published_plus(
    labels: Sequence[str], families: Sequence[str], answers: Sequence[str | None], *, reader: Reader = official_plus
) -> Row:
    """acc_total, acc_<family> of the four families, positive_ratio and give_up_ratio in [0, 1]; 0 without items.

    Statements of another class count in the total only (wdqqdw/EmObserver evaluate/metrics_calculators/mvei.py
    @a702582).
    """
    verdicts = [reader(answer or "")[0] for answer in answers]
    truths = [label.strip().lower() for label in labels]
    whole = _row(truths, verdicts)
    table = {"acc_total": whole["accuracy"]}
    for family in FAMILIES:
        chosen = [place for place, name in enumerate(families) if name == family]
        part = _row([truths[place] for place in chosen], [verdicts[place] for place in chosen])
        table[f"acc_{family.replace(' ', '_')}"] = part["accuracy"]
    return {**table, "positive_ratio": whole["positive_ratio"], "give_up_ratio": whole["give_up_ratio"]}


def _row(truths: Sequence[str], verdicts: Sequence[str]) -> Row:
    total = len(truths)
    right = sum(true == said for true, said in zip(truths, verdicts, strict=True))
    return {
        "accuracy": right / max(total, 1),
        "positive_ratio": list(verdicts).count("correct") / max(total, 1),
        "give_up_ratio": list(verdicts).count("abstain") / max(total, 1),
        "total": total,
    }


HUMAN: Mapping[str, float] = dict(zip((*FAMILIES, "overall"), (0.923, 0.901, 0.953, 0.896, 0.916), strict=True))
"""Mean accuracy of people on a subset of MVEI (README table 3 @14d9950), to stand beside a model's."""

MAKERS = ("Qwen2-VL", "InternVL2.5", "LLaVA-NeXT", "Idefics3")
"""Families of models that wrote MVEI's statements: their own scores are circular."""
