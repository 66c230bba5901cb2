"""Golden vectors by kind: one JSON a case, read from MIEN_PARITY (default ../shared/parity)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("MIEN_PARITY", ROOT.parent / "shared" / "parity"))


NINE = 9


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
    tensors = path.with_suffix(".safetensors")
    if tensors.exists():
        case["tensors_path"] = tensors
    return case


def _floats(values: Any) -> Iterator[float]:
    if isinstance(values, float):
        yield values
    elif isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _floats(value)


def _digits(value: float) -> int:
    """Significant digits as written."""
    return len(repr(abs(value)).partition("e")[0].replace(".", "").strip("0"))
