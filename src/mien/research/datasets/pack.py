"""One file a data set: a `.npz` pack that any data set can be written to, and a `.json` pack to write by hand.

`.npz` (no pickle), with N samples, for each modality M:
  meta          uint8, JSON as UTF-8: format 1, name, task, space, ids, groups, words, speakers, places, parts
  target        (N,) int64 class indices, or (N, labels) float32
  votes         (N, labels) float32, NaN in the rows of samples without votes; left out where no sample has any
  labels/NAME   further targets, as target, and has/NAME (N,) bool; left out where no sample has any
  features/M    (all steps, width) float32, the samples' steps one after another
  steps/M       (N,) int64 steps of each sample, 0 where the modality is absent
  seen/M        (all steps,) bool, False where a step is missing in the middle; left out where all are seen
`.json`: {"name", "task": "class" | "labels" | "value", "space": a name such as "basic7", or {"name", "labels", "kind",
"low", "high"}, "samples": [{"id", "group", "features": {M: [[...], ...] or [...]}, "target": a label, or a list of
labels or numbers, "votes", "words", "speaker", "place"}], "parts": {"train": [ids], ...}}; "group" is the id where it
is left out, `null` or no entry a modality that is absent.
"""

from __future__ import annotations

import dataclasses
import io
import json
import operator
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space, space
from mien.errors import DataError, InputError, MienError, RequestError
from mien.files import read_bounded, write_atomic
from mien.research.datasets import UNREAD
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample, Task

FORMAT = 1
MOST = 32 << 30
"""Bytes of all arrays of a pack together."""


def save_pack(data: Data, path: Path | str) -> None:
    """Write a `.npz` pack; equal data give equal bytes.

    InputError where the file cannot be written, RequestError for another ending of its name and where samples hold raw
    clips that no encoder has read yet.
    """
    packed(path)
    samples = data.samples
    for sample in samples:
        if sample.clips:
            raise RequestError(
                f"{sample.id} has raw {', '.join(sample.clips)}: a pack holds features, encode them first"
            )
    meta = {
        "format": FORMAT,
        "name": data.name,
        "task": data.task,
        "space": dataclasses.asdict(data.space),
        "ids": [sample.id for sample in samples],
        "groups": [sample.group for sample in samples],
        "words": [sample.words for sample in samples],
        "speakers": [sample.speaker for sample in samples],
        "places": [float(sample.place) for sample in samples],
        "parts": {name: [int(row) for row in rows] for name, rows in data.parts.items()},
        "fitted": sorted(data.fitted),
        "notes": list(data.notes),
    }
    told = json.dumps(meta, ensure_ascii=False).encode()
    kind = np.int64 if data.task == "class" else np.float32
    arrays: dict[str, NDArray[Any]] = {
        "meta": np.frombuffer(told, np.uint8),
        "target": np.array([sample.target for sample in samples], kind),
    }
    if any(sample.votes is not None for sample in samples):
        none = np.full(len(data.space.labels), np.nan)
        arrays["votes"] = np.array([none if s.votes is None else s.votes for s in samples], np.float32)
    for name in sorted({name for sample in samples for name in sample.labels}):
        has = [name in sample.labels for sample in samples]
        arrays[f"has/{name}"] = np.array(has)
        arrays[f"labels/{name}"] = np.array([s.labels.get(name, np.zeros_like(s.target)) for s in samples], kind)
    for name in data.shape().widths:
        rows = [sample.features[name] for sample in samples if name in sample.features]
        arrays[f"features/{name}"] = np.concatenate(rows).astype(np.float32)
        arrays[f"steps/{name}"] = np.array([len(sample.features.get(name, ())) for sample in samples], np.int64)
        if any(name in sample.seen for sample in samples):
            having = [sample for sample in samples if name in sample.features]
            there = [sample.seen.get(name, np.ones(len(sample.features[name]), bool)) for sample in having]
            arrays[f"seen/{name}"] = np.concatenate(there)
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]
    write_atomic(path, out.getvalue(), "make room, or choose another place")


def packed(path: Path | str) -> None:
    """RequestError for a name under which a pack would not be found again."""
    if Path(path).suffix.lower() != ".npz":
        raise RequestError(f"{path}: the name of a pack ends in .npz")


def load_pack(path: Path | str) -> Data:
    """A `.npz` or `.json` pack, checked. InputError: no pack; DataError: a sample that is not sound."""
    at = Path(path)
    read = {".npz": _read_npz, ".json": _read_json}.get(at.suffix.lower())
    if read is None:
        raise InputError(at, "", "is no pack: its name must end in .npz or .json")
    try:
        found = read(at)
    except MienError:
        raise
    except Exception as error:  # whatever a damaged file brings zipfile, JSON and NumPy to
        raise InputError(at, "", f"is no pack of Mien ({type(error).__name__}: {error})") from None
    return valid(found)


def _read_npz(path: Path) -> Data:
    if not path.is_file():
        raise InputError(path, "", "there is no such file")
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST:
            raise InputError(path, "", f"holds more than {MOST >> 30} GiB, the most that is read of a pack")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    meta = json.loads(arrays["meta"].tobytes())
    if meta["format"] != FORMAT:
        raise InputError(path, "", f"is a pack of format {meta['format']}, this Mien reads {FORMAT}")
    count = len(meta["ids"])
    features: list[dict[str, NDArray[Any]]] = [{} for _ in range(count)]
    seen: list[dict[str, NDArray[np.bool_]]] = [{} for _ in range(count)]
    for name in (key.removeprefix("features/") for key in arrays if key.startswith("features/")):
        steps = arrays[f"steps/{name}"]
        if steps.shape != (count,) or (steps < 0).any() or steps.sum() != len(arrays[f"features/{name}"]):
            raise InputError(path, f"steps/{name}", "does not add up to the steps of the features")
        start = np.cumsum(steps) - steps
        for row in np.flatnonzero(steps):
            own = slice(start[row], start[row] + steps[row])
            features[row][name] = arrays[f"features/{name}"][own]
            if f"seen/{name}" in arrays:
                seen[row][name] = arrays[f"seen/{name}"][own]
    target, votes = _targets(arrays["target"], meta["task"]), arrays.get("votes")
    further: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in (key.removeprefix("labels/") for key in arrays if key.startswith("labels/")):
        values = _targets(arrays[f"labels/{name}"], meta["task"])
        for row in np.flatnonzero(arrays[f"has/{name}"]):
            further[row][name] = values[row]
    texts = zip(meta["ids"], meta["groups"], meta["words"], meta["speakers"], meta["places"], strict=True)
    samples = tuple(
        Sample(
            id, group, features[row], target[row], None if votes is None or np.isnan(votes[row]).all() else votes[row],
            words, speaker, place, seen[row], labels=further[row],
        )
        for row, (id, group, words, speaker, place) in enumerate(texts)
    )  # fmt: skip
    parts = {name: tuple(map(operator.index, rows)) for name, rows in meta["parts"].items()}
    fitted, notes = frozenset(map(str, meta.get("fitted", ()))), tuple(map(str, meta.get("notes", ())))
    return Data(meta["name"], _space(meta["space"]), _task(meta["task"]), samples, parts, fitted, notes)


def _targets(values: NDArray[Any], task: str) -> list[Any]:
    return [operator.index(value) for value in values] if task == "class" else list(values)


def _read_json(path: Path) -> Data:
    told = json.loads(read_bounded(path, 1 << 30))
    labels, task = _space(told["space"]), _task(told["task"])
    samples = []
    for row, entry in enumerate(told["samples"]):
        try:
            samples.append(_sample(entry, labels, task))
        except RequestError as error:
            raise DataError(path, row, str(error)) from None
        except UNREAD as error:
            raise DataError(path, row, f"is no sample ({type(error).__name__}: {error})") from None
    place = {sample.id: row for row, sample in enumerate(samples)}
    parts = {name: tuple(place[id] for id in ids) for name, ids in told.get("parts", {}).items()}
    return Data(told.get("name", path.stem), labels, task, tuple(samples), parts)


def _sample(entry: Mapping[str, Any], labels: Space, task: Task) -> Sample:
    features = {
        name: np.atleast_2d(np.asarray(values, np.float32))
        for name, values in entry.get("features", {}).items()
        if values is not None
    }
    votes = entry.get("votes")
    return Sample(
        str(entry["id"]),
        str(entry["id"] if entry.get("group") is None else entry["group"]),
        features,
        _target(entry["target"], labels, task),
        None if votes is None else np.asarray(votes, np.float32),
        str(entry.get("words") or ""),
        str(entry.get("speaker") or ""),
        float(entry.get("place", 0.0)),
    )


def _target(told: Any, labels: Space, task: Task) -> Any:
    """A class by its label or index; labels by name or as 0 and 1; numbers, one alone without a list."""
    if task == "class":
        return labels.index(told) if isinstance(told, str) else operator.index(told)
    if task == "labels" and all(isinstance(one, str) for one in told):
        return np.isin(np.arange(len(labels.labels)), [labels.index(one) for one in told]).astype(np.float32)
    return np.atleast_1d(np.asarray(told, np.float32))


def _space(told: Any) -> Space:
    if isinstance(told, str):
        return space(told)
    lists = {name: tuple(told[name]) for name in ("labels", "reversed") if name in told}
    return Space(**{"name": "own", "source": "the pack", **told, **lists})


def _task(told: str) -> Task:
    if told not in get_args(Task):
        raise ValueError(f"the task must be one of {', '.join(get_args(Task))}, got {told!r}")
    return told  # type: ignore[return-value]
