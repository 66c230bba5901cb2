"""What the corpora of single spoken clips share: one file a clip, its label in the name, its speaker as the group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mien.affect.space import Space
from mien.errors import DataError, InputError
from mien.files import digest
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

Parts = Mapping[str, frozenset[str]]
STRANGE = "have names of another form"
"""Why a file is left out that the corpus does not have."""


def clips(folder: Path, pattern: str, what: str) -> list[Path]:
    """The files below the folder that match, case aside, sorted by name; InputError naming what was looked for."""
    every = (path for path in folder.rglob("*") if fnmatchcase(path.name.lower(), pattern.lower()) and path.is_file())
    found = sorted(every, key=lambda path: (path.name, str(path)))
    if not found:
        raise InputError(folder, "", f"has no {what} ({pattern})")
    return found


def corpus(
    name: str, space: Space, files: Sequence[Path], tell: Callable[[Path], Sample | str], parts: Parts,
    notes: Sequence[str] = (), whole: int = 0,
) -> Data:  # fmt: skip
    """Data of clips: `tell` makes a sample of a file, or says why it is left out (counted by reason).

    A clip that lies in two places is read once; DataError where the two differ. whole: clips of the release, told where
    others are here.
    """
    told = [(path, tell(path)) for path in files]
    first: dict[str, tuple[Path, Sample]] = {}
    left: dict[str, list[str]] = defaultdict(list)
    for path, sample in told:
        if isinstance(sample, str):
            left[f"{sample} and are left out"].append(path.name)
        elif first.setdefault(sample.id, (path, sample))[0] != path:
            if digest(path) != digest(first[sample.id][0]):
                raise DataError(path, None, f"is another clip than {first[sample.id][0]}; keep one of them")
            left["lie here twice"].append(path.name)
    samples = tuple(sample for _, sample in first.values())
    notes = [*notes, *(f"{len(own)} files {why}, such as {own[0]}" for why, own in left.items())]
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
