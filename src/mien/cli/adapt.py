"""`mien adapt`: the last layer of a sense fitted to your own labelled clips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mien.cli.progress import Steps
from mien.errors import RequestError, one_line


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--labels", required=True, type=click.Path(path_type=Path), metavar="TABLE", help="CSV: file, label, ...")
@click.option("--modality", type=click.Choice(["audio", "face"]), default="audio", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.npz", help="Where the layer goes.")
@click.option("--seed", default=0, show_default=True, help="Seed of the folds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def command(folder: Path, labels: Path, **given: Any) -> int:
    """Fit the voice's or the face's last layer to your labelled clips; use it with `mien analyze --adapted FILE.npz`.

    TABLE is that of `mien bench own`: file and label, optionally start, end, speaker. Gain is measured on clips (with
    speakers: on people) that were left out; where there is none, nothing is written. Nothing leaves the machine.
    """
    from mien.affect.space import space
    from mien.analysis.adapt import fit
    from mien.analysis.hidden import SPACES, listen, look
    from mien.analysis.labelled import read_table
    from mien.analysis.senses import face, speech

    if given["out"].suffix != ".npz":
        raise RequestError(f"--out {given['out']} should end with .npz")
    clips = read_table(labels, folder, space(SPACES[given["modality"]]))
    steps = Steps(len(clips), quiet=given["quiet"])
    read, model = (listen, speech.model_in_use()) if given["modality"] == "audio" else (look, face.MODEL)
    material = read(clips, lambda path: steps.done(one_line(path)))
    steps.close()
    for clip, why in material.skipped[:20]:
        click.echo(f"left out: row {clip.row}: {one_line(why)}", err=True)
    fitted = fit(material, given["modality"], model, seed=given["seed"])
    if fitted.adapted is not None:
        fitted.adapted.save(given["out"])
    figures = {
        "clips": fitted.clips, "left out": len(material.skipped), "groups": fitted.groups,
        "uar": {"as shipped": fitted.uar[0], "adapted": fitted.uar[1]},
        "log loss": {"as shipped": fitted.log_loss[0], "adapted": fitted.log_loss[1]},
        "written": str(given["out"]) if fitted.adapted is not None else None,
    }  # fmt: skip
    if given["as_json"]:
        click.echo(json.dumps(figures, indent=1))
    else:
        click.echo(
            f"{fitted.clips} clips, {fitted.groups} groups. Mean recall as shipped {fitted.uar[0]:.3f}, adapted "
            f"{fitted.uar[1]:.3f} (on groups left out); log loss {fitted.log_loss[0]:.3f}, {fitted.log_loss[1]:.3f}."
        )
        told = f"written: {given['out']}; use it with --adapted {given['out']}"
        click.echo(told if fitted.adapted is not None else "It did not help on what was left out: nothing was written.")
    return 0 if fitted.adapted is not None else 1
