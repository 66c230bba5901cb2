"""A trained system as a folder: config.json, model.safetensors, README.md written from the run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from mien import __version__
from mien.affect.space import Space
from mien.errors import InputError, MienError
from mien.files import read_bounded, write_atomic
from mien.research.samples import Shape, Task
from mien.research.training.method import Method
from mien.research.training.model_card import model_card
from mien.research.training.record import ADVICE, Run
from mien.research.training.state import read_bytes
from mien.research.training.weights import weights

FORMAT = 1
CONFIG, WEIGHTS, README = "config.json", "model.safetensors", "README.md"


@dataclass(frozen=True, slots=True)
class Folder:
    """What config.json says: system and its version, config as plain values, shape and space of the data, and facts
    of the run (data, samples, seed, best epochs)."""

    system: str
    version: int
    config: Mapping[str, Any]
    shape: Shape
    space: Space
    run: Mapping[str, Any] = field(default_factory=dict)


def save_pretrained(
    path: Path | str, method: Method, space: Space, run: Run | None = None, *, data: str = "", notes: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the folder; README.md first and config.json last, so that a folder with a config is whole.

    data: name of the data it was trained on; notes: further Markdown for the model card (scores on test data);
    facts: further plain values for `Folder.run`, such as how the features were made.
    InputError where the folder cannot be written.
    """
    folder = Path(path)
    known: dict[str, Any] = {"data": data, **(facts or {})}
    if run:
        known |= {
            "samples": run.samples,
            "held": run.held,
            "seed": run.seed,
            "best": run.best,
            "selected": run.selected,
        }
    told = {
        "format": FORMAT,
        "mien": __version__,
        "system": method.name,
        "version": method.version,
        "config": dataclasses.asdict(method.config),
        "shape": dataclasses.asdict(method.shape),
        "space": dataclasses.asdict(space),
        "run": known,
    }
    write_atomic(folder / README, model_card(method, space, run, data, notes), ADVICE)
    write_atomic(folder / WEIGHTS, save(weights(method.model), {"format": "pt"}), ADVICE)
    write_atomic(folder / CONFIG, json.dumps(told, indent=1, ensure_ascii=False) + "\n", ADVICE)


def read_folder(path: Path | str) -> Folder:
    """What config.json of a trained system says; InputError where it is none, or of another version of the format."""
    at = Path(path) / CONFIG
    if not at.is_file():
        raise InputError(path, "", f"is no trained system: it has no {CONFIG}; train one with `mien train`")
    try:
        told = json.loads(read_bounded(at, 16 << 20))
        if told["format"] != FORMAT:
            raise InputError(at, "", f"is of format {told['format']}, this Mien reads {FORMAT}; train again")
        space = {**told["space"], "labels": tuple(told["space"]["labels"])}
        space["reversed"] = tuple(space.get("reversed", ()))
        return Folder(
            told["system"], told["version"], told["config"], _shape(told["shape"]), Space(**space), _dict(told, "run")
        )
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, MienError) as error:
        why = f"{error}" if isinstance(error, MienError) else f"{type(error).__name__}: {error}"
        raise InputError(at, "", f"is no config of a trained system ({why}); copy it again or train again") from None


def _shape(told: Mapping[str, Any]) -> Shape:
    """The shape, whose widths and lengths must be whole numbers: models are built from them."""
    shape = Shape(**told)
    sizes = [*shape.widths.values(), *shape.longest.values(), shape.outputs]
    if not all(isinstance(size, int) and size > 0 for size in sizes) or shape.task not in get_args(Task):
        raise ValueError(f"its shape is {dict(told)}")
    return shape


def _dict(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"{name} is no table")
    return found


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """The tensors of model.safetensors; InputError where they are missing or broken."""
    at = Path(path) / WEIGHTS
    try:
        return load(read_bytes(at))
    except SafetensorError as error:
        raise InputError(at, "", f"is no safetensors file ({error}); copy it again or train again") from None
