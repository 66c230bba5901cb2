"""What readers tell about trouble on the way: each kind of trouble a few times, never a flood."""

from __future__ import annotations

from mien.analysis.media.recording import Notice

SAME_CODE = 20
"""Notices kept of one code: a badly broken file has thousands of faults, and the first ones tell the story."""


def note(notices: list[Notice], code: str, text: str, start: float | None = None, end: float | None = None) -> None:
    """Add a notice once; after `SAME_CODE` of one code a last one says that more were left out."""
    found = Notice(code, text, _rounded(start), _rounded(end))
    if found in notices:
        return
    same = sum(notice.code == code for notice in notices)
    if same < SAME_CODE:
        notices.append(found)
    elif same == SAME_CODE:
        notices.append(Notice(code, f"more of the same ({code}) follows and is not listed"))


def _rounded(time: float | None) -> float | None:
    return None if time is None else round(time, 3)
