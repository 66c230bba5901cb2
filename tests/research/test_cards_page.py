"""docs/cards.md: every item of a card has a row, and every test named there exists."""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from pathlib import Path

import pytest

from mien.research.systems import systems

from ..parity.test_kinds import CHECKS

ROOT = Path(__file__).parent.parent.parent
CARDS = Path(os.environ.get("MIEN_SHARED", ROOT.parent / "shared")) / "systems"


def rows():
    """(system, item, what shows it) of the page."""
    found = []
    for line in (ROOT / "docs" / "cards.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1].isdigit():
            found.append((cells[0], int(cells[1]), re.findall(r"(golden )?`([^`]+)`", cells[3])))
    return found


@cache
def defined(path):
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("system", "item", "shown"), rows(), ids=lambda one: str(one) if one != [] else "nothing")
def test_what_shows_an_item_exists(system, item, shown):
    assert shown, f"{system} {item}: nothing shows it"
    for golden, name in shown:
        if golden:
            assert name in CHECKS, f"no check knows the kind {name}"
            continue
        path, _, test = name.partition("::")
        test, _, one = test.partition("[")
        assert test in defined(ROOT / "tests" / path), f"{path} has no {test}"
        if one:
            card = systems()[one.rstrip("]")]
            assert test.removeprefix("test_") not in card.excused, f"{card.name} is excused from {test}"


@pytest.mark.parametrize("system", dict.fromkeys(row[0] for row in rows()))
def test_no_item_is_left_out(system):
    told = [item for name, item, _ in rows() if name == system]
    assert told == list(range(1, len(told) + 1))
    card = CARDS / f"{system}.md"
    if not card.exists():
        pytest.skip("the cards are not beside the repository (MIEN_SHARED)")
    asked = re.split(r"^## \d+\. Must work", card.read_text(encoding="utf-8"), flags=re.M)[1]
    count = 0
    while re.search(rf"(^|\s){count + 1}\. ", asked):
        count += 1
    assert len(told) == count
