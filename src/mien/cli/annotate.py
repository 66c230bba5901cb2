"""`mien score emer CLIPS --annotate FOLDER`: EMER's annotation, as far as it can go now, and what it waits for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mien.cli.judging import watching
from mien.errors import RequestError


def annotate(name: str, clips: Path | None, given: dict[str, Any]) -> int:
    """Run the steps and tell where they stand; 1 where a machine's step failed for some clips, else 0."""
    if name != "emer":
        raise RequestError(f"--annotate belongs to emer, not to {name}: mien score emer CLIPS --annotate FOLDER")
    if clips is None:
        raise RequestError("which clips? mien score emer CLIPS --annotate FOLDER")
    from mien.scoring.emer_pipeline import annotate as run
    from mien.scoring.result import Options

    chosen = {key: given[key] for key in ("judge", "model", "seed", "cache", "jobs", "timeout")}
    with watching(quiet=given["quiet"]) as watch:
        progress = run(clips, given["annotate"], Options(**chosen, watch=watch), language=given["language"])
    if given["as_json"]:
        steps = [
            {"name": one.name, "reached": one.reached, "done": one.done, "waiting": one.waiting, "failed": one.failed}
            for one in progress.steps
        ]
        told = {"process": progress.process, "finished": progress.finished, "steps": steps}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    else:
        click.echo(progress.to_text().encode("utf-8", "replace"), nl=False)
    return 1 if any(one.failed for one in progress.steps) else 0
