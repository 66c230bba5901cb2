"""Words as a hashed bag of word and character n-grams: any language, nothing to load, no vocabulary to leak.

Each n-gram's key (analysis.senses.textfeatures) chooses a column and a sign; values are 1 + log count, the row has
length 1 (Weinberger et al. 2009, feature hashing).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.textfeatures import ngrams, units
from mien.errors import RequestError
from mien.research.encoders import Encoder, Plain


def build(*, width: int = 512, per: str = "text") -> Encoder:
    """width: columns, 8 to 65536; per: "text" for one row, "word" for one row a word."""
    if not 8 <= width <= 65536 or per not in ("text", "word"):
        raise RequestError(f"width {width}, per {per!r}; allowed: 8 to 65536; text, word")

    def read(text: str) -> NDArray[np.float32]:
        if not text.strip():
            return np.zeros((0, width), np.float32)
        pieces = [text] if per == "text" else [text[start:end] for start, end in units(text)]
        return np.stack([hashed(piece, width) for piece in pieces])

    return Plain("hash", "1", "words", width, read, {"width": width, "per": per})


def hashed(text: str, width: int) -> NDArray[np.float32]:
    """One row of length 1 (zeros where a text has no n-gram), (width,) float32."""
    keys, counts = np.unique(ngrams(text).all, return_counts=True)
    mixed = (keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(16)
    values = (1 + np.log(counts)) * np.where(mixed >> np.uint64(40) & np.uint64(1), 1.0, -1.0)
    row = np.bincount((mixed % np.uint64(width)).astype(np.int64), values, width)
    length = np.linalg.norm(row)
    return np.asarray(row / length if length else row, np.float32)
