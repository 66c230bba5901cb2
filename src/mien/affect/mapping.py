"""Mappings between label spaces: each names its source and says what it loses."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np

from mien.affect.distribution import Distribution
from mien.affect.groups import EKMAN_GROUPS, SENTIMENT_GROUPS
from mien.affect.names import alias
from mien.affect.rules import REFUSED, rules
from mien.affect.space import SPACES, Space
from mien.affect.way import Mapping, joined, relabelled, rescaled
from mien.errors import RequestError

__all__ = ["EKMAN_GROUPS", "MAPPINGS", "SENTIMENT_GROUPS", "Mapping", "alias", "convert", "goals", "mapping"]

MAX_LOST = 0.2

MAPPINGS: dict[tuple[str, str], Mapping] = {(one.start, one.goal): one for one in rules()}


def mapping(start: Space | str, goal: Space | str, *, strict: bool = False) -> Mapping:
    """The mapping between two spaces.

    It is an explicit one of `MAPPINGS`, an exact one (the same labels in another order or a larger space, the same
    dimensions on another range), or an exact and an explicit one joined. Two that each lose something never compose.
    strict: without labels that map only loosely. Raises RequestError naming where the start can go.
    """
    first, last = _space(start), _space(goal)
    found = _find(first, last)
    if found is None:
        raise RequestError(_no_way(first, last))
    return found.strict() if strict else found


def goals(start: Space | str) -> list[str]:
    """The names of all spaces that answers in `start` can be told in."""
    first = _space(start)
    return [name for name, goal in SPACES.items() if goal != first and _find(first, goal) is not None]


def convert(
    distribution: Distribution, goal: Space, *, strict: bool = False, max_lost: float = MAX_LOST
) -> Distribution:
    """The distribution in another space; its `via` names the mappings that were used.

    strict: without labels that map only loosely; max_lost: the most probability, in [0, 1], that may lie on labels
    without a counterpart (the rest is divided by its sum). Warns (UserWarning) where a second mapping with a loss
    follows a first: 28 -> 7 -> 3 differs from 28 -> 3. Raises RequestError where no mapping exists (it lists where
    the space can go) and where more than `max_lost` would be lost.
    """
    if distribution.space == goal:
        return distribution
    way = mapping(distribution.space, goal, strict=strict)
    lost = float(way.lost(distribution.values)) if distribution.space.exclusive else 0.0
    values = way.apply(distribution.values)
    if lost > max_lost or np.isnan(values).any():
        if not way.dropped:
            raise RequestError(f"{way.id} leaves this answer out; it loses {way.loses}")
        raise RequestError(
            f"{way.id} would lose {lost:.0%} of the probability ({', '.join(way.dropped)} have no counterpart in "
            f"{goal.name}); allowed: max_lost={max_lost:g}"
        )
    if not way.exact and distribution.via:
        warnings.warn(
            f"{distribution.via[-1]} and then {way.id}: two mappings that each lose something; "
            "convert the first answer instead where that is possible",
            stacklevel=3,
        )
    return Distribution(goal, values, distribution.via if way.exact else (*distribution.via, way.id))


def _space(given: Space | str) -> Space:
    from mien.affect.space import space

    return given if isinstance(given, Space) else space(given)


def _find(start: Space, goal: Space) -> Mapping | None:
    if found := _known(start, goal):
        return found
    if start.name in REFUSED or goal.name in REFUSED:
        return None
    exact = _exact(start, goal)
    if exact is not None and exact.exact:
        return exact
    for first in _twins(start):
        for last in _twins(goal):
            if known := _known(first, last):
                way = known if first == start else joined(_sure(start, first), known)
                return way if last == goal else joined(way, _sure(last, goal))
    return exact


def _known(start: Space, goal: Space) -> Mapping | None:
    """The explicit mapping between two spaces that hold what their names stand for; another space may be called so."""
    found = MAPPINGS.get((start.name, goal.name))
    own = found is not None and (start.labels, goal.labels) == (found.labels, SPACES[goal.name].labels)
    return found if own else None


@cache
def _twins(space: Space) -> tuple[Space, ...]:
    """The space itself, and those with the same labels in another order or the same numbers on another range."""
    others = (other for other in SPACES.values() if len(other.labels) == len(space.labels) and other != space)
    return (space, *(one for one in others if (way := _exact(space, one)) is not None and way.exact))


def _exact(start: Space, goal: Space) -> Mapping | None:
    return relabelled(start, goal) or rescaled(start, goal)


def _sure(start: Space, goal: Space) -> Mapping:
    way = _exact(start, goal)
    assert way is not None
    return way


def _no_way(start: Space, goal: Space) -> str:
    why = REFUSED.get(start.name) or REFUSED.get(goal.name)
    ways: list[str] = []
    for name in goals(start):
        if not any(SPACES[name] in _twins(SPACES[other]) for other in ways):
            ways.append(name)
    text = f"no mapping from {start.name} to {goal.name}{f' ({why})' if why else ''}; it can go to: "
    text += f"{', '.join(ways)} (and the same labels in other orders and ranges)" if ways else "none"
    steps = [] if why else [name for name in ways if _find(SPACES[name], goal) is not None]
    return f"{text}; by two lossy mappings in a row through: {', '.join(steps)}" if steps else text
