"""The walk-through of docs/scoring.md, run from top to bottom as a reader would paste it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)( fails)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = Path(__file__).parents[2] / "docs" / "scoring.md"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page is written for a POSIX shell")


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which `mien` and `python` are those under test."""
    tools = tmp_path / "bin"
    tools.mkdir()
    command = tools / "mien"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mien "$@"\n', "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IEXEC)
    return {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}


def shown_in_order(wanted: str, said: str) -> str:
    """The first line of the page that the commands did not print (whole lines or their beginning), or ""."""
    lines = iter(said.splitlines())
    for line in wanted.splitlines():
        if line != "..." and not any(found.startswith(line) for found in lines):
            return line
    return ""


def test_every_block_of_the_page_does_what_the_page_says(tmp_path: Path, shell: dict[str, str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    said, blocks = "", BLOCK.findall(PAGE.read_text("utf-8"))
    assert {kind for kind, _, _ in blocks} == {"sh", "python", "text"}
    for kind, fails, code in blocks:
        if kind == "text":
            assert shown_in_order(code, said) == "", said
            continue
        command = ["bash", "-e", "-c", code] if kind == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=folder, env=shell, capture_output=True, encoding="utf-8")
        said = done.stderr + done.stdout
        assert done.returncode == (1 if fails else 0), said
        assert "Traceback" not in said
    made = {path.name for path in folder.iterdir()}
    assert {"scores.html", "table.tex", "scores.csv", "scores.json"} <= made
