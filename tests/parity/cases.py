"""Golden vectors by kind: one JSON a case, read from MIEN_PARITY (default ../shared/parity)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("MIEN_PARITY", ROOT.parent / "shared" / "parity"))

NINE = 9
TOLD = {
    "subset",
    "token_map",
    "paper_min_samples_per_speaker",
    "extra_labels_in_bench_files",
    "intensity_levels_expert",
}
"""What files tell beside the conventions their values follow."""


class Fields(dict[str, Any]):
    """The inputs or the configuration of a case; `unread`: what no check has asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.unread = set(values)

    def __getitem__(self, name: str) -> Any:
        self.unread.discard(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.unread.discard(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        self.unread.discard(name)
        return super().pop(name, *default)

    def items(self) -> Any:
        self.unread.clear()
        return super().items()


def paths() -> list[Path]:
    """Every case file."""
    return sorted(FOLDER.glob("*.json"))


def kind_of(path: Path) -> str:
    """The kind of a case file: its name without its number and without -p, the mark of the held-out set."""
    return re.sub(r"(-p)?-\d+(-p)?$", "", path.stem)


def load(path: Path) -> dict[str, Any]:
    """The case; its tensors file, where there is one, is named by its path under `tensors_path`.

    Some files write nine digits of every number: no comparison with them can be closer than that.
    """
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if max(map(_digits, _floats(case["expected"])), default=0) == NINE:
        case["tolerance"]["rtol"] = max(case["tolerance"]["rtol"], 10.0 ** (1 - NINE))
    for name in (case.get("tensors"), f"{path.stem}.safetensors"):
        if name and path.with_name(name).exists():
            case["tensors_path"] = path.with_name(name)
    return case | {part: Fields(case[part]) for part in ("config", "inputs")}


def tensors(case: dict[str, Any]) -> dict[str, Any]:
    """Weights and arrays of a case by name, floats in float32 as the systems are; a skip without torch."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    held = pytest.importorskip("safetensors.torch").load_file(case["tensors_path"])
    return {name: values.float() if values.is_floating_point() else values for name, values in held.items()}


def unread(case: dict[str, Any]) -> list[str]:
    """Fields that a check which passed never asked for: options it does not know. Words that explain are none."""
    left = [(part, name) for part in ("config", "inputs") for name in case[part].unread - TOLD]
    return sorted(f"{part}/{name}" for part, name in left if not isinstance(case[part][name], str))


def _floats(values: Any) -> Iterator[float]:
    if isinstance(values, float):
        yield values
    elif isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _floats(value)


def _digits(value: float) -> int:
    """Significant digits as written."""
    return len(repr(abs(value)).partition("e")[0].replace(".", "").strip("0"))
