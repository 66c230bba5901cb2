"""Keeping the peak of memory of a long recording where that of a short one is (glibc only, else nothing is done)."""

from __future__ import annotations

import ctypes
import sys

_TRIM, _MMAP = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h


def steady(threshold: int = 1 << 20) -> None:
    """Give blocks of `threshold` bytes and more back to the system as soon as they are freed.

    glibc raises that limit with every large block it frees, so that pictures and network buffers are kept for reuse
    and the process grows with the length of a recording, though nothing is held. It changes the whole process:
    the command line calls it, a library never should.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_MMAP, threshold)
        library.mallopt(_TRIM, threshold)
    except (OSError, AttributeError):  # another C library
        return
