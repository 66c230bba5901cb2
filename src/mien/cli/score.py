"""`mien score`: predictions beside their reference, a table with intervals and floors."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.judging import watching
from mien.errors import RequestError, one_line
from mien.scoring.benchmarks import BENCHMARKS

if TYPE_CHECKING:
    from mien.scoring.result import ScoreResult

FORMATS = {"table": ".txt", "json": ".json", "csv": ".csv", "md": ".md", "latex": ".tex"}


@click.command(epilog="Exit codes: 0 done, 1 a file cannot be scored, 2 wrong request, 3 something to install.")
@click.argument("name", required=False, metavar="[NAME]")
@click.argument("predictions", required=False, type=click.Path(path_type=Path), metavar="[PREDICTIONS]")
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The labels; left out where PREDICTIONS holds them.",
)
@click.option("--explain", is_flag=True, help="Per sample: what was read from the answer, and why.")
@click.option(
    "--report",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Also write the HTML report (to FILE.html, or beside you).",
)
@click.option(
    "--readers",
    default="default",
    show_default=True,
    metavar="default|all",
    help="all: every published answer reader, side by side.",
)
@click.option("--replicate", metavar="NAME", help="A paper's exact rules, quirks included, instead of the sound ones.")
@click.option("--edition", metavar="NAME", help="A published table edition (default: the newest).")
@click.option(
    "--judge",
    default="none",
    show_default=True,
    metavar="none|command:CMD|URL",
    help="Who does the steps that papers gave to a language model (also pipe:CMD).",
)
@click.option("--model", metavar="NAME", help="The model that --judge URL shall ask.")
@click.option("--cache", metavar="FOLDER", help="Where the judge's answers are kept, so that a rerun costs nothing.")
@click.option("--jobs", default=4, show_default=True, help="Most questions to the judge at once.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds for one answer of the judge.")
@click.option(
    "--annotate",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="With emer: annotate the clips of PREDICTIONS in FOLDER, step by step; run again to go on.",
)
@click.option(
    "--language",
    default="english",
    show_default=True,
    metavar="english|chinese",
    help="With --annotate: of the descriptions.",
)
@click.option(
    "--build",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With mvei: make a judgment set from the labels in PREDICTIONS; with --reference: refine a set by votes.",
)
@click.option(
    "--unreadable",
    default="wrong",
    show_default=True,
    metavar="wrong|skip",
    help="What an answer counts that cannot be read.",
)
@click.option("--alpha", type=float, help="With mme-emotion: weight of recognition in its cot score (0.5).")
@click.option("--rounds", default=1000, show_default=True, help="Bootstrap rounds of the intervals; 0: no intervals.")
@click.option("--seed", default=0, show_default=True, help="Seed of the bootstrap.")
@click.option(
    "--format", "form", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: table, or what --out ends with)."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the result to a file, not to stdout."
)
@click.option("--quiet", is_flag=True, help="No warnings and notes on stderr.")
def command(name: str | None, predictions: Path | None, **given: Any) -> int:
    """Score predictions: free-text answers by the rules of a benchmark, or plain labels, numbers, distributions.

    Without arguments: the benchmarks there are. Files: .jsonl, .json, .csv, .tsv, .parquet.
    """
    if name is None:
        click.echo("\n".join(f"{one:<16} {what}" for one, (_, what) in BENCHMARKS.items()))
        return 0
    if name not in BENCHMARKS:
        raise RequestError(f"unknown benchmark {name!r}; allowed: {', '.join(BENCHMARKS)}")
    if given["annotate"] is not None:
        from mien.cli.annotate import annotate

        return annotate(name, predictions, given)
    if given["build"] is not None:
        from mien.cli.build import build

        return build(name, predictions, given)
    form, page = _form(given), _page(name, predictions, given["report"])
    if predictions is None:
        raise RequestError(f"which predictions? mien score {name} PREDICTIONS --reference FILE")
    from mien.scoring.benchmarks import score

    rules = ("readers", "replicate", "edition", "unreadable", "rounds", "seed")
    same = (*rules, "judge", "model", "cache", "jobs", "timeout", "alpha")
    options = {key: given[key] for key in same}
    keep = given["explain"] or page is not None
    with watching(quiet=given["quiet"]) as watch:
        result = score(name, predictions, given["reference"], keep=keep, watch=watch, **options)
    if not given["quiet"]:
        for text in result.warnings:
            click.echo(f"mien: warning: {one_line(text)}", err=True)
    if page is not None:
        result.report(page)
        _note(f"report: {page}", given)
    _tell(result, form, given)
    return 0


def _form(given: dict[str, Any]) -> str:
    asked = (given["form"] or "").strip().lower()
    if not asked:
        ending = given["out"].suffix.lower() if given["out"] is not None else ""
        asked = next((form for form, end in FORMATS.items() if end == ending), "table")
        asked = "json" if given["as_json"] else asked
    if asked not in FORMATS:
        raise RequestError(f"unknown format {asked!r}; allowed: {', '.join(FORMATS)}")
    if given["as_json"] and asked != "json":
        raise RequestError(f"--json and --format {asked} ask for two things; choose one")
    return asked


def _page(name: str, predictions: Path | None, asked: str | None) -> Path | None:
    """Where the report goes; None: there is none."""
    if asked is None:
        return None
    if not asked:
        return Path(f"{predictions.stem if predictions else name}.{name}.html")
    page = Path(asked)
    if page.suffix.lower() not in (".html", ".htm"):
        raise RequestError(f"--report takes a file that ends in .html, found {asked!r}; put a bare --report last")
    return page


def _tell(result: ScoreResult, form: str, given: dict[str, Any]) -> None:
    explain = given["explain"]
    if form == "json":
        text = result.to_json(indent=1) + "\n"
    elif form == "table":
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() and given["out"] is None else None
        text = result.to_text(width=width, explain=explain)
    else:
        writers = {"csv": result.to_csv, "md": result.to_markdown, "latex": result.to_latex}
        text = writers[form](explain=explain)
    if given["out"] is not None:
        from mien.files import write_atomic

        write_atomic(given["out"], text)
        _note(f"written: {given['out']}", given)
        return
    click.echo(text.encode("utf-8", "replace"), nl=False)


def _note(text: str, given: dict[str, Any]) -> None:
    if not given["quiet"]:
        click.echo(one_line(text), err=True)
