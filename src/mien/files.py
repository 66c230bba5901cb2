"""Writing files so that nothing half-written is ever left behind, and reading JSON within bounds."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from mien.errors import InputError


def write_atomic(path: str | os.PathLike[str], data: bytes | str, advice: str = "choose another --out") -> None:
    """Write `data` (text as UTF-8) to `path`: temp file in the same folder, fsync, rename.

    advice: what a person can do where it fails.

    Raises InputError naming the path when the folder is missing, not writable or full.
    """
    target = Path(path)
    payload = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".mien-", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(payload)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(target, "", f"cannot be written ({error.strerror or error}); {advice}") from None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content (hex), read in 1 MiB pieces."""
    total = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            total.update(piece)
    return total.hexdigest()


def read_bounded(path: str | os.PathLike[str], limit: int) -> bytes:
    """The file's bytes; InputError when it is larger than `limit` bytes or cannot be read."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None
    if len(data) > limit:
        raise InputError(path, "", f"is larger than {limit >> 20} MiB, the most that is read of such a file")
    return data


def cache_folder() -> Path:
    """Where Mien keeps what a user added (converted models): MIEN_CACHE, else the platform's own cache folder.

    ~/.cache/mien or $XDG_CACHE_HOME/mien on Linux, ~/Library/Caches/mien on macOS, %LOCALAPPDATA%\\mien\\cache on
    Windows. It need not exist.
    """
    if named := os.environ.get("MIEN_CACHE"):
        return Path(named).expanduser()
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "mien"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "mien" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "mien"


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
