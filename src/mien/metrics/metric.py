"""What a metric is: a pure function that knows its id, definition, formula, reference and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mien.errors import RequestError
from mien.metrics.sums import Sums

Better = Literal["higher", "lower", "zero", "neither"]
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's description and the function that computes it.

    id: the field's own short name ("uar", "ccc", "acc2_non0"); kind: what it compares ("classification",
    "multilabel", "regression", "distribution", "openset", "probability", "gap", "interaction"); better: the
    direction ("zero": the nearer to 0 the better); definition: one sentence; formula: plain text;
    reference: who defined it; compute: `compute(truth, prediction, **options)`; undefined: where the value is NaN;
    sums: the same metric as a function of sums over items, with the arguments of `compute`, where it is one (fast
    intervals and parts); None otherwise.
    """

    id: str
    kind: str
    better: Better
    definition: str
    formula: str
    reference: str
    compute: Callable[..., Any]
    undefined: str = ""
    sums: Callable[..., Sums] | None = None

    def __call__(self, *arrays: Any, **options: Any) -> Any:
        """The metric's value; arguments and errors are those of `compute`."""
        return self.compute(*arrays, **options)


class _Registry(Mapping[str, Metric]):
    """Every metric by id, in the order of definition; an unknown id names those that exist."""

    def __init__(self) -> None:
        self._known: dict[str, Metric] = {}

    def __getitem__(self, key: str) -> Metric:
        if key not in self._known:
            raise RequestError(f"unknown metric {key!r}; allowed: {', '.join(self._known)}")
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def add(self, entry: Metric) -> None:
        if entry.id in self._known:
            raise ValueError(f"two metrics are called {entry.id!r}")
        self._known[entry.id] = entry


METRICS = _Registry()


def metric(
    id: str,
    *,
    kind: str,
    better: Better,
    formula: str,
    reference: str,
    undefined: str = "",
    sums: Callable[..., Sums] | None = None,
) -> Callable[[Function], Function]:
    """Enter the decorated function into `METRICS`; its docstring's first line is the definition."""

    def enter(function: Function) -> Function:
        definition = (function.__doc__ or "").strip().splitlines()[0]
        METRICS.add(Metric(id, kind, better, definition, formula, reference, function, undefined, sums))
        return function

    return enter
