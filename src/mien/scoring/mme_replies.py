"""Reading a judge's scores per step: the default reader and the two published ones, which disagree.

Published: FunAudioLLM/MME-Emotion eval_cot/*/metrics/cal_metrics.py @0c265d8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mien.errors import RequestError

_TAG = re.compile(r"<score>(.*?)</score>")
_TAGS = re.compile(r"<score>(.*?)(?:</score>|(?=<score>)|\Z)", re.DOTALL | re.IGNORECASE)
_STRICT = re.compile(r": (\d)/1")
_FRACTION = re.compile(r":\s*(\d+)/(\d+)")
_LENIENT = re.compile(r"[:：]\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class StepScores:
    """What was read from one reply: the score of each step, and one line per decision."""

    values: tuple[float, ...]
    why: tuple[str, ...] = ()


ReplyReader = Callable[[str], StepScores | None]


def strict(reply: str) -> StepScores | None:
    """The reader of the six single-label tasks: a colon, one space, one digit, "/1", on one line.

    "1/10" reads 1 and "2/10" reads 2 (so recognition can exceed 1), "1/3" is not seen. None where there is no tag.

    >>> strict("<score>Step 1: 1/1, Step 2: 3/12</score>").values
    (1.0, 3.0)
    """
    tag = _TAG.search(reply)
    return StepScores(tuple(float(digit) for digit in _STRICT.findall(tag.group(1)))) if tag else None


def fraction(reply: str) -> StepScores | None:
    """The reader of FG-ER, ML-ER and the overall row: any whole numbers on one line, 0 below the line gives 0.

    Not clamped: "2/1" reads 2. None where there is no tag.
    """
    tag = _TAG.search(reply)
    if tag is None:
        return None
    pairs = ((int(above), int(below)) for above, below in _FRACTION.findall(tag.group(1)))
    return StepScores(tuple(above / below if below else 0.0 for above, below in pairs))


def clamped(reply: str) -> StepScores | None:
    """Mien's default: fractions in the last score tag, over line breaks, in any case, clamped to [0, 1].

    None where there is no tag, or nothing that is a score in it. Whatever had to be mended is said in `why`.

    >>> clamped("<score>Step 1: 1/1,\\nStep 2: 2/1</score>")
    StepScores(values=(1.0, 1.0), why=('2/1 is over 1: read as 1',))
    """
    tags = list(_TAGS.finditer(reply))
    pairs = _LENIENT.findall(tags[-1].group(1)) if tags else []
    if not pairs:
        return None
    values, why = [], []
    for above, below in pairs:
        value = float(above) / float(below) if float(below) else 0.0
        if not float(below):
            why.append(f"{above}/{below} has nothing below the line: read as 0")
        elif value > 1:
            why.append(f"{above}/{below} is over 1: read as 1")
        values.append(min(value, 1.0))
    if len(tags) > 1:
        why.append(f"{len(tags)} score tags: the last is read")
    return StepScores(tuple(values), tuple(why))


REPLY_READERS: dict[str, ReplyReader] = {"clamped": clamped, "strict": strict, "fraction": fraction}


def reply_reader(name: str) -> ReplyReader:
    """The reader of that name; RequestError lists what is allowed."""
    if name not in REPLY_READERS:
        raise RequestError(f"unknown reader of scores {name!r}; allowed: {', '.join(REPLY_READERS)}")
    return REPLY_READERS[name]
