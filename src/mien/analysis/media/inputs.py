"""Which recordings a person means by files, folders, globs and "-", and what each one's content is as a digest."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mien.analysis.media.endings import CAPTIONS, SOUND_OR_PICTURE, SURE, ending
from mien.analysis.media.recording import Recording
from mien.errors import RequestError
from mien.files import digest


def find_inputs(paths: Sequence[str | os.PathLike[str]]) -> list[str]:
    """The recordings that are meant, in the order named, each once.

    A folder gives every readable file below it, sorted (a wearable's folder is one recording), a glob what it matches;
    "-" and files stay as they are, also those that do not exist (opening them says so). A transcript beside its
    recording (clip.srt beside clip.mp4) is part of it and no input of its own; nor is what Mien itself wrote.
    Raises RequestError where a folder or glob holds nothing.
    """
    found: dict[str, str] = {}
    for path in paths:
        for one in _expand(os.fspath(path)):
            found.setdefault(one if one == "-" else os.path.abspath(one), one)
    return [path for path in found.values() if not _belongs_to_another(path, found.values())]


def content_digest(recording: Recording) -> str:
    """SHA-256 (hex) of the recording's content: of the file, of a folder's files with their names, of an array."""
    source = recording.source
    source = getattr(source, "within", source)
    if (own := getattr(source, "digest", None)) is not None:
        return str(own())
    path = getattr(source, "path", "") or recording.path
    if not os.path.isdir(path):
        return digest(path)
    total = hashlib.sha256()
    for entry in filter(os.path.isfile, _walk(Path(path))):
        total.update(f"{entry.relative_to(path).as_posix()}\0{digest(entry)}\n".encode())
    return total.hexdigest()


def _expand(path: str) -> Iterable[str]:
    if path == "-" or os.path.isfile(path):
        return [path]
    if os.path.isdir(path):
        return _in_folder(path)
    if glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))
        inputs = [found for match in matches for found in _in_glob(match)]
        if not inputs:
            raise RequestError(f"{path}: no recording matches")
        return inputs
    return [path]


def _in_glob(match: str) -> Iterable[str]:
    if not os.path.isdir(match):
        return [match]
    from mien.analysis.media.wearable import is_wearable

    return [match] if is_wearable(match) else []


def _in_folder(path: str) -> list[str]:
    from mien.analysis.media.wearable import is_wearable

    if is_wearable(path):
        return [path]
    inputs: list[str] = []
    exports: list[Path] = []
    for entry in _walk(Path(path)):
        if any(export in entry.parents for export in exports):
            continue
        if entry.parent != Path(path) and is_wearable(entry.parent):
            exports.append(entry.parent)
            inputs.append(str(entry.parent))
        elif _is_recording(entry):
            inputs.append(str(entry))
    if not inputs:
        raise RequestError(f"{path}: no recording in this folder; name a file, or one of another kind")
    return inputs


def _walk(folder: Path) -> Iterable[Path]:
    """All files below a folder in sorted order, hidden ones left out; links to folders are not followed.

    A folder that cannot be listed is given like a file, so that it is told and not passed over.
    """
    locked: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: locked.append(Path(error.filename))):
        yield from locked
        locked.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(files) if not name.startswith("."))
    yield from locked


def _is_recording(path: Path) -> bool:
    from mien.analysis.media.captions import is_own_result
    from mien.analysis.media.wearable import is_wearable

    if path.is_dir():  # one that could not be listed
        return True
    kind = ending(path.name)
    if not path.is_file():  # a pipe or a broken link: opening it says so
        return kind in SURE
    if kind in SURE:
        return kind not in CAPTIONS or not is_own_result(path)
    if kind in ("csv", "tsv", "parquet", "zip") and is_wearable(path):
        return True
    return kind in ("csv", "json", "jsonl") and _is_dialogue(path)


def _is_dialogue(path: Path) -> bool:
    from mien.analysis.media.captions import is_own_result, read_script
    from mien.errors import InputError

    try:
        return not is_own_result(path) and any(line.text for line in read_script(str(path), str(path)).captions)
    except InputError:
        return False


def _belongs_to_another(path: str, found: Iterable[str]) -> bool:
    """Whether it is the transcript of a recording that is an input too."""
    from mien.analysis.media.captions import is_language_variant

    if path == "-" or ending(path) not in CAPTIONS:
        return False
    own = Path(path)
    return any(
        ending(other) in SOUND_OR_PICTURE
        and Path(other).parent == own.parent
        and (own.stem == Path(other).stem or is_language_variant(own, Path(other)))
        for other in found
    )
