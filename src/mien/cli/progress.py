"""Progress on stderr: a live line on a terminal, one plain line per finished input otherwise."""

from __future__ import annotations

import os
import sys
import time


class Steps:
    """What is being done now; nothing is drawn unless stderr is a terminal, nothing is said when quiet."""

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        self.total, self.quiet = total, quiet
        self.live = sys.stderr.isatty() and not quiet
        self.finished = 0
        self._drawn = 0.0

    def step(self, name: str, share: float) -> None:
        """The current step of the current input and how much of it is done, in [0, 1]."""
        if not self.live or time.monotonic() - self._drawn < 0.1:
            return
        self._drawn = time.monotonic()
        bar = "#" * round(20 * min(max(share, 0.0), 1.0))
        where = f"{self.finished + 1}/{self.total} " if self.total > 1 else ""
        sys.stderr.write(f"\r\x1b[K{where}{name} [{bar:<20}] {share:4.0%}")
        sys.stderr.flush()

    def done(self, text: str = "") -> None:
        """One input is finished."""
        self.finished += 1
        self.note(f"[{self.finished}/{self.total}] {text}" if text else "")

    def note(self, text: str) -> None:
        """A line for the person at the terminal."""
        self.close()
        if text and not self.quiet:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Remove the live line."""
        if self.live and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = 0.0


def forget_stdout() -> None:
    """Let what is still meant for a full or closed standard output disappear, instead of failing at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
