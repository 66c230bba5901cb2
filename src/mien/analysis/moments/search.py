"""When to search the whole picture: each search costs as much as following ten faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.scenes import moved

_STIR, _STIR_KNOWN, _CALM, _LOST = 1.0, 3.0, 5.0, 0.4
_SMALL_NONE, _SMALL_SOME = 8.0, 30.0


class Schedule:
    """Rations whole-picture searches by time and by what changed.

    Each second while something stirs and no face is known, every 3 s while something stirs outside the known
    faces, else every 5 s; at once after a cut or a loss. The dearer search for small faces at the start, after a cut,
    and then every 8 s (30 s where a large face is in sight).
    """

    def __init__(self) -> None:
        self._last = self._small = -np.inf
        self._seen: NDArray[np.float32] | None = None

    def effort(
        self,
        time: float,
        thumb: NDArray[np.float32],
        faces: NDArray[np.float64],
        size: tuple[int, int],
        *,
        cut: bool,
        lost: bool,
    ) -> int | None:
        """The effort to search this picture with, or None for no search; faces (n, 4): the boxes known in it."""
        stir = _STIR_KNOWN if len(faces) else _STIR
        since = time - self._last + 1e-6
        if not cut and since < (_LOST if lost else stir):
            return None
        if not cut and not lost and since < _CALM and not self._stirs(thumb, faces, size):
            return None
        large = len(faces) > 0 and float(np.max(faces[:, 2:] - faces[:, :2])) > 0.19 * max(size)
        small = cut or time - self._small >= (_SMALL_SOME if large else _SMALL_NONE)
        self._last, self._seen = time, thumb
        if small:
            self._small = time
        return 1 if small else 0

    def _stirs(self, thumb: NDArray[np.float32], faces: NDArray[np.float64], size: tuple[int, int]) -> bool:
        return self._seen is None or moved(self._seen, thumb, faces, size[0], size[1])
