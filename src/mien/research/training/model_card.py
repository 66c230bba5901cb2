"""The README.md of a trained system, written from its run."""

from __future__ import annotations

import dataclasses

from mien import __version__
from mien.affect.space import Space
from mien.page.tables import render
from mien.research.training.method import Method
from mien.research.training.record import Run


def model_card(method: Method, space: Space, run: Run | None, data: str, notes: str) -> str:
    """What it is, what it reads and answers, how it was trained, how to use it; figures of this run alone."""
    count = sum(values.numel() for values in method.model.parameters())
    reads = [[name, width, method.shape.longest.get(name)] for name, width in method.shape.widths.items()]
    config = [[name, str(value)] for name, value in dataclasses.asdict(method.config).items()]
    parts = [
        f"# {method.name}",
        *([method.about] if method.about else []),
        f"Trained with Mien {__version__}; {count:,} parameters; task `{method.shape.task}`.",
        f"Answers in the space `{space.name}`: {', '.join(space.labels)}.",
        "## Reads",
        render(["modality", "width", "longest in training"], reads, "md"),
        "## Configuration",
        render(["option", "value"], config, "md"),
        "## Training",
        _training(method, run, data),
        *([notes] if notes else []),
        "## Use",
        "```\nmien evaluate DIR --data DATA\nmien predict DIR --data DATA\nmien analyze RECORDING --system DIR\n```\n"
        "The last needs features that Mien made of raw clips (`--encode`).",
        "## Limits",
        "The answers describe what was shown, sounded or written, in the manner of the people and raters of the "
        "training data; they do not tell what somebody felt. Scores on other people, languages or recordings may be "
        "much lower: measure them on your own before use.",
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _training(method: Method, run: Run | None, data: str) -> str:
    if run is None:
        return f"On {data or 'data without a name'}; no record of the run."
    held = f"{run.held} held out to select on" if run.held else "none held out, so the last epoch is kept"
    head = f"On {data or 'data without a name'}: {run.samples} samples, {held}; seed {run.seed}.{_how(method, run)}"
    rows = []
    for stage in method.recipe.stages:
        epochs = [row for row in run.rows if row["stage"] == stage.name]
        kept = next((row for row in epochs if row["epoch"] == run.best.get(stage.name)), None)
        if kept:
            own = "its own loss" if stage.losses else run.selected
            picked = own if run.held and stage.select else "last epoch"
            rows.append([stage.name, len(epochs), kept["epoch"], picked, kept["loss"], kept.get("valid")])
    header = ["stage", "epochs", "epoch kept", "picked by", "loss", "selection score, larger is better"]
    return head + "\n\n" + render(header, rows, "md")


def _how(method: Method, run: Run) -> str:
    """What the settings of the run, which stand above the configuration, were."""
    asked = run.settings
    if not asked:
        return ""
    told = [f"batches of {asked['batch'] or method.recipe.batch}"]
    if asked["accumulate"] > 1:
        told.append(f"{asked['accumulate']} batches a step")
    if asked["epochs"] is not None:
        told.append(f"at most {asked['epochs']} epochs a stage, instead of the configuration's")
    if asked["labelled"] < 1:
        told.append(f"labels of {asked['labelled']:.3g} of the samples used")
    return f" The run: {'; '.join([*told, run.machine])}."
