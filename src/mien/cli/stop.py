"""A command that is told to stop does so within a second or two, also in the middle of a long step of PyTorch."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

PATIENCE = 1.0
"""Seconds that the block has to end by itself."""


@contextmanager
def stopping(line: str) -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM raise as ever; after that, or `PATIENCE`, the process says `line` and ends.

    Python's handlers wait for the end of what compiled code is doing; a thread that the signal wakes does not. For
    blocks that lose nothing when they are cut off anywhere, in the main thread. Exit codes are 130 and 143.
    """
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    over = threading.Event()
    before = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    thread = threading.Thread(target=_watch, args=(woken, over, line), daemon=True)
    thread.start()
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stop:
        over.set()
        _leave(line, signal.SIGINT if isinstance(stop, KeyboardInterrupt) else signal.SIGTERM)
    finally:
        over.set()
        signal.set_wakeup_fd(before)
        os.close(wakes)  # the thread reads the end
        thread.join()
        os.close(woken)


def _watch(woken: int, over: threading.Event, line: str) -> None:
    while told := os.read(woken, 1):
        if told[0] in (signal.SIGINT, signal.SIGTERM) and not over.wait(PATIENCE):
            _leave(line, told[0])


def _leave(line: str, number: int) -> NoReturn:
    """Without the interpreter's own end, which takes seconds once PyTorch is loaded."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    os._exit(128 + number)
