"""`mien analyze`: recordings in, evidence and affect out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.progress import Steps
from mien.errors import MienError, RequestError

if TYPE_CHECKING:
    from mien.analysis.pipeline import Options
    from mien.analysis.result import Analysis

FORMATS = ("json", "csv", "parquet", "emotionml", "eaf", "vtt", "html")


@click.command(epilog="Exit codes: 0 done, 1 some inputs failed, 2 wrong request, 3 something to install.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results; one file per input and format.")
@click.option("--format", "forms", metavar="LIST", help=f"Comma-separated: {', '.join(FORMATS)}.")
@click.option("--report", is_flag=True, help="Also write the HTML report (to --out, or beside you).")
@click.option("--space", default="basic", show_default=True, help="basic, compound, goemotions, va or sentiment.")
@click.option("--modalities", metavar="LIST", help="Comma-separated: audio, face, text, signal (default: all).")
@click.option("--transcript", metavar="FILE", help="Subtitles, transcript or dialogue that belongs to the recording.")
@click.option("--language", metavar="CODE", help="What is said, as ISO code (en, de, ...); else it is guessed.")
@click.option("--asr-model", metavar="DIR", help='Folder of a recogniser\'s model; "none" switches recognition off.')
@click.option("--every", default=2.0, show_default=True, metavar="SECONDS", help="Longest span of one answer.")
@click.option("--fps", default=5.0, show_default=True, help="Faces looked at per second.")
@click.option("--rate", type=float, metavar="HZ", help="Rate of a table that states none.")
@click.option("--no-faces", is_flag=True, help="No pixel of a face in any output (faces are still read).")
@click.option("--workers", default=1, show_default=True, help="Recordings read at the same time.")
@click.option("--resume", is_flag=True, help="With --out: skip what was done with the same content and options.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON even on a terminal.")
@click.option("--quiet", is_flag=True, help="No progress and no notes on stderr.")
def command(paths: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401 - click hands the options over by name
    """Read recordings: audio, video, pictures, text, subtitles, dialogues, wearable exports; files, folders, globs, -.

    Prints a summary on a terminal and JSON when piped; what was shown, sounded or written, not what was felt.
    """
    options, forms = _options(given), _formats(given)
    from mien.analysis.media.reader import find_inputs

    inputs = find_inputs(paths)
    line = "mien analyze " + " ".join(sys.argv[2:] if len(sys.argv) > 2 else paths)
    steps = Steps(len(inputs), quiet=given["quiet"])
    try:
        if given["out"] is not None:
            return _to_folder(inputs, options, forms, given, line, steps)
        return _to_stdout(inputs, options, forms, given, line, steps)
    finally:
        steps.close()


def _options(given: dict[str, Any]) -> Options:
    from mien.analysis.pipeline import MODALITIES, Options

    asked = given["modalities"]
    return Options(
        space=given["space"],
        modalities=tuple(part.strip() for part in asked.split(",") if part.strip()) if asked else MODALITIES,
        transcript=given["transcript"],
        every=given["every"],
        fps=given["fps"],
        rate=given["rate"],
        language=given["language"],
        hide_faces=given["no_faces"],
        asr="" if given["asr_model"] == "none" else given["asr_model"],
    )


def _formats(given: dict[str, Any]) -> list[str]:
    asked = [part.strip().lower() for part in (given["forms"] or "").split(",") if part.strip()]
    unknown = [part for part in asked if part not in FORMATS]
    if unknown:
        raise RequestError(f"unknown format {', '.join(unknown)}; allowed: {', '.join(FORMATS)}")
    if given["resume"] and given["out"] is None:
        raise RequestError("--resume needs --out DIR, where the earlier results lie")
    if given["workers"] < 1:
        raise RequestError("--workers must be 1 or more")
    return list(dict.fromkeys(asked))


def _to_folder(
    inputs: Sequence[str], options: Options, forms: list[str], given: dict[str, Any], line: str, steps: Steps
) -> int:
    from mien.analysis.folder import plan, run_all

    chosen = list(dict.fromkeys([*(forms or ["json"]), *(["html"] if given["report"] else [])]))
    failures = []
    with_steps = steps.step if given["workers"] == 1 else None
    jobs = plan(inputs)
    for outcome in run_all(
        jobs,
        options,
        given["out"],
        chosen,
        workers=given["workers"],
        resume=given["resume"],
        command=line,
        progress=with_steps,
    ):
        if outcome.error is not None:
            failures.append(outcome.error)
        note = "failed" if outcome.error else "done before" if outcome.skipped else ", ".join(outcome.written)
        steps.done(f"{outcome.path}: {note}")
    return _failed(failures, len(inputs))


def _to_stdout(
    inputs: Sequence[str], options: Options, forms: list[str], given: dict[str, Any], line: str, steps: Steps
) -> int:
    from mien.analysis.folder import plan
    from mien.analysis.pipeline import run
    from mien.analysis.report.write import render
    from mien.files import write_atomic

    if len(forms) > 1 or (len(inputs) > 1 and forms and forms != ["json"]):
        raise RequestError("several formats, or several inputs in one that is not json, need --out DIR")
    failures = []
    for job in plan(inputs):
        try:
            analysis = run(job.path, options, progress=steps.step, command=line)
            steps.done()
            if given["report"]:
                page = Path(f"{job.stem}.html")
                write_atomic(page, render(analysis, "html", page))
                steps.note(f"report: {page}")
            _print(analysis, forms, len(inputs) == 1, given)
        except MienError as error:
            if len(inputs) == 1 and error.exit_code != 1:
                raise
            failures.append(str(error))
    return _failed(failures, len(inputs))


def _print(analysis: Analysis, forms: list[str], alone: bool, given: dict[str, Any]) -> None:
    from mien.analysis.report.write import render

    if forms and forms != ["json"]:
        sys.stdout.buffer.write(render(analysis, forms[0]))
    elif forms or given["as_json"] or not sys.stdout.isatty():
        sys.stdout.buffer.write((analysis.to_json(indent=1 if alone else None) + "\n").encode())
    else:
        from mien.analysis.report.terminal import summary

        click.echo(summary(analysis, colour=True))
    sys.stdout.flush()


def _failed(failures: Sequence[str], total: int) -> int:
    for text in failures:
        click.echo(f"mien: {text}", err=True)
    if failures and total > 1:
        click.echo(f"mien: {len(failures)} of {total} inputs failed (listed above); the others are done", err=True)
    return 1 if failures else 0
