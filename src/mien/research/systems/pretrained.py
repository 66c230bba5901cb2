"""A trained system from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mien.errors import InputError, MienError
from mien.research.systems import assemble, systems
from mien.research.training.checkpoint import CONFIG, WEIGHTS, Folder, read_folder, read_weights
from mien.research.training.method import Method
from mien.research.training.weights import load_weights


@dataclass(frozen=True, slots=True)
class Trained:
    """method: ready to answer (evaluation mode); folder: what its config.json says, its label space among it."""

    method: Method
    folder: Folder


def from_pretrained(path: Path | str, *, expected: str | None = None) -> Trained:
    """The system in that folder; expected: its name, where another would be a mistake.

    InputError where there is none, or it is of another system, another version, or its weights do not fit.
    """
    folder, at = read_folder(path), Path(path)
    if expected is not None and folder.system != expected:
        raise InputError(at / CONFIG, "", f"is a trained {folder.system}, not {expected}")
    card = systems().get(folder.system)
    if card is None:
        raise InputError(at / CONFIG, "", f"no system {folder.system!r} in this Mien; it has: {', '.join(systems())}")
    if folder.version != card.version:
        raise InputError(
            at / CONFIG, "", f"is version {folder.version} of {card.name}, this Mien has {card.version}; train again"
        )
    try:
        method = assemble(card, card.configure(folder.config), folder.shape)
    except MienError as error:
        raise InputError(at / CONFIG, "", str(error)) from None
    try:
        load_weights(method.model, read_weights(path, folder.weights))
    except InputError:
        raise
    except MienError as error:
        raise InputError(at / WEIGHTS, "", str(error)) from None
    method.model.eval()
    return Trained(method, folder)
