"""`mien score mvei LABELS --build FILE`: a judgment set from labels of images, or a set refined by raters' votes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mien.cli.judging import watching
from mien.errors import RequestError, one_line


def build(name: str, source: Path | None, given: dict[str, Any]) -> int:
    """Make the set and tell what is in it: from a table of labels; with --reference, from a set and its votes."""
    if name != "mvei":
        raise RequestError(f"--build belongs to mvei, not to {name}: mien score mvei LABELS --build FILE")
    if source is None:
        raise RequestError("from which labels? mien score mvei LABELS --build FILE")
    if given["reference"] is not None:
        return _refine(source, given)
    from mien.scoring.judge import open_judge
    from mien.scoring.mvei_build import build as run
    from mien.scoring.result import Options

    chosen = {key: given[key] for key in ("judge", "model", "seed", "cache", "jobs", "timeout")}
    with watching(quiet=given["quiet"]) as watch:
        made = run(source, given["build"], seed=given["seed"], judge=open_judge(Options(**chosen, watch=watch)))
    counts = {family: {"correct": right, "incorrect": wrong} for family, (right, wrong) in made.counts().items()}
    _tell({"images": len(made.images), "statements": len(made.statements), **counts}, str(made), made.warnings, given)
    return 0


def _refine(source: Path, given: dict[str, Any]) -> int:
    from mien.scoring.mvei_refine import refine_file

    left = refine_file(source, given["reference"], given["build"])
    fates = {"turned": left.turned, "dropped": left.dropped, "unrated": left.unrated}
    _tell({"statements": len(left.items), "accuracy": dict(left.accuracy), **fates}, str(left), (), given)
    return 0


def _tell(found: dict[str, Any], text: str, warnings: tuple[str, ...], given: dict[str, Any]) -> None:
    if not given["quiet"]:
        for line in warnings:
            click.echo(f"mien: warning: {one_line(line)}", err=True)
        click.echo(f"written: {one_line(str(given['build']))}", err=True)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if given["as_json"] else text)
