"""An option that came as text, from the command line or behind a `?`, as the type of its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mien.errors import RequestError

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def typed(owner: str, name: str, value: Any, default: Any, part: Callable[[str], Any] = str) -> Any:
    """The value; text becomes a bool, number or tuple (of `part`, with commas) where the default is one.

    RequestError naming the default where it cannot.
    """
    if not isinstance(value, str) or isinstance(default, str) or default is None:
        return value
    try:
        if isinstance(default, bool):
            return _TRUTH[value.lower()]
        if isinstance(default, int | float):
            return type(default)(value)
        if isinstance(default, tuple):
            return tuple(part(one.strip()) for one in value.split(",") if one.strip())
    except (KeyError, ValueError):
        pass
    raise RequestError(f"{owner}: {name}={value!r} is no {type(default).__name__}; the default is {default!r}")
