"""One numeric array from an HDF5 file: no links to other files, no objects, nothing larger than asked for."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError, MissingExtra

MOST = 8 << 30
"""Bytes of one array that are read."""


def read_hdf5(path: Path, *, limit: int = MOST) -> NDArray[np.floating]:
    """The one data set of numbers at the top of an .h5 file, as it is stored.

    Raises MissingExtra without h5py; InputError for no HDF5 file or one that was cut short, for none or several data
    sets, for data that lie in other files, for anything but numbers, and for more than `limit` bytes.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtra("hdf5", f"{path.name} is an HDF5 file") from None
    if not path.is_file():
        raise InputError(path, "", "is not there")
    try:
        with h5py.File(path, "r") as file:
            return _values(path, _only(path, file, h5py), limit)
    except OSError as error:
        why = "was cut short" if "truncated" in str(error) else f"cannot be read as HDF5 ({str(error)[:90]})"
        raise InputError(path, "", f"{why}; get it again from its owners") from None


def _only(path: Path, file: Any, h5py: Any) -> Any:
    """The file's one data set; links elsewhere are named, never followed."""
    names = list(file)
    for name in names:
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            raise InputError(path, name, "is a link to another place, which is not followed")
    found = [file[name] for name in names if isinstance(file[name], h5py.Dataset)]
    if len(found) != 1 or len(names) != 1:
        raise InputError(path, "", f"must hold one array, it holds: {', '.join(names) or 'nothing'}")
    return found[0]


def _values(path: Path, held: Any, limit: int) -> NDArray[np.floating]:
    if held.is_virtual or held.external:
        raise InputError(path, held.name, "lies in another file, which is not read")
    if held.dtype.kind not in "fiu":
        raise InputError(path, held.name, f"has type {held.dtype}; numbers are needed")
    size = math.prod(held.shape or (0,)) * held.dtype.itemsize
    if size > limit:
        raise InputError(path, held.name, f"has {size / 2**30:.1f} GiB, more than {limit / 2**30:.1f} are read")
    values: NDArray[np.floating] = held[...]
    return values
