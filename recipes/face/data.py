"""FER+ faces and their ten votes, from `ferplus.parquet` (Barsoum et al., arXiv 1608.01041).

Licence: votes MIT (Microsoft); the pixels are FER2013's, whose owners' licence is not known: research only,
never in the package. How it lies: one row a face with `usage`, votes `l_<class>`, duplicate flags and the
picture as lossless WebP bytes (48x48 grey). Label order: `CLASSES`, the space `ferplus8`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

CLASSES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
NO_CLASS = ("unknown", "NF")


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces (n, 48, 48) uint8, vote shares (n, 8) summing to 1, majority class (n,) or -1 where there is none."""

    images: NDArray[np.uint8]
    shares: NDArray[np.float32]
    majority: NDArray[np.int64]


def sha256(path: Path) -> str:
    """Hex digest of a file, the data hash of the card."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(path: Path) -> tuple[Faces, Faces]:
    """Training rows (faces seen in another split dropped) and PublicTest rows (majority rule only)."""
    table = pq.read_table(path)
    votes = np.stack([table[f"l_{name}"].to_numpy() for name in CLASSES + NO_CLASS], axis=1).astype(np.float32)
    usage = table["usage"].to_numpy()
    elsewhere = table["dup_private"].to_numpy() | table["dup_public"].to_numpy()
    votes[votes < 2] = 0  # a single vote is noise (rule 1 of the official code)
    emotion = (votes.argmax(axis=1) < len(CLASSES)) & (votes.max(axis=1) > 0)
    most = votes.max(axis=1) > 0.5 * votes.sum(axis=1)
    training = (usage == "Training") & ~elsewhere & emotion
    public = (usage == "PublicTest") & emotion & most
    images = table["image"].to_pylist()
    parts = [_faces(images, votes, most, np.flatnonzero(rows)) for rows in (training, public)]
    return parts[0], parts[1]


def _faces(images: list[bytes], votes: NDArray[np.float32], most: NDArray[np.bool_], rows: NDArray[np.int64]) -> Faces:
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(images[row])).convert("L")) for row in rows])
    eight = votes[rows, : len(CLASSES)]
    majority = np.where(most[rows], eight.argmax(axis=1), -1)
    return Faces(pixels, eight / eight.sum(axis=1, keepdims=True), majority)


def public_halves(faces: Faces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of PublicTest's even rows (choose on these) and odd rows (report on these)."""
    index = np.arange(len(faces.images))
    return index[::2], index[1::2]
