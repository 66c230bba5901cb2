"""Readers of an answer to "is this statement correct?": the two published ones and one that understands negation."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from mien.errors import RequestError
from mien.scoring.tags import answer_part

Verdict = Literal["correct", "incorrect", "abstain"]
Reader = Callable[[str], tuple[Verdict, str]]

_WORDS: dict[str, Verdict] = {
    **dict.fromkeys(("correct", "correctly", "true", "accurate", "accurately", "正确"), "correct"),
    **dict.fromkeys(("incorrect", "incorrectly", "uncorrect", "false", "falsely", "不正确", "错误"), "incorrect"),
    **dict.fromkeys(("inaccurate", "inaccurately", "untrue"), "incorrect"),
}
_OPENINGS: dict[str, Verdict] = {
    **dict.fromkeys(("yes", "yeah", "yep", "是", "是的", "对"), "correct"),
    **dict.fromkeys(("no", "nope", "否", "不是", "不对"), "incorrect"),
}
_NOT = frozenset(("not", "never", "hardly", "neither", "nor", "cannot", "isnt", "far"))
_TURNS = frozenset(("but", "because", "since", "so", "therefore", "however", "and"))
_TOKEN = re.compile(r"不正确|[a-z]+(?:['’][a-z]+)*|不是|不对|是的|正确|错误|是|否|对|[.!?。！？;；\n,，:：]")
_END = frozenset(".!?。！？;；\n,，:：")
_STOP = frozenset(".!?。！？;；\n")
_MARK = re.compile(r"(?:final answer|answer|verdict|judg(?:e)?ment|答案|判断)\s*(?:is)?\s*[:：]", re.IGNORECASE)
_LETTER = re.compile(
    r"(?<![A-Za-z])(?:(?:option|choice|choose|answer|选项?)\s*[:：]?\s*\(?([ABab])(?![A-Za-z'’])"
    r"|\(([ABab])\)|([AB])(?=\s*(?:[.:,;)!?、。，]|$)))",
    re.IGNORECASE | re.MULTILINE,
)
_REACH = 6  # words between a negation and the word it turns


def official(answer: str) -> tuple[Verdict, str]:
    """The benchmark's own rule: "incorrect" anywhere, else "correct" anywhere, else abstain.

    "Not correct" is read as correct and "Yes" as no answer (wdqqdw/MVEI eval/cal_metrics.py @6291992).
    """
    text = answer.lower()
    if "incorrect" in text:
        return "incorrect", 'contains "incorrect"'
    if "correct" in text:
        return "correct", 'contains "correct"'
    return "abstain", 'contains neither "correct" nor "incorrect"'


def tagged_part(answer: str) -> str:
    """The text the MVEI_PLUS rule looks at: first answer pair, else after the last open answer or closing think tag."""
    pair = re.search(r"<answer>(.*?)</answer>", answer, re.DOTALL | re.IGNORECASE)
    if pair:
        return pair.group(1)
    low = answer.lower()
    cut = max((low.rfind(tag) + len(tag) for tag in ("<answer>", "</think>") if tag in low), default=0)
    return answer[cut:]


def official_plus(answer: str) -> tuple[Verdict, str]:
    """The MVEI_PLUS rule: tags, then the words, then any capital A or a lone a, then the same for B.

    "ANSWER: B" is read as A, hence correct (wdqqdw/EmObserver evaluate/metrics_calculators/mvei.py @a702582).
    """
    text = tagged_part(answer)
    verdict, why = official(text)
    if verdict != "abstain":
        return verdict, why
    meanings: tuple[tuple[str, Verdict], ...] = (("A", "correct"), ("B", "incorrect"))
    for letter, meaning in meanings:
        if letter in text or re.search(rf"(?:^|[^A-Za-z]){letter.lower()}(?:$|[^A-Za-z])", text):
            return meaning, f"contains the letter {letter}"
    return "abstain", "names neither a verdict nor a letter"


def tolerant(answer: str) -> tuple[Verdict, str]:
    """Mien's default: the answer part, verdict words with negation, yes/no, true/false, then a letter standing alone.

    Several different verdicts give the one that opens the answer or stands alone in its last sentence, else abstain.
    """
    text, note = answer_part(answer)
    marks = list(_MARK.finditer(text))
    if marks and text[marks[-1].end() :].strip():
        text, note = text[marks[-1].end() :], note or "read after the answer mark"
    verdict, why = _words(text)
    if verdict == "abstain" and not why:
        verdict, why = _letters(text)
    return verdict, "; ".join(part for part in (note, why) if part)


READERS: dict[str, Reader] = {"tolerant": tolerant, "official": official, "official-plus": official_plus}


def reader(name: str) -> Reader:
    """The reader of that name; RequestError lists what is allowed."""
    if name not in READERS:
        raise RequestError(f"unknown MVEI reader {name!r}; allowed: {', '.join(READERS)}")
    return READERS[name]


def _words(text: str) -> tuple[Verdict, str]:
    """The verdict its words give; ("abstain", "") where none is named."""
    tokens = _TOKEN.findall(text.lower().replace("’", "'"))
    named = [(place, *_verdict(tokens, place)) for place in range(len(tokens)) if tokens[place] in _WORDS]
    if not named:
        return _opening(tokens)
    different = {verdict for _, verdict, _ in named}
    if len(different) == 1:
        return named[-1][1], named[-1][2]
    place, verdict, why = named[0]
    if place == 0 and (len(tokens) == 1 or tokens[1] in _STOP):
        return verdict, f"{why}, which opens the answer"
    last = _last_sentence(tokens)
    closing = [entry for entry in named if entry[0] >= last]
    if last > 0 and len({verdict for _, verdict, _ in closing}) == 1:
        return closing[-1][1], f"{closing[-1][2]}, in its last sentence"
    return "abstain", "names both verdicts"


def _verdict(tokens: list[str], place: int) -> tuple[Verdict, str]:
    """What the verdict word at `place` says once the negations before it have turned it."""
    word = tokens[place]
    said = _WORDS[word]
    ends = place + 1 == len(tokens) or tokens[place + 1] in _END
    if word == "correct" and place > 0 and tokens[place - 1] == "in" and ends:
        return "incorrect", '"in correct" is incorrect written apart'
    if not _negated(tokens, place):
        return said, f'"{word}" named'
    return "incorrect" if said == "correct" else "correct", f'"{word}" turned by a negation'


def _negated(tokens: list[str], place: int) -> bool:
    """True where an odd number of negations stands before `place` in its clause, at most six words away."""
    count = 0
    for token in reversed(tokens[max(0, place - _REACH) : place]):
        if token in _END or token in _TURNS:
            break
        if token == "nor":
            return True
        count += token in _NOT or token.endswith("n't")
    return count % 2 == 1


def _last_sentence(tokens: list[str]) -> int:
    stops = [place for place, token in enumerate(tokens[:-1]) if token in _STOP]
    return stops[-1] + 1 if stops else 0


def _opening(tokens: list[str]) -> tuple[Verdict, str]:
    """Yes or no where it opens the answer and stands for itself ("There is no sign" is no answer)."""
    if not tokens or tokens[0] not in _OPENINGS or (len(tokens) > 1 and tokens[1] not in _END):
        return "abstain", ""
    return _OPENINGS[tokens[0]], f'"{tokens[0]}" opens the answer'


def _letters(text: str) -> tuple[Verdict, str]:
    bare = text.strip().strip(".()").upper()
    found = [bare] if bare in ("A", "B") else [next(filter(None, hit.groups())) for hit in _LETTER.finditer(text)]
    if not found:
        return "abstain", "no verdict, yes or no, or letter that stands alone"
    letter = found[-1].upper()
    return ("correct" if letter == "A" else "incorrect"), f"letter {letter} stands alone"
