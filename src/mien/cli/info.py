"""`mien info`: what is in a file."""

from __future__ import annotations

import json

import click

from mien.errors import MienError


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line per input.")
def command(paths: tuple[str, ...], as_json: bool) -> int:
    """Print what is in a recording: kind, length, each stream with its facts, subtitles found beside it."""
    from mien.analysis.media.info import describe_recording, recording_facts
    from mien.analysis.media.reader import find_inputs, open_recording

    failures = []
    for number, path in enumerate(find_inputs(paths)):
        try:
            recording = open_recording(path)
        except MienError as error:
            failures.append(str(error))
            continue
        try:
            if as_json:
                click.echo(json.dumps(recording_facts(recording)))
                continue
            if number:
                click.echo()
            click.echo(path)
            for name, text in describe_recording(recording):
                click.echo(f"  {name:<12} {text}")
        finally:
            recording.close()
    for text in failures:
        click.echo(f"mien: {text}", err=True)
    return 1 if failures else 0
