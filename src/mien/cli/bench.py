"""`mien bench`: how well anything does, on which material."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.progress import Steps
from mien.cli.protocols import Protocols
from mien.errors import RequestError, one_line

if TYPE_CHECKING:
    from mien.analysis.own import Own, Row


@click.group(cls=Protocols)
def command() -> None:
    """Measure: `own` reads your labelled clips and says how far Mien can be trusted on material like yours.

    `table` puts the results of many runs into one. All others are protocols for systems that learn: the same cuts,
    seeds and questions for each, floors beside them.
    """


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--labels", required=True, type=click.Path(path_type=Path), metavar="TABLE", help="CSV: file, label, ...")
@click.option("--space", default="basic", show_default=True, help="basic, compound or sentiment.")
@click.option("--modalities", metavar="LIST", help="Comma-separated: audio, face, text (default: all).")
@click.option("--language", metavar="CODE", help="What is said, as ISO code; else it is guessed.")
@click.option("--adapted", multiple=True, metavar="FILE", help="A layer made by `mien adapt`.")
@click.option("--target", default=0.8, show_default=True, help="Share right that the fitted threshold shall reach.")
@click.option("--rounds", default=1000, show_default=True, help="Bootstrap rounds; 0: no intervals.")
@click.option("--seed", default=0, show_default=True, help="Seed of the bootstrap.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the JSON to a file.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def own(folder: Path, labels: Path, **given: Any) -> int:
    """Your own labelled clips in; accuracy with interval, calibration and a threshold out. Nothing leaves the machine.

    TABLE has the columns file and label, and may have start, end (seconds) and speaker; files are named relative to
    FOLDER. With speakers, intervals draw whole speakers. Fifty clips a label tell something, five tell nothing.
    """
    from mien.affect.space import space
    from mien.analysis.labelled import answer_all, read_table
    from mien.analysis.own import figures
    from mien.analysis.pipeline import MODALITIES, Options, adapted_layers
    from mien.files import write_atomic

    goal = space(given["space"])
    if goal.kind != "categorical":
        raise RequestError(
            f"--space {given['space']} has no single label to compare; allowed: basic, compound, sentiment"
        )
    if not 0 < given["target"] < 1:
        raise RequestError(f"--target must be between 0 and 1, got {given['target']:g}")
    clips = read_table(labels, folder, goal)
    asked = tuple(part.strip() for part in (given["modalities"] or "").split(",") if part.strip()) or MODALITIES
    options = Options(space=given["space"], modalities=asked, language=given["language"], adapted=given["adapted"])
    adapted_layers(options)  # one line now instead of one for each clip
    steps = Steps(len({clip.path for clip in clips}), quiet=given["quiet"])
    found = list(answer_all(clips, options, goal, lambda path: steps.done(one_line(path))))
    steps.close()
    result = figures(found, target=given["target"], rounds=given["rounds"], seed=given["seed"])
    text = _json(result)
    if given["out"] is not None:
        write_atomic(given["out"], text)
    click.echo(text if given["as_json"] else _told(result), nl=False)
    return 1 if not any(one.answers for one in found) else 0


@command.command()
@click.argument("where", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="RUN...")
@click.option("--metric", metavar="NAME", help="Which (default: the runs' headline).")
@click.option("--mix", is_flag=True, help="Also runs of other data, features, metric or protocol; columns say which.")
@click.option("--format", "form", default="text", show_default=True, help="text, md, csv, latex, json.")
def table(where: tuple[Path, ...], metric: str | None, mix: bool, form: str) -> None:
    """One table of many runs: folders with results, or result files.

    Refuses what must not stand side by side: Has0 beside Non0, GloVe beside BERT, other cuts, epochs or choice of them.
    """
    from mien.research.protocols.gather import find, together

    click.echo(together(find(where), form, metric=metric, mix=mix), nl=False)


def _json(result: Own) -> str:
    import dataclasses
    import json
    import math

    def plain(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return [plain(item) for item in value]
        return None if isinstance(value, float) and math.isnan(value) else value

    return json.dumps(plain(result), indent=1, ensure_ascii=False) + "\n"


def _told(result: Own) -> str:
    from mien.page.tables import render

    header = ["read from", "clips", "accuracy", "95 %", "mean recall (UAR)", "95 %", "always the commonest"]
    table = render(header, [_cells(row) for row in result.rows], "text")
    lines = [table]
    if result.rows:
        whole = result.rows[0]
        lines.append(
            f"Confidence was {result.mean_confidence:.2f} on average, {whole.accuracy.value:.2f} were right "
            f"(mean gap {result.calibration:.2f})."
        )
        recalls = ", ".join(f"{label} {value:.2f}" for label, value in whole.uar.per_class.items() if value == value)
        lines.append(f"Found of each label, together: {recalls}.")
    if result.threshold is not None:
        bar = result.threshold
        lines.append(
            f"Keep answers with a confidence of at least {bar.confidence:.2f}: {bar.accuracy:.2f} of them were right, "
            f"{bar.coverage:.0%} of the clips are kept."
        )
    elif result.rows:
        lines.append(
            f"No confidence was found above which {result.target:.0%} were surely right: too few clips, or too hard."
        )
    missing = sum(result.unanswered.values())
    if missing:
        lines.append(f"{missing} of {result.clips} clips had no answer:")
        lines += [f"  {count} x {one_line(why)}" for why, count in sorted(result.unanswered.items())]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _cells(row: Row) -> list[str | int | float | None]:
    def span(interval: tuple[float, float] | None) -> str:
        return f"{interval[0]:.2f}-{interval[1]:.2f}" if interval else "-"

    scores = [cell for score in (row.accuracy, row.uar) for cell in (score.value, span(score.interval))]
    return [row.name, row.answered, *scores, row.majority]
