"""The feature pickle of multimodal sentiment: train, valid and test, each a dict of arrays over padded sequences.

Layout (thuiar/MMSA @a94e65d): `id` (VIDEO$_$CLIP), `raw_text`, `text` (n, time, width), `text_bert` (n, 3, time: token
ids, mask, segments), `audio`, `vision`, optionally `audio_lengths`, `vision_lengths`, `regression_labels` and, in
CH-SIMS, `regression_labels_{T,A,V}` given to one modality alone. Padding is cut off by the stated lengths or the
mask, else at the last step that is not zero; a modality of zeros alone is absent; a step with values that are not
finite (common in COVAREP) is masked as not seen, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.pickles import read_pickle
from mien.research.samples import Data, Sample

ANY = ("*.pkl", "!IEMOCAP_features*.pkl|iemocap.pkl", "!MELD_features*.pkl|meld.pkl", "!S[0-9]*.pkl")
"""Any pickle that is not named as one of another layout: which of the three sets it holds, a person must say."""
LABELS = ("score", "sentiment3", "sentiment5", "sentiment7")
_KEYS = {"text": "text", "audio": "audio", "face": "vision"}
_ALONE = {"text": "regression_labels_T", "audio": "regression_labels_A", "face": "regression_labels_V"}

_CUTS = {"sentiment3": (-0.1, 0.1), "sentiment5": (-0.7, -0.1, 0.1, 0.7)}

Target = int | NDArray[np.floating]


def read_features(path: Path, name: str, scale: str, label: str, text: str, limit_gib: float) -> Data:
    """The pickle at `path` (or the one .pkl in it) as Data, not yet looked over by `valid`.

    scale: "mosi-sentiment" or "sims-sentiment"; label: one of LABELS; text: "features", or "tokens" for the ids of
    text_bert, one number a step; limit_gib: the largest file that is read.
    """
    if label not in LABELS or text not in ("features", "tokens"):
        raise RequestError(f"label {label!r}, text {text!r}; allowed: {', '.join(LABELS)}; features, tokens")
    file = _file(path)
    held = read_pickle(file, limit=int(limit_gib * 2**30))
    if not isinstance(held, dict) or "train" not in held:
        raise DataError(file, None, "is no feature pickle: it needs the parts train, valid, test")
    samples, parts, counted = list[Sample](), dict[str, tuple[int, ...]](), Counter[str]()
    for part in ("train", "valid", "test"):
        if part in held:
            own = _part(file, part, held[part], scale, label, text, counted)
            parts[part] = tuple(range(len(samples), len(samples) + len(own)))
            samples += own
    goal = space(scale if label == "score" else label)
    notes = [f"the {part} part is not there" for part in ("valid", "test") if part not in held]
    notes += [f"{count} {what}" for what, count in sorted(counted.items())]
    return Data(name, goal, "value" if label == "score" else "class", tuple(samples), parts, notes=tuple(notes))


def _file(path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted(path.glob("*.pkl"))
    if len(found) != 1:
        said = f"several pickles ({', '.join(one.name for one in found)})" if found else "no .pkl file"
        raise InputError(path, "", f"has {said}; name the file")
    return found[0]


def _part(file: Path, part: str, held: Any, scale: str, label: str, text: str, counted: Counter[str]) -> list[Sample]:
    names = [str(one) for one in _array(file, part, held, "id", None).reshape(-1).tolist()]
    count = len(names)
    if not count:
        raise DataError(file, None, f"{part} has no items")
    scores = _array(file, part, held, "regression_labels", count).astype(np.float32).reshape(count, -1)[:, 0]
    arrays = {name: _array(file, part, held, key, count) for name, key in _KEYS.items() if key in held}
    bert = _array(file, part, held, "text_bert", count) if "text_bert" in held else None
    if text == "tokens":
        if bert is None:
            raise DataError(file, None, f"{part} has no text_bert, so no tokens")
        arrays["text"] = np.asarray(bert)[:, 0, :, None]
    lengths = {name: _lengths(held, key, bert, arrays[name]) for name, key in _KEYS.items() if name in arrays}
    alone = {name: _array(file, part, held, key, count) for name, key in _ALONE.items() if key in held}
    words = held.get("raw_text")
    for key, values in (("regression_labels", scores), *((_ALONE[m], values) for m, values in alone.items())):
        _within(file, part, key, names, values, scale)
    told = _reader(scale, label)
    samples = []
    for row, name in enumerate(names):
        video, place = _video(name, row)
        found = {m: kept for m in arrays if (kept := _kept(arrays[m][row], lengths[m], row, m, counted)) is not None}
        samples.append(
            Sample(
                f"{part}/{name}", video, {m: rows for m, (rows, _) in found.items()}, told(float(scores[row])),
                words="" if words is None else str(words[row]), speaker=video, place=place,
                seen={m: seen for m, (_, seen) in found.items() if not seen.all()},
                labels={m: told(float(np.ravel(values[row])[0])) for m, values in alone.items()},
            )
        )  # fmt: skip
    return samples


def _array(file: Path, part: str, held: Any, key: str, count: int | None) -> NDArray[Any]:
    if not isinstance(held, Mapping):
        raise DataError(file, None, f"{part} is a {type(held).__name__}; a dict of arrays is needed")
    if key not in held:
        raise DataError(file, None, f"{part} has no {key!r}; it has: {', '.join(map(str, held)) or 'nothing'}")
    found = np.asarray(held[key])
    if count is not None and (not found.ndim or len(found) != count):
        raise DataError(file, None, f"{part}: {key} has shape {found.shape}, but there are {count} ids")
    return found


def _within(file: Path, part: str, key: str, names: list[str], values: NDArray[Any], scale: str) -> None:
    """DataError naming the first item whose score is none of the scale: a class would be made of NaN too."""
    goal, scores = space(scale), np.asarray(values, np.float64).reshape(len(names), -1)[:, :1]
    wrong = np.flatnonzero(~((scores >= goal.low - 1e-6) & (scores <= goal.high + 1e-6)).all(axis=1))
    if len(wrong):
        text = f"{part}: {key} of {names[wrong[0]]} is {scores[wrong[0], 0]:g}, outside [{goal.low:g}, {goal.high:g}]"
        raise DataError(file, None, f"{text} ({len(wrong)} such items)")


def _lengths(held: Any, key: str, bert: NDArray[Any] | None, array: NDArray[Any]) -> NDArray[np.int64] | None:
    """Stated steps of every item; None where nothing says so."""
    if f"{key}_lengths" in held:
        return np.asarray(held[f"{key}_lengths"], np.int64).reshape(-1)
    if bert is not None and array.ndim == 3 and array.shape[1] == bert.shape[-1]:
        return np.asarray(bert[:, 1].sum(axis=1), np.int64)  # word-aligned: the text's own mask
    return None


def _kept(
    values: NDArray[Any], lengths: NDArray[np.int64] | None, row: int, name: str, counted: Counter[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]] | None:
    """The real steps (time, width) float32 and which of them are seen; None for a modality that is absent."""
    steps = np.asarray(values, np.float32)
    steps = steps[None] if steps.ndim == 1 else steps
    seen: NDArray[np.bool_] = np.isfinite(steps).all(axis=-1).reshape(-1)
    steps = np.where(seen[:, None], steps, np.float32(0))
    there = np.flatnonzero(steps.any(axis=1) | ~seen)
    if not steps.any():
        counted[f"samples without {name} ({'zeros alone' if seen.all() else 'nothing finite'})"] += 1
        return None
    first, last = (0, int(lengths[row])) if lengths is not None else (int(there[0]), int(there[-1]) + 1)
    if not last > first:
        counted[f"samples state a length of 0 for {name} that is there: what is not zero is kept"] += 1
    if not last > first or not seen[first:last].any():
        first, last = int(there[0]), int(there[-1]) + 1
    if lost := int((~seen[first:last]).sum()):
        counted[f"steps of {name} with values that are not finite are masked"] += lost
    return steps[first:last], seen[first:last]


def _video(name: str, row: int) -> tuple[str, float]:
    """Video and place in it, from VIDEO$_$CLIP or VIDEO_CLIP."""
    video, found, clip = name.rpartition("$_$")
    if not found:
        video, found, clip = name.rpartition("_")
    return video or name, float(clip) if clip.isdigit() else float(row)


def _reader(scale: str, label: str) -> Callable[[float], Target]:
    """A score as target: itself, its sign, or the class it rounds to (half to even)."""
    small = scale == "sims-sentiment"
    if label == "score":
        return lambda score: np.array([score], np.float32)
    if small and label in _CUTS:  # the upper edge belongs to the class below it, as in MMSA's scorer
        return lambda score: int(np.searchsorted(np.array(_CUTS[label], np.float32), np.float32(score), side="left"))
    if label == "sentiment3":
        return lambda score: 1 + int(score > 0) - int(score < 0)
    top, factor = (3 if label == "sentiment7" else 2), (3.0 if small else 1.0)
    return lambda score: int(np.round(np.clip(score * factor, -top, top))) + top
