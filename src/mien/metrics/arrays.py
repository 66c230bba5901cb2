"""What a person may hand to a metric: lists, NumPy, pandas, polars, torch; read once, checked, errors in one line.

No library is imported to recognise its arrays: each is asked for NumPy by the methods it has.

>>> as_numbers([1, 2, 3]).tolist()
[1.0, 2.0, 3.0]
>>> paired(["joy", "fear"], ["joy", "joy"])[1].tolist()
['joy', 'joy']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AnySet
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

Numbers = NDArray[np.float64]
Labels = NDArray[Any]
ALLOWED = "a list, a NumPy array, a pandas or polars column or a torch tensor"


@dataclass(frozen=True, slots=True)
class Coded:
    """Two aligned label sequences as indices into one list of labels.

    labels: sorted, or as asked for; truth, prediction: int64 (n,), each value an index into `labels`; `truth` and
    `prediction` may hold -1 where a label stands outside the labels asked for.
    """

    labels: tuple[Any, ...]
    truth: NDArray[np.int64]
    prediction: NDArray[np.int64]


def as_labels(values: Any, *, name: str = "labels") -> Labels:
    """Category labels, one an item: an array (n,) of text or of whole numbers.

    RequestError: not a sequence, more than one dimension, empty, missing values (None, NaN, blank text), text mixed
    with numbers, fractions. Labels are taken as they are written: case and surrounding blanks count.
    """
    array = _one_dimension(_to_numpy(values, name), name)
    if array.dtype.kind in "OT":
        array = _plain_objects(array, name)
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        return _whole(array, name)
    if array.dtype.kind == "U":
        _refuse(name, "a blank label", np.char.strip(array) == "")
    elif array.dtype.kind not in "iu":
        raise RequestError(f"{name}: found values of type {array.dtype}; labels are text or whole numbers")
    return array


def as_numbers(values: Any, *, name: str = "values", ndim: int = 1) -> Numbers:
    """Finite numbers as float64 with `ndim` dimensions, items first.

    RequestError: not a sequence, another number of dimensions, rows of unequal length, empty, text, NaN or infinity.
    """
    array = _to_numpy(values, name)
    if array.ndim != ndim:
        raise RequestError(
            f"{name}: found the shape {array.shape}; expected {ndim} dimension{'s' * (ndim > 1)}, items first"
        )
    if array.size == 0:
        raise RequestError(f"{name}: empty; at least one item is needed")
    if array.dtype.kind == "O":
        _refuse(name, "a missing value", _missing(array.ravel()).reshape(array.shape))
    if array.dtype.kind not in "biufO":
        raise RequestError(f"{name}: found {_noun(array)}; numbers are needed")
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError):
        odd = next(value for value in array.ravel() if not isinstance(value, (int, float, np.number)))
        raise RequestError(f"{name}: found {odd!r} ({type(odd).__name__}); numbers are needed") from None
    _refuse(name, "NaN or infinity", ~np.isfinite(numbers))
    return numbers


def dimensions(values: Any, *, name: str = "values") -> int:
    """How many dimensions the values have; RequestError where they are no array."""
    return _to_numpy(values, name).ndim


def as_matrix(values: Any, *, name: str = "values") -> Numbers:
    """Finite numbers (items, columns) as float64; errors as `as_numbers`."""
    return as_numbers(values, name=name, ndim=2)


def paired(truth: Any, prediction: Any, *, names: tuple[str, str] = ("truth", "prediction")) -> tuple[Labels, Labels]:
    """Two label sequences of one length and one sort (both text or both whole numbers); RequestError otherwise."""
    first, second = as_labels(truth, name=names[0]), as_labels(prediction, name=names[1])
    same_length(first, second, names=names)
    if (first.dtype.kind == "U") != (second.dtype.kind == "U"):
        raise RequestError(f"{names[0]} holds {_noun(first)}, {names[1]} {_noun(second)}; both must be of one sort")
    return first, second


def paired_numbers(
    truth: Any, prediction: Any, *, names: tuple[str, str] = ("truth", "prediction"), ndim: int = 1
) -> tuple[Numbers, Numbers]:
    """Two arrays of finite numbers of one shape; RequestError otherwise."""
    first, second = as_numbers(truth, name=names[0], ndim=ndim), as_numbers(prediction, name=names[1], ndim=ndim)
    same_length(first, second, names=names)
    if first.shape != second.shape:
        raise RequestError(f"{names[0]} has the shape {first.shape}, {names[1]} {second.shape}; they must agree")
    return first, second


def same_length(*arrays: NDArray[Any], names: Sequence[str]) -> None:
    """RequestError that names both where the arrays have not the same number of items."""
    for array, name in zip(arrays[1:], names[1:], strict=True):
        if len(array) != len(arrays[0]):
            raise RequestError(f"{names[0]} has {len(arrays[0])} items, {name} {len(array)}; they must agree")


def coded(truth: Any, prediction: Any, *, labels: Iterable[Any] | None = None) -> Coded:
    """Both sequences as indices into `labels` (None: all that occur in either, sorted); outside labels get -1."""
    first, second = paired(truth, prediction)
    known, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    codes = codes.astype(np.int64).ravel()
    if labels is not None:
        wanted = as_labels(list(labels), name="labels")
        if (wanted.dtype.kind == "U") != (known.dtype.kind == "U"):
            raise RequestError(f"labels hold {_noun(wanted)}, the data {_noun(known)}; both must be of one sort")
        place = {label: index for index, label in enumerate(wanted.tolist())}
        if len(place) < len(wanted):
            raise RequestError("labels: a label is named twice; each must stand once")
        codes = np.array([place.get(label, -1) for label in known.tolist()], dtype=np.int64)[codes]
        known = wanted
    return Coded(tuple(known.tolist()), codes[: len(first)], codes[len(first) :])


def is_label(labels: Labels, wanted: Any) -> NDArray[np.bool_]:
    """Which labels (n,) are the wanted one; RequestError where one side is text and the other a number."""
    if (labels.dtype.kind == "U") != isinstance(wanted, str):
        seen = ", ".join(map(str, sorted(set(labels.tolist()))[:5]))
        raise RequestError(f"positive: found {wanted!r}, the labels hold {_noun(labels)} ({seen}); name one of them")
    return np.asarray(labels == wanted)


def _to_numpy(values: Any, name: str) -> NDArray[Any]:
    """Any of the accepted containers as a NumPy array; text is never joined with numbers on the way."""
    if isinstance(values, (str, bytes, Mapping, AnySet)) or values is None or np.isscalar(values):
        raise RequestError(f"{name}: found {type(values).__name__}; expected {ALLOWED}")
    if isinstance(values, np.ma.MaskedArray):
        _refuse(name, "a masked value", np.ma.getmaskarray(values))
    if hasattr(values, "detach"):
        values = _from_tensor(values)
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ndarray):
        return np.asarray(values)
    if not isinstance(values, Iterable):
        raise RequestError(f"{name}: found {type(values).__name__}; expected {ALLOWED}")
    return _from_items(list(values), name)


def _from_tensor(values: Any) -> NDArray[Any]:
    """A tensor on any device, with or without gradient, in any precision (bfloat16 has no NumPy twin)."""
    values = values.detach().cpu()
    try:
        return np.asarray(values.numpy())
    except TypeError:
        return np.asarray(values.float().numpy())


def _from_items(items: list[Any], name: str) -> NDArray[Any]:
    """A list as an array: of objects where its items are of several sorts, so that 1 and "1" stay apart."""
    sorts = set(map(type, items))
    if len(sorts) > 1 and any(issubclass(sort, (str, bytes, type(None))) for sort in sorts):
        array = np.empty(len(items), dtype=object)
        array[:] = items
        return array
    if any(hasattr(sort, "detach") for sort in sorts):
        items = [_from_tensor(item) for item in items]
    try:
        return np.asarray(items)
    except ValueError:
        raise RequestError(f"{name}: the rows have unequal lengths; each item needs the same number") from None


def _one_dimension(array: NDArray[Any], name: str) -> NDArray[Any]:
    if array.ndim != 1:
        raise RequestError(f"{name}: found the shape {array.shape}; expected one label an item")
    if array.size == 0:
        raise RequestError(f"{name}: empty; at least one item is needed")
    return array


def _plain_objects(array: NDArray[Any], name: str) -> NDArray[Any]:
    """An array of Python objects as text or numbers; RequestError where they are of two sorts or missing."""
    _refuse(name, "a missing label", _missing(array))
    sorts = {("text" if isinstance(value, str) else type(value).__name__) for value in array}
    if "text" in sorts and len(sorts) > 1:
        raise RequestError(f"{name}: found text mixed with {', '.join(sorted(sorts - {'text'}))}; use one sort")
    try:
        return np.asarray(array.tolist())
    except ValueError:
        raise RequestError(f"{name}: found lists inside; expected one label an item") from None


def _missing(array: NDArray[Any]) -> NDArray[np.bool_]:
    """Where an array of objects holds None, NaN, pandas' NA or NaT."""
    return np.array([value is None or _is_missing(value) for value in array], dtype=bool)


def _is_missing(value: Any) -> bool:
    return (isinstance(value, float) and value != value) or type(value).__name__ in ("NAType", "NaTType")


def _whole(array: NDArray[Any], name: str) -> NDArray[np.int64]:
    """Floats that are whole numbers as integers: tables with gaps store labels so."""
    _refuse(name, "a missing label (NaN)", ~np.isfinite(array))
    _refuse(name, "a fraction, which is no label", array != np.round(array))
    return array.astype(np.int64)


def _refuse(name: str, what: str, where: NDArray[np.bool_]) -> None:
    """RequestError naming how many items are wrong and the first one's place (counted from 0)."""
    if where.any():
        places = np.argwhere(where)
        first = ", ".join(str(int(part)) for part in places[0])
        raise RequestError(f"{name}: {what} at item {first} ({len(places)} in all); remove or fill such items first")


def _noun(array: NDArray[Any]) -> str:
    return {"U": "text", "O": "objects", "S": "bytes"}.get(
        array.dtype.kind, "numbers" if array.dtype.kind in "biuf" else str(array.dtype)
    )
