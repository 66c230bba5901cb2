"""The part of an answer that is meant as the answer: think and answer tags of reasoning models."""

from __future__ import annotations

import re

_PAIR = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
_OPEN = re.compile(r"<answer>", re.IGNORECASE)
_THOUGHT = re.compile(r"</think>", re.IGNORECASE)
_THINKING = re.compile(r"<think>", re.IGNORECASE)


def answer_part(text: str) -> tuple[str, str]:
    """What stands as the answer in `text`, and one line that says how it was found ("" where there are no tags).

    The last closed answer pair; else what follows the last open answer tag or the last closing think tag, whichever
    is later; a think tag that is never closed leaves nothing (the model stopped before it answered); else all of it.

    >>> answer_part("<think>He could be angry.</think><answer>sad</answer>")
    ('sad', 'read inside the answer tags')
    >>> answer_part("<think>He could be angry")
    ('', 'the reasoning was never closed: nothing stands as the answer')
    """
    pairs = _PAIR.findall(text)
    if pairs:
        return str(pairs[-1]), "read inside the answer tags" if len(pairs) == 1 else "read inside the last answer tags"
    cuts = [(found.end(), name) for name, tag in _CUTS for found in tag.finditer(text)]
    if cuts:
        end, name = max(cuts)
        return text[end:], f"read after the {name}"
    if _THINKING.search(text):
        return "", "the reasoning was never closed: nothing stands as the answer"
    return text, ""


_CUTS = (("answer tag, which is never closed", _OPEN), ("end of the reasoning", _THOUGHT))
