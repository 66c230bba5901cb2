"""Options that plain data have no use for are refused, not ignored."""

from __future__ import annotations

from mien.errors import RequestError
from mien.scoring.result import Options


def refuse(options: Options, name: str, *, editions: tuple[str, ...] = (), replicates: tuple[str, ...] = ()) -> None:
    """RequestError for an edition, paper, judge or reader that this scorer does not know."""
    for what, value, allowed in (
        ("edition", options.edition, editions),
        ("replicate", options.replicate, replicates),
    ):
        if value is not None and value not in allowed:
            there = f"allowed: {', '.join(allowed)}" if allowed else f"{name} has none"
            raise RequestError(f"unknown {what} {value!r}; {there}")
    if options.judge != "none":
        raise RequestError(f"{name} needs no judge: its answers are plain data; leave --judge out")
    if options.readers != "default":
        raise RequestError(f"{name} has no readers of free text; leave --readers out")
