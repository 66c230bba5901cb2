"""A ScoreResult as tables: scores with interval and floors, parts of a score per class, what was read per sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mien.errors import one_line
from mien.metrics.metric import METRICS
from mien.metrics.score import Score
from mien.page.tables import Cell, render

if TYPE_CHECKING:
    from mien.scoring.result import Part, ScoreResult

Table = tuple[list[str], list[list[Cell]]]

_ANSWER = 160
_PER_CLASS = {
    **dict.fromkeys(("uar", "accuracy", "macro_recall"), "recall"),
    **dict.fromkeys(("macro_f1", "weighted_f1", "micro_f1", "multilabel_macro_f1"), "f1"),
    "macro_precision": "precision",
}


def score_table(result: ScoreResult) -> Table:
    """(header, rows): data set, metric, value, 95 % interval, n, and each floor's value of the same metric."""
    floors = list(dict.fromkeys(name for part in result.parts for name in part.floors))
    with_interval = any(score.interval for _, score, _ in lines(result))
    header = ["data set", "metric", "value", *(["95 % interval"] if with_interval else []), "n", *floors]
    rows: list[list[Cell]] = []
    last = ""
    for name, score, part in lines(result):
        interval: list[Cell] = [span(score)] if with_interval else []
        there = [floor_value(part, floor, score.metric) for floor in floors]
        rows.append([name if name != last else "", arrow(score.metric), float(score.value), *interval, score.n, *there])
        last = name
    return header, rows


def lines(result: ScoreResult) -> Iterator[tuple[str, Score, Part | None]]:
    """(name of the part, score, part) of all scores, the overall ones last."""
    for part in result.parts:
        for score in part.scores:
            yield part.name, score, part
    for score in result.overall:
        yield "overall", score, None


def floor_value(part: Part | None, floor: str, metric: str) -> float | None:
    """What a floor reaches in a metric, None where it was not computed."""
    scores = part.floors.get(floor, ()) if part is not None else ()
    return next((float(score.value) for score in scores if score.metric == metric), None)


def span(score: Score) -> str | None:
    """The interval in words: "0.412 to 0.533"."""
    return f"{score.interval[0]:.3f} to {score.interval[1]:.3f}" if score.interval else None


def arrow(metric: str) -> str:
    """A metric's id, with "↓" where lower is better."""
    return f"{metric} ↓" if metric in METRICS and METRICS[metric].better == "lower" else metric


def class_tables(result: ScoreResult) -> Iterator[tuple[str, Table]]:
    """(name of the part, (header, rows)) of each part whose scores have values per class."""
    for part in result.parts:
        split = [score for score in part.scores if score.per_class]
        labels = list(dict.fromkeys(label for score in split for label in score.per_class))
        if not labels:
            continue
        spans = len(split) <= 2 and any(score.per_class_interval for score in split)
        header = ["class"]
        for score in split:
            header += [class_name(score.metric), *(["95 % interval"] if spans else [])]
        yield part.name, (header, [[str(label), *_class_cells(split, label, spans)] for label in labels])


def class_name(metric: str) -> str:
    """What a metric's values per class are called: those of uar are recalls."""
    return _PER_CLASS.get(metric, arrow(metric))


def _class_cells(scores: Sequence[Score], label: str, spans: bool) -> Iterator[Cell]:
    for score in scores:
        value, between = score.per_class.get(label), score.per_class_interval.get(label)
        yield None if value is None else float(value)
        if spans:
            yield f"{between[0]:.3f} to {between[1]:.3f}" if between else None


def reading_table(result: ScoreResult) -> Table:
    """(header, rows): one row per sample with what was read from its answer, and why."""
    rows: list[list[Cell]] = [
        [part.name, one.id, ", ".join(one.truth), ", ".join(one.read), one.credit, "; ".join(one.why), one.answer]
        for part in result.parts
        for one in part.readings
    ]
    return ["data set", "id", "truth", "read", "credit", "why", "answer"], rows


def flat_table(result: ScoreResult) -> Table:
    """(header, rows) for spreadsheets: one row per score and per class of a score, floors as columns."""
    floors = list(dict.fromkeys(name for part in result.parts for name in part.floors))
    header = [
        "data set",
        "metric",
        "class",
        "value",
        "low",
        "high",
        "n",
        *(f"floor: {name}" for name in floors),
        "note",
    ]
    rows: list[list[Cell]] = []
    for name, score, part in lines(result):
        low, high = score.interval or (None, None)
        there = [floor_value(part, floor, score.metric) for floor in floors]
        rows.append([name, score.metric, "", float(score.value), low, high, score.n, *there, score.note])
        for label, value in score.per_class.items():
            blank: list[Cell] = [None] * (3 + len(floors))
            rows.append([name, score.metric, str(label), float(value), *blank, ""])
    return header, rows


def notes(result: ScoreResult) -> list[str]:
    """What a reader of the numbers must know, each note once: "uar, mcc: ...", with the part where it is of one."""
    metrics: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for name, score, _ in lines(result):
        if score.note:
            metrics.setdefault(score.note, []).append(score.metric)
            parts.setdefault(score.note, []).append(name)
    told = []
    for note, names in metrics.items():
        there = list(dict.fromkeys(parts[note]))
        some = "overall" not in there and len(there) < len(result.parts)
        where = f"{'; '.join(there)}, " if some else ""
        told.append(f"{where}{', '.join(dict.fromkeys(names))}: {note}")
    return told


def setting_words(result: ScoreResult) -> str:
    """The settings in one line: "edition 2025, rounds 1000, seed 0"."""
    shown = ((key, value) for key, value in result.settings.items() if value not in (None, "", (), []))
    return ", ".join(f"{key} {_word(value)}" for key, value in shown)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "/".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def to_text(result: ScoreResult, *, width: int | None = None, explain: bool = False) -> str:
    """The whole result for a terminal of `width` columns; explain: also one block per sample."""
    pieces = [f"{result.benchmark} ({one_line(result.process)})", one_line(setting_words(result)), ""]
    pieces.append(render(*score_table(result), "text", width=width))
    for name, table in class_tables(result):
        title = f"per class, {one_line(name)}" if len(result.parts) > 1 else "per class"
        pieces += [title, render(*table, "text", width=width)]
    pieces += [f"note: {one_line(note)}" for note in notes(result)]
    if explain:
        pieces += ["", *explain_lines(result)]
    return "\n".join(pieces).rstrip() + "\n"


def explain_lines(result: ScoreResult) -> Iterator[str]:
    """Per sample: the id with truth, read and credit; the answer; one line per decision."""
    for part in result.parts:
        for one in part.readings:
            credit = "" if one.credit is None else f"   credit {one.credit:.3f}"
            name = f"{part.name}: " if len(result.parts) > 1 else ""
            yield one_line(f"{name}{one.id}   truth: {_said(one.truth)}   read: {_said(one.read)}{credit}")
            if one.answer:
                cut = one.answer if len(one.answer) <= _ANSWER else one.answer[:_ANSWER] + "…"
                yield f"    answer: {one_line(cut)}"
            yield from (f"    {one_line(why)}" for why in one.why)


def _said(labels: Sequence[str]) -> str:
    return ", ".join(labels) if labels else "(nothing)"


def to_markdown(result: ScoreResult, *, explain: bool = False) -> str:
    """Markdown: a line on how it was scored, the table, the classes, the notes and warnings."""
    settings = f"; {one_line(setting_words(result))}" if setting_words(result) else ""
    pieces = [f"**{result.benchmark}** ({one_line(result.process)}{settings})", render(*score_table(result), "md")]
    pieces += [f"Per class, {one_line(name)}:\n\n{render(*table, 'md')}" for name, table in class_tables(result)]
    told = [f"- {one_line(line)}" for line in (*notes(result), *result.warnings)]
    pieces += ["\n".join(told)] if told else []
    pieces += [render(*reading_table(result), "md")] if explain else []
    return "\n\n".join(piece.rstrip() for piece in pieces) + "\n"


def to_latex(result: ScoreResult, *, explain: bool = False) -> str:
    """LaTeX (booktabs): the table; a comment says how it was scored."""
    head = f"% {result.benchmark} ({one_line(result.process)}); {one_line(setting_words(result))}\n"
    tables = [score_table(result), *(table for _, table in class_tables(result))]
    tables += [reading_table(result)] if explain else []
    return head + "\n".join(render(*table, "latex") for table in tables)


def to_csv(result: ScoreResult, *, explain: bool = False) -> str:
    """CSV: one row per score and class; explain: instead one row per sample."""
    return render(*(reading_table(result) if explain else flat_table(result)), "csv")
