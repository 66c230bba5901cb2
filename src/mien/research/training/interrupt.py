"""Ctrl-C and SIGTERM that wait for the end of a step, so that a checkpoint can be written before a run stops."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Within a with-block the first signal is only noted (`asked`) and `obey` lets it act; a second acts at once.

    active: False leaves the signals alone, as does a thread that is not the main one.
    """

    def __init__(self, active: bool = True) -> None:
        self.active = active and threading.current_thread() is threading.main_thread()
        self.asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if self.active:
            for number in _SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}

    def obey(self) -> None:
        """Lets the noted signal act as it would have; nothing where none came."""
        if self.asked is not None:
            number, self.asked = self.asked, None
            signal.raise_signal(number)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        signal.signal(number, self._before[number])
