"""`mien analyze`: recordings in, evidence and affect out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.progress import Steps, forget_stdout
from mien.errors import InputError, MienError, RequestError, fault, one_line

if TYPE_CHECKING:
    from mien.analysis.pipeline import Options
    from mien.analysis.result import Analysis
    from mien.analysis.senses.evidence import Sense

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
@click.option("--adapted", multiple=True, metavar="FILE", help="A layer made by `mien adapt`; may be given twice.")
@click.option("--system", metavar="DIR", help="A system trained by `mien train`; its answer stands beside ours.")
@click.option(
    "--licence",
    default="any",
    show_default=True,
    metavar="any|permissive",
    help="permissive: leave out models whose terms forbid commercial use.",
)
@click.option("--against-self", is_flag=True, help="Read each voice against its own mean (20 s of speech at least).")
@click.option("--every", default=2.0, show_default=True, metavar="SECONDS", help="Longest span of one answer.")
@click.option("--fps", default=5.0, show_default=True, help="Faces looked at per second.")
@click.option("--rate", type=float, metavar="HZ", help="Rate of a table that states none.")
@click.option("--no-faces", is_flag=True, help="No pixel of a face in any output (faces are still read).")
@click.option("--workers", default=1, show_default=True, help="Recordings read at the same time.")
@click.option("--resume", is_flag=True, help="With --out: skip what was done with the same content and options.")
@click.option("--sentences", metavar="TVA", help="Print each span as a sentence: words (T), face (V), voice (A).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON even on a terminal.")
@click.option("--quiet", is_flag=True, help="No progress and no notes on stderr.")
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Read recordings: audio, video, pictures, text, subtitles, dialogues, wearable exports; files, folders, globs, -.

    Prints a summary on a terminal and JSON when piped; what was shown, sounded or written, not what was felt.
    """
    from mien.analysis.heap import steady

    steady()
    options, forms = _options(given), _formats(given)
    from mien.analysis.media.reader import find_inputs

    inputs = find_inputs(paths)
    if given["transcript"] is not None and len(inputs) > 1:
        raise RequestError("--transcript belongs to one recording; for several put clip.srt beside clip.mp4")
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
        adapted=given["adapted"],
        against_self=given["against_self"],
        licence=given["licence"],
    )


def _guests(folder: str | None) -> Callable[[], Sequence[Sense]]:
    """What makes the trained system's sense, in this process or a worker; its errors are raised here already."""
    if folder is None:
        return tuple
    from mien.cli.research import need_torch

    need_torch("--system")
    from mien.research.sense import guests

    guests(folder)
    return partial(guests, folder)


def _formats(given: dict[str, Any]) -> list[str]:
    asked = [part.strip().lower() for part in (given["forms"] or "").split(",") if part.strip()]
    unknown = [part for part in asked if part not in FORMATS]
    if unknown:
        raise RequestError(f"unknown format {', '.join(unknown)}; allowed: {', '.join(FORMATS)}")
    if given["resume"] and given["out"] is None:
        raise RequestError("--resume needs --out DIR, where the earlier results lie")
    if given["sentences"] is not None:
        from mien.research.systems.textualized_compound.textualize import decide, sentence

        sentence(decide(None, None), modalities=given["sentences"])  # refuses other letters before anything is read
        if asked or given["out"] is not None or given["as_json"]:
            raise RequestError("--sentences prints lines of its own; leave out --out, --format and --json")
    if given["workers"] < 1:
        raise RequestError("--workers must be 1 or more")
    return list(dict.fromkeys(asked))


def _to_folder(
    inputs: Sequence[str], options: Options, forms: list[str], given: dict[str, Any], line: str, steps: Steps
) -> int:
    from mien.analysis.folder import plan, run_all

    chosen = list(dict.fromkeys([*(forms or ["json"]), *(["html"] if given["report"] else [])]))
    failures: list[str] = []
    codes: set[int] = set()
    with_steps = steps.step if given["workers"] == 1 else None
    jobs = plan(inputs)
    outcomes = run_all(
        jobs,
        options,
        given["out"],
        chosen,
        workers=given["workers"],
        resume=given["resume"],
        command=line,
        progress=with_steps,
        guests=_guests(given["system"]),
    )
    try:
        for outcome in outcomes:
            if outcome.error is not None:
                failures.append(outcome.error)
                codes.add(outcome.code)
            note = "failed" if outcome.error else "done before" if outcome.skipped else ", ".join(outcome.written)
            steps.done(one_line(f"{outcome.path}: {note}"))
    except KeyboardInterrupt:
        _failed(failures)
        raise
    code = _failed(failures, len(inputs))
    return codes.pop() if len(failures) == len(inputs) and len(codes) == 1 else code


def _to_stdout(
    inputs: Sequence[str], options: Options, forms: list[str], given: dict[str, Any], line: str, steps: Steps
) -> int:
    from mien.analysis.folder import plan, write_result
    from mien.analysis.pipeline import run
    from mien.analysis.report.write import render

    if len(forms) > 1 or (len(inputs) > 1 and forms and forms != ["json"]):
        raise RequestError("several formats, or several inputs in one that is not json, need --out DIR")
    failures = []
    guests = _guests(given["system"])()
    for job in plan(inputs):
        try:
            analysis = run(job.path, options, guests, progress=steps.step, command=line)
            steps.done()
            if given["report"]:
                page = Path(f"{job.stem}.html")
                write_result(page, render(analysis, "html"))
                steps.note(f"report: {one_line(str(page))}")
            told = _told(analysis, forms, len(inputs) == 1, given)
        except MienError as error:
            if len(inputs) == 1:
                raise
            failures.append(str(error))
        except Exception as error:  # a fault of ours in one input must not stop the others
            failures.append(fault(job.path, error))
        else:
            _print(told)
    return _failed(failures, len(inputs))


def _told(analysis: Analysis, forms: list[str], alone: bool, given: dict[str, Any]) -> bytes | str:
    """What goes to standard output: the bytes of a format, or a summary for a terminal."""
    from mien.analysis.report.write import render

    if given["sentences"] is not None:
        return _sentences(analysis, given["sentences"], alone).encode("utf-8", "replace")
    if forms and forms != ["json"]:
        return render(analysis, forms[0])
    if forms or given["as_json"] or not sys.stdout.isatty():
        return (analysis.to_json(indent=1 if alone else None) + "\n").encode()
    from mien.analysis.report.terminal import summary

    return summary(analysis, colour=True)


def _sentences(analysis: Analysis, modalities: str, alone: bool) -> str:
    """Lines of start, end, person (with the file before, where there are several) and sentence, parted by tabs."""
    from mien.research.systems.textualized_compound.clip import sentences

    lines = []
    for affect, text in sentences(analysis, modalities):
        span = affect.span
        cells = [f"{span.start:g}", f"{span.end:g}", span.person or "?", one_line(text)]
        lines.append("\t".join(cells if alone else [one_line(analysis.recording.path), *cells]) + "\n")
    return "".join(lines)


def _print(told: bytes | str) -> None:
    try:
        if isinstance(told, bytes):
            sys.stdout.buffer.write(told)
        else:
            click.echo(told)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        raise InputError("<stdout>", "", f"cannot be written ({error.strerror or error}); use --out DIR") from None


def _failed(failures: Sequence[str], total: int = 0) -> int:
    for text in failures:
        click.echo(f"mien: {text}", err=True)
    if failures and total > 1:
        rest = "; the others are done" if len(failures) < total else ""
        click.echo(f"mien: {len(failures)} of {total} inputs failed (listed above){rest}", err=True)
    return 1 if failures else 0
