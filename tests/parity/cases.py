"""Golden vectors by kind: one JSON a case, read from MIEN_PARITY (default ../shared/parity)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("MIEN_PARITY", ROOT.parent / "shared" / "parity"))


def paths() -> list[Path]:
    """Every case file."""
    return sorted(FOLDER.glob("*.json"))


def kind_of(path: Path) -> str:
    """The kind of a case file: its name without its number and without -p, the mark of the held-out set."""
    return re.sub(r"(-p)?-\d+(-p)?$", "", path.stem)


def load(path: Path) -> dict[str, Any]:
    """The case; its tensors file, where there is one, is named by its path under `tensors_path`."""
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    tensors = path.with_suffix(".safetensors")
    if tensors.exists():
        case["tensors_path"] = tensors
    return case
