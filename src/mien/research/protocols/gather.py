"""Results of several runs as one table, where their numbers may stand beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import InputError, RequestError
from mien.page.tables import Cell, render
from mien.research.protocols.result import Result, read_result
from mien.research.protocols.tables import marked

Runs = Sequence[tuple[Path, Result]]
HEADER = ["run", "system", "condition", "metric", "mean", "±", "95 % low", "high", "floor", "seeds", "items"]


def find(where: Sequence[Path]) -> list[tuple[Path, Result]]:
    """Every result file named or lying in a folder named, and what is in it; InputError where there is none."""
    paths: list[Path] = []
    for one in where:
        paths += [path for path in sorted(one.rglob("*.json")) if _is_result(path)] if one.is_dir() else [one]
    if not paths:
        raise InputError(where[0], "", "holds no result of mien bench (--out writes one)")
    return [(path, read_result(path)) for path in dict.fromkeys(paths)]


def _is_result(path: Path) -> bool:
    with path.open("rb") as held:
        return b'"mien-bench/' in held.read(200)


def scheme(result: Result, metric: str) -> dict[str, str]:
    """What two numbers must share to be compared: name -> its value here."""
    data, how = result.data, result.how
    widths = ", ".join(f"{name} {width}" for name, width in data.get("widths", {}).items())
    protocol = ", ".join(f"{name} {value}" for name, value in result.protocol.items() if name != "name")
    return {
        "metric": metric,
        "data": f"{data.get('name')}: {data.get('samples')} items, {data.get('task')} of {len(data.get('labels', ()))}",
        "features": f"{widths} ({str(data.get('sha256', ''))[:8]})",
        "protocol": f"{result.protocol.get('name')} ({protocol})",
        "epoch picked by": str(how.get("select", "loss")),
        "labels used": f"{how.get('labelled', 1.0):.0%}",
        "training": ", ".join(f"{name} {how.get(name) or 'as each recipe says'}" for name in ("epochs", "batch")),
    }


def settings(runs: Runs) -> list[dict[str, str]]:
    """Run -> system -> the settings in which it differs from a system of the same name in another run."""
    configs: dict[str, list[Mapping[str, Any]]] = {}
    for _, result in runs:
        for name, told in result.systems.items():
            configs.setdefault(name, []).append(told.get("config", {}))
    odd = {
        name: [
            key for key in dict.fromkeys(key for one in own for key in one) if len({repr(c.get(key)) for c in own}) > 1
        ]
        for name, own in configs.items()
    }
    return [
        {name: ", ".join(f"{key} {told.get('config', {}).get(key, '-')}" for key in odd[name])
         for name, told in result.systems.items() if odd[name]}
        for _, result in runs
    ]  # fmt: skip


def together(runs: Runs, format: str = "text", *, metric: str | None = None, mix: bool = False, digits: int = 3) -> str:
    """One line a system and condition of every run; metric: the runs' headline where it is left out.

    RequestError where the runs differ in metric (Has0 beside Non0), data, features (GloVe beside BERT), protocol, what
    picks the epoch, the share of labels, epochs or batch, unless `mix`: then columns tell what differs. Systems may
    have other settings in another run; a column says which. Text and Markdown end with what all share.
    """
    schemes = [scheme(result, metric or result.headline) for _, result in runs]
    differ = [name for name in schemes[0] if len({one[name] for one in schemes}) > 1]
    if differ and not mix:
        name = differ[0]
        at = next(at for at, one in enumerate(schemes) if one[name] != schemes[0][name])
        raise RequestError(
            f"{runs[0][0]} and {runs[at][0]} differ in {', '.join(differ)} ({name}: {schemes[0][name]} against "
            f"{schemes[at][name]}): such numbers say nothing beside each other; --mix shows them all the same, marked"
        )
    columns = [name for name in differ if name != "metric"]
    odd = settings(runs)
    header = [*HEADER, *columns, *(["settings"] if any(odd) else [])]
    lines: list[list[Cell]] = []
    for (path, result), own, mine in zip(runs, schemes, odd, strict=True):
        rows = [row for row in result.rows if row.metric == own["metric"] and not row.system.startswith("floor:")]
        if not rows:
            known = ", ".join(dict.fromkeys(row.metric for row in result.rows))
            raise RequestError(f"{path} has no metric {own['metric']!r}; it has: {known}")
        run = path.parent.name if path.name == "result.json" else path.stem
        for row in rows:
            numbers = [row.mean, row.std, *(row.interval or (None, None)), row.floor, len(row.values) or None, row.n]
            lines.append([run, row.system, row.condition, row.metric + marked(result), *numbers,
                          *(own[name] for name in columns),
                          *([mine.get(row.system)] if any(odd) else [])])  # fmt: skip
    told = render(header, lines, format, digits=digits)
    if format in ("text", "md"):
        shared = (f"{name}: {value}" for name, value in schemes[0].items() if name not in differ)
        told += "\n" + "\n".join(shared) + "\n" if format == "text" else "\n" + "; ".join(shared) + "\n"
    return told
