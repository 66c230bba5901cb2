"""The real command line in this process, seen as a stranger sees it: exit code, both outputs (FFmpeg's too)."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from mien.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The one result on standard output; the command must have succeeded without a word on stderr."""
        assert (self.code, self.err) == (0, ""), self.err
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line of an input that cannot be read."""
        assert self.code == 1 and not self.out, (self.code, self.out[:200])
        line = self.err.rstrip("\n")
        assert line.startswith("mien: ") and "\n" not in line, self.err
        assert "Traceback" not in line and "this is a fault in Mien" not in line, line
        return line


def warned(result: dict[str, Any]) -> set[str]:
    """The codes of a result's warnings."""
    return {warning["code"] for warning in result["warnings"]}


@pytest.fixture
def mien(monkeypatch, capfd):
    """`mien ARGUMENTS...` in this process."""

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["mien", *map(str, arguments)])
        before = signal.getsignal(signal.SIGTERM)
        capfd.readouterr()
        try:
            main()
        except SystemExit as done:
            said = capfd.readouterr()
            return Said(int(done.code or 0), said.out, said.err)
        finally:
            signal.signal(signal.SIGTERM, before)
        raise AssertionError("main() always ends with an exit code")

    return call
