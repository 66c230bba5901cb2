"""The colour of any emotion word: its own, or that of the basic emotion it reaches on an emotion wheel."""

from __future__ import annotations

from functools import lru_cache

from mien.page.colours import EMOTIONS, colour
from mien.scoring.wheels import tables

_WHEEL = "case3_wheel2_level1"
_BASIC = {
    "happy": "happiness", "sad": "sadness", "angry": "anger", "fearful": "fear",
    "surprised": "surprise", "disgusted": "disgust", "bad": "sadness",
}  # fmt: skip


@lru_cache(maxsize=4096)
def hue(label: str) -> str:
    """Colour of a label ("#RRGGBB"): "worried" has that of fear; a word that no wheel knows is grey.

    >>> hue("scared") == hue("fear")
    True
    """
    own = colour(label)
    if own != EMOTIONS["other"]:
        return own
    group = tables().group(label, _WHEEL)
    return colour(_BASIC.get(group or "", label))
