"""Golden vectors by kind: one JSON a case, read from MIEN_PARITY (default ../shared/parity)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("MIEN_PARITY", ROOT.parent / "shared" / "parity"))


def cases(kind: str) -> list[dict[str, Any]]:
    """All cases of a kind (the file name without its number and the mark of the held-out set)."""
    found = sorted(path for path in FOLDER.glob(f"{kind}-*.json") if kind_of(path) == kind)
    return [json.loads(path.read_text()) for path in found]


def kind_of(path: Path) -> str:
    """The kind of a case file."""
    return re.sub(r"(-p)?-\d+(-p)?$", "", path.stem)
