"""Data sets as their owners release them, one file each, read into typed samples (no torch).

An adapter is a module that opens with what the data set is, who made it, its licence, how to get it, how it lies on
disk and the order of its labels; it has SIGNS, the file names by which a copy is recognised, and `read(path, *,
options) -> Data`, whose last line validates. One line in `ADAPTERS` makes it known.

>>> adapter("emodb").read.__name__
'read'
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mien.errors import DataError, InputError, MienError, RequestError, one_line
from mien.research.samples import Data
from mien.research.typed import typed

ADAPTERS: Mapping[str, str] = {
    "emodb": "emodb",
    "ravdess": "ravdess",
    "nemo": "nemo",
    "crema-d": "crema_d",
    "crema-d-votes": "crema_d_votes",
    "meld": "meld",
    "emorynlp": "emorynlp",
    "mosi-62": "mosi_62",
    "mosi": "mosi",
    "mmmo": "mmmo",
    "mosei": "mosei",
    "ch-sims": "ch_sims",
    "iemocap-conversation": "iemocap_conversation",
    "meld-conversation": "meld_conversation",
    "goemotions": "goemotions",
    "brighter": "brighter",
    "mahaemotions": "mahaemotions",
    "ferplus": "ferplus",
    "emotiontalk": "emotiontalk",
    "mdpe": "mdpe",
    "wesad": "wesad",
    "constructed": "constructed",
    "folder": "folder",
}
"""Name -> module of this package, imported when it is asked for."""

UNREAD = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What a file of another content brings Python and NumPy to, where an adapter has no line of its own for it."""
FACTS = ("What", "Who", "Licence", "Get", "On disk", "Labels", "Groups")
"""What every adapter's own text tells, in this order; options and warnings may follow."""


def adapter(name: str) -> ModuleType:
    """The module of a data set; RequestError lists those that exist."""
    known = ADAPTERS.get(name.lower().replace("_", "-"))
    if known is None:
        raise RequestError(f"no data set {name!r}; data sets: {', '.join(ADAPTERS)}")
    return import_module(f"{__name__}.{known}")


def load(name: str, path: Path | str, **options: Any) -> Data:
    """The data set `name` from a person's own copy at `path`.

    options: those of its adapter (`mien data describe NAME`), or behind the path as "PATH?key=value&key=value"; text is
    read as the type of the default. Raises RequestError for an unknown name or option, InputError where nothing is at
    `path`, DataError for wrong content.

    >>> load("emodb", "/nowhere")
    Traceback (most recent call last):
    mien.errors.InputError: /nowhere: is not there; `mien data describe emodb` says how to get it and how it lies
    """
    module, (where, asked) = adapter(name), parted(path)
    options = asked | options
    if not where.exists():
        raise InputError(where, "", f"is not there; `mien data describe {name}` says how to get it and how it lies")
    chosen = _chosen(name, module, options)
    try:
        found: Data = module.read(where, **chosen)
    except MienError:
        raise
    except UNREAD as error:
        why = one_line(str(error))[:160]
        raise DataError(where, None, f"is not laid out as {name} ({type(error).__name__}: {why})") from None
    return found


def parted(path: Path | str) -> tuple[Path, dict[str, Any]]:
    """A path and the options written behind it; a file whose own name has the "?" is that file.

    >>> parted("folder?label=sign&modalities=audio,face")[1]
    {'label': 'sign', 'modalities': 'audio,face'}
    """
    where = Path(path).expanduser()
    before, mark, behind = str(where).partition("?")
    if not mark or where.exists():
        return where, {}
    pairs = [one.partition("=") for one in behind.split("&") if one]
    for key, sign, _ in pairs:
        if not sign or not key:
            raise RequestError(f"{path}: behind the ? stand options as key=value&key=value, not {key or behind!r}")
    return Path(before), {key: value for key, _, value in pairs}


def facts(name: str) -> dict[str, str]:
    """What an adapter tells of its data set: its title under "", then the text of each heading."""
    text = inspect.cleandoc(adapter(name).__doc__ or "")
    title, _, body = text.partition("\n")
    told: dict[str, str] = {"": title.strip()}
    heading = ""
    for line in body.strip().splitlines():
        head, found, rest = line.partition(":")
        if found and line[:1].isupper() and len(head) < 16:
            heading, line = head, rest
        if line.strip():
            told[heading] = f"{told.get(heading, '')} {line.strip()}".strip()
    return told


def options_of(name: str) -> dict[str, Any]:
    """Options of an adapter and their defaults."""
    return {
        key: entry.default
        for key, entry in inspect.signature(adapter(name).read).parameters.items()
        if entry.kind is inspect.Parameter.KEYWORD_ONLY
    }


def recognise(path: Path | str) -> str:
    """The name of the data set that lies at `path`, by its file names; RequestError where none or several fit."""
    where = Path(path).expanduser()
    if not where.exists():
        raise InputError(where, "", "is not there")
    fit = [name for name in ADAPTERS if all(_has(where, sign) for sign in adapter(name).SIGNS)]
    if len(fit) != 1:
        said = f"could be {', '.join(fit)}" if fit else f"looks like none of: {', '.join(ADAPTERS)}"
        raise RequestError(f"{where} {said}; give the data set by name")
    return fit[0]


def _has(where: Path, sign: str) -> bool:
    """Whether one of the alternatives of a sign ("a|b", with * and **) is there; "!a" asks that it is not, "a:column"
    that this Parquet file has that column."""
    if sign.startswith("!"):
        return not _has(where, sign[1:])
    for one in sign.split("|"):
        name, _, column = one.partition(":")
        files = ([where] if where.match(name) else []) if where.is_file() else where.glob(name)
        if any(not column or _names(file, column) for file in files):
            return True
    return False


def _names(file: Path, column: str) -> bool:
    """Whether the end of a file, where Parquet holds its schema as it is written, has the name."""
    with file.open("rb") as held:
        held.seek(max(0, file.stat().st_size - (64 << 10)))
        return column.encode() in held.read()


def _chosen(name: str, module: ModuleType, options: Mapping[str, Any]) -> dict[str, Any]:
    known = options_of(name)
    for key in options:
        if key not in known:
            raise RequestError(f"{name} has no option {key!r}; it has: {', '.join(known) or 'none'}")
    return {key: typed(name, key, value, known[key]) for key, value in options.items()}
