"""The tables of docs/proof.md: commands that can be typed, and numbers that stand in the committed results."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from mien.cli.bench import command
from mien.research.datasets import ADAPTERS
from mien.research.protocols.bench import Line, seeds_of
from mien.research.protocols.plan import configured
from mien.research.protocols.result import read_result

ROOT = Path(__file__).parents[2]


def load():
    spec = importlib.util.spec_from_file_location("proof", ROOT / "benchmarks" / "proof.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["proof"] = module
    spec.loader.exec_module(module)
    return module


proof = load()


@pytest.mark.parametrize("name", proof.TABLES)
def test_every_command_can_be_typed(name):
    protocol, *words = proof.TABLES[name].command.split()
    made = command.get_command(None, protocol)
    given = made.make_context(protocol, words).params
    assert len(Line(given["systems"], given["settings"]).entrants()) >= 1
    assert seeds_of(given["seeds"])
    for source in given["sources"]:
        assert source.endswith(".npz") or source.partition(":")[0] in ADAPTERS
    own = {key.removeprefix("own_"): value for key, value in given.items() if key.startswith("own_") and value}
    from mien.research.protocols import protocol as kind

    configured(kind(protocol), own)


def test_the_page_tells_the_committed_results():
    page = (ROOT / "docs" / "proof.md").read_text("utf-8")
    names = re.findall(r"<!-- table ([\w-]+) -->", page)
    assert set(names) <= set(proof.TABLES) and {name for _, name, _, _ in proof.CLAIMS} <= set(proof.TABLES)
    assert proof.claims() in page, "run: python benchmarks/proof.py --tables (claims)"
    assert proof.speeds() in page, "run: python benchmarks/proof.py --tables (speed)"
    for name in names:
        assert proof.told(name) in page, f"run: python benchmarks/proof.py --tables ({name})"
        result = read_result(ROOT / "benchmarks" / "results" / f"bench-{name}.json")
        assert result.run["command"] == "mien bench " + proof.TABLES[name].command
        words = proof.TABLES[name].command.split()
        assert result.seeds == seeds_of(words[words.index("--seeds") + 1])
        assert list(result.systems) == words[words.index("--systems") + 1].split(",")
        assert all(row.floor is not None for row in result.rows if row.kind == "score")
        if result.data["name"].startswith("constructed"):
            part = page[: page.index(f"<!-- table {name} -->")].rpartition("\n## ")[2]
            assert "onstructed" in part, name
