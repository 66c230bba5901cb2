"""`mien bench PROTOCOL`: one command a protocol, its options made from the protocol's settings."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mien.cli.progress import Steps
from mien.cli.stop import stopping
from mien.errors import InputError, RequestError

RESULT = "result.json"


class Protocols(click.Group):
    """A group with commands of its own and one for each protocol, made when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Its own commands, then the protocols."""
        from mien.research.protocols import PROTOCOLS

        return [*super().list_commands(ctx), *PROTOCOLS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of its own, or that of the protocol."""
        from mien.research.protocols import PROTOCOLS, protocol

        own = super().get_command(ctx, cmd_name)
        return own if own is not None or cmd_name not in PROTOCOLS else _command(protocol(cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown protocol names those that exist."""
        names = self.list_commands(ctx)
        if args and args[0] not in names and not args[0].startswith("-"):
            raise click.UsageError(f"no protocol {args[0]!r}; there are: {', '.join(names)}", ctx)
        return super().resolve_command(ctx, args)


def _command(kind: Any) -> click.Command:
    """The command of a protocol: options of every bench, and its own settings."""
    settings = [entry for entry in dataclasses.fields(kind) if "help" in entry.metadata]
    own = [_option(entry) for entry in settings]
    names = [entry.name for entry in settings]

    def run(**given: Any) -> int:
        mine = {name: given.pop(f"own_{name}") for name in names}
        return _bench(kind, {name: value for name, value in mine.items() if value is not None}, **given)

    text = f"{kind.summary}\n\nSystems are written NAME or NAME@PRESET; `mien systems` lists them."
    return click.Command(kind.name, callback=run, params=[*_COMMON, *own], help=text, short_help=kind.summary)


def _option(entry: dataclasses.Field[Any]) -> click.Option:
    default = entry.default
    shown = ",".join(f"{one:g}" if isinstance(one, float) else one for one in default) if isinstance(
        default, tuple) else default  # fmt: skip
    told = f"{entry.metadata['help']} [default: {shown}]" if shown != "" else entry.metadata["help"]
    flag = "--" + entry.name.replace("_", "-")
    return click.Option([flag, f"own_{entry.name}"], metavar="VALUE", help=told)


def _shared(*names: str, **more: Any) -> click.Parameter:
    return click.Option(names, **more)


_COMMON: list[click.Parameter] = [
    _shared("--systems", required=True, metavar="A,B,C", help="Who takes part; the first is the reference."),
    _shared(
        "--data", "sources", required=True, multiple=True, metavar="DATA",
        help="A pack (.npz or .json), or NAME:PATH of a data set ('PATH?key=value&...'); several for `corpora`.",
    ),
    _shared("--seeds", default="3", show_default=True, help="How many, or which: 3, or 11,12,13."),
    _shared("--set", "settings", multiple=True, metavar="KEY=VALUE", help="KEY=VALUE, or SYSTEM.KEY=VALUE."),
    _shared("--encode", multiple=True, metavar="M=ENCODER", help="Of raw clips: audio=mel, text=hf:FOLDER,layer=-2."),
    _shared("--pool", default="none", show_default=True, help="none, mean or mean_std over time (vectors)."),
    _shared("--store", type=click.Path(path_type=Path), help="Folder that keeps encoded features."),
    _shared("--epochs", type=click.IntRange(1), help="Instead of each stage's own."),
    _shared("--batch", type=click.IntRange(1), help="Samples (dialogues) of one batch."),
    _shared("--select", default="loss", show_default=True, help="What of the validation part picks the epoch."),
    _shared("--labelled", default=1.0, show_default=True, help="Share of training samples whose labels are used."),
    _shared("--device", default="auto", show_default=True, help="auto, cpu, cuda."),
    _shared("--rounds", default=1000, show_default=True, type=click.IntRange(0), help="Bootstrap; 0: no intervals."),
    _shared("--allow", multiple=True, metavar="FINDING", help="A finding of the audit that is let be."),
    _shared("--engine", default="local", show_default=True, help="local, or dask://HOST:PORT."),
    _shared("--workers", default=1, show_default=True, type=click.IntRange(1), help="Local processes."),
    _shared("--out", type=click.Path(path_type=Path), help="Folder for result.json, tables, page and trials."),
    _shared("--resume", is_flag=True, help="Take the trials that are done in --out."),
    _shared("--format", "shape", default="text", show_default=True, help="text, md, csv, latex, json, html."),
    _shared("--json", "as_json", is_flag=True, help="Print the result file."),
    _shared("--quiet", is_flag=True, help="No progress."),
]  # fmt: skip


def _bench(kind: Any, mine: dict[str, Any], **given: Any) -> int:
    from mien.cli.research import need_torch, open_data
    from mien.research.protocols.bench import Line, Work, bench, seeds_of
    from mien.research.protocols.corpora import join
    from mien.research.protocols.encoding import Again, Encoding, encoded
    from mien.research.protocols.perturb import Perturbations, on_clips
    from mien.research.protocols.plan import configured
    from mien.research.protocols.tables import FORMATS
    from mien.research.protocols.trial import How

    if given["shape"] not in FORMATS:
        raise RequestError(f"unknown --format {given['shape']!r}; allowed: {', '.join(FORMATS)}")
    need_torch("training systems")
    entrants = Line(given["systems"], given["settings"]).entrants()
    protocol, seeds = configured(kind, mine), seeds_of(given["seeds"])
    encodings = tuple(Encoding.parse(text) for text in given["encode"])
    sets = [
        encoded(open_data(source), encodings, pooling=given["pool"], store=given["store"])
        for source in given["sources"]
    ]
    data = sets[0] if len(sets) == 1 else join(sets)
    if isinstance(protocol, Perturbations) and on_clips(protocol.what):
        protocol = replace(protocol, reencode=Again(encodings, given["pool"]))
    out: Path | None = given["out"]
    if out is not None and (out / RESULT).exists() and not given["resume"]:
        raise InputError(out, "", "holds a result; choose another --out, or go on with --resume")
    steps = Steps(1, quiet=given["quiet"])

    def tell(done: int, total: int, text: str) -> None:
        steps.note(f"[{done}/{total}] {text}")

    work = Work(given["engine"], given["workers"], out, given["resume"], ["mien", *sys.argv[1:]], tell)
    how = How(given["epochs"], given["batch"], given["select"], given["device"], labelled=given["labelled"])
    kept = f"what was trained is kept in {out}, the same command with --resume goes on"
    with stopping(f"mien: stopped; {kept if out else 'without --out nothing is kept'}"):
        result = bench(
            protocol, entrants, data, seeds=seeds, how=how, rounds=given["rounds"], allow=given["allow"], work=work
        )
    if out is not None:
        _write(result, out)
    click.echo(result.to_json() if given["as_json"] else _shown(result, given["shape"]), nl=False)
    for system, fold, seed, why in result.failed:
        click.echo(f"failed: {system}, {fold}, seed {seed}: {why}", err=True)
    return 1 if result.failed else 0


def _write(result: Any, out: Path) -> None:
    """Everything a person may want of a result; result.json comes last, so a folder with one is whole."""
    from mien.files import write_atomic
    from mien.research.protocols.page import html
    from mien.research.protocols.tables import overview, table

    write_atomic(out / "table.md", overview(result, "md") + "\n" + table(result, "md"))
    write_atomic(out / "table.csv", table(result, "csv"))
    write_atomic(out / "table.tex", overview(result, "latex"))
    write_atomic(out / "result.html", html(result))
    result.save(out / RESULT)


def _shown(result: Any, shape: str) -> str:
    from mien.research.protocols.page import html
    from mien.research.protocols.tables import overview, stands, table

    if shape == "html":
        return html(result)
    if shape in ("csv", "json"):
        return table(result, shape)
    parts = [overview(result, shape)]
    if result.differences and shape != "latex":
        parts.append(stands(result, shape))
    notes = [*(f"audit: {note}" for note in result.audit), *result.notes]
    if shape == "text" and notes:
        parts.append("".join(f"{note}\n" for note in notes))
    return "\n".join(parts)
