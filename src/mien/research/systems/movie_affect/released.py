"""The released heads: named tensors put into our model by their shapes, since one file names sound as picture."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mien.errors import DataError
from mien.research.samples import Shape
from mien.research.systems.movie_affect.card import Config
from mien.research.systems.movie_affect.model import MovieAffect

WIDTHS = {"scene": 2048, "flow": 2048, "audio": 1582}
NAMES = {"reduced_rgb": "scene", "reduced_OF": "flow", "reduced_audio": "audio"}


def from_released(state: Mapping[str, Tensor], widths: Mapping[str, int] | None = None) -> MovieAffect:
    """A head from the released names and tensors; widths: of the modalities, those of the paper where left out (give
    {"flow": 2048} for the head on motion alone, whose file calls it a picture too).

    It was the best of twelve folds, with its own test film choosing the epoch: no general model. Features must be
    scaled as `scaling.per_recording` does. DataError names a tensor that has no place.
    """
    widths = dict(WIDTHS if widths is None else widths)
    first = {key.rpartition(".")[0]: values for key, values in state.items() if key.startswith("reduced")}
    roles = _roles(first, widths)
    lstm = "lstm.weight_ih_l0" in state
    outputs = len(state["class_dim.weight"])
    reduced = len(next(iter(first.values())))
    config = Config(
        head="lstm" if lstm else "fc",
        reduced=reduced,
        fc=64 if lstm else len(state["fc1.weight"]),
        lstm=state["lstm.weight_hh_l0"].shape[1] if lstm else 64,
        layers=sum(key.startswith("lstm.weight_ih_l") for key in state) if lstm else 2,
        scaler="none",
    )
    model = MovieAffect(config, Shape({m: widths[m] for m in roles.values()}, "class", outputs, lstm))
    names = {f"{key}.weight": f"reduce.{modality}.weight" for key, modality in roles.items()}
    names |= {"fc1.weight": "head.first.weight", "fc2.weight": "head.second.weight"}
    names |= {"class_dim.weight": "head.weight", "class_dim.bias": "head.bias"} if lstm else {
        "class_dim.weight": "head.last.weight"
    }  # fmt: skip
    given = {}
    for key, values in state.items():
        if key not in names and not key.startswith("lstm."):
            raise DataError("released head", None, f"{key} {tuple(values.shape)} has no place; known: {_known(names)}")
        given[names.get(key, f"read.net.{key.removeprefix('lstm.')}")] = values
    model.load_state_dict({**model.state_dict(), **given})
    return model.eval()


def _known(names: Mapping[str, str]) -> str:
    return ", ".join([*names, "lstm.*"])


def _roles(first: Mapping[str, Tensor], widths: Mapping[str, int]) -> dict[str, str]:
    """Name in the file -> modality: its own where the width fits, else the only one left of that width."""
    roles = {key: NAMES[key] for key, values in first.items() if widths.get(NAMES.get(key, "")) == values.shape[1]}
    for key, values in first.items():
        if key not in roles:
            fits = [name for name, width in widths.items() if width == values.shape[1] and name not in roles.values()]
            if not fits:
                allowed = ", ".join(f"{name} {width}" for name, width in widths.items())
                raise DataError("released head", None, f"{key} reads {values.shape[1]} features; allowed: {allowed}")
            roles[key] = fits[0]
    return roles
