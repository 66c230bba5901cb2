"""`mien systems`: the systems that can be trained, how near each is to its source, their options."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click

from mien.page.tables import render


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the systems, or tell all about one: source, options with defaults, presets, published quirks."""
    from mien.research.systems import system, systems

    cards = [system(name)] if name else list(systems().values())
    if as_json:
        told = [_told(card) for card in cards]
        click.echo(json.dumps(told[0] if name else told, ensure_ascii=False, indent=1))
    elif name:
        click.echo(_page(_told(cards[0])), nl=False)
    else:
        rows = [[card.name, card.nearness, card.inputs, ", ".join(card.tasks), card.title] for card in cards]
        click.echo(render(["system", "nearness", "inputs", "tasks", "what"], rows), nl=False)


def _told(card: Any) -> dict[str, Any]:
    plain = {entry.name: getattr(card, entry.name) for entry in dataclasses.fields(card) if entry.name != "config"}
    options = {name: value for name, value in dataclasses.asdict(card.config()).items()}
    return {**plain, "options": options, "presets": {name: dict(given) for name, given in card.presets.items()}}


def _page(told: dict[str, Any]) -> str:
    from mien.research.systems import MEANS

    lines = [
        f"{told['name']}: {told['title']}",
        f"source: {told['source']}",
        f"nearness: {told['nearness']}; {told['name']} {MEANS[told['nearness']]}",
    ]
    needs = ", ".join(told["needs"]) or "any modality"
    lines += [f"inputs: {told['inputs']}; tasks: {', '.join(told['tasks'])}; needs: {needs}"]
    lines += ["ONNX: yes, by mien.research.training.export.export_onnx", ""] if told["onnx"] else [""]
    rows = [[name, str(value), told["quirks"].get(name, "")] for name, value in told["options"].items()]
    lines += [render(["option", "default", "what the source does"], rows)]
    for name, given in told["presets"].items():
        lines += [f"preset {name}: " + ", ".join(f"{option}={value}" for option, value in given.items())]
    return "\n".join(lines).rstrip("\n") + "\n"
