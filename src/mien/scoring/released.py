"""Files as the open-vocabulary benchmarks release them: NumPy archives of answers, folders of synonym groups.

Only plain text arrays are read; an archive that holds pickled objects is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import DataError, InputError
from mien.scoring.records import Rows, read_rows

MOST = 1 << 30
"""Bytes of one archive once it is unpacked, at most."""


def rows_of_file(path: Path) -> Rows:
    """The rows of a table (`read_rows`), or of an .npz with `filenames` and `fileitems` (AffectGPT's own output)."""
    return Rows(path, _archive_rows(path) if path.suffix.lower() == ".npz" else read_rows(path))


def synonym_groups(beside: Path) -> dict[str, str] | None:
    """Sample -> groups of synonyms as the judge wrote them, from `openset-synonym` (a folder or .zip of .npy files).

    It is looked for in the folder of `beside`, as MER2024-OV releases it; None where there is none.
    """
    folder = beside.parent / "openset-synonym"
    if folder.is_dir():
        files = sorted(folder.glob("*.npy"))
        return {file.stem: _text_array(file.read_bytes(), file) for file in files} or None
    archive = folder.with_suffix(".zip")
    if not archive.is_file():
        return None
    with _opened(archive) as whole:
        names = [name for name in whole.namelist() if name.endswith(".npy") and "/._" not in name]
        return {Path(name).stem: _text_array(whole.read(name), archive) for name in sorted(names)} or None


def _archive_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with _opened(path) as whole:
        names = {Path(name).stem for name in whole.namelist()}
    if not {"filenames", "fileitems"} <= names:
        found = ", ".join(sorted(names)) or "nothing"
        raise DataError(path, None, f"holds {found}; an .npz needs filenames and fileitems (save other results as CSV)")
    try:
        with np.load(path, allow_pickle=False) as held:
            ids, answers = held["filenames"], held["fileitems"]
    except ValueError:
        why = "holds pickled objects, which are not read for safety; save it as CSV or JSON Lines"
        raise DataError(path, None, why) from None
    if len(ids) != len(answers):
        raise DataError(path, None, f"has {len(ids)} filenames but {len(answers)} fileitems; they must agree")
    for number, (name, answer) in enumerate(zip(ids.tolist(), answers.tolist(), strict=True), start=1):
        yield number, {"id": name, "prediction": answer}


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        whole = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(path, "", f"is no archive that can be read ({error})") from None
    if sum(entry.file_size for entry in whole.infolist()) > MOST:
        raise InputError(path, "", f"unpacks to more than {MOST >> 30} GiB; is this the right file?")
    return whole


def _text_array(data: bytes, path: Path) -> str:
    try:
        return str(np.load(BytesIO(data), allow_pickle=False))
    except (ValueError, OSError, EOFError):
        raise DataError(path, None, "a synonym file is no plain text array; save it again as text") from None
