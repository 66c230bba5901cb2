"""Options of a system as a person gives them: text as its type, and what no system can work with refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from mien.errors import RequestError
from mien.research.typed import typed


def given(system: str, name: str, value: Any, hint: Any, default: Any) -> Any:
    """Text as the type of the default; a list, as JSON has it, as a tuple."""
    if isinstance(value, list) and isinstance(default, tuple):
        return tuple(tuple(one) if isinstance(one, list) else one for one in value)
    return typed(system, name, value, default, get_args(hint)[0] if isinstance(default, tuple) else str)


def check(system: str, name: str, value: Any, hint: Any, shown: Sequence[Any], *, share: bool = False) -> None:
    """RequestError naming what is allowed, for a value of another type or a number that the option cannot have.

    shown: the default and what presets give: where none of them is negative (or, of whole numbers, 0) none can be;
    epochs can be 0, which leaves a stage out. share: the option lies between 0 and 1, as every dropout does.
    """
    kind, told = type(shown[0]), f"{system}: {name} cannot be {value!r}"
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise RequestError(f"{told}; allowed: {', '.join(map(str, get_args(hint)))}")
    elif not isinstance(value, int | float if kind is float else kind) or isinstance(value, bool) != (kind is bool):
        raise RequestError(f"{told}: it is no {kind.__name__}; the default is {shown[0]!r}")
    elif isinstance(value, tuple):
        for one in value if shown[0] else ():
            check(system, name, one, get_args(hint)[0], shown[0])
    elif kind in (int, float):
        low = min(shown)
        least = -math.inf if low < 0 else 1 if kind is int and low > 0 and not name.endswith("epochs") else 0
        most = 1 if share or (kind is float and "dropout" in name) else math.inf
        if not (least <= value <= most and math.isfinite(value)):
            allowed = "any number" if low < 0 else f"{least} to 1" if most == 1 else f"{least} or more"
            raise RequestError(f"{told}; allowed: {allowed}")
