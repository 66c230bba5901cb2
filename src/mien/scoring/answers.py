"""Free text -> emotion labels: Mien's offline rule, the published readers beside it, every decision explained.

The offline rule ("lexicon") is the default `Extract` (`mien.scoring.steps`): lists are read as lists, sentences by the
word forms of the 2026 tables on word borders, with negations taken back, quoted speech and ordinary words left out.

>>> read_answer("She is not happy, she is sad and a little worried.").labels
('sad', 'worried')
>>> read_answer("[Happy, 'let down']").labels
('happy', 'let down')
>>> read_answer("unable to tell").status
'none'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mien.affect.chinese import english
from mien.errors import RequestError
from mien.scoring.lexicon import find_forms
from mien.scoring.lists import PublishedStop, bracketed_list, clean_reply, looks_like_list, tolerant_list
from mien.scoring.ordinary import CHINESE
from mien.scoring.steps import Extract
from mien.scoring.tags import answer_part
from mien.scoring.wheels import tables

Status = Literal["ok", "none", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read from one answer.

    labels: in order, each once; status: "none" where no label could be read, "failed" where a judge gave no reply;
    why: one line a decision (kept, dropped and why), only where it was asked for.
    """

    labels: tuple[str, ...]
    status: Status
    why: tuple[str, ...] = ()


Reader = Callable[[Any, bool], Answer]


_NO_ANSWER = frozenset(("", "none", "n/a", "na", "nan", "null", "unknown", "no emotion", "no emotions"))


def read_answer(value: Any, explain: bool = False) -> Answer:
    """Mien's default reader: a list of labels, or sentences; only the answer part of tagged outputs.

    value: text, a list of words, None or NaN; explain: also say why. It never raises.
    """
    why: list[str] = []
    if not isinstance(value, str):
        return _from_items(tolerant_list(value), why)
    text, note = answer_part(value) if "<" in value else (value, "")
    if note:
        why.append(note)
    if looks_like_list(text):
        # Without brackets, words that no table knows are talk ("unable to tell"), not labels.
        return _from_items(tolerant_list(text), why, talk="[" not in text)
    start, end = text.find("["), text.rfind("]")
    if 0 <= start < end:
        why.append("read the list in brackets")
        return _from_items(tolerant_list(text[start : end + 1]), why)
    labels: dict[str, None] = {}
    _from_prose(text, labels, why if explain else None)
    return _answer(labels, why)


def read_official(value: Any, explain: bool = False) -> Answer:
    """The published list rule on the answer as it is: prose becomes long items that no table knows.

    Where the published code would stop with an exception the answer counts as empty, and `why` says so.
    """
    try:
        items = bracketed_list(value)
    except PublishedStop as stop:
        return Answer((), "none", (str(stop),))
    return Answer(tuple(items), "ok" if items else "none")


def read_official_reply(value: Any, explain: bool = False) -> Answer:
    """The published clean-up of an extractor's reply, then the published list rule."""
    return read_official(clean_reply(value) if isinstance(value, str) else value, explain)


def read_substrings(value: Any, explain: bool = False) -> Answer:
    """The lax reader: every known form of the tables whose letters stand anywhere, no borders, no negation.

    It shows what letters inside words ("unhappy" names happy) and negations are worth; no paper should use it.
    """
    text = " ".join(tolerant_list(value)) if not isinstance(value, str) else value
    low = text.lower()
    labels = tuple(word for word in LAX_WORDS if word in low)
    return Answer(labels, "ok" if labels else "none")


LAX_WORDS = ("happy", "sad", "angry", "anger", "joy", "fear", "surprise", "disgust", "worried", "neutral")

READERS: Mapping[str, Reader] = {
    "lexicon": read_answer,
    "list": read_official,
    "reply-list": read_official_reply,
    "substring": read_substrings,
}
"""Readers by name; "lexicon" is the default, "list" and "reply-list" are the published ones."""


def reader(name: str) -> Reader:
    """The reader of that name; RequestError lists what is allowed."""
    if name not in READERS:
        raise RequestError(f"unknown reader of free answers {name!r}; allowed: {', '.join(READERS)}")
    return READERS[name]


def lexicon_extract(answers: Sequence[str]) -> list[tuple[str, ...]]:
    """The offline `Extract` step."""
    return [read_answer(answer).labels for answer in answers]


OFFLINE: Extract = lexicon_extract


def _from_items(items: Sequence[str], why: list[str], *, talk: bool = False) -> Answer:
    """Items of a list: known words stay as they are, Chinese ones are translated, others are read as short prose.

    talk: items of several words without any known one are dropped instead of being kept as written.
    """
    held = tables()
    labels: dict[str, None] = {}
    for item in items:
        low = item.lower().strip()
        if low in _NO_ANSWER:
            why.append(f"{item!r} names nothing")
        elif low in held.forms or low == "neutral":
            labels[low] = None
        elif translated := CHINESE.get(low) or english(low):
            why.append(f"{item!r} is read as {translated!r}")
            labels[translated] = None
        elif _from_prose(low, labels, why):
            continue
        elif talk and " " in low:
            why.append(f"{item!r} holds no known word: dropped")
        else:
            why.append(f"{item!r} is kept as written: no table knows it")
            labels[low] = None
    return _answer(labels, why)


def _from_prose(text: str, labels: dict[str, None], why: list[str] | None) -> bool:
    """Add the labels of running text; False where it holds no known word at all."""
    found = find_forms(text)
    for hit in found:
        if not hit.cue:
            labels[hit.form] = None
        if why is not None:
            why.append(f"{hit.form!r} dropped: negated by {hit.cue!r}" if hit.cue else f"{hit.form!r} kept")
    return bool(found)


def _answer(labels: dict[str, None], why: list[str]) -> Answer:
    return Answer(tuple(labels), "ok" if labels else "none", tuple(why))
