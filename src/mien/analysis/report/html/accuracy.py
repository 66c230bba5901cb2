"""What the cards of the models used say about their accuracy and their known failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mien.analysis.report.stamp import percent
from mien.analysis.result import Analysis

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of a card: the model's id, what it was tested on, and the result beside what guessing would give."""

    model: str
    where: str
    figure: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Figures and known failures (model id, sentences) of the models used; empty where no card can be read."""

    figures: tuple[Told, ...]
    failures: tuple[tuple[str, tuple[str, ...]], ...]


def accuracy(analysis: Analysis) -> Accuracy:
    """Read the cards of the models in `analysis.versions`.

    A card may say it itself (`expected`: rows of `where` and `figure`); otherwise the scores of the shipped families
    are read where they lie. A card that is missing or laid out differently adds nothing: a report never fails for it.
    """
    figures: list[Told] = []
    failures = []
    for model, _ in analysis.versions:
        card = _card(model)
        with suppress(KeyError, TypeError, ValueError, IndexError, AttributeError):
            figures += [Told(model, where, figure) for where, figure in _figures(model, card)]
        known = card.get("failures") or card.get("known_failures") or []
        if isinstance(known, list) and known:
            failures.append((model, tuple(str(one) for one in known)))
    return Accuracy(tuple(figures), tuple(failures))


def _card(model: str) -> Card:
    from mien.analysis.senses.model import card

    try:
        found = card(model.rpartition("-")[0] or model)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("id") == model else {}


def _figures(model: str, card: Card) -> Iterator[tuple[str, str]]:
    if "expected" in card:
        yield from ((str(row["where"]), str(row["figure"])) for row in card["expected"])
        return
    reader = _FAMILIES.get(model.rpartition("-")[0])
    if reader is not None and card:
        yield from reader(card)


def _speech(card: Card) -> Iterator[tuple[str, str]]:
    for row in card["across corpora"]:
        classes = len(row["recall"])
        yield f"voices of {row['corpus']}, a collection never trained on", _recall(row["clean"], classes)


def _face(card: Card) -> Iterator[tuple[str, str]]:
    scores = card["scores"]
    whole = scores["odd_rows"]
    yield "pictures from the web, not trained on", _faces(whole)
    worst = sorted(scores["other_crops"].items(), key=lambda item: float(item[1]["uar"]))[:2]
    yield from ((f"the same pictures, {name}", _faces(row)) for name, row in worst)


def _faces(row: Card) -> str:
    return f"{_recall(row['uar'], 8)}; {percent(row['accuracy'])} of all faces right"


def _text(card: Card) -> Iterator[tuple[str, str]]:
    words = card["goemotions"]
    yield (
        "English comments, 28 labels (GoEmotions test)",
        f"macro F1 {words['test_macro_f1']:.2f}; naming everything gives {words['floor_everything_macro_f1']:.2f}",
    )
    many = card["brighter"]
    yield (
        "short texts in many languages, six labels (BRIGHTER)",
        f"macro F1 {many['mean_macro_f1']:.2f}; naming everything gives {many['mean_floor_f1']:.2f}",
    )


def _stress(card: Card) -> Iterator[tuple[str, str]]:
    score = card["scores"]["leave_one_subject_out"]["raw"]
    yield f"laboratory stress, {score['persons']} people, each left out in turn", _recall(score["uar"], 2)


def _recall(value: float, classes: int) -> str:
    return f"{percent(value)} mean recall over {classes} classes; guessing gives {percent(1 / classes)}"


_FAMILIES: dict[str, Callable[[Card], Iterator[tuple[str, str]]]] = {
    "speech": _speech,
    "face": _face,
    "text": _text,
    "stress": _stress,
}
