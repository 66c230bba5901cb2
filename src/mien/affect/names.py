"""Names of labels: aliases of the basic emotions, spelling variants, short forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote

from mien.affect.space import Space
from mien.errors import DataError, RequestError

# An alias says that two names mean one emotion; a stored label is never renamed. Calm is not neutral.
_ALIASES = {
    **dict.fromkeys(("happy", "joy", "happiness"), "happiness"),
    **dict.fromkeys(("angry", "anger"), "anger"),
    **dict.fromkeys(("sad", "sadness"), "sadness"),
    **dict.fromkeys(("scared", "fearful", "fear"), "fear"),
    **dict.fromkeys(("surprised", "surprise", "astonishment"), "surprise"),
    **dict.fromkeys(("disgusted", "disgust"), "disgust"),
}

# One public program writes Hopelessness where the taxonomy has Helplessness; WRIME's first header doubles the d.
_SLIPS = {"hopelessness": "helplessness", "saddness": "sadness"}

_WRAPPER = re.compile(r"^model_(.+)_best$")
_BETWEEN = re.compile(r"[/&,\s]+|\band\b")
_CUT = re.compile(r"\s*(?:/|&|\band\b)\s*")


def alias(label: str) -> str:
    """The common name of a basic emotion ("joy" -> "happiness"); other labels come back lower-cased."""
    return _ALIASES.get(label.strip().lower(), label.strip().lower())


def plain(name: str) -> str:
    """A name without what spelling adds: case, blanks, URL escapes, separators, the wrapper model_<name>_best.

    >>> plain("model_Jealousy_&_Envy_best") == plain("jealousy%20%2F%20Envy")
    True
    """
    text = unquote(str(name)).strip().casefold()
    if wrapped := _WRAPPER.match(text):
        text = wrapped.group(1)
    text = " ".join(part for part in _BETWEEN.split(text.replace("_", " ")) if part)
    return _SLIPS.get(text, text)


@cache
def _table(space: Space) -> dict[str, str]:
    """Plain name -> label: parts of a name (Pleasure of Pleasure/Ecstasy) and aliases only where one label has them."""
    table: dict[str, str] = {}
    for forms in (lambda label: {plain(label)}, _other_forms):
        owners: dict[str, set[str]] = {}
        for label in space.labels:
            for form in forms(label):
                owners.setdefault(form, set()).add(label)
        for form, labels in owners.items():
            if len(labels) == 1:
                table.setdefault(form, next(iter(labels)))
    return table


def _other_forms(label: str) -> set[str]:
    parts = [plain(part) for part in _CUT.split(label)]
    same = {name for name, common in _ALIASES.items() if common in {alias(part) for part in parts}}
    return same | set(parts)


def resolve(name: str, space: Space) -> str:
    """The label of `space` that a name means, whatever its case, blanks, separators or common alias.

    Raises RequestError listing the labels when it means none: a name is never guessed.
    """
    found = _table(space).get(plain(name))
    if found is None:
        raise RequestError(f"space {space.name} has no label {name!r}; it has: {', '.join(space.labels)}")
    return found


def clean(names: Iterable[str], space: Space, *, path: str = "<labels>") -> list[str]:
    """The labels that a column of names means (stray case and blanks would otherwise become classes of their own).

    Raises DataError with path and row (counted from 1) for a name the space does not have.
    """
    result = []
    for row, name in enumerate(names, 1):
        found = _table(space).get(plain(name)) if isinstance(name, str) else None
        if found is None:
            raise DataError(path, row, f"{space.name} has no label {name!r}; it has: {', '.join(space.labels)}")
        result.append(found)
    return result
