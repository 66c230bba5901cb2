"""The published tables of MME-Emotion, number for number; the sound scores stand in `mme_emotion`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mien.metrics.steps import step_values
from mien.scoring.mme_replies import ReplyReader, strict

Row = dict[str, float]
MERGED = {
    "angry": "anger",
    "disgusted": "disgust",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}
"""Labels that the category rows of ER-Wild merge, in this spelling only ("Happy" keeps its own row)."""


def published_row(scores: Sequence[Sequence[float]], alpha: float = 0.5) -> Row:
    """count, and in percent recognition, reasoning, cot, besides avg_step; all 0 where nothing could be read.

    scores: the step scores of each readable reply (none is empty); alpha: weight of recognition in cot.
    """
    if not scores:
        return {"count": 0, "recognition": 0.0, "reasoning": 0.0, "cot": 0.0, "avg_step": 0.0}
    recognition, reasoning, steps = step_values(scores).mean(axis=0).tolist()
    return {
        "count": len(scores),
        "recognition": 100 * recognition,
        "reasoning": 100 * reasoning,
        "cot": 100 * (alpha * recognition + (1 - alpha) * reasoning),
        "avg_step": steps,
    }


def published_task(
    labels: Sequence[str],
    replies: Sequence[str | None],
    *,
    reader: ReplyReader = strict,
    alpha: float = 0.5,
    merge: Mapping[str, str] | None = None,
) -> tuple[Row, dict[str, Row]]:
    """The total row and the row of each reference label of one task; replies that cannot be read are left out.

    merge: reference label -> the label whose row it joins (`MERGED` in ER-Wild).
    """
    read = [(label, reader(str(reply))) for label, reply in zip(labels, replies, strict=True)]
    kept = [((merge or {}).get(label, label), found.values) for label, found in read if found and found.values]
    names = dict.fromkeys(label for label, _ in kept)
    rows = {name: published_row([values for label, values in kept if label == name], alpha) for name in names}
    return published_row([values for _, values in kept], alpha), rows


def mean_of_tasks(rows: Sequence[Row]) -> Row:
    """The plain mean over tasks of recognition, reasoning and cot; the published overall row pools entries instead."""
    return {key: sum(row[key] for row in rows) / len(rows) for key in ("recognition", "reasoning", "cot")}
