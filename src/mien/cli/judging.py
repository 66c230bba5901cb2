"""How a judge gets on, told on stderr while a person waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from mien.cli.progress import Steps


@contextmanager
def watching(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Give what draws the judge's progress on a terminal; say after an interruption that its answers are kept."""
    steps = Steps(1, quiet=quiet)
    asked = False

    def watch(role: str, done: int, total: int) -> None:
        nonlocal asked
        asked = True
        steps.step(f"judge: {role} {done}/{total}", done / total)

    try:
        yield watch
    except KeyboardInterrupt:
        if asked and not quiet:
            steps.close()
            click.echo("mien: the judge's answers so far are kept; the same command goes on from there", err=True)
        raise
    finally:
        steps.close()
