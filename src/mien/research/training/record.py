"""What came out of a run, epoch by epoch: a table, a CSV file, TensorBoard's event files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.errors import MissingExtra
from mien.files import write_atomic

Row = dict[str, Any]
ADVICE = "make room, or name another --out; --resume goes on from the last checkpoint"
"""What to do where a file of a run cannot be written."""


@dataclass(frozen=True, slots=True)
class Run:
    """rows: one an epoch (stage, epoch, seconds, rate, loss and its terms, valid); best: stage -> its best epoch, or
    its last where nothing was held out; selected: what picked it, "last epoch" without a validation part; settings:
    those that change what comes out; machine: "cpu, float32"."""

    rows: tuple[Row, ...]
    best: dict[str, int]
    selected: str
    samples: int
    held: int
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    machine: str = ""


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """All rows so far; written anew each time, so a stopped run leaves a whole file."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(path, out.getvalue(), ADVICE)


class Board:
    """TensorBoard's event files, one point an epoch; MissingExtra where TensorBoard is not installed."""

    def __init__(self, folder: Path, done: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise MissingExtra("train", "TensorBoard files need tensorboard") from None
        self._writer: Any = SummaryWriter(str(folder), purge_step=done + 1)

    def add(self, row: Row, step: int) -> None:
        """One row of the run."""
        for name, value in row.items():
            if isinstance(value, float):
                self._writer.add_scalar(f"{row['stage']}/{name}", value, step)

    def close(self) -> None:
        """Write what is still held."""
        self._writer.close()
