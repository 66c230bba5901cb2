"""How far a run is: a live line on a terminal, a line an epoch elsewhere, both on stderr."""

from __future__ import annotations

import sys
import time


class Progress:
    """total: epochs of all stages; time left is an upper bound, a stage may stop early."""

    def __init__(self, total: int, done: int = 0, *, quiet: bool = False) -> None:
        self.total, self.done, self.quiet = total, done, quiet
        self.live = sys.stderr.isatty() and not quiet
        self._start, self._first, self._drawn = time.monotonic(), done, 0.0

    def step(self, stage: str, epoch: int, share: float) -> None:
        """The current epoch and how much of it is done, in [0, 1]."""
        now = time.monotonic()
        if self.live and now - self._drawn > 0.1:
            self._drawn = now
            bar = "#" * round(20 * share)
            sys.stderr.write(f"\r\x1b[K{stage} {epoch} [{bar:<20}] {self._left(self.done + share)}")
            sys.stderr.flush()

    def epoch(self, stage: str, epoch: int, epochs: int, text: str) -> None:
        """One epoch is over."""
        self.done += 1
        if not self.quiet:
            clear = "\r\x1b[K" if self.live else ""
            end = "" if self.live and self.done < self.total else "\n"
            sys.stderr.write(f"{clear}{stage} {epoch}/{epochs}  {text}  {self._left(self.done)}{end}")
            sys.stderr.flush()

    def skip(self, epochs: int) -> None:
        """Epochs that a stage did not need."""
        self.total -= epochs

    def close(self) -> None:
        """Leave the terminal on a line of its own."""
        if self.live and self._drawn:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def _left(self, done: float) -> str:
        ours = done - self._first
        if ours <= 0:
            return ""
        seconds = round((time.monotonic() - self._start) / ours * max(self.total - done, 0))
        hours, rest = divmod(seconds, 3600)
        return f"at most {hours}:{rest // 60:02}:{rest % 60:02} left"
