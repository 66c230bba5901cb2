"""What the commands of research share: torch or a clear line, the data behind --data, parts of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from mien.errors import InputError, MissingExtra, RequestError
from mien.research.samples import Data, Sample, Split, grouped_split

DATA_HELP = "A pack (.npz or .json), or NAME:PATH of a data set (`mien data list`)."


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--data, as every command of research takes it."""
    return click.option("--data", "source", required=True, help=DATA_HELP)(command)


def need_torch(what: str) -> None:
    """MissingExtra unless torch and safetensors are there."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "safetensors")):
        raise MissingExtra("train", f"{what} needs torch and safetensors")


def open_data(source: str) -> Data:
    """The data behind --data: a pack, or NAME:PATH through the data set's adapter."""
    from mien.research.datasets import pack

    name, colon, path = source.partition(":")
    if Path(source).suffix.lower() in (".npz", ".json"):
        return pack.load_pack(source)
    from mien.research import datasets

    load: Callable[[str, Path], Data] | None = getattr(datasets, "load", None)
    if load is None or not colon:
        raise RequestError(f"--data {source!r} is neither a pack (.npz, .json) nor NAME:PATH of a data set")
    return load(name, Path(path))


def split_of(data: Data, held: float | None, seed: int) -> tuple[Split, str]:
    """The owners' parts where they made any, else a grouped 70/15/15; and a line that says so.

    held: share of the training groups to select on, where the owners made no validation part; 0 for none.
    """
    rng = np.random.default_rng(seed)
    parts = data.parts
    if "train" not in parts:
        split = grouped_split(data.samples, (0.7, 0.15, 0.15), rng)
        return split, f"no parts of the owners: whole groups at random (seed {seed}), 70/15/15"
    train, valid = tuple(parts["train"]), tuple(parts.get("valid", ()))
    told = "parts of the owners" if valid else "parts of the owners, none to select on: the last epoch is kept"
    if held and not valid:
        groups = sorted({data.samples[row].group for row in train})
        taken = set(rng.permutation(groups)[: max(1, round(held * len(groups)))].tolist())
        if len(taken) == len(groups):
            raise RequestError(f"--held {held}: the training part has only {len(groups)} group")
        valid = tuple(row for row in train if data.samples[row].group in taken)
        train = tuple(row for row in train if data.samples[row].group not in taken)
        told = f"parts of the owners; {len(taken)} of {len(groups)} training groups to select on (seed {seed})"
    split = Split(train, valid, tuple(parts.get("test", ())))
    return split, told


def take(data: Data, rows: tuple[int, ...]) -> tuple[Sample, ...]:
    """Those samples."""
    return tuple(data.samples[row] for row in rows)


def rows_named(data: Data, ids: list[str], path: Path) -> tuple[int, ...]:
    """The rows of those ids; InputError naming the first that the data lacks."""
    place = {sample.id: row for row, sample in enumerate(data.samples)}
    for name in ids:
        if name not in place:
            raise InputError(path, "", f"names {name!r}, which {data.name} lacks; give the data it was trained on")
    return tuple(place[name] for name in ids)
