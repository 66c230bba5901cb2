"""Things that are not files yet (stdin, file-like objects) put into a temporary file that goes away by itself."""

from __future__ import annotations

import os
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

from mien.errors import InputError, RequestError

PIECE = 1 << 20
"""Bytes copied at once."""


class Spool:
    """A temporary copy on disk of a binary stream; it is removed when nothing refers to it any more."""

    def __init__(self, stream: Any, named: str, suffix: str = "") -> None:
        handle, self.path = tempfile.mkstemp(prefix="mien-", suffix=suffix)
        self._remove = weakref.finalize(self, _unlink, self.path)
        try:
            with os.fdopen(handle, "wb") as target:
                while piece := _bytes(stream):
                    target.write(piece)
        except OSError as error:
            self.close()
            raise InputError(
                named, "", f"cannot be copied to {tempfile.gettempdir()} ({error.strerror or error})"
            ) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the copy now."""
        self._remove()


def real_file(stream: Any) -> Path | None:
    """The file on disk behind a file object that stands at its beginning, or None where there is none."""
    name = getattr(stream, "name", None)
    try:
        stream.fileno()
        if not isinstance(name, str | bytes | os.PathLike) or stream.tell() != 0:
            return None
        path = Path(os.fsdecode(name))
        return path if path.is_file() else None
    except (AttributeError, OSError, ValueError):
        return None


def _bytes(stream: Any) -> bytes:
    """The next piece; a text stream is a mistake worth a plain word."""
    data = stream.read(PIECE)
    if data is None:
        raise RequestError("the stream has nothing to read yet (it does not block); give one that waits")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise RequestError("the stream gives text; open it in binary mode, or give sys.stdin.buffer")
    return bytes(data)


def _unlink(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
