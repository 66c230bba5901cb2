"""An answer's own steps: the offline rule beside the step extractor of MME-Emotion."""

from __future__ import annotations

import re

from mien.scoring.tags import answer_part

_MARK = re.compile(
    r"^[\s>*#]*(?:[-•–]|step\s*\d{1,3}|第?[\d一二三四五六七八九十]{1,3}[步.)、：:](?!\d))[\s*:：.)]*", re.IGNORECASE
)
_END = re.compile(r"(?<=[.!?])\s+(?=[^\s\d])|(?<=[。！？；])\s*")
_THOUGHT = re.compile(r"</?(?:think|answer|step|steps)>", re.IGNORECASE)


def own_steps(answer: str) -> tuple[str, ...]:
    """The answer's own lines, marks and numbers taken off; where it has one line only, its sentences.

    The last step is what stands as the answer. Nothing is added, so an answer of one word is one step, and an empty
    answer has none.

    >>> own_steps("1. He frowns.\\n2. His voice is low.\\nSo he is sad.")
    ('He frowns.', 'His voice is low.', 'So he is sad.')
    >>> own_steps("She smiles and laughs. She is happy.")
    ('She smiles and laughs.', 'She is happy.')
    """
    said = answer_part(answer)[0].strip()
    thought = _THOUGHT.sub("\n", answer[: answer.rfind(said)] if said else answer)
    steps = _pieces(thought) + _pieces(said)
    return tuple(steps)


def _pieces(text: str) -> list[str]:
    lines = [found for line in text.splitlines() if (found := _MARK.sub("", line).strip())]
    if len(lines) == 1:
        return [part.strip() for part in _END.split(lines[0]) if part.strip()]
    return lines
