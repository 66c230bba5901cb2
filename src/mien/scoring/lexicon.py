"""Emotion words in running text: longest known form on word borders, with what a negation takes back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mien.scoring.ordinary import CHINESE, ORDINARY, ORDINARY_FORMS
from mien.scoring.wheels import tables

_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|[.,;:!?()\n\"]")
_QUOTED = re.compile(r'"[^"\n]*"')
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HAN_WORD = re.compile("|".join(sorted(CHINESE, key=lambda word: (-len(word), word))))
_HAN_NOT = re.compile(
    r"(?:不是|没有|沒有|并非|並非|并不|並不|毫不|毫无|绝不|不太|不再|不|没|沒|无|無|非|未|别)"
    r"(?:很|太|怎么|感到|觉得|表现出|那么)?$"
)
_FOLD = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": ",", "—": ",", "*": " ", "_": " "}
)

_CUE_WORDS = (
    "not no never neither nor without hardly barely scarcely cannot lack lacks lacking absence devoid non nothing"
)
_CUES = frozenset(_CUE_WORDS.split())
_NOUN_CUE_WORDS = "no without lack lacks lacking absence devoid neither nor"
_NOUN_CUES = frozenset(_NOUN_CUE_WORDS.split())
_HARMLESS_WORDS = "only just merely simply solely doubt wonder but hide conceal contain suppress help mention"
_HARMLESS = frozenset(_HARMLESS_WORDS.split())
_BREAK_WORDS = (
    "but however yet although there though instead rather because while whereas which who so despite when since then "
    "and he she they it i we you"
)
_BREAKS = frozenset(_BREAK_WORDS.split())
# Two words that take back what follows, as one.
_PHRASES = re.compile(
    r"\b(?:far from|anything but|rather than|instead of|free (?:of|from)|fail(?:s|ed|ing)? to|unable to|"
    r"den(?:y|ies|ied|ying)|(?:shows?|showing|with very) little)\b"
)
_VERBS = frozenset(("is", "are", "was", "were", "seems", "looks", "feels", "appears", "shows", "sounds", "becomes"))
_OPENERS = frozenset(("say", "think", "believe", "mean", "that", "whether", "if", "suggest", "sure", "claim", "feel"))
_FELT = ("feel content", "feels content", "feeling content", "is content", "seems content", "looks content")
_ENDS = frozenset('.;:!?\n()"')
_REACH = 6  # other words between a negation and what it takes back: "there is no clear sign of real fear"


Entries = tuple[tuple[tuple[str, ...], str], ...]
"""What can follow a first token and the form it then is, longest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A known word in a text. form: as the tables spell it; cue: the negation that takes it back, "" for none."""

    form: str
    cue: str = ""


def find_forms(text: str, *, chinese: bool = True) -> list[Found]:
    """Every emotion word of running text, in order; longest match first, ordinary words left out.

    A negation reaches to the end of its clause, at most six other words far, and along a list that ends in "or" or
    "nor"; "not only", "no doubt", "cannot hide" are none. Quoted speech of three words or more is skipped: it is what
    was said, not what is felt. Chinese words of our own table are read as their English label.
    """
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain.translate(_FOLD)).translate(_FOLD)
        if chinese and _HAN.search(plain):
            return _find_chinese(plain) + _find(plain)
    elif "*" in plain or "_" in plain:
        plain = plain.translate(_FOLD)
    return _find(plain)


def _compound(token: str, starts: Mapping[str, str | Entries]) -> list[str]:
    """The parts of "happy-looking"; what has an entry of its own stays whole, and "self-blame" blames nobody else."""
    whole = "-" not in token or token in starts or token.startswith("self-")
    return [token] if whole else token.split("-")


class _Scope:
    """The negation in force while a text is walked through, and when it ends."""

    __slots__ = ("cue", "reach", "taken")

    def __init__(self) -> None:
        self.cue, self.reach, self.taken = "", 0, False

    def start(self, cue: str) -> None:
        self.cue, self.reach, self.taken = cue, 0, False

    def end(self) -> None:
        self.cue = ""

    def emotion(self) -> str:
        """An emotion word: what takes it back."""
        self.reach, self.taken = 0, bool(self.cue)
        return self.cue

    def other(self, token: str) -> None:
        """A word without a meaning of its own."""
        self.reach += 1
        if self.reach > _REACH or (token == "to" and self.reach > 2) or (self.taken and token in _VERBS):
            self.cue = ""

    def mark(self, tokens: list[str], place: int) -> None:
        """A negation, a mark or a word that begins another clause."""
        token, before = tokens[place], tokens[place - 1] if place else ""
        if token in _CUES or token.endswith("n't"):
            if _harmless(tokens, place):
                return
            # Two negations cancel out: "not without fear".
            self.start("" if self.cue and self.cue != "neither" and token in ("no", "without", "lack") else token)
        elif token in _ENDS or (token == "," and not _goes_on(tokens, place)):
            self.end()
        elif token == "and":
            listed = self.cue in _NOUN_CUES and _starts().get(tokens[place + 1] if place + 1 < len(tokens) else "")
            self.cue = self.cue if listed else ""
        elif token in _BREAKS and (self.taken or before not in _OPENERS):
            self.end()
        elif token != ",":
            self.other(token)


def _find(plain: str) -> list[Found]:
    if '"' in plain:
        plain = _QUOTED.sub(lambda quoted: " , " if quoted.group().count(" ") > 1 else quoted.group(), plain)
    starts, scope = _starts(), _Scope()
    tokens: list[str] = _TOKEN.findall(_PHRASES.sub(" not ", plain))
    if "-" in plain:
        tokens = [part for token in tokens for part in _compound(token, starts)]
    found: list[Found] = []
    place, count, contracted = 0, len(tokens), "n't" in plain
    while place < count:
        token = tokens[place]
        entry = starts.get(token)
        if entry is None:
            if contracted and token.endswith("n't"):
                scope.mark(tokens, place)
            elif scope.cue:
                scope.other(token)
            place += 1
            continue
        form, length = (entry, 1) if isinstance(entry, str) else _longest(tokens, place, entry)
        if not form:
            if scope.cue or token in _CUES or contracted:
                scope.mark(tokens, place)
        elif form == "doubt" and place and tokens[place - 1] in ("no", "without", "beyond"):
            found.append(Found(form, tokens[place - 1]))
            scope.end()
        else:
            found.append(Found("content" if form in _FELT else form, scope.emotion() if scope.cue else ""))
        place += length or 1
    return found


def _harmless(tokens: list[str], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1] in _HARMLESS and tokens[place] not in ("without",)


def _goes_on(tokens: list[str], comma: int) -> bool:
    """Whether after a comma only emotion words follow up to an "or" or "nor": "no anger, fear, or disgust"."""
    starts, linked = _starts(), False
    for place in range(comma + 1, min(len(tokens), comma + 12)):
        token = tokens[place]
        if token in ("or", "nor"):
            linked = True
        elif token == ",":
            continue
        elif not (entry := starts.get(token)) or not (isinstance(entry, str) or _longest(tokens, place, entry)[0]):
            return linked and tokens[place - 1] not in ("or", "nor", ",")
        elif linked:
            return True
    return False


def _longest(tokens: list[str], place: int, entries: Entries) -> tuple[str, int]:
    """The longest form that starts at `place` and its number of tokens; ("", 0) where none does."""
    for rest, form in entries:
        if not rest:
            return form, 1
        if tuple(tokens[place + 1 : place + 1 + len(rest)]) == rest:
            return form, 1 + len(rest)
    return "", 0


@lru_cache(maxsize=1)
def _starts() -> Mapping[str, str | Entries]:
    """First token -> the form it is, or what can follow it; "" for words that only bear on negation."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for form in (*prose_forms(), *_FELT):
        spelt = form.replace("’", "'")
        for variant in {spelt, spelt.replace("-", " "), spelt.replace(" ", "-")}:
            first, *rest = variant.split(" ")
            found.setdefault(first, []).append((tuple(rest), form))
    starts: dict[str, str | Entries] = dict.fromkeys((*_CUES, *_BREAKS, *_ENDS, ","), "")
    for word, entries in found.items():
        longest = sorted(entries, key=lambda entry: (-len(entry[0]), entry))
        starts[word] = tuple(longest) if longest[0][0] else longest[0][1]
    return starts


@lru_cache(maxsize=1)
def prose_forms() -> frozenset[str]:
    """The forms of the 2026 tables that count as emotion words in running text, and "neutral"."""
    held = tables("2026")
    emotional = {form for form in held.forms if not set(held.bases(form)) <= ORDINARY}
    return frozenset(emotional - ORDINARY_FORMS) | {"neutral"}


def _find_chinese(plain: str) -> list[Found]:
    found = []
    for match in _HAN_WORD.finditer(plain):
        clause = re.split(r"[,.;!?、。\n]", plain[max(0, match.start() - 8) : match.start()])[-1]
        negation = _HAN_NOT.search(clause)
        found.append(Found(CHINESE[match.group()], negation.group() if negation else ""))
    return found
