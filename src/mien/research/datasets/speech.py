"""What the corpora of single spoken clips share: one file a clip, its label in the name, its speaker as the group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mien.affect.space import Space
from mien.errors import InputError
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

Parts = Mapping[str, frozenset[str]]


def clips(folder: Path, pattern: str, what: str) -> list[Path]:
    """The files below the folder that match, sorted by name; InputError naming what was looked for."""
    found = sorted((path for path in folder.rglob(pattern) if path.is_file()), key=lambda path: path.name)
    if not found:
        raise InputError(folder, "", f"has no {what} ({pattern})")
    return found


def corpus(
    name: str, space: Space, files: Sequence[Path], tell: Callable[[Path], Sample | None], parts: Parts,
    notes: Sequence[str] = (),
) -> Data:  # fmt: skip
    """Data of clips: `tell` makes a sample of a file, or None where the name is none of the corpus (counted)."""
    told = [(path, tell(path)) for path in files]
    strange = [path.name for path, sample in told if sample is None]
    samples = tuple(sample for _, sample in told if sample is not None)
    if strange:
        notes = [*notes, f"{len(strange)} files have names of another form and are left out, such as {strange[0]}"]
    return valid(Data(name, space, "class", samples, split_by(samples, parts), notes=tuple(notes)))


def split_by(samples: Sequence[Sample], parts: Parts) -> dict[str, tuple[int, ...]]:
    """Indices of the samples whose group is in each part; parts that stay empty are left out."""
    rows = {part: tuple(i for i, one in enumerate(samples) if one.group in names) for part, names in parts.items()}
    return {part: found for part, found in rows.items() if found}


def heard(path: Path) -> dict[str, Clip]:
    """A file as the raw voice of a sample."""
    return {"audio": Clip(str(path))}


def speakers(text: str) -> frozenset[str]:
    """Names of speakers from a line."""
    return frozenset(text.split())
