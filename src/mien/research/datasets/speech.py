"""What the corpora of single spoken clips share: one file a clip, its label in the name, its speaker as the group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mien.affect.space import Space
from mien.errors import DataError, InputError
from mien.files import digest
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

Parts = Mapping[str, frozenset[str]]


def clips(folder: Path, pattern: str, what: str) -> list[Path]:
    """The files below the folder that match, case aside, sorted by name; InputError naming what was looked for."""
    every = (path for path in folder.rglob("*") if fnmatchcase(path.name.lower(), pattern.lower()) and path.is_file())
    found = sorted(every, key=lambda path: (path.name, str(path)))
    if not found:
        raise InputError(folder, "", f"has no {what} ({pattern})")
    return found


def corpus(
    name: str, space: Space, files: Sequence[Path], tell: Callable[[Path], Sample | None], parts: Parts,
    notes: Sequence[str] = (), whole: int = 0,
) -> Data:  # fmt: skip
    """Data of clips: `tell` makes a sample of a file, or None where the name is none of the corpus (counted).

    A clip that lies in two places is read once; DataError where the two differ. whole: clips of the release, told where
    others are here.
    """
    told = [(path, tell(path)) for path in files]
    strange = [path.name for path, sample in told if sample is None]
    first: dict[str, tuple[Path, Sample]] = {}
    twice = []
    for path, sample in told:
        if sample is not None and first.setdefault(sample.id, (path, sample))[0] != path:
            if digest(path) != digest(first[sample.id][0]):
                raise DataError(path, None, f"is another clip than {first[sample.id][0]}; keep one of them")
            twice.append(path.name)
    samples = tuple(sample for _, sample in first.values())
    for left, why in ((strange, "have names of another form and are left out"), (twice, "lie here twice")):
        if left:
            notes = [*notes, f"{len(left)} files {why}, such as {left[0]}"]
    if whole and len(samples) != whole:
        notes = [*notes, f"{len(samples)} clips are here, {whole} in the release"]
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
