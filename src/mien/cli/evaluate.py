"""`mien evaluate`: how well a trained system does on data, with intervals and the floor beside each score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mien.cli.research import data_option, encode_options, need_torch, open_for, rows_named, take
from mien.errors import InputError, RequestError
from mien.files import read_bounded
from mien.page.tables import FORMATS, render
from mien.research.samples import Data

PARTS = ("test", "valid", "train", "all")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@encode_options
@click.option(
    "--part", type=click.Choice(PARTS), default="test", show_default=True, help="Of the data it was trained on."
)
@click.option(
    "--rounds", default=1000, show_default=True, type=click.IntRange(0), help="Of the bootstrap, 0 for no interval."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the bootstrap.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--explain", is_flag=True, help="Also what the system tells of its answers (on stderr).")
def command(
    folder: Path, source: str, part: str, rounds: int, seed: int, form: str, as_json: bool, explain: bool,
    encode: tuple[str, ...], pool: str, store: Path | None,
) -> None:  # fmt: skip
    """Score the trained system in FOLDER on a part of its own data, or on all of other data."""
    need_torch("evaluating")
    from mien.research.systems import part as part_of
    from mien.research.systems import reports, system, systems
    from mien.research.systems.pretrained import from_pretrained
    from mien.research.training.answering import answer
    from mien.research.training.scoring import score_answers

    trained = from_pretrained(folder)
    data = open_for(trained, source, encode, pool, store)
    rows, told = part_rows(folder, data, part)
    click.echo(f"{data.name}: {told}, {len(rows)} samples", err=True)
    if lacking := lacks(data, rows):
        click.echo(
            f"{data.name}: no sample of {', '.join(lacking)} is among them: means over classes leave it out", err=True
        )
    samples = take(data, rows)
    card = system(trained.folder.system)
    if explain and not reports(card):
        told = ", ".join(one.name for one in systems().values() if reports(one))
        raise RequestError(f"--explain: {card.name} tells no more than scores; these do: {told}")
    answers = answer(trained.method, samples)
    lines = score_answers(data, samples, answers, rounds=rounds, seed=seed)
    table = [
        [*([line.of] if line.of else []), line.score.metric, line.score.value,
         *(line.score.interval or (None, None)), line.floor, line.score.n]
        for line in lines
    ]  # fmt: skip
    header = [*(["dimension"] if lines and lines[0].of else []), "metric", "value", "low", "high", "floor", "n"]
    click.echo(render(header, table, "json" if as_json else form), nl=False)
    if explain:
        click.echo("\n" + part_of(card, "report").report(trained.method, samples, answers), err=True, nl=False)


def part_rows(folder: Path, data: Data, part: str) -> tuple[tuple[int, ...], str]:
    """Rows of that part of the data it was trained on (as the run split it); all rows of other data."""
    path = folder / "split.json"
    split = _split(path) if path.exists() else {"data": None, "train": []}
    known = set(split["train"])
    seen = sum(sample.id in known for sample in data.samples)
    if split["data"] != data.name:
        told = f", but {seen} samples bear ids of those it was trained on" if seen else ""
        return tuple(range(len(data.samples))), f"not what it was trained on: all of it{told}"
    if part == "all":
        return tuple(range(len(data.samples))), f"all of it, {seen} of them trained on"
    rows = rows_named(data, split[part], path)
    if not rows:
        raise RequestError(
            f"{folder}: the run had no {part} part; allowed: {', '.join(p for p in PARTS if split.get(p))}"
        )
    return rows, f"{part} part"


def lacks(data: Data, rows: tuple[int, ...]) -> list[str]:
    """The classes that none of these samples has."""
    if data.task != "class" or not rows:
        return []
    there = {int(data.samples[row].target) for row in rows}
    return [label for place, label in enumerate(data.space.labels) if place not in there]


def _split(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(read_bounded(path, 1 << 30))
        if not isinstance(told["data"], str) or not all(isinstance(told[part], list) for part in PARTS[:3]):
            raise TypeError("its parts are no lists")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            path, "", f"is no split of a run ({error}); train again, or delete it to take all data"
        ) from None
    return dict(told)
