"""Published systems, one folder each; `card.py` needs no torch, `model.py` and the rest do.

A system is a folder with
  card.py    CARD: a `Card`, and a frozen dataclass Config whose defaults are the sound behaviour
  model.py   `build(config, shape) -> torch.nn.Module`; its `forward(batch) -> Output`
  losses.py  `losses(model, batch, output, config) -> dict[str, Tensor]`: named terms, weighted; their sum is minimised
  recipe.py  `recipe(config) -> Recipe`: stages, optimisers, epochs
and may have
  report.py  `report(method, samples, answers) -> str`: what more it tells of answers, for `mien evaluate --explain`
Tests of conformance run over every folder; adding one needs no other line of code.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_type_hints

from mien.errors import RequestError
from mien.research.samples import Shape
from mien.research.systems.options import check, given

if TYPE_CHECKING:
    from mien.research.training.method import Method

Nearness = Literal["published", "partial", "re-creation"]
MEANS: Mapping[Nearness, str] = {
    "published": "follows its source as a whole; scores of a run are that run's own, no published figure",
    "partial": "is made after part of its source: a gap to published figures may be due to that",
    "re-creation": "is a re-creation from a description: nothing here reproduces a published figure",
}
"""How near a system is to its source, said of its name."""
Inputs = Literal["vector", "sequence", "dialogue"]


@dataclass(frozen=True, slots=True)
class Card:
    """What a system is, without torch.

    name: its folder with hyphens; title; source: paper and code with commit; nearness: how near to its source;
    inputs: one vector an item, sequences, or the turns of a dialogue; tasks it takes; needs: modalities without which
    it cannot run, () for any; config: its Config class; presets: name -> settings, `replicate` presets among them;
    quirks: option -> what the source does; shares: options that lie between 0 and 1, beside those named dropout;
    excused: conformance test -> the reason why it does not apply; version: raised when weights saved before no longer
    fit; onnx: whether the model can be written as ONNX and answers alike.
    """

    name: str
    title: str
    source: str
    nearness: Nearness
    inputs: Inputs
    config: type
    tasks: tuple[str, ...] = ("class", "labels", "value")
    needs: tuple[str, ...] = ()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quirks: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    excused: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    onnx: bool = False

    def configure(self, settings: Mapping[str, Any] | None = None, preset: str | None = None) -> Any:
        """A Config from a preset and settings; text is read as its type. RequestError names what is allowed."""
        if preset is not None and preset not in self.presets:
            raise RequestError(f"{self.name} has no preset {preset!r}; it has: {', '.join(self.presets) or 'none'}")
        chosen = dict(self.presets[preset]) if preset else {}
        known = {entry.name: entry.default for entry in dataclasses.fields(self.config)}
        hints = get_type_hints(self.config)
        for name, value in (settings or {}).items():
            if name not in known:
                raise RequestError(f"{self.name} has no option {name!r}; it has: {', '.join(known)}")
            chosen[name] = given(self.name, name, value, hints[name], known[name])
        for name, value in chosen.items():
            shown = [known[name], *(one[name] for one in self.presets.values() if name in one)]
            check(self.name, name, value, hints[name], shown, share=name in self.shares)
        return self.config(**chosen)


@cache
def systems() -> dict[str, Card]:
    """Every system's card by name, without importing torch."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg and importlib.util.find_spec(f"{__name__}.{module.name}.card"):
            card = importlib.import_module(f"{__name__}.{module.name}.card").CARD
            found[card.name] = card
    return dict(sorted(found.items()))


def system(name: str) -> Card:
    """The card of that name; RequestError lists those that exist."""
    if name not in systems():
        raise RequestError(f"no system {name!r}; systems: {', '.join(systems())}")
    return systems()[name]


def reports(card: Card) -> bool:
    """Whether the system has more to tell of its answers than scores."""
    return importlib.util.find_spec(f"{__name__}.{card.name.replace('-', '_')}.report") is not None


def part(card: Card, name: str) -> Any:
    """A system's module: "model", "losses", "recipe" or "report" (these import torch)."""
    return importlib.import_module(f"{__name__}.{card.name.replace('-', '_')}.{name}")


def assemble(card: Card, config: Any, shape: Shape, *, seed: int = 0) -> Method:
    """Model, losses and recipe as the trainer takes them; weights are drawn from `seed`.

    RequestError where the data's task or modalities are not what the system takes; the model itself then refuses a
    batch of another shape, naming the one it expects.
    """
    import torch

    from mien.research.training.method import Method

    if shape.task not in card.tasks:
        raise RequestError(f"{card.name} does not take the task {shape.task!r}; it takes: {', '.join(card.tasks)}")
    if lacking := [name for name in card.needs if name not in shape.widths]:
        raise RequestError(
            f"{card.name} needs {', '.join(card.needs)}; the data has no {' and no '.join(lacking)}, "
            f"only {', '.join(shape.widths) or 'nothing'}"
        )
    if card.inputs == "vector" and shape.sequence:
        raise RequestError(
            f"{card.name} takes one vector an item; the data has up to {max(shape.longest.values())} steps: "
            "give means over time, or choose a system that takes sequences"
        )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = part(card, "model").build(config, shape)
    return Method(
        card.name, card.version, card.inputs, config, shape, model, part(card, "losses").losses,
        part(card, "recipe").recipe(config),
        f"{card.title}. Source: {card.source}. Nearness: {card.nearness}; {card.name} {MEANS[card.nearness]}.",
    )  # fmt: skip
