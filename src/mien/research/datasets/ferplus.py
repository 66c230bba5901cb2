"""FER+: ten votes on each of 35 887 grey faces of 48x48 pixels, 8 emotions.

What: the pictures of FER2013 (web search, 2013) with new labels. 1513 groups of equal pictures, 556 of them across the
    parts. The release disagrees with itself: label.csv beside the pictures and fer2013new.csv differ on 1602 of them,
    and the official trainer reads the former.
Who: E. Barsoum and others, ICMI 2016 (arXiv 1608.01041).
Licence: labels MIT; no licence of the pictures' owners is known: train on them, never pass them on.
Get: github.com/microsoft/FERPlus (labels); the pictures as FER2013 from Kaggle (fer2013.csv).
On disk: fer2013new.csv (Usage, Image name, ten counts) and, for pixels, fer2013.csv (emotion, pixels, Usage) in the
    same order; or ferplus.parquet (n_*, l_* counts, dup_group, dup_private, dup_public, image); or votes.parquet, no
    pictures.
Labels: ferplus8: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt. The class with more than half
    of the votes, single votes left aside; pictures without one are left out (told in the notes).
Groups: equal pictures where they are there, else each its own. Parts: train (Training), valid (PublicTest), test
    (PrivateTest) as released.
Options: version: "label" or "new" (parquet alone holds both); repeats: "keep", or "drop" pictures that also stand
    in a later part (votes alone do not tell them).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.affect.space import space
from mien.errors import DataError, RequestError
from mien.raters.votes import Votes
from mien.research.datasets.tables import Row, number, rows, some, table
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

SIGNS = ("fer2013new.csv|ferplus.parquet|votes.parquet:usage",)
OUTSIDE = ("unknown", "nf")
_PARTS = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}
_SIDE = 48


def read(path: Path, *, version: str = "label", repeats: str = "drop") -> Data:
    """FER+ at `path`; see the module's text."""
    if version not in ("label", "new") or repeats not in ("keep", "drop"):
        raise RequestError(f"version {version!r}, repeats {repeats!r}; allowed: label, new; keep, drop")
    sheet = path if path.is_file() else some(path, "ferplus", "fer2013new", "votes")
    found = list(rows(sheet, needs=("usage",)))
    goal, prefix = space("ferplus8"), _prefix(sheet, found, version)
    columns = [prefix + name for name in (*goal.labels, *OUTSIDE)]
    counts = np.array(
        [[number(sheet, row, name, cells.get(name)) for name in columns] for row, cells in found], np.int64
    )
    votes = Votes.from_counts(counts, labels=goal, outside=OUTSIDE, items=[str(row) for row, _ in found])
    first: dict[str, str] = {}
    made = votes.targets("majority", ignore_below=2)
    pixels = _pixels(path, sheet, len(found))
    homes: dict[str, set[str]] = {}
    for (_, cells), one in zip(found, pixels, strict=False):
        homes.setdefault(one, set()).add(_PARTS.get(str(cells["usage"]), ""))
    samples, parts, twice = list[Sample](), dict[str, list[int]]({one: [] for one in _PARTS.values()}), 0
    for place, (row, cells) in enumerate(found):
        part = _PARTS.get(str(cells["usage"]))
        if part is None:
            raise DataError(sheet, row, f"usage {cells['usage']!r}; allowed: {', '.join(_PARTS)}")
        if repeats == "drop" and _elsewhere(cells, part, homes[pixels[place]] if pixels else set()):
            twice += 1
        elif made.kept[place]:
            parts[part].append(len(samples))
            name = f"{row:05d}"
            group = str(cells["dup_group"]) if repeats == "drop" and "dup_group" in cells else name
            if repeats == "drop" and pixels:
                group = first.setdefault(pixels[place], name)
            clip = _clip(sheet, row, cells, pixels[place] if pixels else "")
            samples.append(Sample(name, group, {}, int(made.label[place]), counts[place, :8].astype(float), clips=clip))
    notes = [f"{len(found) - len(samples) - twice} pictures without a majority are left out"]
    notes += [f"{twice} pictures that also stand in a later part are left out of the earlier one"] if twice else []
    notes += [] if samples and samples[0].clips else ["no pictures here, votes alone"]
    own = {part: tuple(held) for part, held in parts.items() if held}
    return valid(Data("ferplus", goal, "class", tuple(samples), own, notes=tuple(notes)))


def _prefix(sheet: Path, found: list[tuple[int, Row]], version: str) -> str:
    """The prefix of the counts' columns."""
    names = found[0][1] if found else {}
    if "l_neutral" in names:
        return {"label": "l_", "new": "n_"}[version]
    if "neutral" not in names:
        raise DataError(sheet, None, f"has no counts of votes; columns: {', '.join(names)}")
    return ""


def _elsewhere(cells: Row, part: str, homes: set[str]) -> bool:
    """Whether a later part has the same picture: the Parquet table marks it, of pixels `homes` are the parts."""
    order = list(_PARTS.values())
    later = homes & set(order[order.index(part) + 1 :])
    return bool(later) or (part == "train" and bool(cells.get("dup_private") or cells.get("dup_public")))


def _pixels(path: Path, sheet: Path, count: int) -> list[str]:
    """Pixels by row from fer2013.csv beside the labels, [] where it is not there."""
    file = table(path, "fer2013", suffixes=(".csv",)) if sheet.name == "fer2013new.csv" and path.is_dir() else None
    if file is None:
        return []
    held = [str(cells["pixels"]) for _, cells in rows(file, needs=("pixels",))]
    if len(held) != count:
        raise DataError(file, None, f"has {len(held)} rows, {sheet.name} {count}: they are paired by row")
    return held


def _clip(sheet: Path, row: int, cells: Row, pixels: str) -> dict[str, Clip]:
    image: Any = cells.get("image")
    if isinstance(image, bytes):
        return {"face": Clip(f"{sheet}:{row}", content=image)}
    if not pixels:
        return {}
    try:
        values = np.array(pixels.split(), np.uint8)
    except (ValueError, OverflowError):
        values = np.zeros(0, np.uint8)
    if values.size != _SIDE * _SIDE:
        raise DataError(sheet, row, f"its pixels are no {_SIDE * _SIDE} numbers from 0 to 255")
    return {"face": Clip(f"{sheet}:{row}", content=f"P5 {_SIDE} {_SIDE} 255\n".encode() + values.tobytes())}
