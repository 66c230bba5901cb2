"""Lists of labels as models write them: the published list rules with their quirks, and a tolerant one.

>>> tolerant_list("Emotions: ['happy', 'let down'].")
['happy', 'let down']
>>> bracketed_list("[happy, sad].")
['happy', 'sad].']
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from mien.errors import MienError, RequestError

_PREFIXES = ("输入", "输出", "翻译", "让我们来翻译一下：", "output", "Output", "input", "Input")
_INNER = re.compile(r"\[([^\[\]]*)\]")
_SPLIT = re.compile(r"[,;|/、\n]|\"|(?<![^\W_])'|'(?![^\W_])|[·•]")
_EDGES = " \t\r\n.,;:!?\"'`*_()[]{}<>-–—。"
_NEGATED = re.compile(r"(?:\b(?:no|not|nor|neither|without|never)\b|n['’]t\b)", re.IGNORECASE)
_HEAD = re.compile(r"^\W*[^,;|/、\n\[\]:]{1,40}:\s*(?=\S)")


class PublishedStop(MienError):
    """The published code stops with an exception on this answer. error: the exception's name there."""

    def __init__(self, error: str, answer: str) -> None:
        self.error = error
        super().__init__(f"the published reader stops with {error} on {answer[:60]!r}")


def bracketed_list(value: Any) -> list[str]:
    """The published list rule: drop one first "[" and one last "]", split at commas and straight quotes, trim.

    Lists come back as they are, None, NaN and "" as []. A lone "[" raises PublishedStop (IndexError there).
    (AffectGPT toolkit/utils/functions.py string_to_list @d961cab.)
    """
    if _is_list(value):
        return list(value)
    if _is_missing(value) or value == "":
        return []
    text = str(value)
    inner = text[1:] if text[0] == "[" else text
    if not inner:
        raise PublishedStop("IndexError", text)
    inner = inner[:-1] if inner[-1] == "]" else inner
    return [item.strip() for item in re.split("['\",]", inner) if item.strip()]


def clean_reply(text: str) -> str:
    """The published clean-up of a model's reply: fixed prefixes once each in a fixed order, one colon of each kind.

    Newlines are deleted without putting a blank in (toolkit/utils/qwen.py func_postprocess_qwen @d961cab).
    """
    text = text.strip()
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    text = text.strip().removeprefix(":").removeprefix("：").strip()
    return text.replace("\n", "").strip()


def before_full_stop(text: str) -> str:
    """The published one-label rule: what stands before the first full stop, neither folded nor checked."""
    return text.split(".")[0]


def nested_list(text: Any) -> list[list[str]]:
    """Groups of words as the published code reads them: split at brackets, then at quotes; items are not trimmed.

    Words without quotes collapse to one item (MERTools toolkit/utils/functions.py listlist_to_list @89120b7).
    """
    if _is_list(text):
        return [list(group) for group in text]
    groups = [part for part in re.split(r"[\[\]]", str(text)) if part.strip() not in ("", ",")]
    return [[item for item in re.split("['\"]", group) if item.strip() not in ("", ",")] for group in groups]


def tolerant_groups(text: Any) -> list[list[str]]:
    """Groups of words however they are written: quoted or not, one group a line or in brackets."""
    if _is_list(text):
        return [tolerant_list(group) for group in text]
    plain = unicodedata.normalize("NFKC", str(text))
    inner = _INNER.findall(plain)
    pieces = inner or [line for line in plain.splitlines() if line.strip()]
    return [group for group in map(tolerant_list, pieces) if group]


def tolerant_list(value: Any) -> list[str]:
    """Mien's own list rule: brackets anywhere, any quotes and separators (also full-width), no stray punctuation.

    Apostrophes inside words stay; a heading before a colon is dropped; None and NaN give [].
    """
    if _is_list(value):
        return [str(item) for item in value if not _is_missing(item)]
    if _is_missing(value):
        return []
    text = unicodedata.normalize("NFKC", str(value)).replace("’", "'").replace("“", '"').replace("”", '"')
    if (read := _json_list(text)) is not None:
        return read
    inner = [part for part in _INNER.findall(text) if part.strip()]
    if inner:
        text = ",".join(inner)
    elif "[" in text:
        text = text.rsplit("[", 1)[1]
    else:
        text = _HEAD.sub("", text)
    return [item for item in (piece.strip(_EDGES) for piece in _SPLIT.split(text)) if item]


LIST_RULES: dict[str, Callable[[Any], list[str]]] = {"tolerant": tolerant_list, "official": bracketed_list}


def list_rule(name: str) -> Callable[[Any], list[str]]:
    """The list rule of that name; RequestError lists what is allowed."""
    if name not in LIST_RULES:
        raise RequestError(f"unknown list rule {name!r}; allowed: {', '.join(LIST_RULES)}")
    return LIST_RULES[name]


def looks_like_list(value: Any) -> bool:
    """Whether an answer is a list of labels rather than sentences: brackets, or only pieces of at most three words."""
    if _is_list(value):
        return True
    text = str(value).strip()
    if text.startswith("[") or (text.endswith("]") and "[" in text):
        return True
    if ". " in text:
        return False
    pieces = [piece for piece in re.split(r"[,;|/、，；\n]", text.rstrip(" .。")) if piece.strip()]
    return not _NEGATED.search(text) and all(
        len(piece.split()) <= 3 and not re.search(r"[.!?。！？]", piece) for piece in pieces
    )


def _json_list(text: str) -> list[str] | None:
    """The items where the text is a JSON list of words, else None."""
    stripped = text.strip()
    if not (stripped.startswith('["') and stripped.endswith('"]')):
        return None
    try:
        found = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return [str(item) for item in found] if all(isinstance(item, str) for item in found) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
