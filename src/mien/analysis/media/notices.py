"""What readers tell about trouble on the way: each kind of trouble a few times, never a flood."""

from __future__ import annotations

from dataclasses import replace

from mien.analysis.media.recording import Notice

SAME_CODE = 20
"""Notices kept of one code: a badly broken file has thousands of faults, and the first ones tell the story."""
NEAR = 1.0
"""Seconds after a notice within which the same one again is taken for its continuation."""


def note(notices: list[Notice], code: str, text: str, start: float | None = None, end: float | None = None) -> None:
    """Add a notice once, joined to the last where that says the same just before.

    After `SAME_CODE` of one code a last one says that more were left out.
    """
    found = Notice(code, text, _rounded(start), _rounded(end))
    if found in notices:
        return
    if notices and _goes_on(notices[-1], found):
        notices[-1] = replace(notices[-1], end=found.start if found.end is None else found.end)
        return
    same = sum(notice.code == code for notice in notices)
    if same < SAME_CODE:
        notices.append(found)
    elif same == SAME_CODE:
        notices.append(Notice(code, f"more of the same ({code}) follows and is not listed"))


def _goes_on(last: Notice, found: Notice) -> bool:
    if (last.code, last.text) != (found.code, found.text) or last.start is None or found.start is None:
        return False
    return last.start <= found.start <= (last.start if last.end is None else last.end) + NEAR


def _rounded(time: float | None) -> float | None:
    return None if time is None else round(time, 3)
