"""Reading a judge's reply: tolerant of form, strict in content; what cannot be read says why.

Every reader takes any text, looks at no more than 50,000 characters of it, and returns what was asked for or raises
`Unread`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mien.errors import one_line
from mien.scoring.judge import Failure, Judge
from mien.scoring.lists import looks_like_list, tolerant_groups, tolerant_list
from mien.scoring.prompts import reminder
from mien.scoring.question import Prompt, WithPictures
from mien.scoring.tags import answer_part

LONGEST = 50_000
MOST_LABELS, LONGEST_LABEL = 40, 60
MOST_STEPS = 60

Read = TypeVar("Read")
_REFUSAL = re.compile(
    r"\W*(?:i(?:'| a)m (?:very |so |truly )?sorry|sorry,|i (?:can't|cannot|can not|won't|will not|must decline)"
    r"|i(?:'| a)m (?:unable|not able)|as an ai|unfortunately,? i|i apologi[sz]e|抱歉|很抱歉|对不起|我无法|我不能|无法)",
    re.IGNORECASE,
)
_NONE = frozenset(("none", "no emotion", "no emotions", "n/a", "null", "nil", "empty", "无", "没有", "[]"))
_FENCE = re.compile(r"```[a-zA-Z]*\n?")
_MARKED = re.compile(r"(?:score|rating|分数|评分|得分)\W{0,12}(\d{1,6}(?:\.\d{1,6})?)(?![\d.]*\d)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.])\d{1,6}(?:\.\d{1,6})?(?![\d.]*\d)")
_WORD = re.compile(r"positive|negative|neutral|积极|正面|消极|负面|中性|中立", re.IGNORECASE)
_CHINESE = {"积极": "positive", "正面": "positive", "消极": "negative", "负面": "negative"}
_STEP_TAG = re.compile(r"<steps?>(.*?)(?:</steps?>|$)", re.DOTALL | re.IGNORECASE)
_STEP = re.compile(r"^[\s*#\-]*(?:step\s*\d+|步骤\s*\d+|\d+[.)、](?!\d))[\s*:：.\-]*", re.IGNORECASE)
_SCORE_TAG = re.compile(r"<score>(.*?)(?:</score>|$)", re.DOTALL | re.IGNORECASE)
_SCORE = re.compile(r"step\s*(\d{1,3})\W{0,6}(\d{1,3})\s*/\s*(\d{1,3})", re.IGNORECASE)


class Unread(ValueError):
    """The reply is not of the form asked for; the text says in what way."""


def read_labels(reply: str) -> tuple[str, ...]:
    """The emotion words of a list in brackets; () for an empty one, or for a reply that says there is none."""
    text = plain_answer(reply)
    if text.strip(" .").lower() in _NONE:
        return ()
    if "[" not in text and not looks_like_list(text):
        raise Unread("no list in brackets")
    if re.search(r"\[\s*\]\W*$", text):
        return ()
    labels = tuple(dict.fromkeys(label for label in tolerant_list(text) if label.lower() not in _NONE))
    if len(labels) > MOST_LABELS:
        raise Unread(f"{len(labels)} labels, more than {MOST_LABELS}")
    long = [label for label in labels if len(label) > LONGEST_LABEL]
    if long:
        raise Unread(f"a label of {len(long[0])} characters ({long[0][:30]}...)")
    return labels


def read_groups(reply: str, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of the words asked about, each word once (in the first group that names it), the unnamed ones alone.

    Words that were not asked about are left out. A reply that names fewer than half of the words is not read.
    """
    text = plain_answer(reply)
    wanted = {word.casefold().strip(): word for word in words}
    used: set[str] = set()
    groups: list[tuple[str, ...]] = []
    for group in _json_lists(text) or tolerant_groups(text):
        keys = dict.fromkeys(word.casefold().strip() for word in group)
        fresh = [key for key in keys if key in wanted and key not in used]
        used.update(fresh)
        if fresh:
            groups.append(tuple(wanted[key] for key in fresh))
    if len(used) * 2 < len(wanted):
        raise Unread(f"groups that name {len(used)} of {len(wanted)} words")
    return (*groups, *((word,) for key, word in wanted.items() if key not in used))


def read_polarity(reply: str) -> str:
    """One of positive, negative, neutral, where the reply names exactly one of them."""
    named = {found.lower() for found in _WORD.findall(plain_answer(reply))}
    plain = {_CHINESE.get(word, "neutral" if word in ("中性", "中立") else word) for word in named}
    if len(plain) != 1:
        raise Unread(f"{', '.join(sorted(plain))} together" if plain else "none of positive, negative, neutral")
    return plain.pop()


def read_rating(reply: str) -> float:
    """The number from 1 to 10 behind the last score mark, or the only number there is ("7", "7/10")."""
    text = re.sub(r"(\d)\s*(?:/|out of)\s*10(?!\d)", r"\1", plain_answer(reply))
    marked = _MARKED.findall(text)
    numbers = marked or _NUMBER.findall(text)
    if not numbers:
        raise Unread("no number")
    if not marked and len(numbers) > 1:
        raise Unread("several numbers and no score mark")
    value = float(numbers[-1])
    if not 1 <= value <= 10:
        raise Unread(f"{numbers[-1]}, outside 1 to 10")
    return value


def read_steps(reply: str) -> tuple[str, ...]:
    """The steps of an answer, without their numbers; the last one holds the prediction."""
    tags = _STEP_TAG.findall(reply[:LONGEST])
    lines = (tags[-1] if tags else plain_answer(reply)).splitlines()
    steps: list[str] = []
    for line in lines:
        if head := _STEP.match(line):
            steps.append(line[head.end() :].strip(" *"))
        elif line.strip() and steps:
            steps[-1] = f"{steps[-1]} {line.strip()}".strip()  # a step over several lines
    steps = [step for step in steps if step]
    if not steps:
        raise Unread("no step")
    if len(steps) > MOST_STEPS:
        raise Unread(f"{len(steps)} steps, more than {MOST_STEPS}")
    return tuple(steps)


def read_scores(reply: str, count: int) -> str:
    """The scores of all steps as the published form writes them; every step must have one, from 0/K to K/K."""
    tags = _SCORE_TAG.findall(reply[:LONGEST])
    found = _SCORE.findall(tags[-1] if tags else plain_answer(reply))
    scores = {int(step): (int(got), int(most)) for step, got, most in found}
    if sorted(scores) != list(range(1, count + 1)):
        raise Unread(f"scores of {len(scores)} steps where there are {count}")
    for step, (got, most) in scores.items():
        if not 0 <= got <= most or most == 0:
            raise Unread(f"step {step} has {got}/{most}")
    told = ", ".join(f"Step {step}: {scores[step][0]}/{scores[step][1]}" for step in sorted(scores))
    return f"<score>{told}</score>"


def ask_read(
    judge: Judge, role: str, asked: Sequence[tuple[Prompt, Callable[[str], Read]]], *, again: int = 1
) -> list[Read | Failure]:
    """Ask every prompt and read its reply; what cannot be read is asked `again` times, with the reason added.

    A reply that stays unreadable becomes a Failure that shows its start, is counted in the judge's tally, and is not
    kept: the next run asks again.
    """
    results: list[Read | Failure] = [Failure(role, "not asked", 0) for _ in asked]
    prompts = [prompt for prompt, _ in asked]
    left = list(range(len(asked)))
    useless: list[tuple[int, Prompt]] = []
    for attempt in range(1, again + 2):
        replies = judge.ask_many(role, [prompts[place] for place in left])
        unread: list[int] = []
        for place, reply in zip(left, replies, strict=True):
            if isinstance(reply, Failure):
                results[place] = reply
                continue
            try:
                results[place] = asked[place][1](reply)
            except Unread as error:
                useless.append((place, prompts[place]))
                results[place] = Failure(role, f"unreadable reply: {_why(reply, error)}", attempt)
                prompts[place] = _reminded(asked[place][0], str(error))
                unread.append(place)
        left = unread
        if not left:
            break
    for place, prompt in useless:
        if place in left:
            judge.forget(role, prompt)
    judge.tally.failures.extend(found for place in left if isinstance(found := results[place], Failure))
    return results


def _reminded(prompt: Prompt, why: str) -> Prompt:
    if isinstance(prompt, WithPictures):
        return WithPictures(reminder(prompt.text, why), prompt.pictures)
    return reminder(prompt, why)


def _why(reply: str, error: Unread) -> str:
    text = answer_part(reply[:LONGEST])[0].strip() or reply.strip()
    start = one_line(text[:60]) + ("..." if len(text) > 60 else "")
    return f"the judge declined: {start}" if _REFUSAL.match(text) else f"{error}: {start}"


def plain_answer(reply: str) -> str:
    """The part that answers, without thoughts and code fences; Unread for a refusal."""
    text = _FENCE.sub("", answer_part(reply[:LONGEST])[0]).strip()
    if not text:
        raise Unread("nothing stands as the answer")
    if _REFUSAL.match(text) and "[" not in text:
        raise Unread("the judge declined")
    return text


def _json_lists(text: str) -> list[list[str]]:
    """The first JSON list of lists in the text, [] where there is none."""
    start = text.find("[")
    if start < 0:
        return []
    try:
        held: Any = json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return []
    if not isinstance(held, list) or not all(isinstance(group, list) for group in held):
        return []
    return [[str(word) for word in group] for group in held]
